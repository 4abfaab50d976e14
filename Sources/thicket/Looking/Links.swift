import ArgumentParser
import MeshControl

/// The links of a node.
struct Links: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "links",
        abstract: "Show the links of the node.",
        discussion: """
            'behind' is the number of nodes that are reached over the link, 'age' the time since its handshake. 'thicket why link \
            LINK' tells how it came to be.

            Examples:
              thicket links
              thicket links --json --node hci1
            """
    )

    @OptionGroup var live: LiveOptions

    private struct Column {
        var title: String
        var key: String
        var width: Int
    }

    private static let columns = [
        Column(title: "link", key: "link", width: 4), Column(title: "partner", key: "partner", width: 7),
        Column(title: "role", key: "role", width: 10), Column(title: "state", key: "state", width: 15),
        Column(title: "dBm", key: "rssi_dbm", width: 4), Column(title: "bit", key: "master_bit", width: 5),
        Column(title: "behind", key: "nodes_behind", width: 6),
        Column(title: "protection", key: "protection", width: 11), Column(title: "age s", key: "age_s", width: 0),
    ]
    /// In graft clustering what the partner is to the node says more than the bit, which the node holds towards children.
    private static let graftColumns = columns.map {
        switch $0.key {
        case "master_bit": Column(title: "partner is", key: "relation", width: 10)
        case "state": Column(title: "state", key: "state", width: 13)
        case "protection": Column(title: "protection", key: "protection", width: 10)
        default: $0
        }
    }

    func run() throws {
        var answers: [ControlAnswer] = []
        try live.ask("links") { answer in
            if live.json { Console.line(answer.line) } else { answers.append(answer) }
        }
        guard !live.json else { return }
        for line in Self.lines(answers) { Console.line(line) }
    }

    /// All links for people.
    static func lines(_ answers: [ControlAnswer]) -> [String] {
        guard !answers.isEmpty else { return ["no links"] }
        let isGraft = answers.contains { $0.text("relation", otherwise: "") != "" }
        return [header(isGraft: isGraft)] + answers.map { row($0, isGraft: isGraft) }
    }

    /// The titles of the columns.
    static func header(isGraft: Bool = false) -> String { line(isGraft) { $0.title } }

    /// One link for people.
    static func row(_ answer: ControlAnswer, isGraft: Bool = false) -> String { line(isGraft) { cell(answer, $0.key) } }

    private static func cell(_ answer: ControlAnswer, _ key: String) -> String {
        let text = answer.text(key)
        return key == "age_s" ? Double(text).map { DecimalText.fixed($0, 1) } ?? text : text
    }

    private static func line(_ isGraft: Bool, _ text: (Column) -> String) -> String {
        (isGraft ? graftColumns : columns).map { DecimalText.left(text($0), $0.width) }.joined(separator: " ")
    }
}
