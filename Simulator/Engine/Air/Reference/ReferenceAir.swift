import MeshCore
import RadioFake
import RadioPort

/// The `reference` radio: who is in reach, who waits for whom, and the links that are up.
///
/// Time moves in steps of 50 ms. In each step nodes run in the order of their ids, each: its timers, its connect time-out, its
/// advertisement, its connection events, then the events that wait for it. What a node causes for a later one is handled in
/// the same step, for an earlier one in the next. Nodes that have nothing to do cost nothing.
struct ReferenceAir: RadioModel {
    /// A link-layer link.
    struct LinkRecord: Sendable {
        var central: Int32
        var peripheral: Int32
        /// The link in the numbering of either end.
        var centralID: LinkID
        var peripheralID: LinkID
        /// What either end has to send.
        var fromCentral = FakeSendBuffer()
        var fromPeripheral = FakeSendBuffer()
        var isUp = true
        /// When nothing came through any more; nil while the link works.
        var silentSince: Instant?
        var supervisionMicroseconds: UInt64
        /// The key with which the central wants to encrypt.
        var key: Key128?
    }

    let neighbourhood: Neighbourhood
    var radios: ContiguousArray<FakeRadio>
    var agenda: Agenda
    var discoveries: [Discovery] = []
    private(set) var isPowered: ContiguousArray<Bool>
    /// Whether a node is where nobody hears it.
    private(set) var isAway: ContiguousArray<Bool>
    /// Events that the node whose turn it is may still take in this turn.
    private var eventsLeft = 0
    var linksMade = 0
    var receptions = 0
    /// One stream per advertiser: who receives.
    var advertiserRandom: ContiguousArray<SeededGenerator>
    /// One stream per node: its connection events.
    var linkRandom: ContiguousArray<SeededGenerator>
    /// For each node those that try to connect to it, by index.
    var initiators: ContiguousArray<ContiguousArray<Int32>>
    var records: ContiguousArray<LinkRecord> = []
    private var freeRecords: ContiguousArray<Int32> = []
    /// Pairs that cannot hear each other, as smaller index · 2^32 + larger.
    private var blocked: Set<UInt64> = []
    /// Reception while scanning with the greatest duty, by class.
    let scanChances: InlineArray<4, Bernoulli>
    /// Window and interval in whole milliseconds that ``scanChances`` are for.
    let scanDuty: (window: UInt32, interval: UInt32)

    /// The air over a placement; `scan` is the greatest scan duty of any node.
    init(placement: Placement, seed: UInt64, scan: ScanTiming) {
        let count = placement.sites.count
        neighbourhood = Neighbourhood(placement.sites)
        radios = ContiguousArray((0..<count).map { FakeRadio(address: Simulation.address(of: $0)) })
        agenda = Agenda(nodes: count)
        isPowered = ContiguousArray(repeating: true, count: count)
        isAway = ContiguousArray(repeating: false, count: count)
        advertiserRandom = ContiguousArray(
            (0..<count).map { SeededGenerator(seed: seed, stream: Streams.advertisers + UInt64($0)) }
        )
        linkRandom = ContiguousArray(
            (0..<count).map { SeededGenerator(seed: seed, stream: Streams.links + UInt64($0)) }
        )
        initiators = ContiguousArray(repeating: [], count: count)
        let duty = Self.wholeMilliseconds(scan)
        scanDuty = duty
        scanChances = InlineArray { index in
            Bernoulli(
                UInt64(ReferenceRadio.tenths[index]) * UInt64(duty.window),
                10 * UInt64(duty.interval)
            )
        }
    }

    /// Window and interval, cut to whole milliseconds as the profile has them.
    static func wholeMilliseconds(_ timing: ScanTiming) -> (window: UInt32, interval: UInt32) {
        (timing.windowMicroseconds / 1000, max(1, timing.intervalMicroseconds / 1000))
    }

    mutating func add(_ record: LinkRecord) -> Int32 {
        if let free = freeRecords.popLast() {
            records[Int(free)] = record
            return free
        }
        records.append(record)
        return Int32(records.count - 1)
    }

    mutating func remove(_ record: Int32) {
        records[Int(record)].isUp = false
        records[Int(record)].fromCentral.removeAll()
        records[Int(record)].fromPeripheral.removeAll()
        freeRecords.append(record)
    }

    // MARK: - Time

    static let stepMicroseconds = ReferenceRadio.stepMicroseconds

    var stepMicroseconds: UInt64 { Self.stepMicroseconds }

    /// The start of the step being worked on.
    var now: Instant { Instant(microseconds: agenda.step * Self.stepMicroseconds) }

    /// The first step at or after an instant.
    static func step(from instant: Instant) -> UInt64 {
        (instant.microseconds + stepMicroseconds - 1) / stepMicroseconds
    }

    mutating func ask(_ index: Int) { agenda.schedule(index, at: agenda.step) }

    // MARK: - Turns

    mutating func nextTurn(before end: Instant) -> Int? {
        guard let index = agenda.next() else {
            agenda.advance()
            return nil
        }
        return index
    }

    mutating func beginTurn(of index: Int) {
        if let attempt = radios[index].attempt, attempt.deadline <= now {
            endAttempt(of: index, reason: .connectionTimeout)
        }
        advertise(index)
        runConnectionEvents(of: index)
        answerDiscoveries(of: index)
        // What these events cause for the node itself belongs to its next turn.
        eventsLeft = radios[index].inbox.count
    }

    mutating func nextEvent(for index: Int) -> RadioEvent? {
        guard eventsLeft > 0, let item = radios[index].inbox.popFirst() else { return nil }
        eventsLeft -= 1
        switch item {
        case .event(let event): return event
        case .mtuRequest(let link, let mtu):
            return answerMTU(link: link, mtu: mtu, node: index) ?? nextEvent(for: index)
        }
    }

    mutating func endTurn(of index: Int, deadline: Instant?) {
        if !radios[index].inbox.isEmpty {
            agenda.schedule(index, at: agenda.step + 1)
        }
        if let deadline {
            agenda.schedule(index, at: Self.step(from: deadline))
        }
    }

    mutating func entropy(for index: Int) -> UInt64 { linkRandom[index].next() }

    // MARK: - What is there

    func address(of index: Int) -> Address { radios[index].address }

    func peer(of link: LinkID, at index: Int) -> (node: Int, link: LinkID)? {
        guard let number = radios[index].record(of: link) else { return nil }
        let record = records[Int(number)]
        return Int(record.central) == index
            ? (Int(record.peripheral), record.peripheralID) : (Int(record.central), record.centralID)
    }

    func carries(_ link: LinkID, at index: Int) -> Bool {
        radios[index].record(of: link).map { records[Int($0)].silentSince == nil } ?? false
    }

    func rssi(of other: Int, at index: Int) -> Int8? { neighbourhood.neighbour(other, of: index)?.rssi }

    func isQuiet(_ index: Int) -> Bool {
        guard !radios[index].inbox.holdsLinkEvents, radios[index].attempt == nil else { return false }
        return radios[index].links.allSatisfy { end in
            let record = records[Int(end.record)]
            return record.silentSince == nil && record.fromCentral.isEmpty && record.fromPeripheral.isEmpty
        }
    }

    // MARK: - Faults

    mutating func powerOff(_ index: Int) {
        isPowered[index] = false
        for end in radios[index].links {
            silence(end.record)
        }
        forgetAttempt(of: index)
        radios[index].advertising = nil
    }

    mutating func powerOn(_ index: Int) {
        isPowered[index] = true
        for end in radios[index].links {
            // Partners that have not noticed yet lose their end now.
            close(end.record, by: index, local: .connectionTimeout, remote: .connectionTimeout)
        }
        radios[index] = FakeRadio(address: radios[index].address, after: radios[index])
    }

    mutating func reset(_ index: Int) {
        for end in radios[index].links {
            close(end.record, by: index, local: .localHostTerminated, remote: .remoteUserTerminated)
        }
        forgetAttempt(of: index)
        radios[index] = FakeRadio(address: radios[index].address, after: radios[index])
    }

    mutating func vanish(_ index: Int) {
        isAway[index] = true
        for end in radios[index].links {
            silence(end.record)
        }
    }

    func hasVanished(_ index: Int) -> Bool { isAway[index] }

    mutating func endLink(between one: Int, _ other: Int, local: HCIStatus, remote: HCIStatus) -> Bool {
        guard let record = record(between: one, other) else { return false }
        close(record, by: one, local: local, remote: remote)
        return true
    }

    mutating func block(_ one: Int, _ other: Int) {
        blocked.insert(Self.pair(one, other))
        if let record = record(between: one, other) {
            silence(record)
        }
    }

    mutating func unblock(_ one: Int, _ other: Int) {
        blocked.remove(Self.pair(one, other))
        if let record = record(between: one, other), isPowered[one], isPowered[other], !isAway[one], !isAway[other] {
            records[Int(record)].silentSince = nil
            ask(one)
            ask(other)
        }
    }

    func isBlocked(_ one: Int, _ other: Int) -> Bool {
        !blocked.isEmpty && blocked.contains(Self.pair(one, other))
    }

    private func record(between one: Int, _ other: Int) -> Int32? {
        for end in radios[one].links {
            let record = records[Int(end.record)]
            if Int(record.central) == other || Int(record.peripheral) == other { return end.record }
        }
        return nil
    }

    private mutating func silence(_ record: Int32) {
        guard records[Int(record)].silentSince == nil else { return }
        records[Int(record)].silentSince = now
        ask(Int(records[Int(record)].central))
        ask(Int(records[Int(record)].peripheral))
    }

    private static func pair(_ one: Int, _ other: Int) -> UInt64 {
        UInt64(min(one, other)) << 32 | UInt64(max(one, other))
    }
}
