import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort

// What must hold of the trees of graft clustering. A link is in a tree if one end says so and the other end has the link, whatever
// it thinks of it: so a concession counts from the moment it is made.
extension Simulation {
    /// One end of a link in a tree.
    private struct TreeEdge {
        var peer: Int
        var own: TreeRelation
        var other: TreeRelation
    }

    /// Checks the tree that a node is in, after every turn.
    mutating func checkTree(around index: Int) {
        let upward = views(of: index).count { $0.relation == .conceded || $0.relation == .parent }
        if upward > 1 {
            violate(.oneMasterBit, "node \(name(index)) has \(upward) parents")
        }
        var cameFrom = [index: -1]
        var order = [index]
        var position = 0
        while position < order.count {
            let node = order[position]
            position += 1
            for edge in treeEdges(of: node) {
                if edge.own == .child, edge.other == .child {
                    violate(
                        .oneMasterBit,
                        "nodes \(name(node)) and \(name(edge.peer)) are each the parent of the other"
                    )
                }
                if edge.own == .child, edge.other == .parent, nodes[edge.peer].clusterKey > nodes[node].clusterKey {
                    violate(
                        .keysOrdered,
                        "node \(name(edge.peer)) has key \(nodes[edge.peer].clusterKey), its parent \(name(node)) "
                            + "only \(nodes[node].clusterKey)"
                    )
                }
                guard edge.peer != cameFrom[node] else { continue }
                if cameFrom[edge.peer] != nil {
                    violate(.noLoops, "nodes \(name(node)) and \(name(edge.peer)) close a loop of tree links")
                    return
                }
                cameFrom[edge.peer] = node
                order.append(edge.peer)
            }
        }
        let roots = order.filter { nodes[$0].isRoot }
        if roots.count > 1 {
            violate(.oneRoot, "nodes \(roots.map(name).joined(separator: " and ")) are roots of one tree")
        }
        if let root = roots.first, let above = order.first(where: { nodes[$0].clusterKey > nodes[root].clusterKey }) {
            violate(
                .keysOrdered,
                "node \(name(above)) has key \(nodes[above].clusterKey), its root \(name(root)) "
                    + "only \(nodes[root].clusterKey)"
            )
        }
    }

    /// Checks keys and roots when nothing is under way.
    mutating func checkKeysOnceQuiet() {
        var treeOf = [Int](repeating: -1, count: count)
        for start in nodes.indices where isPowered[start] && treeOf[start] < 0 {
            treeOf[start] = start
            var tree = [start]
            var position = 0
            while position < tree.count {
                for edge in treeEdges(of: tree[position]) where treeOf[edge.peer] < 0 {
                    treeOf[edge.peer] = start
                    tree.append(edge.peer)
                }
                position += 1
            }
            let roots = tree.filter { nodes[$0].isRoot }
            if roots.count != 1 {
                violate(.oneRoot, "the tree of node \(name(start)) has \(roots.count) roots")
            }
            if let odd = tree.first(where: { nodes[$0].clusterKey != nodes[start].clusterKey }) {
                violate(.keysUnique, "nodes \(name(start)) and \(name(odd)) of one tree have different keys")
            }
        }
        var holders: [ClusterKey: Int] = [:]
        for index in nodes.indices where isPowered[index] {
            if let holder = holders[nodes[index].clusterKey], treeOf[holder] != treeOf[index],
                nodes[holder].identity.network == nodes[index].identity.network
            {
                violate(.keysUnique, "nodes \(name(holder)) and \(name(index)) have one key but are not in one tree")
            }
            holders[nodes[index].clusterKey] = index
        }
    }

    /// The links of a node that are in a tree, with what either end thinks of them.
    private func treeEdges(of index: Int) -> [TreeEdge] {
        var edges: [TreeEdge] = []
        for view in views(of: index) where view.kind == .mesh {
            guard let own = view.relation, let (peer, end) = otherEnd(of: view, at: index), isPowered[peer],
                let other = end.relation, own != .engaged || other != .engaged,
                // A partner that forgot the link and is back with a new one does not have the old one.
                own != .engaged || !end.isSuspended, other != .engaged || !view.isSuspended
            else { continue }
            edges.append(TreeEdge(peer: peer, own: own, other: other))
        }
        return edges
    }

    /// The other end of a link, up or to be re-established; nil if that end does not have the link.
    private func otherEnd(of view: LinkView, at index: Int) -> (Int, LinkView)? {
        if view.link.rawValue != 0, let (peer, link) = air.peer(of: view.link, at: index) {
            let other = views(of: peer).first { $0.kind == .mesh && $0.link == link }
            return other.map { (peer, $0) }
        }
        let identity = nodes[index].identity
        guard let peer = checker?.index(of: view.partner, in: identity.network) else { return nil }
        // Lost at one end at least: a live link of the same pair is another one.
        let other = views(of: peer).first {
            $0.kind == .mesh && $0.partner == identity.node && $0.role != view.role
                && ($0.state == .reestablishingHandshake || air.peer(of: $0.link, at: peer) == nil)
        }
        return other.map { (peer, $0) }
    }
}

extension LinkView {
    /// Whether it was lost and is to be re-established.
    fileprivate var isSuspended: Bool { state == .reestablishing || state == .reestablishingHandshake }
}
