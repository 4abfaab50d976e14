import ArgumentParser
import MeshControl

/// What happens at a node, as it happens.
struct Monitor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Show what happens at the node until Ctrl-C.",
        discussion: "An event is a decision, a change of a link or of the cluster, or a message that was delivered."
    )

    @OptionGroup var live: LiveOptions

    func run() throws {
        try live.ask("monitor") { answer in
            if live.json {
                Console.line(answer.line)
            } else if let line = Self.line(answer) {
                Console.line(line)
            }
        }
    }

    /// An event for people; nil for what is none.
    static func line(_ answer: ControlAnswer) -> String? {
        switch answer.kind {
        case "event":
            DecimalText.right(answer.text("at_s"), 12) + " s  " + answer.text("trace") + " "
                + answer.words(without: ["schema", "kind", "at_s", "trace"])
        case "gap": "               \(answer.text("lost")) events lost: read faster"
        default: nil
        }
    }
}
