/// A mesh as GraphML.
enum GraphMLText {
    static func text(_ picture: TopologyPicture) -> String {
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            #"<graphml xmlns="http://graphml.graphdrawing.org/xmlns">"#,
            #"  <key id="label" for="node" attr.name="label" attr.type="string"/>"#,
            #"  <key id="type" for="node" attr.name="type" attr.type="string"/>"#,
            #"  <key id="hops" for="node" attr.name="hops" attr.type="int"/>"#,
            #"  <key id="rssi" for="edge" attr.name="rssi_dbm" attr.type="int"/>"#,
            #"  <key id="lost" for="all" attr.name="stays_off" attr.type="int"/>"#,
            #"  <graph id="mesh" edgedefault="undirected">"#,
        ]
        for node in picture.nodes {
            lines.append(#"    <node id="n\#(node.id)">"#)
            lines += data("label", node.label) + data("type", node.node.type)
            lines += data("hops", node.node.hops.map(String.init)) + data("lost", node.staysOff.map(String.init))
            lines.append("    </node>")
        }
        for edge in picture.edges {
            lines.append(#"    <edge source="n\#(edge.first)" target="n\#(edge.second)">"#)
            lines += data("rssi", edge.rssi.map(String.init)) + data("lost", edge.staysOff.map(String.init))
            lines.append("    </edge>")
        }
        return (lines + ["  </graph>", "</graphml>"]).joined(separator: "\n")
    }

    private static func data(_ key: String, _ value: String?) -> [String] {
        value.map { [#"      <data key="\#(key)">\#(escaped($0))</data>"#] } ?? []
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            default: String(character)
            }
        }.joined()
    }
}
