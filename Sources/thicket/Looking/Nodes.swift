import ArgumentParser
import MeshControl
import MeshWire

/// The nodes of the mesh.
struct Nodes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "Show the nodes of the mesh.",
        discussion: """
            Each node is asked for its links and for what it is, which takes at most a tenth of what a link carries; answers \
            are kept, so that the next time is quick. 'uplink' is the neighbour towards this node, 'dBm' how well the node \
            hears it, 'heard' the seconds since anything came from the node. \
            Exit codes: 0 all nodes of the cluster answered, 1 not all, 3 daemon not reachable.

            Examples: thicket nodes; thicket nodes 7 12; thicket nodes --watch; thicket nodes --json --max-age 0
            """
    )

    @Argument(help: ArgumentHelp("Only these nodes, by id or name.", valueName: "node"))
    var wanted: [String] = []

    @OptionGroup var options: SurveyOptions
    @OptionGroup var live: LiveOptions

    func run() throws {
        try options.show({ try options.survey(live, devices: true) }) { answers in
            let ids = Set(try wanted.map { try answers.topology.node(called: $0).id })
            let nodes = answers.objects.filter { answer in
                answer.kind == "node" && (ids.isEmpty || ids.contains { "\($0)" == answer.text("node") })
            }
            guard live.json else { return Self.lines(nodes, of: answers) }
            return nodes.map(\.line) + (answers.summary.map { [$0.line] } ?? [])
        }
    }

    private static let columns = [
        ("node", "node", 5), ("type", "type", 8), ("hops", "hops", 5), ("links", "", 6), ("uplink", "uplink", 7),
        ("dBm", "uplink_rssi_dbm", 5), ("heard", "", 8), ("state", "state", 8), ("name", "name", 0),
    ]

    /// The table for people.
    static func lines(_ nodes: [ControlAnswer], of answers: SurveyAnswers) -> [String] {
        var links: [String: Int] = [:]
        for edge in answers.topology.edges {
            for end in [edge.first, edge.second] { links["\(end)", default: 0] += 1 }
        }
        let rows = nodes.map { node in
            columns.map { title, key, _ in
                switch title {
                case "links": "\(links[node.text("node"), default: 0])"
                case "heard": Double(node.text("heard_s")).map { DecimalText.fixed($0, 0) } ?? "-"
                default: String(node.text(key).prefix(20))
                }
            }
        }
        return ([columns.map(\.0)] + rows).map { row in
            zip(row, columns).map { DecimalText.left($0, $1.2) }.joined(separator: " ").trimmingEnd
        }
    }
}

extension String {
    /// Without the blanks at the end.
    fileprivate var trimmingEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
