import ByteCoding
public import MeshWire

/// Why a candidate scores nothing: the first rule that excludes it (protocol §4.3, §4.4).
public enum ScoreRefusal: UInt8, Sendable, Equatable {
    /// Heard too long ago.
    case tooOld
    /// A member of the own cluster.
    case sameCluster
    /// No free in-connection.
    case noFreeIn
    /// It agreed to be absorbed by another cluster.
    case acknowledgesOther
    /// Its cluster is bigger: it has to connect to us.
    case bigger
    /// Its cluster is smaller: we have to connect to it.
    case smaller
    /// Too many attempts in a short time.
    case backOff
    /// Linked already.
    case alreadyLinked
    /// Heard too weakly.
    case tooWeak
    /// A LEAF never connects.
    case leaf
    /// Not preferred, and others are ignored.
    case notPreferred
}

/// A score, or the rule that refused it.
public enum ScoreOutcome: Sendable, Equatable {
    /// Usable, with this score, at least 1.
    case score(UInt32)
    /// Not usable.
    case refused(ScoreRefusal)

    /// The score, 0 if refused.
    public var value: UInt32 {
        switch self {
        case .score(let value): value
        case .refused: 0
        }
    }
}

/// What a node knows of itself when it scores candidates (protocol §4.3, §4.4, §4.7).
public struct ScoringView: Sendable {
    /// Own cluster.
    public var cluster: ClusterID
    /// Its size.
    public var clusterSize: Int16
    /// What the node is for.
    public var deviceType: DeviceType
    /// Now, in deciseconds of the main timer.
    public var now: UInt32
    /// Oldest usable packet, in deciseconds.
    public var maximumAge: UInt32
    /// Weakest usable packet, inclusive, in dBm.
    public var rssiThreshold: Int8
    /// Attempts before a candidate is left alone.
    public var attemptsBeforeBackOff: UInt8
    /// Partners of mesh connection objects.
    public var partners: PartnerList
    /// Preferred partners; none means everyone.
    public var preferred: PartnerList
    /// What becomes of the others.
    public var preferredMode: PreferredMode

    /// A view from its fields; times in deciseconds, RSSI in dBm.
    public init(
        cluster: ClusterID,
        clusterSize: Int16,
        deviceType: DeviceType,
        now: UInt32,
        maximumAge: UInt32 = 100,
        rssiThreshold: Int8 = -85,
        attemptsBeforeBackOff: UInt8 = 5,
        partners: PartnerList = PartnerList(),
        preferred: PartnerList = PartnerList(),
        preferredMode: PreferredMode = .penalty
    ) {
        self.cluster = cluster
        self.clusterSize = clusterSize
        self.deviceType = deviceType
        self.now = now
        self.maximumAge = maximumAge
        self.rssiThreshold = rssiThreshold
        self.attemptsBeforeBackOff = attemptsBeforeBackOff
        self.partners = partners
        self.preferred = preferred
        self.preferredMode = preferredMode
    }

    /// Score of a candidate that this node would connect to.
    public func central(_ entry: JoinMeEntry) -> ScoreOutcome {
        let joinMe = entry.joinMe
        if isTooOld(entry) { return .refused(.tooOld) }
        if joinMe.cluster == cluster { return .refused(.sameCluster) }
        if joinMe.freeIn == 0 { return .refused(.noFreeIn) }
        if joinMe.ackField != .none, joinMe.ackField != cluster { return .refused(.acknowledgesOther) }
        if joinMe.clusterSize > clusterSize { return .refused(.bigger) }
        if isBackedOff(entry) { return .refused(.backOff) }
        if partners.contains(joinMe.sender) { return .refused(.alreadyLinked) }
        if entry.rssi < rssiThreshold { return .refused(.tooWeak) }
        if deviceType == .leaf { return .refused(.leaf) }
        return preference(
            of: joinMe.sender,
            score: 10_000 * UInt32(joinMe.freeIn) + 100 * UInt32(joinMe.freeOut) + signal(entry)
        )
    }

    /// Score of a candidate that this node would wait to be connected by.
    public func peripheral(_ entry: JoinMeEntry) -> ScoreOutcome {
        let joinMe = entry.joinMe
        if isTooOld(entry) { return .refused(.tooOld) }
        if joinMe.cluster == cluster { return .refused(.sameCluster) }
        if joinMe.clusterSize < clusterSize { return .refused(.smaller) }
        if entry.rssi < rssiThreshold { return .refused(.tooWeak) }
        return preference(
            of: joinMe.sender,
            score: 10_000 * UInt32(max(0, joinMe.clusterSize)) + 100 * UInt32(joinMe.freeOut) + signal(entry)
        )
    }

    /// Score as central, 0 if refused.
    public func centralScore(of entry: JoinMeEntry) -> UInt32 { central(entry).value }

    /// Score as peripheral, 0 if refused.
    public func peripheralScore(of entry: JoinMeEntry) -> UInt32 { peripheral(entry).value }

    /// Whether a node may be connected to at all.
    public func isPreferred(_ node: NodeID) -> Bool { preferred.isEmpty || preferred.contains(node) }

    private func isTooOld(_ entry: JoinMeEntry) -> Bool { now &- entry.receivedAt > maximumAge }

    private func isBackedOff(_ entry: JoinMeEntry) -> Bool { pause(of: entry) > 0 }

    /// How long a candidate is left alone from now on, in deciseconds; 0: it is not.
    func pause(of entry: JoinMeEntry) -> UInt32 {
        let end = entry.lastAttemptAt + UInt32(entry.attempts) * 10
        return entry.attempts > attemptsBeforeBackOff && end > now ? end - now : 0
    }

    private func signal(_ entry: JoinMeEntry) -> UInt32 { UInt32(clamping: 100 + Int(entry.rssi)) }

    private func preference(of node: NodeID, score: UInt32) -> ScoreOutcome {
        guard !isPreferred(node) else { return .score(score) }
        switch preferredMode {
        case .penalty: return .score(max(1, score / 10))
        case .ignored: return .refused(.notPreferred)
        }
    }
}

/// A short list of node ids, at most 8.
public struct PartnerList: Sendable, Equatable {
    private var ids: InlineArray<8, UInt16> = InlineArray(repeating: 0)
    /// Number of ids, 0...8.
    public private(set) var count = 0

    /// No ids.
    public init() {}

    /// The first eight of some ids.
    public init(_ nodes: some Sequence<NodeID>) {
        for node in nodes.prefix(8) {
            append(node)
        }
    }

    /// Whether there is none.
    public var isEmpty: Bool { count == 0 }

    /// Whether the id is listed.
    public func contains(_ node: NodeID) -> Bool {
        for index in 0..<count where ids[index] == node.rawValue {
            return true
        }
        return false
    }

    /// Adds an id; a ninth is ignored.
    public mutating func append(_ node: NodeID) {
        guard count < 8 else { return }
        ids[count] = node.rawValue
        count += 1
    }

    /// Compares contents.
    public static func == (left: PartnerList, right: PartnerList) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count where left.ids[index] != right.ids[index] {
            return false
        }
        return true
    }
}
