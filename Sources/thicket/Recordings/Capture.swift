import ArgumentParser
import MeshControl

/// Whether the packets between host and controller are captured.
struct Capture: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        abstract: "Capture the packets between host and controller, for Wireshark.",
        discussion: """
            The daemon writes btsnoop files, bounded in size and number as 'capture:' in its configuration says, without keys \
            unless that says otherwise. What is ordered here holds until the daemon ends.

            Examples:
              thicket capture
              thicket capture on
              thicket capture off
            """
    )

    @Argument(help: "status, on or off.")
    var order = CaptureOrder.status

    @OptionGroup var live: LiveOptions

    func run() throws {
        try live.ask("capture", ["order": .text(order.rawValue)]) { answer in
            if live.json {
                Console.line(answer.line)
            } else {
                for line in Self.lines(answer) { Console.line(line) }
            }
        }
    }

    /// The answer for people.
    static func lines(_ answer: ControlAnswer) -> [String] {
        guard answer.text("state") == "capturing" else { return ["capture   no"] }
        let keys = answer.text("includes_keys") == "true" ? "with" : "without"
        return ["capture   yes, \(answer.text("packets")) packets, \(keys) keys"]
            + FoldedText.lines("file      \(answer.text("path"))", indent: 10)
    }
}

extension CaptureOrder: ExpressibleByArgument {}
