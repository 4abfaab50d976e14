import MeshConfiguration
import MeshCore
import RadioPort

/// The air of a simulation: one of the radio models, whichever the options choose.
///
/// Both are there, but only the chosen one has nodes, and every call goes to that one. Stored side by side rather than in an
/// enumeration, because they are changed where they lie.
struct Air: RadioModel {
    private let profile: RadioProfile
    private var reference: ReferenceAir
    private var lowEnergy: LowEnergyAir

    init(placement: Placement, seed: UInt64, options: Simulation.Options) {
        profile = options.radio
        let nobody = Placement(Layout(nodes: []))
        reference = ReferenceAir(
            placement: profile == .reference ? placement : nobody,
            seed: seed,
            timing: options.configuration.timing
        )
        lowEnergy = LowEnergyAir(
            placement: profile == .ble ? placement : nobody,
            seed: seed,
            settings: options.lowEnergy
        )
    }

    @inline(__always)
    var stepMicroseconds: UInt64 { profile == .reference ? reference.stepMicroseconds : lowEnergy.stepMicroseconds }
    @inline(__always)
    var now: Instant { profile == .reference ? reference.now : lowEnergy.now }
    var linksMade: Int { profile == .reference ? reference.linksMade : lowEnergy.linksMade }
    var receptions: Int { profile == .reference ? reference.receptions : lowEnergy.receptions }

    // MARK: - Turns

    mutating func nextTurn(before end: Instant) -> Int? {
        switch profile {
        case .reference: reference.nextTurn(before: end)
        case .ble: lowEnergy.nextTurn(before: end)
        }
    }

    mutating func beginTurn(of index: Int) {
        switch profile {
        case .reference: reference.beginTurn(of: index)
        case .ble: lowEnergy.beginTurn(of: index)
        }
    }

    mutating func nextEvent(for index: Int) -> RadioEvent? {
        switch profile {
        case .reference: reference.nextEvent(for: index)
        case .ble: lowEnergy.nextEvent(for: index)
        }
    }

    mutating func endTurn(of index: Int, deadline: Instant?) {
        switch profile {
        case .reference: reference.endTurn(of: index, deadline: deadline)
        case .ble: lowEnergy.endTurn(of: index, deadline: deadline)
        }
    }

    // MARK: - Hearing: under the `ble` radio of one advertisement in a turn, under `reference` of many, and later

    /// Whether a node was not told of all that it received.
    @inline(__always)
    func hasHeard(_ index: Int) -> Bool {
        profile == .reference ? reference.hasHeard(index) : lowEnergy.hasHeard
    }

    /// Whether a node may be told of what it received later than in the turn in which it did.
    @inline(__always)
    var tellsLate: Bool { profile == .reference }

    /// Whether a node should be told of what it received in earlier steps before its turn goes on.
    @inline(__always)
    func mustHear(_ index: Int) -> Bool { profile == .reference && reference.mustHear(index) }

    /// Tells a node of some of what it received, up to the first that something follows from.
    ///
    /// - Returns: how much that was.
    mutating func tell(_ node: inout Node, at index: Int, _ part: HeardPart, into outputs: inout Outputs) -> Int {
        if profile == .reference { return reference.tell(&node, at: index, part, into: &outputs) }
        guard part != .earlier, lowEnergy.hasHeard else { return 0 }
        lowEnergy.tell(&node, into: &outputs)
        return 1
    }

    /// Brings a copy of a node up to date.
    func remind(_ node: inout Node, at index: Int) {
        if profile == .reference { reference.remind(&node, at: index) }
    }

    /// Takes the oldest reception of a part.
    mutating func nextHeard(_ part: HeardPart, of index: Int) -> (event: RadioEvent, at: Instant)? {
        if profile == .reference { return reference.nextHeard(part, of: index) }
        guard part != .earlier, lowEnergy.hasHeard else { return nil }
        return lowEnergy.takeHeard().map { ($0, now) }
    }

    /// Sets when a node is told of what it receives.
    mutating func setHearing(of index: Int, isLate: Bool, origin: Instant, tickMicroseconds: UInt64) {
        guard profile == .reference else { return }
        reference.setHearing(of: index, isLate: isLate, origin: origin, tickMicroseconds: tickMicroseconds)
    }

    // MARK: - Asking

    mutating func ask(_ index: Int) {
        switch profile {
        case .reference: reference.ask(index)
        case .ble: lowEnergy.ask(index)
        }
    }

    // MARK: - Nodes

    /// Microseconds that a node needs to boot once it has power; nil where it takes no time.
    func bootDelay(of index: Int) -> UInt64? { profile == .ble ? lowEnergy.bootDelay(of: index) : nil }

    mutating func perform(_ command: RadioCommand, by index: Int) {
        switch profile {
        case .reference: reference.perform(command, by: index)
        case .ble: lowEnergy.perform(command, by: index)
        }
    }

    mutating func entropy(for index: Int) -> UInt64 {
        switch profile {
        case .reference: reference.entropy(for: index)
        case .ble: lowEnergy.entropy(for: index)
        }
    }

    func address(of index: Int) -> Address { Simulation.address(of: index) }

    // MARK: - Links

    func peer(of link: LinkID, at index: Int) -> (node: Int, link: LinkID)? {
        switch profile {
        case .reference: reference.peer(of: link, at: index)
        case .ble: lowEnergy.peer(of: link, at: index)
        }
    }

    func carries(_ link: LinkID, at index: Int) -> Bool {
        switch profile {
        case .reference: reference.carries(link, at: index)
        case .ble: lowEnergy.carries(link, at: index)
        }
    }

    func rssi(of other: Int, at index: Int) -> Int8? {
        switch profile {
        case .reference: reference.rssi(of: other, at: index)
        case .ble: lowEnergy.rssi(of: other, at: index)
        }
    }

    func hasVanished(_ index: Int) -> Bool {
        switch profile {
        case .reference: reference.hasVanished(index)
        case .ble: lowEnergy.hasVanished(index)
        }
    }

    func isQuiet(_ index: Int) -> Bool {
        switch profile {
        case .reference: reference.isQuiet(index)
        case .ble: lowEnergy.isQuiet(index)
        }
    }

    // MARK: - Faults

    mutating func powerOff(_ index: Int) {
        switch profile {
        case .reference: reference.powerOff(index)
        case .ble: lowEnergy.powerOff(index)
        }
    }

    mutating func powerOn(_ index: Int) {
        switch profile {
        case .reference: reference.powerOn(index)
        case .ble: lowEnergy.powerOn(index)
        }
    }

    mutating func reset(_ index: Int) {
        switch profile {
        case .reference: reference.reset(index)
        case .ble: lowEnergy.reset(index)
        }
    }

    mutating func vanish(_ index: Int) {
        switch profile {
        case .reference: reference.vanish(index)
        case .ble: lowEnergy.vanish(index)
        }
    }

    mutating func endLink(between one: Int, _ other: Int, local: HCIStatus, remote: HCIStatus) -> Bool {
        switch profile {
        case .reference: reference.endLink(between: one, other, local: local, remote: remote)
        case .ble: lowEnergy.endLink(between: one, other, local: local, remote: remote)
        }
    }

    mutating func block(_ one: Int, _ other: Int) {
        switch profile {
        case .reference: reference.block(one, other)
        case .ble: lowEnergy.block(one, other)
        }
    }

    mutating func unblock(_ one: Int, _ other: Int) {
        switch profile {
        case .reference: reference.unblock(one, other)
        case .ble: lowEnergy.unblock(one, other)
        }
    }

    /// Moves a node; the `reference` radio, which knows its neighbourhoods from the start, does not.
    mutating func move(_ index: Int, to site: Placement.Site) {
        guard profile == .ble else { return }
        lowEnergy.move(index, to: site)
    }

    /// Begins or ends to jam channels, one bit each; not under the `reference` radio, which has none.
    mutating func setJammed(_ isJammed: Bool, _ channels: UInt64) {
        guard profile == .ble else { return }
        lowEnergy.setJammed(isJammed, channels)
    }

    /// Puts up a wall that takes some dB; not under the `reference` radio, which has none.
    mutating func raise(_ wall: RadioWall) {
        guard profile == .ble else { return }
        lowEnergy.raise(wall)
    }

    /// Takes away a wall, if there is one along that line, with that loss if one is given.
    mutating func removeWall(_ segment: Segment, lossDecibels: Double?) {
        guard profile == .ble else { return }
        lowEnergy.removeWall(segment, lossDecibels: lossDecibels)
    }

    /// Noise comes up at nodes, or is over there; not under the `reference` radio, which has none.
    mutating func setNoisy(_ isNoisy: Bool, at nodes: [Int], riseDecibels: Double, channels: UInt64) {
        guard profile == .ble else { return }
        lowEnergy.setNoisy(isNoisy, at: nodes, riseDecibels: riseDecibels, channels: channels)
    }
}
