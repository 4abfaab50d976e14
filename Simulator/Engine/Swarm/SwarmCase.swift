public import MeshConfiguration
import MeshCore
public import MeshWire

/// Something that goes wrong for a while in a swarm's scenario; what lasts ends when all faults are healed, at the latest.
public enum SwarmFault: Sendable, Equatable {
    /// A node has no power for a while.
    case down(NodeID, at: UInt64, length: UInt64)
    /// A node restarts.
    case reboot(NodeID, at: UInt64)
    /// Two nodes cannot hear each other for a while.
    case block(NodeID, NodeID, at: UInt64, length: UInt64)
    /// Some nodes cannot hear the others for a while.
    case partition([NodeID], at: UInt64, length: UInt64)
    /// A node is carried somewhere else; `ble` only.
    case move(NodeID, x: Double, y: Double, at: UInt64)
}

/// What one run of a swarm is made of: the parts that shrinking takes away, and the scenario that they make.
public struct SwarmCase: Sendable, Equatable {
    /// The seed of the run.
    public var seed: UInt64
    /// The nodes.
    public var layout: Layout
    /// The radio model.
    public var radio: RadioProfile
    /// Levels of the `ble` radio.
    public var lowEnergy: LowEnergySettings
    /// What the nodes share.
    public var network: ScenarioFile.Network
    /// What goes wrong.
    public var faults: [SwarmFault]
    /// When all faults are healed, in microseconds.
    public var healAt: UInt64
    /// How long the nodes have from there to become one cluster, in microseconds.
    public var bound: UInt64

    /// What must hold after every event.
    var invariants: [Invariant] { Invariant.allCases.filter { $0.holds(in: network.clustering) } }

    /// The scenario that runs it.
    public func scenario(file: String) -> ScenarioFile {
        var scenario = ScenarioFile(name: file, durationMicroseconds: healAt + bound, placement: .fixed(layout))
        scenario.question = "Do \(layout.nodes.count) nodes become one cluster once all faults are healed?"
        scenario.seed = seed
        scenario.radio = radio
        scenario.lowEnergy = lowEnergy
        scenario.network = network
        // Swift's sort is stable.
        scenario.timeline = faults.flatMap(entries).sorted { $0.atMicroseconds < $1.atMicroseconds }
        scenario.expectations = [
            .healedWithin(microseconds: bound, afterMicroseconds: healAt), .always(invariants),
        ]
        return scenario
    }

    private func entries(_ fault: SwarmFault) -> [TimelineEntry] {
        func entry(_ at: UInt64, _ action: TimelineAction) -> TimelineEntry {
            TimelineEntry(atMicroseconds: min(at, healAt), action: action)
        }
        switch fault {
        case .down(let node, let at, let length):
            return [entry(at, .powerOff([.node(node)])), entry(at + length, .powerOn([.node(node)]))]
        case .reboot(let node, let at): return [entry(at, .reboot([.node(node)]))]
        case .block(let one, let other, let at, let length):
            return [entry(at, .blockLink(one, other)), entry(at + length, .unblockLink(one, other))]
        case .partition(let inside, let at, let length):
            let outside = layout.nodes.map(\.id).filter { !inside.contains($0) }
            let pairs = inside.flatMap { one in outside.map { (one, $0) } }
            return pairs.map { entry(at, .blockLink($0.0, $0.1)) }
                + pairs.map { entry(at + length, .unblockLink($0.0, $0.1)) }
        case .move(let node, let x, let y, let at): return [entry(at, .move(node, x: x, y: y))]
        }
    }

    /// The case without a node and without the faults that concern it alone.
    func removing(_ removed: Set<NodeID>) -> SwarmCase {
        var copy = self
        copy.layout.nodes.removeAll { removed.contains($0.id) }
        copy.faults = faults.compactMap { fault in
            switch fault {
            case .down(let node, _, _), .reboot(let node, _), .move(let node, _, _, _):
                removed.contains(node) ? nil : fault
            case .block(let one, let other, _, _):
                removed.contains(one) || removed.contains(other) ? nil : fault
            case .partition(let inside, let at, let length):
                .partition(inside.filter { !removed.contains($0) }, at: at, length: length)
            }
        }
        return copy
    }
}
