import ByteCoding
public import MeshWire
public import RadioPort

/// What an observer may see of one connection of a node.
public struct LinkView: Sendable, Equatable {
    /// What a connection is for.
    public enum Kind: UInt8, Sendable {
        /// A mesh link.
        case mesh = 1
        /// An incoming link that has not said what it is for.
        case resolver = 4
        /// A MeshAccess link.
        case access = 5
    }

    /// How far a connection is (protocol §3.2).
    public enum State: UInt8, Sendable {
        /// Asked for, not yet up.
        case connecting = 1
        /// Up, no handshake yet.
        case connected = 2
        /// In the handshake.
        case handshaking = 3
        /// Usable.
        case handshakeDone = 4
        /// Lost, kept for a while.
        case reestablishing = 5
        /// Back, RECONNECT awaited.
        case reestablishingHandshake = 6
    }

    /// The radio's link, 0 while there is none.
    public var link: LinkID
    /// What it is for.
    public var kind: Kind
    /// Which end the node is.
    public var role: LinkRole
    /// How far it is.
    public var state: State
    /// The partner, 0 while unknown.
    public var partner: NodeID
    /// Whom the node wanted the link to; 0 if somebody else opened it.
    public var target: NodeID
    /// Where the partner is.
    public var address: Address
    /// Whether what is behind it is counted in the node's cluster.
    public var isCounted: Bool
    /// Whether this end holds the master bit.
    public var masterBit: Bool
    /// What this end is to the tree; nil in classic clustering.
    public var relation: TreeRelation?
    /// The key that the partner of an engaged link showed; nil before that, and in classic clustering.
    public var offeredKey: ClusterKey?
    /// Nodes behind the link.
    public var connectedSize: Int16
    /// Hops to the sink over this link, -1 unknown.
    public var hopsToSink: Int16
    /// Nothing waits to be told over this link.
    public var isQuiet: Bool
    /// How what it carries is protected.
    public var protection: Protection
    /// Latest signal strength in dBm, nil before the first.
    public var rssi: Int8?
    /// When its handshake was completed, nil before that.
    public var since: Instant?
    /// Writes and notifications sent.
    public var sent: UInt32
    /// Messages dropped because a queue was full.
    public var dropped: UInt16
    /// Bytes that wait to be sent.
    public var queuedBytes: Int

    /// How what a link carries is protected.
    public enum Protection: UInt8, Sendable {
        /// Not at all, yet.
        case none
        /// By the radio (protocol §6.1).
        case linkLayer
        /// By the node itself (protocol §6.2).
        case application
    }

    /// Whether it is a mesh link with a completed handshake, be it up or being re-established.
    public var isMeshEdge: Bool { kind == .mesh && state.rawValue >= State.handshakeDone.rawValue }
}

extension Node {
    /// Number of connection objects, at most ``Limits/connections``.
    public var linkCount: Int { links.count }

    /// A connection object by position, 0..<``linkCount``.
    public func linkView(_ position: Int) -> LinkView {
        LinkView(
            link: links[position].id,
            kind: LinkView.Kind(rawValue: links[position].kind.rawValue) ?? .resolver,
            role: links[position].role,
            state: LinkView.State(rawValue: links[position].state.rawValue) ?? .connected,
            partner: links[position].partner,
            target: links[position].target,
            address: links[position].address,
            isCounted: links[position].wasHandshaked,
            masterBit: links[position].masterBit,
            relation: configuration.clustering == .graft && links[position].kind == .mesh
                ? links[position].graft.relation : nil,
            offeredKey: links[position].graft.offered,
            connectedSize: links[position].connectedSize,
            hopsToSink: links[position].hopsToSink,
            isQuiet: links[position].queues.byteCount == 0 && hasToldAll(over: position),
            protection: protection(position),
            rssi: links[position].averageRSSI.latest,
            since: links[position].handshakedAt > 0
                ? bootedAt.advanced(byMicroseconds: UInt64(links[position].handshakedAt) * 100_000) : nil,
            sent: UInt32(links[position].statistics.sentReliable) + UInt32(links[position].statistics.sentUnreliable),
            dropped: links[position].statistics.dropped,
            queuedBytes: links[position].queues.byteCount
        )
    }

    private func protection(_ position: Int) -> LinkView.Protection {
        guard links[position].encryption == .encrypted else { return .none }
        return links[position].kind == .access || links[position].isProtectedByNode ? .application : .linkLayer
    }

    /// The radio's own address, nil while it is not ready.
    public var radioAddress: Address? { radio?.address }

    /// All connection objects, for observers; allocates.
    public var linkViews: [LinkView] { (0..<linkCount).map { linkView($0) } }

    /// Number of mesh links with a completed handshake.
    public var meshEdgeCount: Int {
        var count = 0
        for index in links.indices where links.isMeshEdge(index) {
            count += 1
        }
        return count
    }

    /// Whether the node has been started and its radio works.
    public var isUp: Bool { isRunning && radio != nil }
}
