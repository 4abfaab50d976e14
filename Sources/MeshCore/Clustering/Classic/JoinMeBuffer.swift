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

    /// Stores a packet heard from another cluster.
    ///
    /// Packets of the own cluster never refresh the buffer, one without a sender would leave its entry empty. Placement: the
    /// sender's entry, else the first empty one, else the oldest of the own cluster, else the one with the lowest score.
    mutating func store(_ packet: JoinMeEntry, view: ScoringView) {
        guard packet.joinMe.cluster != view.cluster, packet.joinMe.sender.rawValue != 0 else { return }
        let slot = placement(of: packet.joinMe, view: view)
        var stored = packet
        if let old = entries[slot] {
            stored.attempts = old.attempts
            stored.lastAttemptAt = old.lastAttemptAt
        }
        entries[slot] = stored
    }

    /// Forgets a neighbour: a handshake with it ended.
    mutating func remove(_ node: NodeID) {
        for index in entries.indices where entries[index]?.joinMe.sender == node {
            entries[index] = nil
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

    private func placement(of joinMe: JoinMe, view: ScoringView) -> Int {
        var firstEmpty: Int?
        var oldestOwn: Int?
        for index in entries.indices {
            guard let entry = entries[index] else {
                firstEmpty = firstEmpty ?? index
                continue
            }
            if entry.joinMe.sender == joinMe.sender { return index }
            if entry.joinMe.cluster == view.cluster,
                oldestOwn.flatMap({ entries[$0] }).map({ entry.receivedAt < $0.receivedAt }) ?? true
            {
                oldestOwn = index
            }
        }
        if let free = firstEmpty ?? oldestOwn { return free }
        let asCentral = joinMe.clusterSize >= view.clusterSize
        var lowest = 0
        var lowestScore = UInt32.max
        for index in entries.indices {
            guard let entry = entries[index] else { continue }
            let score = asCentral ? view.centralScore(of: entry) : view.peripheralScore(of: entry)
            if score < lowestScore {
                lowest = index
                lowestScore = score
            }
        }
        return lowest
    }
}
