import ByteCoding
import MeshWire
import RadioPort

/// States of a connection object (protocol §3.2).
enum ConnectionState: UInt8, Comparable {
    case connecting = 1
    case connected = 2
    case handshaking = 3
    case handshakeDone = 4
    case reestablishing = 5
    case reestablishingHandshake = 6

    static func < (left: ConnectionState, right: ConnectionState) -> Bool { left.rawValue < right.rawValue }
}

/// What a connection object is for (protocol §3.2), with its number in reports.
enum ConnectionKind: UInt8 {
    case mesh = 1
    case resolver = 4
    case access = 5
}

/// How far the radio has encrypted a link, with its number in reports.
enum EncryptionState: UInt8 {
    case none = 0
    case inProgress = 1
    case encrypted = 2
}

/// One connection object: a mesh edge, a MeshAccess link, or an incoming link that is neither yet.
struct Link {
    /// Index of the object, 0..<``Limits/connections``; names it in reports and virtual ids.
    let slot: UInt8
    /// Numbers the objects of a boot.
    let unique: UInt32
    /// What it is for.
    var kind: ConnectionKind
    /// Which end this node is.
    let role: LinkRole
    /// Where the partner is.
    let address: Address
    /// How far it is.
    var state: ConnectionState
    /// The radio's link, 0 while there is none.
    var id = LinkID(rawValue: 0)
    /// The connect attempt under way for this object.
    var token = ConnectToken.incoming
    /// The candidate that an outgoing attempt is for; told from ``partner``, which the handshake proves.
    var target = NodeID(0)
    /// The partner, once it said who it is.
    var partner = NodeID(0)
    /// The partner, or else whom the link is for; 0 if neither is known.
    var name: NodeID { partner.rawValue == 0 ? target : partner }
    /// Where to write on the partner.
    var partnerHandle = AttributeHandle(rawValue: 0)
    var encryption = EncryptionState.none
    /// Bytes per write: MTU - 3 (protocol §5.5).
    var payload: UInt8 = 20

    // MARK: - Cluster

    /// This end holds the master bit.
    var masterBit = false
    /// Nodes behind the link.
    var connectedSize: Int16 = 0
    /// Hops to the nearest sink over the link, -1 unknown.
    var hopsToSink: Int16 = -1
    /// What is behind the link is counted in the own cluster: its handshake was completed.
    var wasHandshaked = false
    /// What only classic clustering keeps.
    var classic = ClassicLink()
    /// What only graft clustering keeps.
    var graft = GraftLink()
    var enrolledNodesSynced = false
    var timeSync = LinkTimeSync()

    // MARK: - Traffic

    var queues = SendQueues()
    var reassembler = Reassembler()
    var statistics = LinkStatistics()
    var averageRSSI = AverageRSSI()
    private var accessStorage = OutOfLine<AccessLink>.none
    /// What only a MeshAccess link has; look at ``kind`` first, it is cheaper.
    var access: AccessLink? {
        get { accessStorage.value }
        set { accessStorage = OutOfLine(newValue) }
    }
    private var protectionStorage = OutOfLine<LinkProtection>.none
    /// What only a mesh link has that the node protects itself; look at ``isProtectedByNode`` first, it is cheaper.
    var protection: LinkProtection? {
        get { protectionStorage.value }
        set {
            protectionStorage = OutOfLine(newValue)
            isProtectedByNode = newValue != nil
        }
    }
    /// Whether there is a ``protection``, complete or not.
    private(set) var isProtectedByNode = false

    // MARK: - Times, in deciseconds of the main timer

    let createdAt: UInt32
    var handshakeStartedAt: UInt32 = 0
    var handshakedAt: UInt32 = 0
    /// When the link was lost first; 0 while it was not.
    var lostAt: UInt32 = 0
    var requestSentAt: UInt32 = 0

    init(
        slot: UInt8,
        unique: UInt32,
        kind: ConnectionKind,
        role: LinkRole,
        address: Address,
        state: ConnectionState,
        createdAt: UInt32
    ) {
        self.slot = slot
        self.unique = unique
        self.kind = kind
        self.role = role
        self.address = address
        self.state = state
        self.createdAt = createdAt
    }

    /// Whether the cluster handshake was completed, be the link up or being re-established.
    var isHandshaked: Bool { state >= .handshakeDone }
    /// Whether it is a mesh link with a completed handshake.
    var isMeshEdge: Bool { kind == .mesh && isHandshaked }
}

extension ContiguousArray<Link> {
    /// Whether the object at a position is a mesh link with a completed handshake.
    ///
    /// Reads stored fields only: asking the element for a computed property would copy all of it.
    func isMeshEdge(_ index: Int) -> Bool {
        self[index].kind == .mesh && self[index].state >= .handshakeDone
    }
}

/// What a link has carried (protocol §10.1, ALL_CONNECTIONS_VERBOSE).
struct LinkStatistics {
    var dropped: UInt16 = 0
    var sentReliable: UInt16 = 0
    var sentUnreliable: UInt16 = 0
}

/// Signal strength averaged as `0.95 · old + 0.05 · latest` every tick (protocol §5.4).
struct AverageRSSI {
    private var milli: Int32 = 0
    private(set) var latest: Int8?
    private var updatedAt: UInt32 = 0

    /// The average in dBm at `now`, 0 before the first sample; `now` in deciseconds.
    func value(at now: UInt32) -> Int8 {
        guard let latest else { return 0 }
        return Int8(clamping: Self.advance(milli, towards: latest, ticks: (now &- updatedAt) / 2) / 1000)
    }

    mutating func sample(_ rssi: Int8, at now: UInt32) {
        milli = latest.map { Self.advance(milli, towards: $0, ticks: (now &- updatedAt) / 2) } ?? Int32(rssi) * 1000
        latest = rssi
        updatedAt = now
    }

    private static func advance(_ milli: Int32, towards latest: Int8, ticks: UInt32) -> Int32 {
        let target = Int32(latest) * 1000
        var value = milli
        // After 200 ticks the old value weighs less than a ten-thousandth.
        for _ in 0..<min(ticks, 200) where value != target {
            value = (value * 95 + target * 5) / 100
        }
        return value
    }
}
