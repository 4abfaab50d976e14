import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// Carries one action out: inputs to nodes, and what their outputs do to wires and air, at once.
struct Step {
    private(set) var world: World
    private var nodes: [Node?]
    private var outputs = Outputs()
    private var pending: ContiguousArray<(Int, Output)> = []
    private var isDraining = false
    /// What happened, for those who read traces; nil: nobody does.
    var log: [String]?

    init(_ world: World, logging: Bool = false) {
        self.world = world
        nodes = Array(repeating: nil, count: world.boxes.count)
        log = logging ? [] : nil
    }

    /// The state after the step.
    mutating func finish(_ shelf: NodeShelf) -> World {
        for index in nodes.indices {
            if let node = nodes[index] {
                world.boxes[index] = shelf.box(node)
                nodes[index] = nil
            }
        }
        world.wires.removeAll { !$0.isUp.0 && !$0.isUp.1 }
        return world
    }

    // MARK: - Inputs

    private mutating func with(_ index: Int, _ body: (inout Node, inout Outputs) -> Void) {
        // Taken out, not copied: a second owner would make every change of an array copy it.
        var node = nodes[index].take() ?? world.boxes[index].node
        body(&node, &outputs)
        nodes[index] = node
        drain(index)
    }

    private mutating func give(_ input: Input, to index: Int, at now: Instant = World.now) {
        with(index) { $0.handle(input, at: now, into: &$1) }
    }

    mutating func boot(_ index: Int, generation: UInt16?, at now: Instant = World.now) {
        var stored = PersistentState()
        stored.graftGeneration = generation
        // Boot numbers are drawn at random: far apart, that is.
        world.airs[index].boots += 1
        let number = 0x400 * world.airs[index].boots
        give(.started(boot: BootRecord(bootNumber: number, stored: stored)), to: index, at: now)
    }

    mutating func ready(_ index: Int) {
        give(
            .radio(
                .ready(address: World.address(of: index), capabilities: World.capabilities, handles: World.handles)
            ),
            to: index
        )
    }

    mutating func raiseRank(_ index: Int, to rank: UInt32) {
        while node(index).clusterKey.rank < rank {
            with(index) { $0.act(.raiseRank, now: World.now, into: &$1) }
        }
    }

    /// What a node has come to within the step.
    private func node(_ index: Int) -> Node { nodes[index] ?? world.boxes[index].node }

    // MARK: - Actions

    /// Carries an action out that is possible.
    mutating func perform(_ action: Action) {
        switch action {
        case .deliver(let wire, let end): deliver(Int(wire), to: end)
        case .notice(let wire, let end): notice(Int(wire), at: end)
        case .resume(let node): attempt(Int(node))
        case .retry(let node):
            with(Int(node)) {
                $0.ageTick(now: World.now)
                $0.handle(.wake, at: World.now, into: &$1)
            }
        case .connect(let from, let to):
            if world.connects != 255 { world.connects -= 1 }
            connect(from: Int(from), to: Int(to))
        case .hear(let node, let other):
            if !world.isSettling, world.hearings != 255 { world.hearings -= 1 }
            hear(Int(node), Int(other))
        case .breakWire(let wire, let isConfirmed):
            world.faults -= 1
            breakWire(Int(wire), isConfirmed: isConfirmed)
        case .hangUp(let node, let partner):
            world.faults -= 1
            give(.request(.disconnect(World.id(of: Int(partner)))), to: Int(node))
        case .crash(let node, let keepsState):
            world.faults -= 1
            crash(Int(node), keepsState: keepsState)
        case .lapse(let node, let lapse):
            if world.isFault(lapse, of: Int(node)), world.faults > 0 { world.faults -= 1 }
            with(Int(node)) {
                $0.age(lapse, now: World.now)
                $0.handle(.wake, at: World.now, into: &$1)
            }
            let wires = world.wires.count
            connectAtOnce(Int(node))
            if world.wires.count > wires, !world.isSettling, world.connects != 255 { world.connects -= 1 }
        case .pauseEnds(let node, let other):
            with(Int(node)) { node, _ in node.forgetNeighbour(World.id(of: Int(other)), banOnly: true) }
            hear(Int(node), Int(other))
        case .act(let node, let act):
            world.acts -= 1
            with(Int(node)) { $0.act(act, now: World.now, into: &$1) }
        case .want(let node):
            world.acts -= 1
            want(Int(node))
        case .settle:
            world.isSettling = true
            world.faults = 0
            world.connects = 0
            world.acts = 0
            world.hearings = 0
            for node in nodes.indices {
                for other in nodes.indices {
                    with(node) { node, _ in node.forgetNeighbour(World.id(of: other)) }
                }
            }
        }
    }

    private mutating func deliver(_ wire: Int, to end: UInt8) {
        let frame = world.wires[wire].removeFirst(to: end)
        let (id, isBroken) = (world.wires[wire].id, world.wires[wire].isBroken)
        let sender = world.wires[wire].node(1 - end)
        let isSenderUp = world.wires[wire].isUp(1 - end)
        let receiver = world.wires[wire].node(end)
        give(
            .radio(.written(link: id, handle: World.handles.meshValue, value: frame.value, kind: frame.kind)),
            to: receiver
        )
        // The sender learns it from its own controller, unless the link broke before.
        if isSenderUp, !isBroken { confirm(frame.kind, link: id, to: sender) }
        connectAtOnce(receiver)
        connectAtOnce(sender)
    }

    private mutating func confirm(_ kind: WriteKind, link: LinkID, to sender: Int) {
        switch kind {
        case .command: give(.radio(.sent(link: link, count: 1)), to: sender)
        case .request: give(.radio(.writeConfirmed(link: link)), to: sender)
        }
    }

    private mutating func notice(_ wire: Int, at end: UInt8) {
        let reason: HCIStatus = world.wires[wire].isBroken ? .connectionTimeout : .remoteUserTerminated
        let node = world.wires[wire].node(end)
        let id = world.wires[wire].id
        world.wires[wire].down(end)
        with(node) { node, _ in node.matureLink(id, now: World.now) }
        give(.radio(.disconnected(link: id, reason: reason)), to: node)
        connectAtOnce(node)
    }

    private mutating func breakWire(_ wire: Int, isConfirmed: Bool) {
        world.wires[wire].isBroken = true
        guard isConfirmed else { return }
        world.wires[wire].isConfirmed = true
        for end in UInt8(0)...1 where world.wires[wire].isUp(1 - end) {
            for frame in world.wires[wire].frames(to: end) {
                confirm(frame.kind, link: world.wires[wire].id, to: world.wires[wire].node(1 - end))
            }
        }
    }

    private mutating func crash(_ index: Int, keepsState: Bool) {
        for wire in world.wires.indices
        where world.wires[wire].node(0) == index || world.wires[wire].node(1) == index {
            let end = world.wires[wire].end(of: index)
            guard world.wires[wire].isUp(end) else { continue }
            world.wires[wire].down(end)
            world.wires[wire].isBroken = true
            // Whoever wrote to it had it confirmed or not: it makes no difference, nobody comes back to that link.
        }
        world.airs[index].attempt = nil
        // What a node draws that has forgotten everything: an id that nobody has, below all others.
        let drawn = World.firstGeneration - 0x100 * UInt16(truncatingIfNeeded: index + 1)
        boot(index, generation: keepsState ? world.airs[index].generation : drawn)
    }

    // MARK: - Advertisements

    private mutating func hear(_ index: Int, _ other: Int) {
        guard let beacon = world.airs[other].beacon else { return }
        hear(beacon, from: World.address(of: other), at: index)
        connectAtOnce(index)
    }

    private mutating func hear(_ data: AdvertisingData, from address: Address, at index: Int) {
        give(.radio(.advertisement(address: address, rssi: -50, connectable: true, data: data)), to: index)
    }

    /// An advertisement as it may have been once: it calls, with a key below all others, so that whoever hears it connects.
    private mutating func connect(from index: Int, to other: Int) {
        with(index) { node, _ in node.forgetNeighbour(World.id(of: other)) }
        let beacon = GraftMe(
            network: NetworkID(11),
            sender: World.id(of: other),
            key: ClusterKey(rank: 0, cluster: ClusterID(rawValue: 1)),
            clusterSize: 1,
            freeIn: 2,
            freeOut: 3,
            isRoot: true,
            calls: true,
            eccentricity: 0,
            txPower: 4,
            deviceType: .static,
            hopsToSink: -1,
            meshWriteHandle: World.handles.meshValue.rawValue
        )
        guard let data: AdvertisingData = try? beacon.encoded() else { return }
        hear(data, from: World.address(of: other), at: index)
        with(index) { node, _ in node.forgetNeighbour(World.id(of: other)) }
        connectAtOnce(index)
    }

    /// A node of a greater cluster is heard that has no slot: whoever is not root asks for the role.
    private mutating func want(_ index: Int) {
        let stranger = World.boxLimit
        let beacon = GraftMe(
            network: NetworkID(11),
            sender: World.id(of: stranger),
            key: ClusterKey(rank: 1000, cluster: ClusterID(rawValue: 1)),
            clusterSize: 1,
            freeIn: 0,
            freeOut: 0,
            isRoot: true,
            calls: false,
            eccentricity: 0,
            txPower: 4,
            deviceType: .static,
            hopsToSink: -1,
            meshWriteHandle: World.handles.meshValue.rawValue
        )
        guard let data: AdvertisingData = try? beacon.encoded() else { return }
        hear(data, from: World.address(of: stranger), at: index)
        with(index) { node, _ in node.forgetNeighbour(World.id(of: stranger)) }
    }

    // MARK: - Links

    /// Connect attempts for new links succeed or fail within the step that began them.
    private mutating func connectAtOnce(_ index: Int) {
        guard world.airs[index].attempt != nil, !node(index).isReconnecting else { return }
        attempt(index)
    }

    /// The connect attempt of a node ends.
    private mutating func attempt(_ index: Int) {
        guard let (token, target) = world.airs[index].attempt else { return }
        world.airs[index].attempt = nil
        let other = Int(target)
        guard other < nodes.count, world.airs[other].isConnectable else {
            log?.append("\(index + 1) cannot reach \(other + 1)")
            give(.radio(.connectFailed(token: token, reason: .connectionTimeout)), to: index)
            return
        }
        var id = UInt32(1)
        while world.wires.contains(where: { $0.id.rawValue == id }) { id += 1 }
        let link = LinkID(rawValue: id)
        world.wires.append(Wire(id: link, nodes: (UInt8(index), target)))
        log?.append("\(index + 1) ── link ──► \(other + 1)")
        give(
            .radio(
                .connected(
                    token: .incoming,
                    link: link,
                    role: .peripheral,
                    address: World.address(of: index),
                    parameters: World.parameters
                )
            ),
            to: other
        )
        give(
            .radio(
                .connected(
                    token: token,
                    link: link,
                    role: .central,
                    address: World.address(of: other),
                    parameters: World.parameters
                )
            ),
            to: index
        )
    }

    // MARK: - Outputs

    /// Carries out what nodes want, in the order in which they said it: what follows from one output comes behind all others.
    private mutating func drain(_ index: Int) {
        for item in outputs.items { pending.append((index, item)) }
        outputs.removeAll()
        guard !isDraining else { return }
        isDraining = true
        var next = 0
        while next < pending.count {
            let (index, item) = pending[next]
            next += 1
            switch item {
            case .radio(let command): take(command, from: index)
            case .persist(let state): world.airs[index].generation = state.graftGeneration
            case .trace(let event): logTrace(event, of: index)
            case .deliver, .restart, .needsEntropy: continue
            }
        }
        pending.removeAll(keepingCapacity: true)
        isDraining = false
    }

    private func position(of link: LinkID) -> Int? { world.wires.firstIndex { $0.id == link } }

    private mutating func take(_ command: RadioCommand, from index: Int) {
        switch command {
        case .advertise(let data, _, let connectable, _):
            world.airs[index].beacon = data
            world.airs[index].isConnectable = connectable
        case .stopAdvertising:
            world.airs[index].beacon = nil
            world.airs[index].isConnectable = false
        case .connect(let token, let address, _, _, _):
            world.airs[index].attempt = (token, UInt8(World.index(of: address)))
        case .cancelConnect:
            world.airs[index].attempt = nil
        case .encrypt(let link, _):
            guard let wire = position(of: link) else { return }
            let other = world.wires[wire].node(1 - world.wires[wire].end(of: index))
            if world.wires[wire].isUp(1 - world.wires[wire].end(of: index)) {
                give(.radio(.keyRequested(link: link)), to: other)
                give(.radio(.encrypted(link: link, status: .success)), to: other)
            }
            give(.radio(.encrypted(link: link, status: .success)), to: index)
        case .exchangeMTU(let link, let mtu):
            guard let wire = position(of: link) else { return }
            let other = world.wires[wire].node(1 - world.wires[wire].end(of: index))
            give(.radio(.mtu(link: link, value: mtu)), to: other)
            // The central draws the name of the link now: the first that no link has.
            let seed = unusedSeed
            with(index) { node, _ in node.reseed(seed) }
            give(.radio(.mtu(link: link, value: mtu)), to: index)
        case .write(let link, _, let value, let kind):
            write(Frame(value: value, kind: kind), link: link, from: index)
        case .disconnect(let link, _):
            guard let wire = position(of: link) else { return }
            let end = world.wires[wire].end(of: index)
            guard world.wires[wire].isUp(end) else { return }
            world.wires[wire].down(end)
            log?.append("\(index + 1) ── closes ──► \(world.wires[wire].node(1 - end) + 1)")
            give(.radio(.disconnected(link: link, reason: .localHostTerminated)), to: index)
        case .scan, .stopScan, .answerKey, .setDataLength, .discover, .notify, .updateParameters:
            return
        }
    }

    private var unusedSeed: UInt64 {
        var seed: UInt64 = 0
        search: while true {
            var generator = SeededGenerator(seed: seed)
            let nonce = max(1, UInt32(truncatingIfNeeded: generator.next()))
            for index in nodes.indices {
                let node = node(index)
                for position in 0..<node.linkCount where node.inspectLink(position).nonce == nonce {
                    seed += 1
                    continue search
                }
            }
            // One that the other end has yet to read is in use, too.
            for wire in world.wires where wire.carries(nonce) {
                seed += 1
                continue search
            }
            return seed
        }
    }

    private mutating func write(_ frame: Frame, link: LinkID, from index: Int) {
        guard let wire = position(of: link) else { return }
        let end = 1 - world.wires[wire].end(of: index)
        let other = world.wires[wire].node(end)
        let isLost = world.wires[wire].isBroken || !world.wires[wire].isUp(end)
        if log != nil {
            log?.append(
                "\(index + 1) ── \(Narrator.text(of: frame.value)) ──► \(isLost ? "into the void" : "\(other + 1)")"
            )
        }
        guard !isLost else { return }
        world.wires[wire].append(frame, to: end)
        // Seven commands and what went past the queues.
        if world.wires[wire].frames(to: end).count > Limits.commandsInFlight + 2 { world.hasOverflown = true }
    }

    private mutating func logTrace(_ event: TraceEvent, of index: Int) {
        guard log != nil, let text = Narrator.text(of: event) else { return }
        log?.append("\(index + 1): \(text)")
    }
}

extension World {
    /// More nodes than there ever are.
    static let boxLimit = 8
}
