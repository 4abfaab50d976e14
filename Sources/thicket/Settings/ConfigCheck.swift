import ArgumentParser
import MeshConfiguration
import MeshControl
import MeshWire

/// Reads a node configuration as the daemon does.
struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether a node configuration is good, or in which line and key it is not.",
        discussion: """
            'thicketd --check' does the same and reads the stored state of the node, too.

            Exit codes: 0 good, 65 not.

            Example: thicket config check /etc/thicket/thicket.yaml
            """
    )

    @Argument(help: ArgumentHelp("The file.", valueName: "FILE"), completion: .file(extensions: ["yaml"]))
    var file: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let configuration = try NodeConfigurationFile(path: file)
        _ = try configuration.daemon.controller(file: file)
        if output.json {
            var object = JSONObject(kind: "configuration")
            object.append("file", text: file)
            object.append("node", integer: configuration.node.rawValue)
            object.append("network", integer: configuration.network.rawValue)
            Console.line(object.line)
        } else {
            let isEnrolled = configuration.network != .notEnrolled
            let network = isEnrolled ? " of network \(configuration.network)" : ", which is to be enrolled"
            Console.line("\(file) is good: node \(configuration.node)\(network)")
        }
    }
}
