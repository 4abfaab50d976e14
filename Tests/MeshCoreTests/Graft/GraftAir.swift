import ByteCoding
import MeshWire
import RadioFake
import RadioPort

@testable import MeshCore

/// A few grafting nodes and an air on which everything may happen in any order: the next thing to happen is drawn at random.
///
/// Frames of a link keep their order; what a broken link carried is lost, and each end notices when it is drawn. A node that
/// reboots forgets its links without a word.
struct GraftAir {
    /// A radio link; ends are 0, the central, and 1, the peripheral.
    struct Wire {
        var id: LinkID
        var nodes: [Int]
        /// Whether an end still has the link.
        var isUp = [true, true]
        /// What each end is told when the link ends for it.
        var reasons = [HCIStatus.connectionTimeout, .connectionTimeout]
        /// Frames under way from an end.
        var frames: [[AttributeValue]] = [[], []]
        var isBroken = false
    }

    /// Something that may happen next.
    enum Step: Equatable {
        case deliver(wire: Int, from: Int)
        case notice(wire: Int, end: Int)
        case advertise(from: Int, to: Int)
        case connect(Int)
        case fail(Int)
        case wake
        case lose(wire: Int)
        case reboot(Int)
        case hangUp(Int)
    }

    /// What happened so far.
    struct Tally: Equatable {
        var grafts = 0
        var splits = 0
        var handovers = 0
        var returns = 0
        var rooms = 0
    }

    private(set) var nodes: [Node] = []
    private(set) var now = Instant(microseconds: 1_000_000)
    private(set) var tally = Tally()
    /// Whether there was no end of what nodes had to say to each other at one moment.
    private(set) var talksForEver = false
    private(set) var wires: [Wire] = []
    private var random: SeededGenerator
    private var stored: [PersistentState] = []
    private var advertised: [AdvertisingData?] = []
    private var isConnectable: [Bool] = []
    private var isScanning: [Bool] = []
    private var attempts: [(token: ConnectToken, target: Int, deadline: Instant)?] = []
    private var nextLink: UInt32 = 1
    private let hears: (Int, Int) -> Bool

    init(
        count: Int,
        seed: UInt64,
        hears: @escaping (Int, Int) -> Bool = { _, _ in true },
        configure: (Int, inout Configuration) -> Void = { _, _ in }
    ) {
        random = SeededGenerator(seed: seed, stream: 9)
        self.hears = hears
        for index in 0..<count {
            var configuration = Configuration(clustering: .graft)
            configuration.tracing = true
            configuration.accessBroadcast = false
            configuration.liveReportLevel = 0
            configure(index, &configuration)
            let identity = Identity(node: NodeID(UInt16(index + 1)))
            let seed = seed &* 100 &+ UInt64(index)
            nodes.append(Node(identity: identity, configuration: configuration, seed: seed) { key, _ in key })
            stored.append(PersistentState())
            advertised.append(nil)
            isConnectable.append(false)
            isScanning.append(false)
            attempts.append(nil)
        }
        for index in 0..<count {
            start(index)
        }
    }

    // MARK: - Steps

    /// Draws the next step; without faults, none that loses anything.
    mutating func draw(faults: Bool) -> Step {
        var steps: [(step: Step, weight: UInt32)] = [(.wake, 12)]
        for (position, wire) in wires.enumerated() {
            for end in 0...1 {
                if !wire.isBroken, !wire.frames[end].isEmpty, wire.isUp[1 - end] {
                    steps.append((.deliver(wire: position, from: end), 12))
                }
                if wire.isBroken, wire.isUp[end] {
                    steps.append((.notice(wire: position, end: end), 4))
                }
            }
            if faults, !wire.isBroken {
                steps.append((.lose(wire: position), 1))
            }
        }
        for index in nodes.indices {
            if let attempt = attempts[index] {
                if attempt.target >= 0, isConnectable[attempt.target], advertised[attempt.target] != nil {
                    steps.append((.connect(index), 8))
                }
                if faults || attempt.deadline <= now { steps.append((.fail(index), 1)) }
            }
            for other in nodes.indices
            where other != index && hears(index, other) && isScanning[other] && advertised[index] != nil {
                steps.append((.advertise(from: index, to: other), 2))
            }
        }
        if faults, random.chance(1, in: 40) {
            let index = Int(random.uniform(below: UInt32(nodes.count)))
            return random.chance(1, in: 2) ? .reboot(index) : .hangUp(index)
        }
        var left = random.uniform(below: steps.reduce(0) { $0 + $1.weight })
        for (step, weight) in steps {
            if left < weight { return step }
            left -= weight
        }
        return .wake
    }

    mutating func take(_ step: Step) {
        switch step {
        case .deliver(let wire, let end): deliver(wire, from: end)
        case .notice(let wire, let end): endLink(wire, end)
        case .advertise(let sender, let receiver): advertise(from: sender, to: receiver)
        case .connect(let index): connect(index)
        case .fail(let index):
            guard let attempt = attempts[index] else { return }
            attempts[index] = nil
            give(.radio(.connectFailed(token: attempt.token, reason: .connectionTimeout)), to: index)
        case .wake: pass(milliseconds: UInt64(random.uniform(below: random.chance(1, in: 8) ? 600 : 40)))
        case .lose(let wire): breakWire(wire)
        case .reboot(let index): reboot(index)
        case .hangUp(let index): give(.request(.disconnect(nil)), to: index)
        }
        wires.removeAll { !$0.isUp[0] && !$0.isUp[1] }
    }

    /// Lets time go by; who is due is woken.
    mutating func pass(milliseconds: UInt64) {
        now = now.advanced(byMicroseconds: milliseconds * 1000)
        for index in nodes.indices {
            if let deadline = nodes[index].nextDeadline, deadline <= now { give(.wake, to: index) }
        }
    }

    /// Does everything that can happen at once, then lets 0.02 s go by: an air as it should be.
    mutating func settle() {
        var isBusy = true
        // Nodes that talk for ever are to fail a test, not to hold it up.
        var rounds = 0
        while isBusy, rounds < 200 {
            isBusy = false
            rounds += 1
            for position in wires.indices {
                for end in 0...1 where position < wires.count {
                    if wires[position].isBroken, wires[position].isUp[end] {
                        take(.notice(wire: position, end: end))
                        isBusy = true
                        break
                    }
                    if !wires[position].frames[end].isEmpty {
                        take(.deliver(wire: position, from: end))
                        isBusy = true
                    }
                }
            }
        }
        talksForEver = isBusy
        for index in nodes.indices {
            guard let attempt = attempts[index] else { continue }
            if attempt.target >= 0, isConnectable[attempt.target], advertised[attempt.target] != nil {
                take(.connect(index))
            } else if attempt.deadline <= now {
                take(.fail(index))
            }
        }
        for index in nodes.indices {
            for other in nodes.indices where other != index && hears(index, other) {
                take(.advertise(from: index, to: other))
            }
        }
        pass(milliseconds: 20)
    }

    mutating func breakWire(_ position: Int, hangUpBy end: Int? = nil) {
        wires[position].isBroken = true
        wires[position].frames = [[], []]
        if let end {
            wires[position].reasons[end] = .localHostTerminated
            wires[position].reasons[1 - end] = .remoteUserTerminated
        }
    }

    /// The radio link between two nodes.
    func wire(_ first: Int, _ second: Int) -> Int? {
        wires.firstIndex { Set($0.nodes) == [first, second] && !$0.isBroken }
    }

    // MARK: - Air

    private mutating func advertise(from sender: Int, to receiver: Int) {
        guard isScanning[receiver], let data = advertised[sender] else { return }
        let event = RadioEvent.advertisement(
            address: NodeHarness.address(of: UInt16(sender + 1)),
            rssi: -60,
            connectable: isConnectable[sender],
            data: data
        )
        give(.radio(event), to: receiver)
    }

    private mutating func connect(_ index: Int) {
        guard let attempt = attempts[index] else { return }
        attempts[index] = nil
        let id = LinkID(rawValue: nextLink)
        nextLink += 1
        wires.append(Wire(id: id, nodes: [index, attempt.target]))
        advertised[attempt.target] = nil
        up(id, .incoming, .peripheral, at: attempt.target, with: index)
        up(id, attempt.token, .central, at: index, with: attempt.target)
    }

    private mutating func up(_ id: LinkID, _ token: ConnectToken, _ role: LinkRole, at index: Int, with other: Int) {
        let event = RadioEvent.connected(
            token: token,
            link: id,
            role: role,
            address: NodeHarness.address(of: UInt16(other + 1)),
            parameters: NodeHarness.parameters
        )
        give(.radio(event), to: index)
    }

    private mutating func deliver(_ position: Int, from end: Int) {
        guard position < wires.count, !wires[position].frames[end].isEmpty else { return }
        let wire = wires[position]
        let value = wires[position].frames[end].removeFirst()
        // The sender learns that it was sent, unless it has lost the link.
        if wire.isUp[end] {
            give(.radio(.sent(link: wire.id, count: 1)), to: wire.nodes[end])
        }
        guard wire.isUp[1 - end] else { return }
        let event = RadioEvent.written(
            link: wire.id,
            handle: NodeHarness.handles.meshValue,
            value: value,
            kind: .command
        )
        give(.radio(event), to: wire.nodes[1 - end])
    }

    /// A link ends for one end.
    private mutating func endLink(_ position: Int, _ end: Int) {
        guard wires[position].isUp[end] else { return }
        wires[position].isUp[end] = false
        let wire = wires[position]
        give(.radio(.disconnected(link: wire.id, reason: wire.reasons[end])), to: wire.nodes[end])
    }

    private mutating func reboot(_ index: Int) {
        for position in wires.indices where wires[position].nodes.contains(index) {
            breakWire(position)
            for end in 0...1 where wires[position].nodes[end] == index {
                wires[position].isUp[end] = false
            }
        }
        attempts[index] = nil
        advertised[index] = nil
        isScanning[index] = false
        start(index)
    }

    private mutating func start(_ index: Int) {
        give(.started(boot: BootRecord(bootNumber: 1, stored: stored[index])), to: index)
        let ready = RadioEvent.ready(
            address: NodeHarness.address(of: UInt16(index + 1)),
            capabilities: FakeRadio.capabilities,
            handles: NodeHarness.handles
        )
        give(.radio(ready), to: index)
    }

    // MARK: - Nodes

    private mutating func give(_ input: Input, to index: Int) {
        var outputs = Outputs()
        nodes[index].handle(input, at: now, into: &outputs)
        for output in outputs.items {
            switch output {
            case .radio(let command): apply(command, of: index)
            case .persist(let state): stored[index] = state
            case .trace(.grafted): tally.grafts += 1
            case .trace(.split): tally.splits += 1
            case .trace(.role): tally.handovers += 1
            case .trace(.reestablished): tally.returns += 1
            case .trace(.roomMade): tally.rooms += 1
            default: break
            }
        }
    }

    private mutating func apply(_ command: RadioCommand, of index: Int) {
        switch command {
        case .advertise(let data, _, let connectable, _):
            advertised[index] = data
            isConnectable[index] = connectable
        case .stopAdvertising: advertised[index] = nil
        case .scan: isScanning[index] = true
        case .stopScan: isScanning[index] = false
        case .connect(let token, let address, _, _, let timeout):
            isScanning[index] = false
            let target = Int(UInt16(truncatingIfNeeded: address.value)) - 1
            attempts[index] = (token, target, now.advanced(byMicroseconds: UInt64(timeout)))
        case .cancelConnect: attempts[index] = nil
        case .encrypt(let link, _):
            guard let wire = wires.first(where: { $0.id == link }) else { return }
            for end in [1, 0] where wire.isUp[end] {
                give(.radio(.encrypted(link: link, status: .success)), to: wire.nodes[end])
            }
        case .exchangeMTU(let link, let mtu):
            guard let wire = wires.first(where: { $0.id == link }) else { return }
            for end in [1, 0] where wire.isUp[end] {
                give(.radio(.mtu(link: link, value: mtu)), to: wire.nodes[end])
            }
        case .write(let link, _, let value, _):
            guard let position = wires.firstIndex(where: { $0.id == link }), !wires[position].isBroken else { return }
            let end = wires[position].nodes[0] == index ? 0 : 1
            wires[position].frames[end].append(value)
        case .disconnect(let link, _):
            guard let position = wires.firstIndex(where: { $0.id == link }) else { return }
            let end = wires[position].nodes[0] == index ? 0 : 1
            if !wires[position].isBroken { breakWire(position, hangUpBy: end) }
            endLink(position, end)
        default: break
        }
    }

    // MARK: - Invariants

    /// The first rule of graft §5.3 that this state breaks; nil if none.
    var violation: String? {
        if talksForEver { return "nodes talk for ever" }
        var component = Array(nodes.indices)
        func find(_ node: Int) -> Int {
            var node = node
            while component[node] != node { node = component[node] }
            return node
        }
        for node in nodes.indices {
            var upward = 0
            for link in nodes[node].links where link.kind == .mesh && link.graft.isInTree {
                if link.graft.isUpward { upward += 1 }
                guard let (other, far) = opposite(link, of: node) else { continue }
                if link.graft.relation == .child, far.graft.relation == .child {
                    return "G2: nodes \(node + 1) and \(other + 1) are each the parent of the other"
                }
                if link.graft.relation == .child, far.graft.relation == .parent,
                    nodes[other].clusterKey > nodes[node].clusterKey
                {
                    return "G4: node \(other + 1) has a greater key than its parent \(node + 1)"
                }
                // Each edge once.
                guard node < other || !far.graft.isInTree else { continue }
                let (one, two) = (find(node), find(other))
                guard one != two else { return "G1: nodes \(node + 1) and \(other + 1) close a cycle" }
                component[two] = one
            }
            guard upward <= 1 else { return "G2: node \(node + 1) has \(upward) parents" }
            guard nodes[node].clusterSize >= 1 else { return "G6: node \(node + 1) counts nobody" }
        }
        for node in nodes.indices where nodes[node].isRoot {
            for other in nodes.indices
            where other > node && nodes[other].isRoot && nodes[other].clusterID == nodes[node].clusterID {
                return "G5: nodes \(node + 1) and \(other + 1) are roots under one id"
            }
            for other in nodes.indices where other != node && find(other) == find(node) {
                if nodes[other].isRoot { return "G3: nodes \(node + 1) and \(other + 1) are roots of one tree" }
                if nodes[other].clusterKey > nodes[node].clusterKey {
                    return "G4: node \(other + 1) has a greater key than its root \(node + 1)"
                }
            }
        }
        return nil
    }

    /// The other end of a link, if it is the same link there.
    private func opposite(_ link: Link, of node: Int) -> (Int, Link)? {
        let other = Int(UInt16(truncatingIfNeeded: link.address.value)) - 1
        for far in nodes[other].links
        where far.kind == .mesh && Int(UInt16(truncatingIfNeeded: far.address.value)) - 1 == node {
            if link.graft.nonce != 0, link.graft.nonce == far.graft.nonce { return (other, far) }
            let isOld = [link.state, far.state].contains { $0 == .reestablishing || $0 == .reestablishingHandshake }
            if !isOld, link.id.rawValue != 0, link.id == far.id { return (other, far) }
        }
        return nil
    }

    /// Whether all are one cluster, under one key, and count so.
    var isOneCluster: Bool {
        nodes.allSatisfy { $0.clusterKey == nodes[0].clusterKey && Int($0.clusterSize) == nodes.count }
            && nodes.count(where: \.isRoot) == 1
    }
}
