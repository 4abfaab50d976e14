import ArgumentParser
import MeshConfiguration
import MeshControl

extension Sim {
    /// One node, driven from outside.
    struct NodePort: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "node",
            abstract: "Run one node in virtual time, driven by JSON lines on standard input.",
            discussion: """
                Each line in is an event of the radio port, as \
                {"at_us":1200000,"event":"wake"}; the first must be "ready". The node answers with its commands and closes with \
                {"at_us":...,"done":true,"deadline_us":...,"digest":"..."}. A line that makes no sense is answered with \
                {"kind":"error","line":N,"text":...} and changes nothing; the exit code is 65 then.

                Example: your-simulator | thicket sim node --stdio --config node.yaml
                """
        )

        @Flag(help: "Speak over standard input and output; there is no other way yet.")
        var stdio = false

        @Option(
            help: ArgumentHelp("Node configuration; node, network and key suffice.", valueName: "NODE.yaml"),
            completion: .file(extensions: ["yaml"])
        )
        var config: String

        @Option(help: "Where the node's randomness comes from.")
        var seed: UInt64 = 1

        @Flag(help: "Add lines that tell what the node thinks.")
        var trace = false

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard stdio else { throw ValidationError("add --stdio; there is no other way to drive a node yet") }
        }

        func run() throws {
            var node = CoSimulatedNode(try NodeConfigurationFile(path: config), seed: seed, tracing: trace)
            while let line = readLine() {
                for answer in node.take(line) { Console.line(answer.line) }
            }
            if !node.isGood { throw ExitStatus.badInput.code }
        }
    }
}
