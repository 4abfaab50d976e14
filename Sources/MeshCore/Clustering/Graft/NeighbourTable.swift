import ByteCoding
import MeshWire
import RadioPort

/// A neighbour as last heard in its GRAFT_ME.
struct Neighbour: Sendable {
    /// What it said.
    var beacon: GraftMe
    /// Where it advertises.
    var address: Address
    /// Strength of the latest packet in dBm, not averaged.
    var rssi: Int8
    /// When it was heard.
    var heardAt: Instant
    /// It is left alone until then.
    var bannedUntil = Instant.zero
    /// It was a child that had to make room: until then no room is made for it in turn.
    var letGoUntil = Instant.zero
    /// Connect attempts in a row that came to nothing, at most 8.
    var failures: UInt8 = 0
    /// What was last said of it in a trace.
    var traced: GraftVerdict?

    /// The key that it showed.
    var key: ClusterKey { beacon.key }
}

/// The neighbours that a node remembers, at most ``Limits/neighbours``, those of the own cluster too.
///
/// A full table gives up the one that is worth least: one not heard for long, then one of the own cluster, then a smaller
/// cluster, then the one heard longest ago.
struct NeighbourTable: Sendable {
    private(set) var entries: ContiguousArray<Neighbour> = []

    /// Stores what was heard; bans and failures of a known neighbour stay.
    ///
    /// - Returns: the place, nil if all others are worth more.
    @discardableResult
    mutating func store(_ heard: Neighbour, own: ClusterKey, age: UInt64) -> Int? {
        if let index = place(of: heard.beacon.sender) {
            entries[index].beacon = heard.beacon
            entries[index].address = heard.address
            entries[index].rssi = heard.rssi
            entries[index].heardAt = heard.heardAt
            return index
        }
        if entries.count < Limits.neighbours {
            entries.append(heard)
            return entries.count - 1
        }
        let now = heard.heardAt
        func worth(_ neighbour: borrowing Neighbour) -> (Int, UInt64) {
            let isOld = now.microseconds(since: neighbour.heardAt) > age
            let kind = isOld ? 0 : neighbour.key.cluster == own.cluster ? 1 : neighbour.key < own ? 2 : 3
            return (kind, neighbour.heardAt.microseconds)
        }
        var least = 0
        var leastWorth = worth(entries[0])
        for index in 1..<entries.count {
            let worth = worth(entries[index])
            if worth < leastWorth { (least, leastWorth) = (index, worth) }
        }
        guard leastWorth < worth(heard) else { return nil }
        entries[least] = heard
        return least
    }

    /// The neighbour that advertises at an address.
    func heard(at address: Address) -> Neighbour? {
        entries.first { $0.address == address }
    }

    /// Whether a neighbour was of another cluster than this when it was heard last.
    func isOutside(_ cluster: ClusterID, _ node: NodeID) -> Bool {
        place(of: node).map { entries[$0].key.cluster != cluster } ?? false
    }

    /// Leaves a neighbour alone until a time; shorter than a ban that there is does nothing.
    mutating func ban(_ node: NodeID, until: Instant) {
        guard let index = place(of: node) else { return }
        entries[index].bannedUntil = max(entries[index].bannedUntil, until)
    }

    /// Forgets a neighbour, or only that it is left alone.
    mutating func forget(_ node: NodeID, banOnly: Bool) {
        guard let index = place(of: node) else { return }
        if banOnly {
            entries[index].bannedUntil = .zero
        } else {
            entries.remove(at: index)
        }
    }

    /// A child was let go: no other makes room for it until a time.
    mutating func letGo(_ node: NodeID, until: Instant) {
        guard let index = place(of: node) else { return }
        entries[index].letGoUntil = until
    }

    /// Whether a neighbour was let go a short time ago.
    func wasLetGo(_ node: NodeID, now: Instant) -> Bool {
        place(of: node).map { entries[$0].letGoUntil > now } ?? false
    }

    /// Notes what is said of a neighbour in a trace.
    ///
    /// - Returns: whether it is something else than before.
    mutating func note(_ verdict: GraftVerdict, at index: Int) -> Bool {
        guard entries[index].traced != verdict else { return false }
        entries[index].traced = verdict
        return true
    }

    /// A connect attempt came to nothing.
    ///
    /// - Returns: how many in a row did, 1...8.
    mutating func countFailure(_ node: NodeID) -> UInt8 {
        guard let index = place(of: node) else { return 1 }
        entries[index].failures = min(8, entries[index].failures + 1)
        return entries[index].failures
    }

    /// A connect attempt gave a link.
    mutating func forgetFailures(_ node: NodeID) {
        guard let index = place(of: node) else { return }
        entries[index].failures = 0
    }

    @inline(__always)
    private func place(of node: NodeID) -> Int? {
        let entries = entries.span
        for index in entries.indices where entries[index].beacon.sender == node {
            return index
        }
        return nil
    }
}
