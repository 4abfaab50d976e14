import ArgumentParser
import MeshControl

/// What happens at a node, as it happens.
struct Monitor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Show what happens at the node until Ctrl-C.",
        discussion: """
            An event is a decision, a change of a link or of the cluster, or a message that was delivered. The node keeps its \
            latest 2048 events (a simulated one 256) for --since.

            Example: thicket monitor --events linkUp,linkDown --since 10m
            """
    )

    @OptionGroup var live: LiveOptions

    @Option(
        help: ArgumentHelp("Only events of these names, such as linkUp,linkDown,delivered.", valueName: "NAME,...")
    )
    var events: String?

    @Option(help: ArgumentHelp("Only what has to do with this node.", valueName: "NODE"))
    var about: UInt16?

    @Option(help: ArgumentHelp("Begin with what happened in this time: 90, 90s, 10m, 2h.", valueName: "TIME"))
    var since: TimeSpan?

    /// The keys of the request.
    var details: JSONObject {
        var details: JSONObject = [:]
        if let events {
            details.append("events", .list(events.split(separator: ",").map { .text(String($0)) }))
        }
        if let about { details.append("node", integer: about) }
        if let since { details.append("since_s", .number(since.seconds)) }
        return details
    }

    func run() throws {
        try live.ask("monitor", details) { answer in
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

/// A time as people write it: a number of seconds, or one with s, m, h or d behind it.
struct TimeSpan: ExpressibleByArgument, Equatable {
    /// The time in seconds.
    var seconds: Double

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let factor = argument.last.flatMap { units[$0] }
        guard let number = Double(factor == nil ? argument : String(argument.dropLast())), number >= 0, number.isFinite
        else { return nil }
        seconds = number * (factor ?? 1)
    }
}
