import MeshWire

@testable import MeshControl

/// Meshes to look at.
enum Meshes {
    /// A mesh of nodes 1...count, told as a daemon tells it; the first node asks.
    static func mesh(
        _ count: UInt16,
        edges: [(UInt16, UInt16, Int?)],
        heard: [(UInt16, UInt16, Int)] = [],
        names: [UInt16: String] = [:]
    ) -> MeshTopology {
        var topology = MeshTopology()
        let graph = MeshGraph(count: Int(count), edges: edges.map { (Int($0.0) - 1, Int($0.1) - 1) })
        let hops = graph.hops(from: 0)
        topology.nodes = (1...count).map { id in
            MeshTopology.Node(
                id: NodeID(id),
                name: names[id],
                state: id == 1 ? "own" : "known",
                hops: hops[Int(id) - 1],
                type: "static"
            )
        }
        topology.edges = edges.map { MeshTopology.Edge(first: NodeID($0.0), second: NodeID($0.1), rssi: $0.2) }
        topology.hearings = heard.map {
            MeshTopology.Hearing(listener: NodeID($0.0), speaker: NodeID($0.1), rssi: $0.2)
        }
        return topology
    }

    /// Two groups, 1 2 3 and 4 5 6, of which only 3 and 4 hear each other.
    static let twoRooms = mesh(
        6,
        edges: [(1, 2, -60), (2, 3, -61), (3, 4, -75), (4, 5, -62), (5, 6, nil)],
        heard: [(1, 3, -70), (4, 6, -72), (2, 5, -86)],
        names: [1: "hall <\"a\" & b>"]
    )
}
