import MeshCore
public import MeshWire

extension Simulation {
    /// Sizes of the clusters of powered nodes, biggest first.
    public var clusterSizes: [Int] { clusters.map(\.nodes.count) }

    /// The clusters of powered nodes, biggest first, then by id.
    public var clusters: [ClusterSummary] {
        var members: [ClusterID: [Int]] = [:]
        for index in nodes.indices where isPowered[index] {
            members[nodes[index].clusterID, default: []].append(index)
        }
        return members.map { ClusterSummary(id: $0.key, nodes: $0.value) }
            .sorted { ($1.nodes.count, $0.id) < ($0.nodes.count, $1.id) }
    }
}

/// The nodes that share a cluster id.
public struct ClusterSummary: Sendable, Equatable {
    /// The cluster.
    public var id: ClusterID
    /// Indices of its nodes, ascending.
    public var nodes: [Int]
}
