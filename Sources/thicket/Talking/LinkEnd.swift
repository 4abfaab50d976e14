import MeshWire

/// A mesh link as the node at one end of it reports it (protocol §10.1).
struct LinkEnd: Equatable {
    /// The node at the other end.
    var partner: NodeID
    /// Mean strength at which the partner is heard, in dBm.
    var rssi: Int8
    /// Whether the partner opened the link.
    var isIncoming: Bool
    /// Messages that wait to be sent over it.
    var queue: UInt32
    /// Messages that found its queue full since it is there.
    var dropped: UInt16

    /// A link from its fields.
    init(partner: NodeID, rssi: Int8 = 0, isIncoming: Bool, queue: UInt32 = 0, dropped: UInt16 = 0) {
        self.partner = partner
        self.rssi = rssi
        self.isIncoming = isIncoming
        self.queue = queue
        self.dropped = dropped
    }

    /// The link of a report; nil if that is about no usable link to a node of the mesh.
    init?(_ report: ConnectionVerbose) {
        // Types and states of protocol §3.2: 1 is a mesh link, 4 and above means that the handshake is done.
        guard report.connectionType == 1, report.connectionState >= 4, report.partnerID.kind == .device else {
            return nil
        }
        self.init(
            partner: report.partnerID,
            rssi: report.averageRSSI,
            isIncoming: report.direction == 0,
            queue: report.pendingPackets,
            dropped: report.droppedPackets
        )
    }
}
