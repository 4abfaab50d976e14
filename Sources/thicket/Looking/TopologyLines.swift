import MeshControl
import MeshWire

/// A mesh for people: its tree, and where it is weak.
struct TopologyLines {
    private let topology: MeshTopology
    private let answers: SurveyAnswers
    private let weak: WeakPoints?
    private let hasUnicode: Bool

    /// Nodes and links that are told one by one; the others are counted.
    private static let rowsMax = 10

    init(_ answers: SurveyAnswers, weak: WeakPoints?, hasUnicode: Bool = TerminalTraits.hasUnicodeLocale) {
        self.answers = answers
        topology = answers.topology
        self.weak = weak
        self.hasUnicode = hasUnicode
    }

    /// All lines.
    func lines(root: NodeID? = nil) -> [String] {
        let own = topology.nodes.first { $0.state == "own" }?.id
        return [heading(own)] + tree(root: root ?? own) + (weak.map { [""] + weakness($0) } ?? [])
    }

    private func heading(_ own: NodeID?) -> String {
        let linked = topology.linked
        var numbers: [NodeID: Int] = [:]
        for (number, node) in linked.enumerated() { numbers[node.id] = number }
        let edges = topology.edges.compactMap { edge -> (Int, Int)? in
            guard let first = numbers[edge.first], let second = numbers[edge.second] else { return nil }
            return (first, second)
        }
        let diameter = MeshGraph(count: linked.count, edges: edges).diameter
        let seen = own.map { ", seen from node \($0)" } ?? ""
        return Self.count(linked.count, "node") + ", " + Self.count(edges.count, "link") + ", "
            + Self.count(diameter, "hop") + " across" + seen
    }

    private func tree(root: NodeID?) -> [String] {
        var lost: [NodeID: Int] = [:]
        for point in weak?.singlePoints ?? [] { lost[point.node] = point.staysOff }
        var marks: [NodeID: String] = [:]
        for node in topology.linked {
            var words: [String] = []
            if let name = node.name { words.append(name) }
            if node.state == "silent" || node.state == "pending" { words.append(node.state) }
            if let lost = lost[node.id] { words.append("cuts off \(lost)") }
            if !words.isEmpty { marks[node.id] = words.joined(separator: ", ") }
        }
        let drawing = TreeDrawing(hasUnicode: hasUnicode, linesMax: .max, showsMasterBits: false, indentMax: 36)
        return drawing.lines(
            nodes: topology.linked.map(\.id),
            sinks: Set(topology.nodes.filter { $0.type == "sink" }.map(\.id)),
            links: topology.edges.map {
                MeshLink(first: $0.first, second: $0.second, rssi: $0.rssi.map { Int8(clamping: $0) }, master: nil)
            },
            root: root,
            marks: marks
        )
    }

    // MARK: - Weakness

    private func weakness(_ weak: WeakPoints) -> [String] {
        let points = weak.singlePoints
        let links = weak.links.filter { $0.staysOff > 0 }
        var lines: [String] = []
        if points.isEmpty {
            lines.append("no single point of failure")
        } else {
            lines.append("single points of failure: what they cut off hears nobody else")
            lines.append("node       falls off  stays off")
            lines += rows(points.map { Self.row("\($0.node)", $0.fallsOff, $0.staysOff) })
        }
        if !links.isEmpty {
            lines.append("links without another way")
            lines.append("link       falls off  stays off")
            lines += rows(links.map { Self.row("\($0.first) - \($0.second)", $0.fallsOff, $0.staysOff) })
        }
        lines.append(
            "of \(weak.nodes.count) inner nodes \(weak.nodes.count - points.count) can be healed around, "
                + "of \(Self.count(weak.links.count, "link")) \(weak.links.count - links.count)"
        )
        if let place = weak.place {
            lines.append(
                "one more node helps most beside \(place.beside), between \(place.near) and \(place.and): "
                    + "\(Self.count(place.saves, "node")) would no longer hang on \(place.beside)"
            )
        }
        let silent = topology.linked.count - weak.listeners
        if silent > 0 {
            lines.append("\(Self.count(silent, "node")) told nobody whom they hear: there may be more ways than these")
        }
        if !weak.strangers.isEmpty {
            lines.append("heard, but not in the mesh: " + weak.strangers.map { "\($0)" }.joined(separator: ", "))
        }
        return lines.flatMap { FoldedText.lines($0, indent: 2) }
    }

    private func rows(_ rows: [String]) -> [String] {
        guard rows.count > Self.rowsMax else { return rows }
        return rows.prefix(Self.rowsMax) + ["and \(rows.count - Self.rowsMax) more"]
    }

    private static func row(_ name: String, _ fallsOff: Int, _ staysOff: Int) -> String {
        DecimalText.left(name, 11) + DecimalText.right("\(fallsOff)", 9) + DecimalText.right("\(staysOff)", 11)
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
