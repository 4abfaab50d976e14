import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort

// What the timeline of a scenario has to do with nodes and air.
extension ScenarioRun {
    /// How something that lasts for a time is undone.
    enum Undoing: Sendable {
        case powerOn([Int])
        case free([Obstacles.Pair], text: String)
        case rejoin([Obstacles.Pair])
        case removeWall(Segment, lossDecibels: Double?)
        case quieten([Int], Noise)
        case silence(Int)
        case restoreAdapters([Int])
        case calm(Disturbance, [Int])
    }

    mutating func carryOut(_ entry: TimelineEntry, at now: Instant) {
        guard let undoing = carryOut(entry.action, at: now), let length = entry.forMicroseconds else { return }
        undoings.append((now.advanced(byMicroseconds: length), undoing))
    }

    /// Carries something out; how it would be undone comes back.
    private mutating func carryOut(_ action: TimelineAction, at now: Instant) -> Undoing? {
        switch action {
        case .powerOff(let references):
            let nodes = indices(of: references) { $0.isPowered[$1] }
            for index in nodes { simulation.powerOff(index) }
            tell(nodes, "loses power", "lose power", at: now)
            return .powerOn(nodes)
        case .powerOn(let references):
            powerOn(indices(of: references) { !$0.isPowered[$1] && !$0.isDormant[$1] }, at: now)
        case .reboot(let references):
            let nodes = indices(of: references) { $0.isPowered[$1] }
            for index in nodes { simulation.reboot(index) }
            tell(nodes, "restarts", "restart", at: now)
        case .blockLink(let one, let other):
            guard let (first, second) = pair(one, other) else { return nil }
            let pair = Obstacles.Pair(first, second)
            apply(obstacles.block([pair]))
            note("nothing passes between nodes \(one) and \(other) any more", nodes: [first, second], at: now)
            return .free([pair], text: "nodes \(one) and \(other) can hear each other again")
        case .unblockLink(let one, let other):
            guard let (first, second) = pair(one, other) else { return nil }
            apply(obstacles.free([Obstacles.Pair(first, second)]))
            note("nodes \(one) and \(other) can hear each other again", nodes: [first, second], at: now)
        case .move(let node, let x, let y):
            guard let index = simulation.index(of: node) else { return nil }
            move(index, x: x, y: y)
            apply(obstacles.rebuild(sites))
            note("node \(node) moves to [\(x), \(y)]", nodes: [index], at: now)
        case .walk(let walk):
            let nodes = indices(of: walk.nodes.map { .node($0) }) { _, _ in true }
            for index in nodes {
                walks.removeAll { $0.node == index }
                walks.append(WalkUnderWay(walk, node: index, from: sites[index], at: now))
            }
            tell(nodes, "sets out", "set out", at: now)
        case .jam(let channels):
            simulation.jam(channels)
            note("somebody jams \(Self.name(of: channels))", at: now)
        case .unjam(let channels):
            simulation.unjam(channels)
            note("\(Self.name(of: channels)) are free again", at: now)
        case .partition(let references):
            let groups = references.map { indices(of: $0) { _, _ in true } }
            let (change, pairs) = obstacles.partition(groups, count: simulation.count)
            apply(change)
            let sizes = groups.map { String($0.count) }.joined(separator: ", ")
            note(
                groups.count == 1
                    ? "\(Self.count(groups[0].count, "node")) cut off from the rest"
                    : "\(groups.count) groups of \(sizes) nodes cannot hear each other any more",
                nodes: groups.flatMap(\.self).sorted(),
                at: now
            )
            return .rejoin(pairs)
        case .rejoin:
            apply(obstacles.rejoin(nil))
            note("nothing is cut off any more", at: now)
        case .raiseWall(let wall, let loss):
            raise(wall, lossDecibels: loss, at: now)
            return .removeWall(wall, lossDecibels: loss)
        case .removeWall(let wall):
            if obstacles.walls.contains(wall) {
                apply(obstacles.remove(wall, sites: sites))
            } else {
                simulation.removeWall(wall)
            }
            note("the wall \(Self.place(of: wall)) is gone", at: now)
        case .noise(let noise):
            let nodes = indices(of: noise.nodes) { _, _ in true }
            simulation.beginNoise(at: nodes, riseDecibels: noise.riseDecibels, on: noise.channels)
            let what = "\(noise.riseDecibels) dB more noise on \(Self.name(of: noise.channels))"
            tell(nodes, "has \(what)", "have \(what)", at: now)
            return .quieten(nodes, noise)
        case .send(let order): send(order, at: now)
        case .enrol(let references):
            let nodes = indices(of: references) { !$0.isMember[$1] }.filter { simulation.enrol($0) }
            tell(nodes, "is enrolled", "are enrolled", at: now)
        case .adversary(let adversary):
            guard let index = simulation.index(of: adversary.node) else { return nil }
            forgers.removeAll { $0.node == index }
            forgers.append(Forger(adversary, node: index, at: now))
            note("node \(adversary.node) begins to forge JOIN_ME", nodes: [index], at: now)
            return .silence(index)
        case .adapterReset(let references):
            let nodes = indices(of: references) { $0.isPowered[$1] && !$0.hasNoAdapter($1) }
            for index in nodes { simulation.failAdapter(index) }
            tell(nodes, "loses its radio", "lose their radios", at: now)
            return .restoreAdapters(nodes)
        case .disturb(let references, let disturbance):
            let nodes = indices(of: references) { _, _ in true }
            simulation.begin(disturbance, at: nodes)
            let (one, several) = Self.words(for: disturbance)
            tell(nodes, one, several, at: now)
            return .calm(disturbance, nodes)
        }
        return nil
    }

    /// Undoes what was to last until now.
    mutating func undo(at now: Instant) {
        guard !undoings.isEmpty else { return }
        let due = undoings.filter { $0.at <= now }
        undoings.removeAll { $0.at <= now }
        for (_, undoing) in due {
            switch undoing {
            case .powerOn(let nodes): powerOn(nodes.filter { !simulation.isPowered[$0] }, at: now)
            case .free(let pairs, let text):
                apply(obstacles.free(pairs))
                note(text, nodes: pairs.flatMap { [$0.one, $0.other] }, at: now)
            case .rejoin(let pairs):
                apply(obstacles.rejoin(pairs))
                note("what was cut off is back", at: now)
            case .removeWall(let wall, let loss):
                if let loss {
                    simulation.removeWall(wall, lossDecibels: loss)
                } else {
                    apply(obstacles.remove(wall, sites: sites))
                }
                note("the wall \(Self.place(of: wall)) is gone", at: now)
            case .quieten(let nodes, let noise):
                simulation.endNoise(at: nodes, riseDecibels: noise.riseDecibels, on: noise.channels)
                tell(nodes, "is rid of the noise", "are rid of the noise", at: now)
            case .silence(let index):
                forgers.removeAll { $0.node == index }
                simulation.endForgery(by: index)
                note("node \(name(of: index)) forges no more", nodes: [index], at: now)
            case .restoreAdapters(let nodes):
                let back = nodes.filter { simulation.hasNoAdapter($0) }
                for index in back { simulation.restoreAdapter(index) }
                tell(back, "has its radio back", "have their radios back", at: now)
            case .calm(let disturbance, let nodes):
                simulation.end(disturbance, at: nodes)
                tell(nodes, "is rid of \(disturbance.name)", "are rid of \(disturbance.name)", at: now)
            }
        }
    }

    // MARK: - What goes on by itself

    /// Moves who walks, and forges what is due.
    mutating func goOn(at now: Instant) {
        if !walks.isEmpty, now >= nextStride {
            nextStride = now.advanced(byMicroseconds: WalkUnderWay.stride)
            for walk in walks {
                let place = walk.place(at: now)
                move(walk.node, x: place.x, y: place.y)
                if walk.isOver(at: now) { note("node \(name(of: walk.node)) has arrived", nodes: [walk.node], at: now) }
            }
            walks.removeAll { $0.isOver(at: now) }
            apply(obstacles.rebuild(sites))
        }
        for position in forgers.indices {
            forgers[position].advance(&simulation, random: &forgeries, at: now)
        }
    }

    private mutating func move(_ index: Int, x: Double, y: Double) {
        (sites[index].x, sites[index].y) = (x, y)
        simulation.move(index, x: x, y: y)
    }

    private mutating func powerOn(_ nodes: [Int], at now: Instant) {
        for index in nodes { simulation.powerOn(index) }
        tell(nodes, "is switched on", "are switched on", at: now)
    }

    private mutating func raise(_ wall: Segment, lossDecibels: Double?, at now: Instant) {
        let what: String
        if let lossDecibels {
            simulation.raise(RadioWall(wall, lossDecibels: lossDecibels))
            what = "that takes \(lossDecibels) dB"
        } else {
            apply(obstacles.raise(wall, sites: sites))
            what = "through which nothing passes"
        }
        note("a wall \(what) stands \(Self.place(of: wall))", at: now)
    }

    private mutating func apply(_ change: Obstacles.Change) {
        for pair in change.blocked { simulation.block(pair.one, pair.other) }
        for pair in change.freed { simulation.unblock(pair.one, pair.other) }
    }

    private mutating func send(_ order: SendOrder, at now: Instant) {
        guard var courier = simulation.courier else { return }
        let senders = indices(of: order.from) { $0.isPowered[$1] }
        // Taken out, so that it is not looked up in the middle of being changed.
        simulation.courier = nil
        for sender in senders {
            switch order.to {
            case .all:
                let others = simulation.peers(of: sender)
                courier.send(.broadcast, from: sender, to: others, bytes: order.bytes, in: &simulation)
            case .sink: courier.send(.report, from: sender, to: [], bytes: order.bytes, in: &simulation)
            case .node(let id):
                guard let receiver = simulation.index(of: id), receiver != sender else { continue }
                courier.send(.unicast, from: sender, to: [receiver], bytes: order.bytes, in: &simulation)
            }
        }
        simulation.courier = courier
        tell(senders, "sends a message", "send a message each", at: now)
    }

    // MARK: - Who is meant

    /// The nodes that some references mean and that an action can apply to, ascending.
    mutating func indices(of references: [NodeReference], where applies: (Simulation, Int) -> Bool) -> [Int] {
        var indices: Set<Int> = []
        for reference in references {
            switch reference {
            case .node(let id): indices.formUnion(simulation.index(of: id).map { [$0] } ?? [])
            case .bestConnected: indices.insert(simulation.bestConnected)
            case .all: indices.formUnion(0..<simulation.count)
            case .sinks: indices.formUnion(sites.indices.filter { sites[$0].isSink })
            case .some(let choice):
                let candidates = (0..<simulation.count).filter {
                    applies(simulation, $0) && choice.rectangle?.contains(x: sites[$0].x, y: sites[$0].y) ?? true
                }
                indices.formUnion(drawn(choice.size, of: candidates))
            }
        }
        return indices.filter { applies(simulation, $0) }.sorted()
    }

    private mutating func drawn(_ size: NodeChoice.Size?, of candidates: [Int]) -> [Int] {
        let count: Int
        switch size {
        case nil: return candidates
        case .count(let wanted): count = min(wanted, candidates.count)
        case .percent(let percent): count = Int((percent / 100 * Double(candidates.count) + 0.5))
        }
        var candidates = candidates
        for position in 0..<count {
            let other = position + Int(simulation.random.uniform(below: UInt32(candidates.count - position)))
            candidates.swapAt(position, other)
        }
        return Array(candidates.prefix(count))
    }

    private func pair(_ one: NodeID, _ other: NodeID) -> (Int, Int)? {
        guard let first = simulation.index(of: one), let second = simulation.index(of: other) else { return nil }
        return (first, second)
    }

    // MARK: - Words

    private static func name(of channels: JammedChannels) -> String {
        switch channels {
        case .advertising: "the advertising channels"
        case .data: "the data channels"
        case .all: "all channels"
        }
    }

    private static func words(for disturbance: Disturbance) -> (one: String, several: String) {
        switch disturbance {
        case .packetLoss(let percent): ("misses \(percent) % of all packets", "miss \(percent) % of all packets")
        case .slowHost(let period):
            ("runs every \(Double(period / 1000) / 1000) s only", "run every \(Double(period / 1000) / 1000) s only")
        case .busyStack(let percent):
            ("has a stack that is busy \(percent) % of the time", "have stacks that are busy \(percent) % of the time")
        case .repeatedData(let percent): ("is told \(percent) % twice", "are told \(percent) % twice")
        case .corruptedData(let percent): ("gets \(percent) % corrupted", "get \(percent) % corrupted")
        }
    }

    private static func place(of wall: Segment) -> String {
        "from [\(wall.fromX), \(wall.fromY)] to [\(wall.toX), \(wall.toY)]"
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
