package import MeshWire

/// Where a mesh is weak: what falls off when a node or a link fails, and whether it can come back by itself.
///
/// The links of a mesh are a tree, so that every link is a bridge and every inner node a cut vertex. What was cut off finds
/// back in if some node of it hears one of the rest. Therefore the cuts that stay are those of the *radio graph*: links, and
/// pairs of nodes of which one hears the other at ``heardFrom`` dBm or better, the threshold at which nodes link
/// (protocol §4.3). Nodes without a free place for a link are taken to make one.
package struct WeakPoints: Equatable, Sendable {
    /// Weaker signals do not make links, in dBm.
    package static let heardFrom = -85

    /// A node that fails.
    package struct Node: Equatable, Sendable {
        /// The node.
        package var node: NodeID
        /// Nodes that lose the biggest part of the mesh at first.
        package var fallsOff: Int
        /// Of them, those that cannot come back, for they hear nobody else.
        package var staysOff: Int
    }

    /// A link that fails for good.
    package struct Link: Equatable, Sendable {
        /// The end with the lower id.
        package var first: NodeID
        /// The end with the higher id.
        package var second: NodeID
        /// Nodes that lose the biggest part of the mesh at first.
        package var fallsOff: Int
        /// Of them, those that cannot come back, for they hear nobody else.
        package var staysOff: Int
    }

    /// Where one more node would help.
    package struct Place: Equatable, Sendable {
        /// The single point of failure that it would stand in for.
        package var beside: NodeID
        /// A node of the part that would be lost, which the new node must hear.
        package var near: NodeID
        /// A node of the rest, which the new node must hear too.
        package var and: NodeID
        /// Nodes that would no longer be lost.
        package var saves: Int
    }

    /// The cut vertices of the tree, those that lose most for good first, then those that lose most at first.
    package var nodes: [Node]
    /// The links, in the same order.
    package var links: [Link]
    /// Where one more node would help most; nil if no node is a single point of failure.
    package var place: Place?
    /// Nodes of the mesh that told whom they hear.
    package var listeners: Int
    /// Nodes of the network that were heard but are not in the mesh, by id.
    package var strangers: [NodeID]

    /// The nodes whose failure cuts the mesh for good.
    package var singlePoints: [Node] { nodes.filter { $0.staysOff > 0 } }

    /// Looks at a mesh.
    package init(_ topology: MeshTopology) {
        let ids = topology.linked.map(\.id)
        var numbers: [NodeID: Int] = [:]
        for (number, id) in ids.enumerated() { numbers[id] = number }
        func pair(_ first: NodeID, _ second: NodeID) -> (Int, Int)? {
            guard let first = numbers[first], let second = numbers[second] else { return nil }
            return (first, second)
        }
        let edges = topology.edges.compactMap { pair($0.first, $0.second) }
        let heard = topology.hearings.filter { $0.rssi >= Self.heardFrom }
        let tree = MeshGraph(count: ids.count, edges: edges)
        let radio = MeshGraph(count: ids.count, edges: edges + heard.compactMap { pair($0.listener, $0.speaker) })
        let treeCuts = tree.cuts()
        let radioCuts = radio.cuts()

        var stay = [Int](repeating: 0, count: ids.count)
        for (node, cut) in radioCuts.nodes { stay[node] = cut.lost }
        nodes = treeCuts.nodes.map { Node(node: ids[$0.node], fallsOff: $0.cut.lost, staysOff: stay[$0.node]) }
        nodes.sort { ($1.staysOff, $1.fallsOff, $0.node) < ($0.staysOff, $0.fallsOff, $1.node) }

        var bridges: [[Int]: Int] = [:]
        for bridge in radioCuts.bridges { bridges[[bridge.first, bridge.second]] = bridge.cut.lost }
        links = treeCuts.bridges.map { bridge in
            Link(
                first: ids[bridge.first],
                second: ids[bridge.second],
                fallsOff: bridge.cut.lost,
                staysOff: bridges[[bridge.first, bridge.second]] ?? 0
            )
        }
        links.sort {
            ($1.staysOff, $1.fallsOff, $0.first, $0.second) < ($0.staysOff, $0.fallsOff, $1.first, $1.second)
        }
        listeners = Set(topology.hearings.map(\.listener)).count { numbers[$0] != nil }
        strangers = Set(topology.hearings.map(\.speaker)).filter { numbers[$0] == nil }.sorted()
        place = Self.place(besideMost: radioCuts.nodes, of: radio, ids: ids, strengths: Self.strengths(topology))
    }

    /// The place beside the cut vertex of the radio graph that has the biggest part to lose.
    private static func place(
        besideMost cuts: [(node: Int, cut: MeshGraph.Cut)],
        of radio: MeshGraph,
        ids: [NodeID],
        strengths: [[NodeID]: Int]
    ) -> Place? {
        func gain(_ cut: MeshGraph.Cut) -> Int { cut.parts[1] }
        guard let worst = cuts.max(by: { (gain($0.cut), $1.node) < (gain($1.cut), $0.node) }) else { return nil }
        let parts = radio.pieces(without: worst.node)
        /// The neighbour of the node in a part that hears it best: the new node can stand where the old one does, or nearer.
        func best(in part: [Int]) -> NodeID {
            let inside = Set(part)
            let candidates = radio.neighbours[worst.node].filter { inside.contains($0) }.map { ids[$0] }
            func strength(_ node: NodeID) -> Int {
                strengths[[min(node, ids[worst.node]), max(node, ids[worst.node])]] ?? -128
            }
            return candidates.max { (strength($0), $1) < (strength($1), $0) } ?? ids[part[0]]
        }
        return Place(beside: ids[worst.node], near: best(in: parts[1]), and: best(in: parts[0]), saves: gain(worst.cut))
    }

    /// How well pairs of nodes hear each other, the better of both ways; by lower and higher id.
    private static func strengths(_ topology: MeshTopology) -> [[NodeID]: Int] {
        var strengths: [[NodeID]: Int] = [:]
        func note(_ first: NodeID, _ second: NodeID, _ rssi: Int) {
            let key = [min(first, second), max(first, second)]
            strengths[key] = max(strengths[key] ?? rssi, rssi)
        }
        for edge in topology.edges { if let rssi = edge.rssi { note(edge.first, edge.second, rssi) } }
        for hearing in topology.hearings { note(hearing.listener, hearing.speaker, hearing.rssi) }
        return strengths
    }
}
