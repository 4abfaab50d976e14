package import MeshCore
import MeshWire
import RadioPort

/// What is checked: how many nodes, how they are configured, and how much may happen to them.
package struct Model: Sendable {
    /// Nodes, 2...4.
    package var nodes = 3
    /// How clusters form.
    package var clustering = ClusteringMode.graft
    /// Crashes, broken links and hang-ups together.
    package var faults = 1
    /// Connects between any two nodes at any moment, whatever they advertise; nil: without limit.
    package var connects: Int? = 4
    /// Voluntary acts of roots: a greater rank, the role handed to a child, the role asked for without need.
    package var acts = 0
    /// Advertisements heard as they are at that moment; nil: without limit.
    package var hearings: Int? = 0
    /// Whether broken links may be re-established.
    package var suspends = true
    /// Whether a crash may also lose the stored state; the ids of such a node are smaller than all others, not greater.
    package var forgets = true
    /// Whether of two nodes only one connects, always the same.
    package var connectsOneWay = false
    /// Whether nodes may connect although one of them still has an older link to the other.
    package var connectsTwice = true
    /// Ranks at the start; from the number of nodes on, the size of a cluster no longer raises them.
    package var ranks: [UInt32] = [1]
    /// Links that are made, one after the other, before the search begins: from, to, nodes counted from 1.
    package var opening: [(from: UInt8, to: UInt8)] = []
    /// Mesh links as peripheral and as central.
    package var slots: (incoming: UInt8, outgoing: UInt8) = (2, 3)
    /// The rule that is broken on purpose.
    package var plantedFaults: PlantedFaults = []
    /// Whether nodes tell what they decide; changes nothing else.
    var tracing = false

    /// Three nodes that graft, one fault, four connects.
    package init() {}

    /// The configuration of every node: without anything that sends messages of other kinds, and without chance.
    var configuration: Configuration {
        var configuration = Configuration(clustering: clustering)
        configuration.accessBroadcast = false
        configuration.liveReportLevel = 0
        configuration.meshInLinks = slots.incoming
        configuration.meshOutLinks = slots.outgoing
        configuration.tracing = tracing
        configuration.attemptsBeforeBackOff = 255
        configuration.graft.collecting = 0
        configuration.graft.askDelayPerHop = 0
        configuration.graft.jitter = 0
        configuration.graft.plantedFaults = plantedFaults
        if !suspends {
            configuration.timing.reestablishmentMinimumAge = 1_000_000_000_000
        }
        return configuration
    }

    /// In one line, as in tables.
    package var summary: String {
        var parts = ["\(nodes) nodes", "F=\(faults)", "C=\(connects.map(String.init) ?? "∞")", "P=\(acts)"]
        if hearings != 0 { parts.append("H=\(hearings.map(String.init) ?? "∞")") }
        if !opening.isEmpty { parts.append("after " + opening.map { "\($0.from)-\($0.to)" }.joined(separator: ",")) }
        if suspends { parts.append("suspension") }
        if ranks != [1] { parts.append("ranks " + ranks.map(String.init).joined(separator: "/")) }
        if forgets { parts.append("forgetting") }
        if connectsTwice { parts.append("second links") }
        if connectsOneWay { parts.append("one way") }
        if slots != (2, 3) { parts.append("slots \(slots.incoming)/\(slots.outgoing)") }
        return parts.joined(separator: ", ")
    }
}

/// The rules that can be broken on purpose, by the names of the report on the abstract model.
package enum Variant: String, CaseIterable, Sendable {
    /// Nothing is broken.
    case correct
    /// Any node may concede, root or not.
    case nonroot
    /// Concede to any other key.
    case noorder
    /// The cut-off part keeps its key.
    case noepoch
    /// The role is handed over and kept.
    case twotokens
    /// The cut-off part takes a fresh key that is not greater.
    case lowfresh
    /// A node left alone keeps its engaged links.
    case keepeng

    /// What is planted.
    package var faults: PlantedFaults {
        switch self {
        case .correct: []
        case .nonroot: .anyNodeConcedes
        case .noorder: .concedesToAnyKey
        case .noepoch: .cutOffPartKeepsKey
        case .twotokens: .keepsHandedOverRole
        case .lowfresh: .freshKeyIsLow
        case .keepeng: .keepsEngagedLinks
        }
    }

    /// What is wrong, in words.
    package var text: String {
        switch self {
        case .correct: "the code as it is"
        case .nonroot: "any node may concede"
        case .noorder: "concede to any other key"
        case .noepoch: "cut-off part keeps its key"
        case .twotokens: "role handed over and kept"
        case .lowfresh: "fresh key not greater"
        case .keepeng: "engaged links kept when alone"
        }
    }
}

/// One thing that happens, to one node but for the setting up of links.
package enum Action: Hashable, Sendable {
    /// The first write on its way to an end of a wire arrives.
    case deliver(wire: UInt8, end: UInt8)
    /// An end of a wire hears that it is gone.
    case notice(wire: UInt8, end: UInt8)
    /// A lost link is connected again by its central.
    case resume(node: UInt8)
    /// A node tries again to re-establish a link.
    case retry(node: UInt8)
    /// A node hears an advertisement that makes it connect to another, true or not.
    case connect(from: UInt8, to: UInt8)
    /// A node hears what another advertises.
    case hear(node: UInt8, of: UInt8)
    /// A wire breaks; each end notices in its own time. What was on its way may have been confirmed.
    case breakWire(UInt8, confirmed: Bool)
    /// A node closes a link of the tree.
    case hangUp(node: UInt8, partner: UInt8)
    /// A node crashes and boots, with what it had stored or without.
    case crash(node: UInt8, keepsState: Bool)
    /// Something runs out of time: a kind and a slot.
    case lapse(node: UInt8, Lapse)
    /// A pause between attempts at a neighbour is over.
    case pauseEnds(node: UInt8, of: UInt8)
    /// A root acts of its own accord.
    case act(node: UInt8, VoluntaryAct)
    /// A node hears somebody of a greater cluster that it cannot reach.
    case want(node: UInt8)
    /// No more faults from here on.
    case settle
}

extension Action {
    /// The action in 32 bits, for tables with millions of them.
    var packed: UInt32 {
        func pack(_ kind: UInt32, _ first: UInt8 = 0, _ second: UInt8 = 0, _ third: UInt8 = 0) -> UInt32 {
            kind << 24 | UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
        }
        return switch self {
        case .deliver(let wire, let end): pack(0, wire, end)
        case .notice(let wire, let end): pack(1, wire, end)
        case .resume(let node): pack(2, node)
        case .retry(let node): pack(3, node)
        case .connect(let from, let to): pack(4, from, to)
        case .hear(let node, let of): pack(5, node, of)
        case .breakWire(let wire, let confirmed): pack(6, wire, confirmed ? 1 : 0)
        case .hangUp(let node, let partner): pack(7, node, partner)
        case .crash(let node, let keepsState): pack(8, node, keepsState ? 1 : 0)
        case .lapse(let node, .link(let slot)): pack(9, node, 0, slot)
        case .lapse(let node, .roleHold): pack(9, node, 1)
        case .lapse(let node, .call): pack(9, node, 2)
        case .lapse(let node, .knock): pack(9, node, 3)
        case .lapse(let node, .reservation): pack(9, node, 4)
        case .lapse(let node, .decision): pack(9, node, 5)
        case .pauseEnds(let node, let of): pack(10, node, of)
        case .act(let node, .raiseRank): pack(11, node)
        case .act(let node, .handOver(let slot)): pack(12, node, slot)
        case .want(let node): pack(13, node)
        case .settle: pack(14)
        }
    }

    init(packed: UInt32) {
        let first = UInt8(truncatingIfNeeded: packed >> 16)
        let second = UInt8(truncatingIfNeeded: packed >> 8)
        let third = UInt8(truncatingIfNeeded: packed)
        switch packed >> 24 {
        case 0: self = .deliver(wire: first, end: second)
        case 1: self = .notice(wire: first, end: second)
        case 2: self = .resume(node: first)
        case 3: self = .retry(node: first)
        case 4: self = .connect(from: first, to: second)
        case 5: self = .hear(node: first, of: second)
        case 6: self = .breakWire(first, confirmed: second == 1)
        case 7: self = .hangUp(node: first, partner: second)
        case 8: self = .crash(node: first, keepsState: second == 1)
        case 9:
            let lapses: [Lapse] = [.link(third), .roleHold, .call, .knock, .reservation, .decision]
            self = .lapse(node: first, lapses[Int(second)])
        case 10: self = .pauseEnds(node: first, of: second)
        case 11: self = .act(node: first, .raiseRank)
        case 12: self = .act(node: first, .handOver(second))
        case 13: self = .want(node: first)
        default: self = .settle
        }
    }
}
