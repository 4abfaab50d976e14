import MeshConfiguration
import MeshCore
import RadioFake
import RadioPort

/// The `ble` radio: Bluetooth LE as it is on air.
///
/// Everything happens at its own nanosecond, in the order of ``AirQueue``. Cost grows with packets that somebody receives:
///
/// - An advertising event looks for neighbours whose scan window is open on its channel. If there are none, that was all.
/// - A link that has nothing to carry has no events in the queue. Where its anchors lie is known (``LowEnergyLink``); whether
///   its partners still hear each other is found out when supervision would end it, by looking back from there for the last
///   event that went well (``lookBack(_:)``). Since chance is a function (``AirDraws``), that comes out as if every event had
///   been worked through.
///
/// A radio does one thing at a time. Of two connection events that overlap, the one that began first is held and the other
/// missed; advertising gives way to connection events, and scanning to both.
///
/// Left out: collisions of links on data channels (37 channels, hopping), backoff of scan requests (nobody scans actively), and
/// drift of the timers of hosts.
struct LowEnergyAir: RadioModel {
    /// Somebody's turn.
    struct Turn: Sendable {
        var node: Int32
        /// Who was heard; -1: nobody.
        var sender: Int32 = -1
        var rssi: Int8 = 0
    }

    let settings: LowEnergySettings
    let traits: ControllerTraits
    let draws: AirDraws
    let propagation: Propagation
    /// By how much a packet must be stronger than another to survive it, in thousandths of a dB.
    let capture: Int
    var interference: Interference
    var noise: NoiseFloor
    var audibility: Audibility
    var stations: ContiguousArray<Station>
    var scans: ScanTable
    /// What came by at each station.
    var arrivals: ContiguousArray<Arrivals>
    /// How many try to connect to each station.
    var suitors: ContiguousArray<Int32>
    var links: ContiguousArray<LowEnergyLink> = []
    /// Both ends of every link: that of the central, then that of the peripheral.
    var ends: ContiguousArray<LinkEnd> = []
    var freeLinks: ContiguousArray<Int32> = []
    var lastStamp: UInt32 = 0
    var queue = AirQueue()
    /// Memory for those who listen to an advertising event, while nobody needs it.
    var spareWitnesses: ContiguousArray<ContiguousArray<Station.Witness>> = []
    /// Pairs that cannot hear each other, as smaller index · 2^32 + larger.
    var blocked: Set<UInt64> = []

    private var turns: ContiguousArray<Turn> = []
    private var nextPosition = 0
    private var current = Turn(node: -1)
    /// In nanoseconds.
    private(set) var clock: UInt64 = 0
    var linksMade = 0
    var receptions = 0

    init(placement: Placement, seed: UInt64, settings: LowEnergySettings) {
        self.settings = settings
        traits = ControllerTraits(settings.controller)
        draws = AirDraws(seed: Streams.seed(of: seed, stream: Streams.air))
        propagation = Propagation(settings, draws: draws)
        capture = Int((settings.capture * 1000).rounded())
        interference = Interference(settings)
        audibility = Audibility(placement.sites, propagation, walls: settings.walls)
        noise = NoiseFloor(nodes: placement.sites.count)
        let count = placement.sites.count
        stations = ContiguousArray(repeating: Station(), count: count)
        scans = ScanTable(count: count)
        arrivals = ContiguousArray(repeating: Arrivals(), count: count)
        suitors = ContiguousArray(repeating: 0, count: count)
        for index in 0..<count {
            let drift = AirDraws.uniform(draws.word(.clock, index), below: UInt64(2 * settings.clockPPM + 1))
            stations[index].clockPPM = Int(drift) - settings.clockPPM
            makeReady(index)
            scheduleSilence(of: index)
        }
    }

    // MARK: - Time

    /// The timeline and expectations are looked at every millisecond.
    let stepMicroseconds: UInt64 = 1_000

    var now: Instant { Instant(microseconds: clock / Airtime.microsecond) }

    /// Nodes do not boot in step: they are switched on within some time.
    func bootDelay(of index: Int) -> UInt64 {
        AirDraws.uniform(draws.word(.boot, index), below: settings.bootSpreadMicroseconds + 1)
    }

    // MARK: - Turns

    mutating func nextTurn(before end: Instant) -> Int? {
        let limit = end.microseconds * Airtime.microsecond
        while true {
            if nextPosition < turns.count {
                current = turns[nextPosition]
                nextPosition += 1
                return Int(current.node)
            }
            if nextPosition > 0 {
                turns.removeAll(keepingCapacity: true)
                nextPosition = 0
            }
            guard let event = queue.pop(before: limit) else {
                clock = limit
                return nil
            }
            clock = event.time
            happen(event)
        }
    }

    mutating func beginTurn(of index: Int) {}

    mutating func nextEvent(for index: Int) -> RadioEvent? {
        guard stations[index].due > 0 else { return nil }
        stations[index].due -= 1
        guard case .event(let event)? = stations[index].inbox.popFirst() else { return nil }
        return event
    }

    mutating func endTurn(of index: Int, deadline: Instant?) {
        guard let deadline else { return }
        let time = max(clock, deadline.microseconds * Airtime.microsecond)
        guard time < stations[index].wakeTime else { return }
        stations[index].wakeTime = time
        queue.push(.wake, Int32(index), at: time)
    }

    // MARK: - Hearing

    /// Whether the node whose turn it is received an advertisement and was not told.
    @inline(__always)
    var hasHeard: Bool { current.sender >= 0 }

    /// Tells the node whose turn it is what it received.
    mutating func tell(_ node: inout Node, into outputs: inout Outputs) {
        let sender = Int(current.sender)
        current.sender = -1
        guard let broadcast = stations[sender].airing.broadcast else { return }
        node.hear(broadcast.content, rssi: current.rssi, at: now, into: &outputs)
    }

    /// Takes what the node whose turn it is received, as its radio tells it.
    mutating func takeHeard() -> RadioEvent? {
        let sender = Int(current.sender)
        current.sender = -1
        return advertisement(of: sender, rssi: current.rssi)
    }

    @inline(__always)
    private func advertisement(of sender: Int, rssi: Int8) -> RadioEvent? {
        guard let advertising = stations[sender].airing.broadcast?.advertising else { return nil }
        return .advertisement(
            address: address(of: sender),
            rssi: rssi,
            connectable: advertising.connectable,
            data: advertising.data
        )
    }

    mutating func ask(_ index: Int) { turns.append(Turn(node: Int32(index))) }

    /// A node heard another.
    mutating func report(_ sender: Int, to index: Int, rssi: Int8) {
        receptions += 1
        guard traits.hostDelay > 0 || traits.hostJitter > 0 else {
            turns.append(Turn(node: Int32(index), sender: Int32(sender), rssi: rssi))
            return
        }
        guard let event = advertisement(of: sender, rssi: rssi) else { return }
        tell(index, event, at: clock)
    }

    /// Sends an event to a host: it gets there after the delay of the controller, and behind those sent before.
    mutating func tell(_ index: Int, _ event: RadioEvent, at time: UInt64) {
        guard stations[index].isPowered, !stations[index].isSilent else { return }
        var time = time
        if traits.hostDelay > 0 || traits.hostJitter > 0 {
            let word = draws.word(.hostDelay, index, at: time)
            time += traits.hostDelay + AirDraws.uniform(word, below: traits.hostJitter + 1)
        }
        time = max(time, clock, stations[index].inboxTime)
        stations[index].inboxTime = time
        stations[index].inbox.append(.event(event))
        if time == clock {
            stations[index].due += 1
            ask(index)
        } else {
            queue.push(.inbox, Int32(index), at: time)
        }
    }

    private mutating func happen(_ event: AirEvent) {
        let subject = Int(event.subject)
        switch event.kind {
        case .wake:
            guard stations[subject].wakeTime == event.time else { return }
            stations[subject].wakeTime = .max
            ask(subject)
        case .inbox:
            guard stations[subject].due < stations[subject].inbox.count else { return }
            stations[subject].due += 1
            ask(subject)
        case .advertise: advertise(subject, stamp: event.stamp)
        case .advertised: settleAdvertising(of: subject)
        case .attemptDeadline:
            guard stations[subject].attempt != nil, stations[subject].attemptStamp == event.stamp else { return }
            endAttempt(of: subject, reason: .connectionTimeout)
        case .connectionEvent:
            guard links[subject].stamp == event.stamp else { return }
            runConnectionEvent(subject)
        case .supervision:
            guard links[subject].stamp == event.stamp else { return }
            supervise(subject)
        case .instant:
            guard links[subject].stamp == event.stamp else { return }
            adoptParameters(subject)
        case .controller: failController(subject, stage: event.stamp)
        }
    }

    // MARK: - What is there

    func address(of index: Int) -> Address { Simulation.address(of: index) }

    /// Index of the node that has an address, nil if none has.
    @inline(__always)
    func node(at address: Address) -> Int? {
        let index = Int(address.value & 0x3FFF_FFFF_FFFF) - 1
        return stations.indices.contains(index) && self.address(of: index) == address ? index : nil
    }

    func peer(of link: LinkID, at index: Int) -> (node: Int, link: LinkID)? {
        guard let record = stations[index].record(of: link).map(Int.init) else { return nil }
        let other = 2 * record + 1 - links[record].end(of: index)
        return ends[other].isUp ? (Int(ends[other].node), ends[other].id) : nil
    }

    func carries(_ link: LinkID, at index: Int) -> Bool {
        guard let peer = peer(of: link, at: index) else { return false }
        return isInTouch(index, peer.node)
    }

    func rssi(of other: Int, at index: Int) -> Int8? {
        audibility.strength(of: other, at: index).map(Propagation.reading)
    }

    func isQuiet(_ index: Int) -> Bool {
        guard !stations[index].inbox.holdsLinkEvents, stations[index].attempt == nil else { return false }
        return stations[index].links.allSatisfy { end in
            let record = Int(end.record)
            return (0...1).allSatisfy { ends[2 * record + $0].isUp && ends[2 * record + $0].queue.isEmpty }
                && isInTouch(links[record].central, links[record].peripheral)
        }
    }

    /// Whether anything can pass between two nodes at all.
    @inline(__always)
    func isInTouch(_ one: Int, _ other: Int) -> Bool {
        isOnAir(one) && isOnAir(other) && !isBlocked(one, other)
    }

    @inline(__always)
    func isBlocked(_ one: Int, _ other: Int) -> Bool {
        !blocked.isEmpty && blocked.contains(Self.pair(one, other))
    }

    /// Whether either end has a link.
    @inline(__always)
    func isUp(_ record: Int) -> Bool { ends[2 * record].isUp || ends[2 * record + 1].isUp }

    @inline(__always)
    func isOnAir(_ index: Int) -> Bool {
        stations[index].isPowered && !stations[index].isAway && !stations[index].isSilent
    }

    static func pair(_ one: Int, _ other: Int) -> UInt64 {
        UInt64(min(one, other)) << 32 | UInt64(max(one, other))
    }

    mutating func entropy(for index: Int) -> UInt64 {
        stations[index].commands += 1
        return draws.word(.entropy, index, at: stations[index].commands)
    }
}
