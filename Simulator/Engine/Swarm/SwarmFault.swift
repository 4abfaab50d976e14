public import MeshConfiguration
public import MeshWire

/// Something that goes wrong in a case of a swarm.
public struct SwarmFault: Sendable, Equatable {
    /// What may go wrong: of all that a timeline can do, what is drawn.
    public enum Kind: Sendable, Equatable {
        /// Nodes lose power.
        case powerOff([NodeID])
        /// Nodes restart.
        case reboot([NodeID])
        /// Nothing passes between two nodes.
        case blockLink(NodeID, NodeID)
        /// Nothing passes between some nodes and all others.
        case partition([NodeID])
        /// Radios fail.
        case adapterReset([NodeID])
        /// Something between the air and nodes is not as it should be.
        case disturb([NodeID], Disturbance)
        /// A node jumps, in metres.
        case move(NodeID, x: Double, y: Double)
    }

    /// What.
    public var kind: Kind
    /// When, from the start.
    public var atMicroseconds: UInt64
    /// How long, nil if it does not last.
    public var forMicroseconds: UInt64?

    /// A fault.
    public init(_ kind: Kind, atMicroseconds: UInt64, forMicroseconds: UInt64? = nil) {
        self.kind = kind
        self.atMicroseconds = atMicroseconds
        self.forMicroseconds = forMicroseconds
    }

    /// The entry of a timeline.
    var entry: TimelineEntry {
        func references(_ nodes: [NodeID]) -> [NodeReference] { nodes.map { .node($0) } }
        let action: TimelineAction =
            switch kind {
            case .powerOff(let nodes): .powerOff(references(nodes))
            case .reboot(let nodes): .reboot(references(nodes))
            case .blockLink(let one, let other): .blockLink(one, other)
            case .partition(let nodes): .partition([references(nodes)])
            case .adapterReset(let nodes): .adapterReset(references(nodes))
            case .disturb(let nodes, let disturbance): .disturb(references(nodes), disturbance)
            case .move(let node, let x, let y): .move(node, x: x, y: y)
            }
        return TimelineEntry(atMicroseconds: atMicroseconds, action: action, forMicroseconds: forMicroseconds)
    }

    /// The fault without some nodes; nil if nothing is left of it.
    func removing(_ removed: Set<NodeID>) -> SwarmFault? {
        func kept(_ nodes: [NodeID]) -> [NodeID]? {
            let kept = nodes.filter { !removed.contains($0) }
            return kept.isEmpty ? nil : kept
        }
        let left: Kind? =
            switch kind {
            case .powerOff(let nodes): kept(nodes).map { .powerOff($0) }
            case .reboot(let nodes): kept(nodes).map { .reboot($0) }
            case .blockLink(let one, let other): removed.isDisjoint(with: [one, other]) ? kind : nil
            case .partition(let nodes): kept(nodes).map { .partition($0) }
            case .adapterReset(let nodes): kept(nodes).map { .adapterReset($0) }
            case .disturb(let nodes, let disturbance): kept(nodes).map { .disturb($0, disturbance) }
            case .move(let node, _, _): removed.contains(node) ? nil : kind
            }
        return left.map { SwarmFault($0, atMicroseconds: atMicroseconds, forMicroseconds: forMicroseconds) }
    }
}

extension SwarmFault.Kind {
    /// Whether it goes on until it is undone.
    var lasts: Bool {
        switch self {
        case .reboot, .move: false
        default: true
        }
    }
}
