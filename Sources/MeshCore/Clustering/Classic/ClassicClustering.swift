import MeshWire

/// What classic clustering keeps of a node.
struct ClassicClustering: Sendable {
    /// Neighbours of other clusters.
    var joinMeBuffer = JoinMeBuffer()
    /// The cluster that this node agrees to be absorbed by.
    var ackField = ClusterID.none
}
