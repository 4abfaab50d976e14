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
    public var faults: [SwarmFault]
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
        scenario.timeline = carriedOut.map(\.entry)
        scenario.expectations = [
            .healedWithin(microseconds: bound, afterMicroseconds: healAt),
            .always(invariants),
        ]
        return scenario
    }

    /// What must hold after every event.
    private var invariants: [Invariant] { Invariant.allCases.filter { $0.holds(in: network.clustering) } }

    /// The faults in the order of time.
    var carriedOut: [SwarmFault] {
        // Swift's sort is stable.
        faults.compactMap(cut).sorted { $0.atMicroseconds < $1.atMicroseconds }
    }

    /// A fault that is over when all is healed; nil if it would begin only then.
    private func cut(_ fault: SwarmFault) -> SwarmFault? {
        guard fault.atMicroseconds < healAt else { return nil }
        var fault = fault
        fault.forMicroseconds = fault.forMicroseconds.map { min($0, healAt - fault.atMicroseconds) }
        return fault
    }

    /// Where the nodes stand in the end.
    var finalLayout: Layout {
        var layout = layout
        for case .move(let node, let x, let y) in faults.map(\.kind) {
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
        copy.faults = faults.compactMap { $0.removing(removed) }
        return copy
    }
}
