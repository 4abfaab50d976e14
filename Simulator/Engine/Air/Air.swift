import MeshConfiguration
import MeshCore
import RadioPort

/// The air of a simulation: one of the radio models, whichever the options choose.
///
/// Exactly one of the two is there, and every call goes to that one. Optionals rather than an enumeration, because they are
/// mutated where they lie.
struct Air: RadioModel {
    private var reference: ReferenceAir?
    private var lowEnergy: LowEnergyAir?

    init(placement: Placement, seed: UInt64, options: Simulation.Options) {
        switch options.radio {
        case .reference:
            reference = ReferenceAir(placement: placement, seed: seed, scan: options.configuration.timing.scanHigh)
        case .ble:
            lowEnergy = LowEnergyAir(placement: placement, seed: seed, settings: options.lowEnergy)
        }
    }

    var stepMicroseconds: UInt64 { reference?.stepMicroseconds ?? lowEnergy?.stepMicroseconds ?? 1 }
    var now: Instant {
        if let now = reference?.now { return now }
        return lowEnergy?.now ?? .zero
    }
    var linksMade: Int { reference?.linksMade ?? lowEnergy?.linksMade ?? 0 }
    var receptions: Int { reference?.receptions ?? lowEnergy?.receptions ?? 0 }

    // MARK: - Turns

    // Not `??`, here where every event passes: what stands on its right is a closure, for which the whole air would be moved.

    mutating func nextTurn(before end: Instant) -> Int? {
        if reference != nil { return reference?.nextTurn(before: end) }
        return lowEnergy?.nextTurn(before: end)
    }

    mutating func beginTurn(of index: Int) {
        reference?.beginTurn(of: index)
        lowEnergy?.beginTurn(of: index)
    }

    mutating func nextEvent(for index: Int) -> RadioEvent? {
        if reference != nil { return reference?.nextEvent(for: index) }
        return lowEnergy?.nextEvent(for: index)
    }

    mutating func endTurn(of index: Int, deadline: Instant?) {
        reference?.endTurn(of: index, deadline: deadline)
        lowEnergy?.endTurn(of: index, deadline: deadline)
    }

    mutating func ask(_ index: Int) {
        reference?.ask(index)
        lowEnergy?.ask(index)
    }

    // MARK: - Nodes

    /// Microseconds that a node needs to boot once it has power; nil where it takes no time.
    func bootDelay(of index: Int) -> UInt64? { lowEnergy?.bootDelay(of: index) }

    mutating func perform(_ command: RadioCommand, by index: Int) {
        reference?.perform(command, by: index)
        lowEnergy?.perform(command, by: index)
    }

    mutating func entropy(for index: Int) -> UInt64 {
        reference?.entropy(for: index) ?? lowEnergy?.entropy(for: index) ?? 0
    }

    func address(of index: Int) -> Address { Simulation.address(of: index) }

    // MARK: - Links

    func peer(of link: LinkID, at index: Int) -> (node: Int, link: LinkID)? {
        reference?.peer(of: link, at: index) ?? lowEnergy?.peer(of: link, at: index)
    }

    func carries(_ link: LinkID, at index: Int) -> Bool {
        reference?.carries(link, at: index) ?? lowEnergy?.carries(link, at: index) ?? false
    }

    func rssi(of other: Int, at index: Int) -> Int8? {
        reference?.rssi(of: other, at: index) ?? lowEnergy?.rssi(of: other, at: index)
    }

    func isQuiet(_ index: Int) -> Bool { reference?.isQuiet(index) ?? lowEnergy?.isQuiet(index) ?? true }

    // MARK: - Faults

    mutating func powerOff(_ index: Int) {
        reference?.powerOff(index)
        lowEnergy?.powerOff(index)
    }

    mutating func powerOn(_ index: Int) {
        reference?.powerOn(index)
        lowEnergy?.powerOn(index)
    }

    mutating func reset(_ index: Int) {
        reference?.reset(index)
        lowEnergy?.reset(index)
    }

    mutating func vanish(_ index: Int) {
        reference?.vanish(index)
        lowEnergy?.vanish(index)
    }

    mutating func endLink(between one: Int, _ other: Int, local: HCIStatus, remote: HCIStatus) -> Bool {
        reference?.endLink(between: one, other, local: local, remote: remote)
            ?? lowEnergy?.endLink(between: one, other, local: local, remote: remote) ?? false
    }

    mutating func block(_ one: Int, _ other: Int) {
        reference?.block(one, other)
        lowEnergy?.block(one, other)
    }

    mutating func unblock(_ one: Int, _ other: Int) {
        reference?.unblock(one, other)
        lowEnergy?.unblock(one, other)
    }

    /// Moves a node; the `reference` radio, which knows its neighbourhoods from the start, does not.
    mutating func move(_ index: Int, to site: Placement.Site) { lowEnergy?.move(index, to: site) }

    /// Begins or ends to jam channels, one bit each; not under the `reference` radio, which has none.
    mutating func setJammed(_ isJammed: Bool, _ channels: UInt64) { lowEnergy?.setJammed(isJammed, channels) }
}
