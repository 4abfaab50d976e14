import ArgumentParser
import MeshControl

/// The neighbours of a node that are heard but not linked.
struct Neighbors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "neighbors",
        abstract: "Show the nodes that are heard but not linked, and the rule that decides.",
        discussion: """
            'central' is the score as somebody to connect to, 'peripheral' as somebody to be connected by; '-' is no score, and \
            a node that grafts gives none. 'thicket why NODE' says the rule in a sentence.

            Examples:
              thicket neighbors
              thicket neighbors --json --node hci1
            """
    )

    @OptionGroup var live: LiveOptions

    private static let columns = [
        (title: "node", key: "node", width: 5), (title: "dBm", key: "rssi_dbm", width: 4),
        (title: "age s", key: "age_s", width: 6), (title: "cluster", key: "cluster", width: 10),
        (title: "size", key: "cluster_size", width: 4), (title: "central", key: "central_score", width: 7),
        (title: "peripheral", key: "peripheral_score", width: 10), (title: "rule", key: "rule", width: 0),
    ]

    func run() throws {
        var answers: [ControlAnswer] = []
        try live.ask("neighbors") { answer in
            if live.json { Console.line(answer.line) } else { answers.append(answer) }
        }
        guard !live.json else { return }
        for line in Self.lines(answers) { Console.line(line) }
    }

    /// All neighbours for people.
    static func lines(_ answers: [ControlAnswer]) -> [String] {
        guard !answers.isEmpty else { return ["nobody is heard who is not linked"] }
        return [line { $0.title }] + answers.map { answer in line { cell(answer, $0.key) } }
    }

    private static func cell(_ answer: ControlAnswer, _ key: String) -> String {
        let text = answer.text(key)
        switch key {
        case "cluster": return UInt32(text).map { "0x" + Hexadecimal.text($0, digits: 8) } ?? text
        case "age_s": return Double(text).map { DecimalText.fixed($0, 1) } ?? text
        default: return text
        }
    }

    private static func line(_ text: ((title: String, key: String, width: Int)) -> String) -> String {
        columns.map { DecimalText.left(text($0), $0.width) }.joined(separator: " ")
    }
}
