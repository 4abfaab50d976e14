import ArgumentParser
import MeshControl

/// The links of a node.
struct Links: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "links",
        abstract: "Show the links of the node."
    )

    @OptionGroup var live: LiveOptions

    private static let columns: [(title: String, key: String, width: Int)] = [
        ("link", "link", 4), ("partner", "partner", 7), ("role", "role", 10), ("state", "state", 15),
        ("dBm", "rssi_dbm", 4), ("bit", "master_bit", 5), ("behind", "nodes_behind", 6),
        ("protection", "protection", 11), ("age s", "age_s", 0),
    ]

    func run() throws {
        var count = 0
        try live.ask("links") { answer in
            if !live.json, count == 0 { Console.line(Self.header) }
            count += 1
            Console.line(live.json ? answer.line : Self.row(answer))
        }
        if !live.json, count == 0 { Console.line("no links") }
    }

    /// The titles of the columns.
    static var header: String { line { $0.title } }

    /// One link for people.
    static func row(_ answer: ControlAnswer) -> String { line { answer.text($0.key) } }

    private static func line(_ text: ((title: String, key: String, width: Int)) -> String) -> String {
        columns.map { DecimalText.left(text($0), $0.width) }.joined(separator: " ")
    }
}
