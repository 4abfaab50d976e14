import MeshConfiguration
import MeshCore
import RadioPort

/// What is between the radios and their nodes while something there is not as it should be.
///
/// Events and commands go past it as long as nobody is disturbed. It keeps the order of what it holds back: a host is told late,
/// never in another order.
struct Disturbances: Sendable {
    /// How badly a node is disturbed; shares in thousandths of a per cent.
    struct Level: Sendable, Equatable {
        var loss: UInt32 = 0
        var busy: UInt32 = 0
        var repeated: UInt32 = 0
        var corrupted: UInt32 = 0
        /// Microseconds between two moments at which the host has time; 0: always.
        var period: UInt64 = 0
    }

    /// Something held back until its time.
    struct Held<Item: Sendable>: Sendable {
        var at: Instant
        var item: Item
    }

    /// What is held back for one node.
    struct Desk: Sendable {
        var events: [Held<RadioEvent>] = []
        var commands: [Held<RadioCommand>] = []
        /// When its host has time again.
        var hostRunsAt = Instant.zero
        /// Links that are over although the radio has more of them to tell.
        var broken: [LinkID] = []
        var adapter = AdapterState.works

        var isEmpty: Bool { events.isEmpty && commands.isEmpty && broken.isEmpty && adapter == .works }
    }

    /// How the radio of a node is.
    enum AdapterState: Sendable {
        case works
        /// It fails once the host has taken what it has received.
        case fails
        case isGone
    }

    /// Time after which a link has repeated what was lost, in microseconds.
    static let repetition: UInt64 = 50_000
    /// Longest time for which a full send buffer makes a write wait, in microseconds.
    static let congestion: UInt32 = 500_000
    /// A share of 100 %.
    static let whole: UInt32 = 100_000

    /// Whether radios encrypt links.
    let linkEncryption: Bool
    private var active: [(nodes: [Int], disturbance: Disturbance)] = []
    private var levels: [Int: Level] = [:]
    private var desks: [Int: Desk] = [:]
    private var random: SeededGenerator

    init(seed: UInt64, linkEncryption: Bool) {
        self.linkEncryption = linkEncryption
        random = SeededGenerator(seed: seed, stream: Streams.disturbances)
    }

    /// Whether anything has to go this way.
    var isActive: Bool { !linkEncryption || !active.isEmpty || !desks.isEmpty }

    /// How badly a node is disturbed.
    func level(of index: Int) -> Level { levels[index] ?? Level() }

    /// Whether something is held back for a node.
    func holdsBack(_ index: Int) -> Bool { desks[index] != nil }

    mutating func begin(_ disturbance: Disturbance, at nodes: [Int]) {
        active.append((nodes, disturbance))
        rebuild()
    }

    mutating func end(_ disturbance: Disturbance, at nodes: [Int]) {
        guard let position = active.firstIndex(where: { $0.nodes == nodes && $0.disturbance == disturbance }) else {
            return
        }
        active.remove(at: position)
        rebuild()
    }

    /// Of two that disturb a node in the same way the worse counts.
    private mutating func rebuild() {
        levels = [:]
        for (nodes, disturbance) in active {
            for index in nodes {
                var level = level(of: index)
                switch disturbance {
                case .packetLoss(let percent): level.loss = max(level.loss, Self.share(percent))
                case .slowHost(let period): level.period = max(level.period, period)
                case .busyStack(let percent): level.busy = max(level.busy, Self.share(percent))
                case .repeatedData(let percent): level.repeated = max(level.repeated, Self.share(percent))
                case .corruptedData(let percent): level.corrupted = max(level.corrupted, Self.share(percent))
                }
                levels[index] = level
            }
        }
    }

    private static func share(_ percent: Double) -> UInt32 { UInt32(percent / 100 * Double(whole) + 0.5) }

    // MARK: - Chance

    mutating func happens(_ share: UInt32) -> Bool { share > 0 && random.chance(share, in: Self.whole) }

    mutating func uniform(below bound: UInt32) -> UInt32 { random.uniform(below: bound) }

    // MARK: - What is held back

    /// The radio or the host of a node begins anew.
    mutating func forget(_ index: Int) { desks[index] = nil }

    /// The radio of a node gets into another state; one that is gone takes with it what waited to be sent, but nothing that the
    /// host has already.
    mutating func setAdapter(_ state: AdapterState, of index: Int) {
        desks[index, default: Desk()].adapter = state
        guard state == .isGone else { return }
        desks[index]?.commands = []
        desks[index]?.broken = []
    }

    func adapter(of index: Int) -> AdapterState { desks[index]?.adapter ?? .works }

    mutating func hold(_ event: RadioEvent, for index: Int, until instant: Instant) {
        let last = desks[index]?.events.last?.at ?? instant
        desks[index, default: Desk()].events.append(Held(at: max(instant, last), item: event))
    }

    mutating func hold(_ command: RadioCommand, of index: Int, until instant: Instant) {
        let last = desks[index]?.commands.last?.at ?? instant
        desks[index, default: Desk()].commands.append(Held(at: max(instant, last), item: command))
    }

    /// Whether commands of a node wait already, so that others have to wait behind them.
    func holdsCommands(of index: Int) -> Bool { !(desks[index]?.commands.isEmpty ?? true) }

    mutating func breakLink(_ link: LinkID, of index: Int) { desks[index, default: Desk()].broken.append(link) }

    /// Whether a link is over; its end, once told, is the last of it.
    func isBroken(_ link: LinkID, of index: Int) -> Bool { desks[index]?.broken.contains(link) ?? false }

    mutating func mendLink(_ link: LinkID, of index: Int) { desks[index]?.broken.removeAll { $0 == link } }

    /// Whether the host of a node has time.
    func hostRuns(_ index: Int, at now: Instant) -> Bool {
        guard let period = levels[index]?.period, period > 0, let desk = desks[index] else { return true }
        return desk.hostRunsAt <= now
    }

    /// The next event that a node is to be told now.
    mutating func takeEvent(for index: Int, at now: Instant) -> RadioEvent? {
        guard let first = desks[index]?.events.first, first.at <= now, hostRuns(index, at: now) else { return nil }
        desks[index]?.events.removeFirst()
        return first.item
    }

    /// The next command that a radio is to be given now.
    mutating func takeCommand(of index: Int, at now: Instant) -> RadioCommand? {
        guard let first = desks[index]?.commands.first, first.at <= now else { return nil }
        desks[index]?.commands.removeFirst()
        return first.item
    }

    /// The host of a node had time.
    mutating func hostRan(_ index: Int, at now: Instant) {
        guard let period = levels[index]?.period, period > 0 else {
            if desks[index]?.isEmpty == true { desks[index] = nil }
            return
        }
        if hostRuns(index, at: now) {
            desks[index, default: Desk()].hostRunsAt = now.advanced(byMicroseconds: period)
        }
    }

    /// When a node has something to do that would otherwise have something to do at `deadline`.
    func nextTurn(of index: Int, deadline: Instant?) -> Instant? {
        guard let desk = desks[index] else { return deadline }
        var next = deadline
        if let event = desk.events.first?.at { next = min(next ?? event, event) }
        if let period = levels[index]?.period, period > 0, let wanted = next { next = max(wanted, desk.hostRunsAt) }
        if let command = desk.commands.first?.at { next = min(next ?? command, command) }
        return next
    }
}
