import ByteCoding
public import MeshWire
public import RadioPort

/// A neighbour as last heard in its JOIN_ME (protocol §4.1).
public struct JoinMeEntry: Sendable, Equatable {
    /// What the neighbour said.
    public var joinMe: JoinMe
    /// Where it advertises.
    public var address: Address
    /// Whether the advertisement was connectable.
    public var connectable: Bool
    /// Strength of the latest packet in dBm, not averaged.
    public var rssi: Int8
    /// When it was heard, in deciseconds of the node's main timer.
    public var receivedAt: UInt32
    /// Connect attempts made, saturating at 21.
    public var attempts: UInt8
    /// When the last attempt was made, in deciseconds.
    public var lastAttemptAt: UInt32

    /// An entry from its fields; times in deciseconds.
    public init(
        joinMe: JoinMe,
        address: Address,
        connectable: Bool,
        rssi: Int8,
        receivedAt: UInt32,
        attempts: UInt8 = 0,
        lastAttemptAt: UInt32 = 0
    ) {
        self.joinMe = joinMe
        self.address = address
        self.connectable = connectable
        self.rssi = rssi
        self.receivedAt = receivedAt
        self.attempts = attempts
        self.lastAttemptAt = lastAttemptAt
    }
}

/// The neighbours that a node may decide about: at most ``Limits/joinMeEntries`` (protocol §4.1).
///
/// Entries do not expire, they merely score nothing once too old.
struct JoinMeBuffer: Sendable {
    private(set) var entries: ContiguousArray<JoinMeEntry?> = ContiguousArray(
        repeating: nil,
        count: Limits.joinMeEntries
    )
    /// Senders of the entries, 0 where there is none, and the lower halves of their clusters: what is looked through for each
    /// packet.
    private var senders = KeyRow<3>()
    private var clusters = KeyRow<3>()

    /// Stores a packet heard from another cluster.
    ///
    /// Packets of the own cluster never refresh the buffer, one without a sender would leave its entry empty. Placement: the
    /// sender's entry, else the first empty one, else the oldest of the own cluster, else the one with the lowest score.
    mutating func store(_ packet: JoinMeEntry, scores: inout CandidateScores) {
        guard packet.joinMe.cluster != scores.view.cluster, packet.joinMe.sender.rawValue != 0 else { return }
        let slot = placement(of: packet.joinMe, scores: &scores)
        var stored = packet
        if let old = entries[slot] {
            stored.attempts = old.attempts
            stored.lastAttemptAt = old.lastAttemptAt
        }
        entries[slot] = stored
        senders.set(stored.joinMe.sender.rawValue, at: slot)
        clusters.set(UInt16(truncatingIfNeeded: stored.joinMe.cluster.rawValue), at: slot)
        scores.note(stored, at: slot)
    }

    /// Forgets a neighbour: a handshake with it ended.
    mutating func remove(_ node: NodeID) {
        for index in entries.indices where entries[index]?.joinMe.sender == node {
            entries[index] = nil
            senders.set(0, at: index)
        }
    }

    /// A connect attempt was made.
    mutating func countAttempt(at index: Int, now: UInt32) {
        guard var entry = entries[index] else { return }
        if entry.attempts <= 20 {
            entry.attempts += 1
        }
        entry.lastAttemptAt = now
        entries[index] = entry
    }

    /// The entry with the strictly greatest score above 0; the first of equals.
    func best(_ score: (JoinMeEntry) -> UInt32) -> (index: Int, score: UInt32)? {
        var best: (index: Int, score: UInt32)?
        for index in entries.indices {
            guard let entry = entries[index] else { continue }
            let value = score(entry)
            if value > (best?.score ?? 0) {
                best = (index, value)
            }
        }
        return best
    }

    @inline(__always)
    private func placement(of joinMe: JoinMe, scores: inout CandidateScores) -> Int {
        let known = senders.place(of: joinMe.sender.rawValue)
        if known >= 0 { return known }
        let gap = senders.place(of: 0)
        if gap >= 0, gap < Limits.joinMeEntries { return gap }
        let own = scores.view.cluster
        let half = UInt16(truncatingIfNeeded: own.rawValue)
        var member = clusters.place(of: half)
        while member >= 0, member < Limits.joinMeEntries {
            if entries[member]?.joinMe.cluster == own { return oldest(of: own, from: member) }
            member = clusters.place(of: half, from: member + 1)
        }
        return scores.lowest(asCentral: joinMe.clusterSize >= scores.view.clusterSize, in: entries)
    }

    /// The entry of a cluster that was heard longest ago.
    private func oldest(of cluster: ClusterID, from start: Int) -> Int {
        var oldest = start
        for index in start..<entries.count {
            if let entry = entries[index], entry.joinMe.cluster == cluster, let held = entries[oldest],
                entry.receivedAt < held.receivedAt
            {
                oldest = index
            }
        }
        return oldest
    }
}

/// What a node sees while it takes packets, and the scores that it gives the entries of its buffer, once they are wanted.
///
/// Nothing but the packets themselves changes any of it within a tick.
struct CandidateScores {
    /// What the scores are computed from.
    private(set) var view: ScoringView
    /// When it was last brought up to date; nil: never.
    fileprivate(set) var at: Instant?
    private var central: InlineArray<10, UInt32> = InlineArray(repeating: 0)
    private var peripheral: InlineArray<10, UInt32> = InlineArray(repeating: 0)
    private var knowsCentral = false
    private var knowsPeripheral = false

    /// Nothing is known yet.
    init() {
        view = ScoringView(cluster: .none, clusterSize: 0, deviceType: .static, now: 0)
    }

    fileprivate init(_ view: ScoringView, at now: Instant) {
        self.view = view
        at = now
    }

    /// An entry of the buffer was replaced.
    @inline(__always)
    fileprivate mutating func note(_ entry: JoinMeEntry, at slot: Int) {
        if knowsCentral { central[slot] = view.centralScore(of: entry) }
        if knowsPeripheral { peripheral[slot] = view.peripheralScore(of: entry) }
    }

    /// The first entry of a full buffer with the lowest score.
    @inline(__always)
    fileprivate mutating func lowest(asCentral: Bool, in entries: ContiguousArray<JoinMeEntry?>) -> Int {
        if asCentral {
            if !knowsCentral {
                knowsCentral = true
                for index in entries.indices {
                    central[index] = entries[index].map { view.centralScore(of: $0) } ?? 0
                }
            }
            return Self.lowest(in: &central)
        }
        if !knowsPeripheral {
            knowsPeripheral = true
            for index in entries.indices {
                peripheral[index] = entries[index].map { view.peripheralScore(of: $0) } ?? 0
            }
        }
        return Self.lowest(in: &peripheral)
    }

    /// The first place of the lowest score; they are lent only because to read them would mean to copy them.
    @inline(__always)
    private static func lowest(in scores: inout InlineArray<10, UInt32>) -> Int {
        var lowest = 0
        var score = scores[0]
        for index in 1..<10 {
            let other = scores[index]
            lowest = other < score ? index : lowest
            score = min(score, other)
        }
        return lowest
    }
}

extension Node {
    /// Brings what the node sees up to date.
    @inline(__always)
    func refresh(_ scores: inout CandidateScores, now: Instant) {
        guard scores.at != now else { return }
        if scores.at != nil, scores.view.now == deciseconds(at: now) {
            scores.at = now
        } else {
            scores = CandidateScores(scoringView(now: now), at: now)
        }
    }
}
