import FoundationEssentials
import MeshConfiguration
import MeshWire
import Testing

@testable import MeshControl

/// What other programs read.
@Suite struct TopologyFormatTests {
    private static let mesh = Meshes.mesh(3, edges: [(1, 2, -60), (2, 3, nil)], names: [1: "a \"<&>\\"])
    private static let weak = WeakPoints(mesh)

    @Test func graphviz() {
        #expect(
            TopologyFormat.dot.text(Self.mesh, weak: Self.weak) == #"""
                graph mesh {
                  node [shape=box];
                  1 [label="1 a \"<&>\\"];
                  2 [label="2", peripheries=2];
                  3 [label="3"];
                  1 -- 2 [label="-60 dBm", style=bold];
                  2 -- 3 [style=bold];
                }
                """#
        )
        #expect(TopologyFormat.dot.text(Self.mesh).contains("  2 -- 3;\n"))
    }

    @Test func graphML() {
        #expect(
            TopologyFormat.graphml.text(Meshes.mesh(2, edges: [(1, 2, -60)], names: [2: "<&>"])) == #"""
                <?xml version="1.0" encoding="UTF-8"?>
                <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
                  <key id="label" for="node" attr.name="label" attr.type="string"/>
                  <key id="type" for="node" attr.name="type" attr.type="string"/>
                  <key id="hops" for="node" attr.name="hops" attr.type="int"/>
                  <key id="rssi" for="edge" attr.name="rssi_dbm" attr.type="int"/>
                  <key id="lost" for="all" attr.name="stays_off" attr.type="int"/>
                  <graph id="mesh" edgedefault="undirected">
                    <node id="n1">
                      <data key="label">1</data>
                      <data key="type">static</data>
                      <data key="hops">0</data>
                    </node>
                    <node id="n2">
                      <data key="label">2 &lt;&amp;&gt;</data>
                      <data key="type">static</data>
                      <data key="hops">1</data>
                    </node>
                    <edge source="n1" target="n2">
                      <data key="rssi">-60</data>
                    </edge>
                  </graph>
                </graphml>
                """#
        )
    }

    @Test func netJSON() throws {
        let text = TopologyFormat.netjson.text(Self.mesh, weak: Self.weak)
        // The keys that the format requires, read by the reader of the project.
        let root = try Field(document: DocumentNode(json: text, file: "graph"), file: "graph").section(
            [],
            ignoringOthers: true
        )
        #expect(try root.required("type", "").text("") == "NetworkGraph")
        for key in ["protocol", "version", "metric"] { _ = try root.required(key, "").text("") }
        let nodes = try root.required("nodes", "").items("").map { try $0.section([], ignoringOthers: true) }
        let ids = try nodes.map { try $0.required("id", "").text("") }
        #expect(ids == ["1", "2", "3"])
        let links = try root.required("links", "").items("").map { try $0.section([], ignoringOthers: true) }
        #expect(links.count == 2)
        for link in links {
            for key in ["source", "target"] {
                let end = try link.required(key, "").text("")
                #expect(ids.contains(end))
            }
            let cost = try link.required("cost", "").number(0...10, unit: "")
            #expect(cost == 1)
        }
        #expect(text.contains(#""rssi_dbm":-60,"stays_off":1"#))
    }

    @Test func mermaid() {
        #expect(
            TopologyFormat.mermaid.text(Self.mesh, weak: Self.weak) == #"""
                graph TD
                  n1["1 a #quot;<&>\"]
                  n2{{"2"}}
                  n3["3"]
                  n1 ===|"-60 dBm"| n2
                  n2 === n3
                """#
        )
    }

    @Test(arguments: TopologyFormat.allCases)
    func whatNoLinkLeadsToIsLeftOut(format: TopologyFormat) {
        var mesh = Meshes.mesh(3, edges: [(1, 2, -60)])
        mesh.edges.append(MeshTopology.Edge(first: NodeID(2), second: NodeID(3), rssi: nil))
        let text = format.text(mesh)
        #expect(!text.contains("n3") && !text.contains(" 3") && !text.contains("\"3\""), "\(text)")
    }
}
