public import MeshConfiguration
public import MeshWire

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
    /// Nodes of a second network on the same air.
    public var neighbours: [NodeID]
    /// What the nodes send to each other meanwhile; nil: nothing.
    public var traffic: ScenarioFile.Traffic?
    /// What goes wrong; each lasts a time and is over when all is healed.
    public var faults: [TimelineEntry]
    /// When all faults are healed, in microseconds.
    public var healAt: UInt64
    /// How long the nodes have from there to become one cluster, in microseconds.
    public var bound: UInt64

    /// The id of the second network.
    static let neighbourNetwork = NetworkID(12)

    /// The scenario that runs it.
    public func scenario(file: String) -> ScenarioFile {
        var scenario = ScenarioFile(name: file, durationMicroseconds: healAt + bound, placement: .fixed(layout))
        scenario.question = "Do \(layout.nodes.count) nodes become one cluster once all faults are healed?"
        scenario.seed = seed
        scenario.radio = radio
        scenario.lowEnergy = lowEnergy
        scenario.network = network
        if !neighbours.isEmpty { scenario.strangers = [Strangers(nodes: neighbours, network: Self.neighbourNetwork)] }
        scenario.traffic = traffic
        // Swift's sort is stable.
        scenario.timeline = faults.compactMap(cut).sorted { $0.atMicroseconds < $1.atMicroseconds }
        scenario.expectations = [
            .healedWithin(microseconds: bound, afterMicroseconds: healAt),
            .always(invariants),
        ]
        return scenario
    }

    /// What must hold after every event.
    private var invariants: [Invariant] { Invariant.allCases.filter { $0.holds(in: network.clustering) } }

    /// A fault that is over when all is healed; nil if it would begin only then.
    private func cut(_ fault: TimelineEntry) -> TimelineEntry? {
        guard fault.atMicroseconds < healAt else { return nil }
        var fault = fault
        fault.forMicroseconds = fault.forMicroseconds.map { min($0, healAt - fault.atMicroseconds) }
        return fault
    }

    /// Where the nodes stand in the end.
    var finalLayout: Layout {
        var layout = layout
        for case .move(let node, let x, let y) in faults.map(\.action) {
            guard let index = layout.nodes.firstIndex(where: { $0.id == node }) else { continue }
            (layout.nodes[index].xMetres, layout.nodes[index].yMetres) = (x, y)
        }
        return layout
    }

    /// The case without some nodes and without the faults that concern them alone.
    func removing(_ removed: Set<NodeID>) -> SwarmCase {
        var copy = self
        copy.layout.nodes.removeAll { removed.contains($0.id) }
        copy.neighbours.removeAll { removed.contains($0) }
        copy.faults = faults.compactMap { fault in
            var fault = fault
            guard let action = fault.action.removing(removed) else { return nil }
            fault.action = action
            return fault
        }
        return copy
    }
}

extension TimelineAction {
    /// The action without some nodes; nil if nothing is left of it.
    fileprivate func removing(_ removed: Set<NodeID>) -> TimelineAction? {
        func kept(_ references: [NodeReference]) -> [NodeReference]? {
            let kept = references.filter { if case .node(let id) = $0 { !removed.contains(id) } else { true } }
            return kept.isEmpty ? nil : kept
        }
        switch self {
        case .powerOff(let nodes): return kept(nodes).map { .powerOff($0) }
        case .powerOn(let nodes): return kept(nodes).map { .powerOn($0) }
        case .reboot(let nodes): return kept(nodes).map { .reboot($0) }
        case .adapterReset(let nodes): return kept(nodes).map { .adapterReset($0) }
        case .enrol(let nodes): return kept(nodes).map { .enrol($0) }
        case .disturb(let nodes, let disturbance): return kept(nodes).map { .disturb($0, disturbance) }
        case .partition(let groups):
            let groups = groups.compactMap(kept)
            return groups.isEmpty ? nil : .partition(groups)
        case .blockLink(let one, let other), .unblockLink(let one, let other):
            return removed.contains(one) || removed.contains(other) ? nil : self
        case .move(let node, _, _): return removed.contains(node) ? nil : self
        case .walk(var walk):
            walk.nodes.removeAll { removed.contains($0) }
            return walk.nodes.isEmpty ? nil : .walk(walk)
        case .send(var order):
            guard let from = kept(order.from) else { return nil }
            order.from = from
            if case .node(let id) = order.to, removed.contains(id) { return nil }
            return .send(order)
        case .adversary(let adversary): return removed.contains(adversary.node) ? nil : self
        case .noise(var noise):
            guard let nodes = kept(noise.nodes) else { return nil }
            noise.nodes = nodes
            return .noise(noise)
        case .jam, .unjam, .rejoin, .raiseWall, .removeWall: return self
        }
    }
}
