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
    /// Receptions that the node whose turn it is must be told of before the event that it was given.
    private(set) var heardBefore: UInt32?
    /// What is advertised.
    var onAir: OnAir
    /// What nodes have received and not been told of.
    var mail: Mailboxes
    /// Whether nodes receive.
    var ears: ContiguousArray<Ear>
    /// How many of them scan less than with the greatest duty.
    var thinnedEars = 0
    /// Radios that the advertisement of the moment reached.
    var struck: ContiguousArray<Neighbourhood.Neighbour> = []
    /// When nodes are told of what they receive.
    var hearing: ContiguousArray<Hearing>
    var linksMade = 0
    var receptions = 0
    /// One stream per advertiser: who receives.
    var advertiserRandom: ContiguousArray<SeededGenerator>
    /// One stream per node: its connection events.
    var linkRandom: ContiguousArray<SeededGenerator>
    /// For each node those that try to connect to it, by index.
    var initiators: ContiguousArray<ContiguousArray<Int32>>
    var records: ContiguousArray<LinkRecord> = []
    /// Whether a node may have something to send, or a link that is silent.
    var mayCarry: ContiguousArray<Bool>
    private var freeRecords: ContiguousArray<Int32> = []
    /// Pairs that cannot hear each other, as smaller index · 2^32 + larger.
    private var blocked: Set<UInt64> = []
    /// Reception while scanning with the greatest duty, by class.
    let scanChances: InlineArray<4, Bernoulli>
    /// Window and interval in whole milliseconds that ``scanChances`` are for.
    let scanDuty: (window: UInt32, interval: UInt32)

    /// The air over a placement; `timing` has the greatest scan duty of any node.
    init(placement: Placement, seed: UInt64, timing: Timing) {
        let scan = timing.scanHigh
        let count = placement.sites.count
        neighbourhood = Neighbourhood(placement.sites)
        radios = ContiguousArray((0..<count).map { FakeRadio(address: Simulation.address(of: $0)) })
        agenda = Agenda(nodes: count)
        // Receptions wait for a tick at most; the rest is for the rounding of steps.
        onAir = OnAir(nodes: count, hold: timing.tick / Self.stepMicroseconds + 3)
        mail = Mailboxes(nodes: count, neighbours: neighbourhood.count / max(1, count))
        mayCarry = ContiguousArray(repeating: false, count: count)
        ears = ContiguousArray(repeating: .deaf, count: count)
        hearing = ContiguousArray(
            repeating: Hearing(isLate: false, origin: .zero, tickMicroseconds: timing.tick),
            count: count
        )
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

    @inline(__always)
    var stepMicroseconds: UInt64 { Self.stepMicroseconds }

    /// The start of the step being worked on.
    ///
    /// In line, like other small functions here: to call them means to copy the whole air.
    @inline(__always)
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
        heardBefore = nil
        return nextItem(for: index)
    }

    private mutating func nextItem(for index: Int) -> RadioEvent? {
        guard eventsLeft > 0, let item = radios[index].inbox.popFirst() else { return nil }
        eventsLeft -= 1
        switch item {
        case .heard(let number):
            heardBefore = number
            return nextItem(for: index)
        case .event(let event): return event
        case .mtuRequest(let link, let mtu):
            return answerMTU(link: link, mtu: mtu, node: index) ?? nextItem(for: index)
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

    // MARK: - Hearing

    /// Whether a node was not told of all that it received.
    @inline(__always)
    func hasHeard(_ index: Int) -> Bool { mail.count(of: index) > 0 }

    /// Whether a node cannot wait any longer to be told of what it received in earlier steps, or enough waits to be worth it.
    @inline(__always)
    func mustHear(_ index: Int) -> Bool {
        hearing[index].due <= agenda.step || mail.count(of: index) >= Mailboxes.worthTelling
    }

    /// Tells a node of some of what it received, up to the first that something follows from.
    ///
    /// - Returns: how much that was.
    mutating func tell(_ node: inout Node, at index: Int, _ part: HeardPart, into outputs: inout Outputs) -> Int {
        let wanted = count(part, of: index)
        guard wanted > 0 else { return 0 }
        mail.open(wanted, of: index, step: agenda.step)
        let taken = node.hear(mail.opened.span, of: onAir.advertisements.span, into: &outputs)
        mail.remove(taken, of: index)
        askToHear(index)
        return taken
    }

    /// Brings a copy of a node up to date.
    func remind(_ node: inout Node, at index: Int) {
        var outputs = Outputs()
        var mail = mail
        mail.open(count(.earlier, of: index), of: index, step: agenda.step)
        _ = node.hear(mail.opened.span, of: onAir.advertisements.span, into: &outputs)
    }

    /// Takes the oldest reception of a part.
    mutating func nextHeard(_ part: HeardPart, of index: Int) -> (event: RadioEvent, at: Instant)? {
        guard count(part, of: index) > 0, let first = mail.first(of: index, step: agenda.step)
        else { return nil }
        mail.remove(1, of: index)
        askToHear(index)
        return (onAir.event(first), first.at)
    }

    @inline(__always)
    private func count(_ part: HeardPart, of index: Int) -> Int {
        switch part {
        case .earlier: mail.count(of: index, beforeStep: agenda.step)
        case .beforeEvent: heardBefore.map { mail.count(of: index, before: $0) } ?? 0
        case .all: mail.count(of: index, beforeStep: agenda.step + 1)
        }
    }

    /// Sets when a node is told of what it receives.
    mutating func setHearing(of index: Int, isLate: Bool, origin: Instant, tickMicroseconds: UInt64) {
        let old = hearing[index]
        guard old.isLate != isLate || old.origin != origin || old.tickMicroseconds != tickMicroseconds else { return }
        hearing[index] = Hearing(isLate: isLate, origin: origin, tickMicroseconds: tickMicroseconds)
        askToHear(index)
    }

    private mutating func forgetHeard(_ index: Int) {
        mail.remove(mail.count(of: index), of: index)
        hearing[index].due = UInt64.max
    }

    mutating func entropy(for index: Int) -> UInt64 { linkRandom[index].next() }

    // MARK: - What is there

    func address(of index: Int) -> Address { radios[index].address }

    @inline(__always)
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
        stopAdvertising(index)
        forgetHeard(index)
        noteRadio(index)
    }

    mutating func powerOn(_ index: Int) {
        isPowered[index] = true
        for end in radios[index].links {
            // Partners that have not noticed yet lose their end now.
            close(end.record, by: index, local: .connectionTimeout, remote: .connectionTimeout)
        }
        stopAdvertising(index)
        radios[index] = FakeRadio(address: radios[index].address, after: radios[index])
        forgetHeard(index)
        noteRadio(index)
    }

    mutating func reset(_ index: Int) {
        for end in radios[index].links {
            close(end.record, by: index, local: .localHostTerminated, remote: .remoteUserTerminated)
        }
        forgetAttempt(of: index)
        stopAdvertising(index)
        radios[index] = FakeRadio(address: radios[index].address, after: radios[index])
        forgetHeard(index)
        noteRadio(index)
    }

    mutating func vanish(_ index: Int) {
        isAway[index] = true
        noteRadio(index)
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
            wakeEnds(of: record)
        }
    }

    private mutating func wakeEnds(of record: Int32) {
        for index in [records[Int(record)].central, records[Int(record)].peripheral] {
            mayCarry[Int(index)] = true
            ask(Int(index))
        }
    }

    /// Whether any two nodes cannot hear each other.
    @inline(__always)
    var hasBlocked: Bool { !blocked.isEmpty }

    @inline(__always)
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
        wakeEnds(of: record)
    }

    private static func pair(_ one: Int, _ other: Int) -> UInt64 {
        UInt64(min(one, other)) << 32 | UInt64(max(one, other))
    }
}

/// Some of what a node has received.
enum HeardPart {
    /// What it received in earlier steps.
    case earlier
    /// What it received before the event that it was given.
    case beforeEvent
    /// All that it may hear by now.
    case all
}
