import ArgumentParser
import MeshControl
import MeshWire
import RadioPort

/// Why a node is linked as it is.
struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say why the node is linked as it is: what was compared, which rule decided, when it is tried again.",
        discussion: """
            Without arguments: the most probable reason of the present state, what keeps each neighbour away, and the latest \
            decisions about the cluster. Exit code 1 if nothing is known of the node or link.

            Examples:
              thicket why
              thicket why 7
              thicket why link 3
              thicket why cluster --json
            """
    )

    @Argument(help: ArgumentHelp("'NODE', 'node NODE', 'link LINK' or 'cluster'.", valueName: "subject"))
    var subject: [String] = []

    @OptionGroup var live: LiveOptions

    func validate() throws { _ = try Self.question(subject) }

    func run() throws {
        var isKnown = true
        try live.ask("why", try Self.question(subject).keys) { answer in
            if answer.text("rule") == "unknown" { isKnown = false }
            if live.json {
                Console.line(answer.line)
            } else {
                for line in Self.lines(answer) { Console.line(line) }
            }
        }
        guard isKnown else { throw ExitStatus.degraded.code }
    }

    /// What the words ask for.
    ///
    /// - Throws: a usage error that says what can be asked.
    static func question(_ words: [String]) throws -> WhyQuestion {
        switch (words.first, words.dropFirst().first) {
        case (nil, _): return .summary
        case ("cluster", nil): return .cluster
        case ("node", let number?) where words.count == 2: return .node(try node(number))
        case ("link", let number?) where words.count == 2:
            guard let number = UInt32(number), number > 0 else {
                throw ValidationError("'\(number)' is no link; 'thicket links' lists them by number")
            }
            return .link(LinkID(rawValue: number))
        case (let number?, nil): return .node(try node(number))
        default:
            throw ValidationError(
                "nobody can say why '\(words.joined(separator: " "))'; ask for NODE, node NODE, link LINK or cluster"
            )
        }
    }

    private static func node(_ text: String) throws -> NodeID {
        guard let number = UInt16(text), number > 0 else {
            throw ValidationError(
                "'\(text)' is no node; a node is a number, 1...65535, or ask for link LINK or cluster"
            )
        }
        return NodeID(number)
    }

    /// One sentence for people, behind the time that has passed since.
    static func lines(_ answer: ControlAnswer) -> [String] {
        let age = Double(answer.text("age_s")) ?? 0
        let time = age < 0.05 ? "now" : DecimalText.fixed(age, 1) + " s ago"
        let count = Int(answer.text("count")) ?? 1
        let text = DecimalText.left(time, 12) + "  " + answer.text("sentence") + (count > 1 ? " (\(count) times)" : "")
        return FoldedText.lines(text, indent: 14)
    }
}
