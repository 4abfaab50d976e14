import ArgumentParser
import ByteCoding
import Glibc
import LinuxSystem
import MeshControl
import MeshCrypto

/// The keys of networks and nodes.
struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make keys.",
        subcommands: [Generate.self]
    )

    /// Makes a key.
    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate",
            abstract: "Make a key: 16 random bytes of the system, in hexadecimal.",
            discussion: """
                A file is made with mode 0600, as 'key_file' of a node configuration wants it, and is never overwritten.

                Example: thicket key generate --output network.key
                """
        )

        @Option(
            name: [.short, .long],
            help: ArgumentHelp("The file; without it the key is printed.", valueName: "FILE"),
            completion: .file()
        )
        var output: String?

        @OptionGroup var options: OutputOptions

        func run() throws {
            let key = SystemRandom.bytes(as: InlineBytes<16>.self)
            let text = Hex.encode(key.array)
            if let output { try Self.write(text + "\n", to: output) }
            if options.json {
                var object = JSONObject(kind: "key")
                object.append("key", output == nil ? .text(text) : .null)
                object.append("file", .optional(output) { .text($0) })
                Console.line(object.line)
            } else {
                Console.line(output.map { "a key is in \($0)" } ?? text)
            }
        }

        private static func write(_ text: String, to path: String) throws(ControlError) {
            let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard number >= 0 else {
                let isThere = errno == EEXIST
                throw ControlError(
                    isThere
                        ? "\(path) is there already; keys are not overwritten: move it away or name another file"
                        : "cannot create \(path): \(String(cString: strerror(errno)))"
                )
            }
            do throws(SystemError) {
                try FileDescriptor(number).writeAll(Array(text.utf8))
            } catch {
                unlink(path)
                throw ControlError("cannot write \(path): \(error.reason)")
            }
        }
    }
}
