package import MeshWire
import RadioPort

/// A mesh link between two nodes, from what both ends told.
package struct SurveyedEdge: Equatable, Sendable {
    /// The end with the lower id.
    package var first: NodeID
    /// The end with the higher id.
    package var second: NodeID
    /// The end that set the link up.
    package var central: NodeID
    /// How well the first end hears the second, in dBm; nil if unknown.
    package var rssiAtFirst: Int8?
    /// How well the second end hears the first, in dBm; nil if unknown.
    package var rssiAtSecond: Int8?
}

/// Where nodes are in the tree, seen from the node that asks.
struct SurveyTree {
    /// How far, and over which node; the own one has none.
    struct Place: Equatable {
        var hops: Int
        var uplink: Int?
    }

    /// One for each node of the survey; nil where no link leads to it.
    var places: [Place?]
    /// Nodes that links lead to, with the own one.
    var count: Int
}

// Links and distances out of what the nodes told.
extension MeshSurvey {
    /// The links that there are, by first end, then second.
    package func edges() -> [SurveyedEdge] {
        var edges: [SurveyedEdge] = []
        for node in nodes {
            for link in node.links {
                guard let other = self[link.partner], exists(link, of: node, to: other) else { continue }
                let answer = other.link(to: node.node)
                // Each link once: by its lower end, or by the only one that told it.
                guard answer == nil || node.node < other.node else { continue }
                let isFirst = node.node < other.node
                edges.append(
                    SurveyedEdge(
                        first: min(node.node, other.node),
                        second: max(node.node, other.node),
                        central: link.isOutgoing ? node.node : other.node,
                        rssiAtFirst: isFirst ? link.rssi : answer?.rssi,
                        rssiAtSecond: isFirst ? answer?.rssi : link.rssi
                    )
                )
            }
        }
        return edges.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
    }

    /// Whether a link that one end told is there, as far as the other end does not deny it.
    private func exists(_ link: SurveyedLink, of node: SurveyedNode, to other: SurveyedNode) -> Bool {
        guard let told = node.linksAt ?? node[.allConnections].answeredAt else { return false }
        guard other.link(to: node.node) == nil, let denied = other.linksAt, denied > told else { return true }
        // The central tells all its links, the peripheral only the first: it denies if it has none.
        return link.isOutgoing && other.links.contains { !$0.isOutgoing }
    }

    /// Where the nodes are.
    func tree() -> SurveyTree {
        var neighbours = [[Int]](repeating: [], count: nodes.count)
        for (position, node) in nodes.enumerated() {
            for link in node.links {
                guard let partner = self.position(of: link.partner), exists(link, of: node, to: nodes[partner]) else {
                    continue
                }
                neighbours[position].append(partner)
                neighbours[partner].append(position)
            }
        }
        var places = [SurveyTree.Place?](repeating: nil, count: nodes.count)
        places[0] = SurveyTree.Place(hops: 0, uplink: nil)
        var order = [0]
        var next = 0
        while next < order.count {
            let position = order[next]
            let hops = (places[position]?.hops ?? 0) + 1
            next += 1
            for partner in neighbours[position] where places[partner] == nil {
                places[partner] = SurveyTree.Place(hops: hops, uplink: position)
                order.append(partner)
            }
        }
        return SurveyTree(places: places, count: order.count)
    }
}
