public import MeshCore
public import MeshWire
public import RadioPort

/// Turns what a node tells into rows of the history: a value without clock and without disk.
///
/// ```
///  alone ──size > 1──► growing ──all enrolled nodes──────► full
///    ▲                   │  ▲ any change                     │
///    │                   │  └──┘                             │
///    │                   └──unchanged for 30 s──► settled    │
///    └────────────── size 1 ◄────────────────────────┴───────┘
/// ```
///
/// Changes wait here until somebody takes them, at most ``waitingLimit``; then the oldest goes, except for boots, and is counted.
public struct HistoryRecorder: Sendable {
    /// Changes that wait at most.
    public static let waitingLimit = 1000
    /// A cluster that has not changed for so long has settled, in milliseconds.
    static let settling: Int64 = 30_000
    /// A clock that is off by so much since the last look has jumped, in milliseconds; slewing stays below it.
    static let jump: Int64 = 2000

    /// Changes that nobody has taken yet, in order.
    public private(set) var waiting: [HistoryChange] = []
    /// Changes that were thrown away, since the recorder was made.
    public private(set) var thrownAway: UInt64 = 0

    private struct Forming {
        var began: HistoryTime
        var cause: HistoryFormation.Cause
        var changed: Int64
    }

    private struct Outage {
        var partner: NodeID
        var number: Int64
        var began: Int64
    }

    private let node: NodeID
    private let network: NetworkID
    private let version: String
    private var bootedAt: Instant?
    /// Wall clock less monotonic clock, in milliseconds.
    private var clockOffset: Int64 = 0
    private var lossCount: Int64 = 0
    private var forming: Forming?
    private var clusterID: ClusterID?
    private var size = 1
    private var expected: Int?
    /// When each link finished its handshake; as few as the node has links.
    private var linkedAt: [(partner: NodeID, uptime: Int64)] = []
    private var outages: [Outage] = []
    /// What the radio said last, for the removal that follows.
    private var radioReason: HCIStatus?

    /// A recorder of one node.
    public init(node: NodeID, network: NetworkID, version: String) {
        self.node = node
        self.network = network
        self.version = version
    }

    // MARK: - What happens

    /// The node boots; everything but this is passed over before the first boot.
    ///
    /// - Parameters:
    ///   - reason: 0 for a start of the daemon, else the cause of the reset.
    ///   - moment: when.
    public mutating func boot(reason: UInt8, at moment: HistoryMoment) {
        bootedAt = moment.steady
        clockOffset = Self.offset(moment)
        lossCount = 0
        linkedAt = []
        outages = []
        radioReason = nil
        clusterID = nil
        size = 1
        forming = Forming(began: HistoryTime(wall: moment.wall, uptime: 0), cause: .boot, changed: 0)
        append(
            .booted(
                HistoryBoot(
                    wall: moment.wall,
                    machine: Int64(moment.steady.microseconds / 1000),
                    reason: reason,
                    version: version,
                    node: node.rawValue,
                    network: network.rawValue
                )
            )
        )
    }

    /// The node ends in an orderly way.
    public mutating func end(_ end: HistoryEnd, at moment: HistoryMoment) {
        guard let time = advance(to: moment) else { return }
        finishForming(.unfinished, until: time.uptime)
        append(.ended(end, time))
        bootedAt = nil
    }

    /// What the node tells.
    public mutating func note(_ event: TraceEvent, at moment: HistoryMoment) {
        let reason = radioReason
        radioReason = nil
        switch event {
        case .handshakeDone(let partner, _, _, _): linked(partner, at: moment)
        case .linkDown(_, _, let status): radioReason = status
        case .reestablishing(let partner, let status): interrupted(partner, status, at: moment)
        case .reestablished(let partner): resolve(partner, .reestablished, at: moment)
        // Stands between what the radio said and the removal.
        case .reestablishmentSkipped: radioReason = reason
        case .connectionRemoved(let partner, let why, wasHandshaked: true, _):
            removed(partner, why, radio: reason, at: moment)
        default: break
        }
    }

    /// How the cluster is; to be called whenever something may have changed.
    ///
    /// - Parameters:
    ///   - id: its id.
    ///   - size: nodes in it.
    ///   - expected: enrolled nodes, 0 if that is not known.
    ///   - moment: when.
    public mutating func cluster(_ id: ClusterID, size: Int16, expected: UInt16, at moment: HistoryMoment) {
        guard id != clusterID || Int(size) != self.size || expected != UInt16(self.expected ?? 0) else { return }
        guard let time = advance(to: moment) else { return }
        // One node is no mesh to wait for.
        self.expected = expected > 1 ? Int(expected) : nil
        if id != clusterID || Int(size) != self.size { append(.cluster(id: id.rawValue, size: Int(size), time)) }
        if Int(size) != self.size {
            forming?.changed = time.uptime
            if size <= 1, forming == nil { forming = Forming(began: time, cause: .alone, changed: time.uptime) }
        }
        clusterID = id
        self.size = Int(size)
        if let expected = self.expected, self.size >= expected { finishForming(.full, until: time.uptime) }
    }

    /// Time has passed: a cluster may have settled, the clock may have jumped.
    public mutating func tick(at moment: HistoryMoment) { _ = advance(to: moment) }

    /// The node is up at this moment; stands at the end of a batch.
    public mutating func live(at moment: HistoryMoment) {
        guard let time = advance(to: moment) else { return }
        append(.alive(time))
    }

    // MARK: - What waits

    /// Hands over what waits.
    public mutating func take() -> [HistoryChange] {
        defer { waiting = [] }
        return waiting
    }

    /// Takes back what could not be written, before what came since.
    public mutating func putBack(_ changes: [HistoryChange]) {
        waiting.insert(contentsOf: changes, at: 0)
        limitWaiting()
    }

    /// When the recorder wants a tick for a cluster that may settle, nil for never.
    public var nextDeadline: Instant? {
        guard let forming, let bootedAt, size > 1 else { return nil }
        return bootedAt.advanced(byMicroseconds: UInt64(forming.changed + Self.settling) * 1000)
    }

    // MARK: - Links

    private mutating func linked(_ partner: NodeID, at moment: HistoryMoment) {
        guard let time = advance(to: moment) else { return }
        linkedAt.removeAll { $0.partner == partner }
        if linkedAt.count == Limits.connections { linkedAt.removeFirst() }
        linkedAt.append((partner, time.uptime))
        append(.linked(time))
    }

    private mutating func interrupted(_ partner: NodeID, _ status: HCIStatus, at moment: HistoryMoment) {
        guard let number = lose(partner, LossReason.name(status), isWanted: false, outcome: nil, at: moment) else {
            return
        }
        if outages.count == Limits.connections { outages.removeFirst() }
        outages.append(Outage(partner: partner, number: number.count, began: number.time.uptime))
    }

    private mutating func removed(
        _ partner: NodeID,
        _ why: DisconnectReason,
        radio: HCIStatus?,
        at moment: HistoryMoment
    ) {
        guard !resolve(partner, .removed, at: moment) else { return }
        let (name, isWanted) = LossReason.nameAndIntent(why, radio: radio)
        _ = lose(partner, name, isWanted: isWanted, outcome: .removed, at: moment)
        linkedAt.removeAll { $0.partner == partner }
    }

    private mutating func lose(
        _ partner: NodeID,
        _ reason: String,
        isWanted: Bool,
        outcome: HistoryOutcome?,
        at moment: HistoryMoment
    ) -> (count: Int64, time: HistoryTime)? {
        guard let time = advance(to: moment) else { return nil }
        lossCount += 1
        let since = linkedAt.first { $0.partner == partner }?.uptime ?? time.uptime
        append(
            .lost(
                HistoryLoss(
                    number: lossCount,
                    time: time,
                    partner: partner.rawValue,
                    reason: reason,
                    isWanted: isWanted,
                    ageMilliseconds: time.uptime - since,
                    outcome: outcome
                )
            )
        )
        return (lossCount, time)
    }

    /// Ends the outage of a link; false if it had none.
    @discardableResult
    private mutating func resolve(_ partner: NodeID, _ outcome: HistoryOutcome, at moment: HistoryMoment) -> Bool {
        guard let index = outages.firstIndex(where: { $0.partner == partner }), let time = advance(to: moment) else {
            return false
        }
        let outage = outages.remove(at: index)
        append(.resolved(number: outage.number, outcome, afterMilliseconds: time.uptime - outage.began))
        if outcome == .removed { linkedAt.removeAll { $0.partner == partner } }
        return true
    }

    // MARK: - Time and clusters

    /// What follows from the time alone; nil if no node is booted.
    private mutating func advance(to moment: HistoryMoment) -> HistoryTime? {
        guard let bootedAt else { return nil }
        let time = HistoryTime(wall: moment.wall, uptime: Int64(moment.steady.microseconds(since: bootedAt) / 1000))
        let offset = Self.offset(moment)
        if (offset - clockOffset).magnitude >= Self.jump.magnitude {
            append(.clockJumped(byMilliseconds: offset - clockOffset, time))
        }
        clockOffset = offset
        if let forming, size > 1, time.uptime - forming.changed >= Self.settling {
            finishForming(.settled, until: forming.changed)
        }
        return time
    }

    private mutating func finishForming(_ outcome: HistoryFormation.Outcome, until uptime: Int64) {
        guard let forming else { return }
        self.forming = nil
        append(
            .formed(
                HistoryFormation(
                    time: forming.began,
                    cause: forming.cause,
                    durationMilliseconds: uptime - forming.began.uptime,
                    size: size,
                    expected: expected,
                    outcome: outcome
                )
            )
        )
    }

    private static func offset(_ moment: HistoryMoment) -> Int64 {
        moment.wall - Int64(moment.steady.microseconds / 1000)
    }

    private mutating func append(_ change: HistoryChange) {
        // Of several times that the node was up, the last says it all.
        if case .alive = change, case .alive = waiting.last { waiting.removeLast() }
        waiting.append(change)
        limitWaiting()
    }

    private mutating func limitWaiting() {
        while waiting.count > Self.waitingLimit {
            let oldest = waiting.firstIndex { if case .booted = $0 { false } else { true } }
            waiting.remove(at: oldest ?? 0)
            thrownAway += 1
        }
    }
}
