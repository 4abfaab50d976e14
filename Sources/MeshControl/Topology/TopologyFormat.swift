import MeshWire

/// A form in which other programs read a mesh.
package enum TopologyFormat: String, CaseIterable, Sendable {
    /// Graphviz.
    case dot
    /// GraphML, XML for graph editors.
    case graphml
    /// NetJSON NetworkGraph.
    case netjson
    /// Mermaid, for pages written in Markdown.
    case mermaid

    /// The mesh in this form, without the last line feed; what is weak is marked if it is given.
    package func text(_ topology: MeshTopology, weak: WeakPoints? = nil) -> String {
        let picture = TopologyPicture(topology, weak: weak)
        return switch self {
        case .dot: DotText.text(picture)
        case .graphml: GraphMLText.text(picture)
        case .netjson: NetJSONText.text(picture)
        case .mermaid: MermaidText.text(picture)
        }
    }
}

/// What every form shows: the linked nodes, their links, and what each takes with it for good.
struct TopologyPicture {
    struct Node {
        var node: MeshTopology.Node
        /// Nodes that its failure cuts off for good, nil if nobody asked.
        var staysOff: Int?

        var id: UInt16 { node.id.rawValue }
        /// What people read.
        var label: String { node.name.map { "\(id) \($0)" } ?? "\(id)" }
        var isSinglePoint: Bool { staysOff ?? 0 > 0 }
    }

    struct Edge {
        var first: UInt16
        var second: UInt16
        var rssi: Int?
        /// Nodes that its failure cuts off for good, nil if nobody asked.
        var staysOff: Int?
    }

    var nodes: [Node]
    var edges: [Edge]

    init(_ topology: MeshTopology, weak: WeakPoints?) {
        var nodesLost: [NodeID: Int] = [:]
        var linksLost: [[NodeID]: Int] = [:]
        for node in weak?.nodes ?? [] { nodesLost[node.node] = node.staysOff }
        for link in weak?.links ?? [] { linksLost[[link.first, link.second]] = link.staysOff }
        nodes = topology.linked.map { Node(node: $0, staysOff: weak == nil ? nil : nodesLost[$0.id] ?? 0) }
        let linked = Set(topology.linked.map(\.id))
        edges = topology.edges.filter { linked.contains($0.first) && linked.contains($0.second) }.map {
            Edge(
                first: $0.first.rawValue,
                second: $0.second.rawValue,
                rssi: $0.rssi,
                staysOff: weak == nil ? nil : linksLost[[$0.first, $0.second]] ?? 0
            )
        }
    }
}
