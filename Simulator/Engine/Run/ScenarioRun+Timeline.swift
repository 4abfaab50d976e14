import MeshConfiguration
import MeshWire
import RadioPort

// What the timeline of a scenario has to do with nodes and air.
extension ScenarioRun {
    mutating func carryOut(_ action: TimelineAction, at now: Instant) {
        switch action {
        case .powerOff(let references):
            let nodes = indices(of: references) { $0.isPowered[$1] }
            for index in nodes { simulation.powerOff(index) }
            tell(nodes, "loses power", "lose power", at: now)
        case .powerOn(let references):
            let nodes = indices(of: references) { !$0.isPowered[$1] }
            for index in nodes { simulation.powerOn(index) }
            tell(nodes, "is switched on", "are switched on", at: now)
        case .reboot(let references):
            let nodes = indices(of: references) { $0.isPowered[$1] }
            for index in nodes { simulation.reboot(index) }
            tell(nodes, "restarts", "restart", at: now)
        case .blockLink(let one, let other):
            guard let (first, second) = pair(one, other) else { return }
            simulation.block(first, second)
            note("nothing passes between nodes \(one) and \(other) any more", nodes: [first, second], at: now)
        case .unblockLink(let one, let other):
            guard let (first, second) = pair(one, other) else { return }
            simulation.unblock(first, second)
            note("nodes \(one) and \(other) can hear each other again", nodes: [first, second], at: now)
        case .move(let node, let x, let y):
            guard let index = simulation.index(of: node) else { return }
            simulation.move(index, x: x, y: y)
            note("node \(node) moves to [\(x), \(y)]", nodes: [index], at: now)
        case .jam(let channels):
            simulation.jam(channels)
            note("somebody jams \(Self.name(of: channels))", at: now)
        case .unjam(let channels):
            simulation.unjam(channels)
            note("\(Self.name(of: channels)) are free again", at: now)
        }
    }

    private static func name(of channels: JammedChannels) -> String {
        switch channels {
        case .advertising: "the advertising channels"
        case .data: "the data channels"
        case .all: "all channels"
        }
    }

    /// The nodes that some references mean and that an action can apply to, ascending.
    private func indices(of references: [NodeReference], where applies: (Simulation, Int) -> Bool) -> [Int] {
        var indices: Set<Int> = []
        for reference in references {
            switch reference {
            case .node(let id): indices.formUnion(simulation.index(of: id).map { [$0] } ?? [])
            case .bestConnected: indices.insert(simulation.bestConnected)
            case .all: indices.formUnion(0..<simulation.count)
            }
        }
        return indices.filter { applies(simulation, $0) }.sorted()
    }

    private func pair(_ one: NodeID, _ other: NodeID) -> (Int, Int)? {
        guard let first = simulation.index(of: one), let second = simulation.index(of: other) else { return nil }
        return (first, second)
    }

    private mutating func tell(_ nodes: [Int], _ one: String, _ several: String, at now: Instant) {
        switch nodes.count {
        case 0: note("no node \(one)", at: now)
        case 1: note("node \(name(of: nodes[0])) \(one)", nodes: nodes, at: now)
        case simulation.count: note("all \(nodes.count) nodes \(several)", nodes: nodes, at: now)
        default: note("nodes \(Self.list(nodes.map(name(of:)))) \(several)", nodes: nodes, at: now)
        }
    }
}
