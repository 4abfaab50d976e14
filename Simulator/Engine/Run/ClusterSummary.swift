import MeshCore
public import MeshWire

extension Simulation {
    /// Sizes of the clusters of powered nodes, biggest first.
    public var clusterSizes: [Int] { clusters.map(\.nodes.count) }

    /// The clusters of powered nodes that are enrolled, biggest first, then by network and id.
    public var clusters: [ClusterSummary] {
        // Nodes of different networks may choose the same id.
        var members: [NetworkID: [ClusterID: [Int]]] = [:]
        for index in nodes.indices where isPowered[index] && isMember[index] {
            members[placement.sites[index].network, default: [:]][nodes[index].clusterID, default: []].append(index)
        }
        return members.flatMap { network, clusters in
            clusters.map { ClusterSummary(network: network, id: $0.key, nodes: $0.value) }
        }
        .sorted { ($1.nodes.count, $0.network.rawValue, $0.id) < ($0.nodes.count, $1.network.rawValue, $1.id) }
    }
}

/// The nodes of a network that share a cluster id.
public struct ClusterSummary: Sendable, Equatable {
    /// The network.
    public var network: NetworkID
    /// The cluster.
    public var id: ClusterID
    /// Indices of its nodes, ascending.
    public var nodes: [Int]
}
