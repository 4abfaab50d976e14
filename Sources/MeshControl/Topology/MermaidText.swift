/// A mesh for Mermaid.
///
/// A single point of failure is a hexagon, a link whose failure cuts for good is thick.
enum MermaidText {
    static func text(_ picture: TopologyPicture) -> String {
        var lines = ["graph TD"]
        for node in picture.nodes {
            let (begin, end) = node.isSinglePoint ? ("{{", "}}") : ("[", "]")
            lines.append("  n\(node.id)\(begin)\"\(escaped(node.label))\"\(end)")
        }
        for edge in picture.edges {
            let line = edge.staysOff ?? 0 > 0 ? "===" : "---"
            let label = edge.rssi.map { "|\"\($0) dBm\"|" } ?? ""
            lines.append("  n\(edge.first) \(line)\(label) n\(edge.second)")
        }
        return lines.joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        text.map { $0 == "\"" ? "#quot;" : String($0) }.joined()
    }
}
