/// A mesh for Graphviz: `dot -Tsvg`, `neato`.
///
/// A single point of failure has a double frame, a link whose failure cuts for good is bold.
enum DotText {
    static func text(_ picture: TopologyPicture) -> String {
        var lines = ["graph mesh {", "  node [shape=box];"]
        for node in picture.nodes {
            let frame = node.isSinglePoint ? ", peripheries=2" : ""
            lines.append("  \(node.id) [label=\"\(escaped(node.label))\"\(frame)];")
        }
        for edge in picture.edges {
            var attributes: [String] = []
            if let rssi = edge.rssi { attributes.append("label=\"\(rssi) dBm\"") }
            if edge.staysOff ?? 0 > 0 { attributes.append("style=bold") }
            let list = attributes.isEmpty ? "" : " [" + attributes.joined(separator: ", ") + "]"
            lines.append("  \(edge.first) -- \(edge.second)\(list);")
        }
        return (lines + ["}"]).joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    }
}
