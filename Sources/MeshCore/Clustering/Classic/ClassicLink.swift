import MeshWire

/// What classic clustering keeps of a link (protocol §7, §8).
struct ClassicLink: Sendable {
    /// Own cluster when the handshake began.
    var snapshotCluster = ClusterID.none
    /// Its size then.
    var snapshotSize: Int16 = 0
    /// The cluster that the handshake was completed in.
    var connectedCluster = ClusterID.none
    /// What is to be told over the link.
    var pending = PendingUpdate()
    /// Counter of the next update to send.
    var updateCounter: UInt8 = 1
    /// Counter expected in the next update received.
    var expectedCounter: UInt8 = 1
    /// ACK_2 is queued: the handshake is done as winner once the radio has it.
    var completesAsWinner = false
}

/// The CLUSTER_INFO_UPDATE that accumulates on a link until it can be sent (protocol §8.1).
struct PendingUpdate: Sendable {
    var sizeChange: Int16 = 0
    var handover = false
    var hopsToSink: Int16 = -1
}
