import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// A node, its digest and its links, shared by all states in which it is the same.
final class NodeBox: Sendable {
    let node: Node
    /// Without what names links.
    let digest: StateDigest
    let links: [LinkInspection]
    let key: ClusterKey
    let isRoot: Bool

    init(_ node: Node, _ digest: StateDigest, _ links: [LinkInspection]) {
        self.node = node
        self.digest = digest
        self.links = links
        key = node.clusterKey
        isRoot = node.isRoot
    }
}

/// Keeps one box of all nodes that are the same: there are far fewer of them than states of all together.
final class NodeShelf {
    private var boxes: [StateDigest: NodeBox] = [:]

    /// Different nodes.
    var count: Int { boxes.count }

    func box(_ node: Node) -> NodeBox {
        var hasher = StateHasher()
        node.add(to: &hasher)
        let digest = hasher.digest
        hasher.add(node.identity.node.rawValue)
        let links = (0..<node.linkCount).map { node.inspectLink($0) }
        for link in links {
            hasher.add(UInt64(link.link.rawValue) << 32 | UInt64(link.nonce))
            hasher.add(link.address.value << 8 | UInt64(link.slot))
        }
        let full = hasher.digest
        if let box = boxes[full] { return box }
        let box = NodeBox(node, digest, links)
        boxes[full] = box
        return box
    }
}

/// A write on its way.
struct Frame {
    var value: AttributeValue
    var kind: WriteKind
}

/// A link-layer link between two nodes: two queues, and what each end knows of it.
///
/// End 0 is the central.
struct Wire {
    var id: LinkID
    /// The nodes at both ends.
    var nodes: (UInt8, UInt8)
    /// Whether each end has it.
    var isUp = (true, true)
    /// Nothing more gets through: the ends notice by the supervision time-out, if nobody closed it before.
    var isBroken = false
    /// What was on its way when it broke had arrived and was confirmed.
    var isConfirmed = false
    /// What is on its way to each end.
    var frames: (ContiguousArray<Frame>, ContiguousArray<Frame>) = ([], [])

    func node(_ end: UInt8) -> Int { Int(end == 0 ? nodes.0 : nodes.1) }
    func isUp(_ end: UInt8) -> Bool { end == 0 ? isUp.0 : isUp.1 }
    func frames(to end: UInt8) -> ContiguousArray<Frame> { end == 0 ? frames.0 : frames.1 }
    func end(of node: Int) -> UInt8 { Int(nodes.0) == node ? 0 : 1 }

    mutating func clear(_ end: UInt8) {
        if end == 0 { frames.0 = [] } else { frames.1 = [] }
    }

    mutating func down(_ end: UInt8) {
        if end == 0 { isUp.0 = false } else { isUp.1 = false }
        clear(end)
    }

    mutating func append(_ frame: Frame, to end: UInt8) {
        if end == 0 { frames.0.append(frame) } else { frames.1.append(frame) }
    }

    /// Whether a message on its way names a link so.
    func carries(_ nonce: UInt32) -> Bool {
        frames.1.contains { frame in
            if let hello = try? GraftHello(bytes: frame.value), hello.nonce == nonce { return true }
            guard let message = try? GraftReconnect(bytes: frame.value) else { return false }
            return message.nonce == nonce
        }
    }

    mutating func removeFirst(to end: UInt8) -> Frame {
        end == 0 ? frames.0.removeFirst() : frames.1.removeFirst()
    }
}

/// What a node has on air and what its radio is doing.
struct Air {
    var beacon: AdvertisingData?
    var isConnectable = false
    /// The connect attempt under way.
    var attempt: (token: ConnectToken, target: UInt8)?
    /// What the node has stored of its generation.
    var generation: UInt16?
    /// How often it has booted.
    var boots: UInt16 = 0
}

/// All nodes, all that is between them, and what may still happen: one state of the search.
struct World {
    var boxes: [NodeBox] = []
    var wires: [Wire] = []
    var airs: [Air] = []
    var faults: UInt8
    /// 255: without limit.
    var connects: UInt8
    var acts: UInt8
    /// 255: without limit.
    var hearings: UInt8
    /// Faults are over.
    var isSettling = false
    /// A queue of a wire was longer than a radio can have it.
    var hasOverflown = false

    /// The state in which a search begins.
    init(_ model: Model, shelf: NodeShelf) {
        self.init(alone: model, shelf: shelf)
        let budget = connects
        for (from, to) in model.opening {
            connects = 255
            let actions: [Action] =
                isClassic
                ? [.hear(node: from - 1, of: to - 1), .lapse(node: from - 1, .decision)]
                : [.connect(from: from - 1, to: to - 1)]
            for action in actions {
                var step = Step(self)
                step.perform(action)
                self = step.finish(shelf)
            }
            while let action = firstMessage {
                var step = Step(self)
                step.perform(action)
                self = step.finish(shelf)
            }
        }
        connects = budget
    }

    private var firstMessage: Action? {
        var first: Action?
        forEachMessage { first = first ?? $0 }
        return first
    }

    private init(alone model: Model, shelf: NodeShelf) {
        faults = UInt8(model.faults)
        connects = UInt8(model.connects ?? 255)
        acts = UInt8(model.acts)
        hearings = UInt8(model.hearings ?? 255)
        let configuration = model.configuration
        for index in 0..<model.nodes {
            let node = Node(
                identity: Identity(node: Self.id(of: index)),
                configuration: configuration,
                seed: UInt64(index),
                cipher: { key, _ in key }
            )
            boxes.append(shelf.box(node))
            airs.append(Air())
        }
        var step = Step(self)
        for index in 0..<model.nodes {
            step.boot(index, generation: Self.firstGeneration, at: Self.bootTime)
            step.ready(index)
            step.raiseRank(index, to: model.ranks[index % model.ranks.count])
        }
        self = step.finish(shelf)
    }

    /// Nodes count from 1 on the air.
    static func id(of index: Int) -> NodeID { NodeID(UInt16(index + 1)) }
    static func address(of index: Int) -> Address { Address(value: 0xC000_0000_0001 + UInt64(index), kind: .random) }
    static func index(of address: Address) -> Int { Int(address.value & 0xFF) - 1 }

    /// Clocks stand: whatever runs out of time does so by an action of its own.
    static let now = Instant(microseconds: 2_000_000_000)
    static let bootTime = Instant(microseconds: 1_000_000_000)
    static let firstGeneration: UInt16 = 0x1000
    static let handles = ServiceHandles(
        meshValue: AttributeHandle(rawValue: 11),
        accessReceive: AttributeHandle(rawValue: 21),
        accessTransmit: AttributeHandle(rawValue: 23),
        accessConfiguration: AttributeHandle(rawValue: 24)
    )
    static let capabilities = RadioCapabilities(
        linksAsCentral: 3,
        linksAsPeripheral: 3,
        dualRole: true,
        advertiseWhileLinked: true,
        linkEncryption: true,
        dataLength: true,
        extendedAdvertising: false,
        mtuMax: 63
    )
    static let parameters = ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)

    // MARK: - Digest

    /// All that decides what may happen from here on.
    var digest: StateDigest {
        guard isClassic else {
            var hasher = StateHasher()
            add(to: &hasher)
            return hasher.digest
        }
        // The ids of classic clusters only have to be told apart, from each other and from those to come.
        var collector = StateHasher(collectsClusters: true)
        add(to: &collector)
        var aliases: [ClusterID: UInt32] = [:]
        var last: UInt32 = 0
        for cluster in (collector.clusters ?? []).sorted(by: { ($0.creator.rawValue, $0) < ($1.creator.rawValue, $1) })
        where cluster != .none {
            last += 1
            aliases[cluster] = UInt32(cluster.creator.rawValue) << 16 | last
        }
        var hasher = StateHasher(aliases: aliases)
        add(to: &hasher)
        return hasher.digest
    }

    private var isClassic: Bool { boxes[0].node.configuration.clustering == .classic }

    private func add(to hasher: inout StateHasher) {
        hasher.add(
            UInt64(faults) | UInt64(connects) << 8 | UInt64(acts) << 16 | UInt64(hearings) << 24
                | (isSettling ? 1 << 32 : 0)
        )
        for box in boxes {
            if isClassic {
                box.node.add(to: &hasher)
            } else {
                hasher.add(box.digest.low)
                hasher.add(box.digest.high)
            }
        }
        for air in airs {
            hasher.add(air.attempt.map { UInt64($0.target) + 1 } ?? 0)
            addBeacon(of: air, to: &hasher)
            hasher.add(air.isConnectable)
        }
        var order = Array(wires.indices)
        order.sort { left, right in
            let first = (wires[left].nodes.0, wires[left].nodes.1, wires[left].id.rawValue)
            return first < (wires[right].nodes.0, wires[right].nodes.1, wires[right].id.rawValue)
        }
        for index in order {
            let wire = wires[index]
            hasher.add(
                UInt64(wire.nodes.0) | UInt64(wire.nodes.1) << 8 | (wire.isUp.0 ? 1 << 16 : 0)
                    | (wire.isUp.1 ? 1 << 17 : 0) | (wire.isBroken ? 1 << 18 : 0) | (wire.isConfirmed ? 1 << 19 : 0)
            )
            for end in UInt8(0)...1 {
                let frames = wire.frames(to: end)
                hasher.add(frames.count)
                for frame in frames {
                    hasher.add(message: frame.value)
                    hasher.add(frame.kind.rawValue)
                    hasher.add(nonceMatch(frame.value, at: wire.node(end)))
                }
            }
        }
        // Which link belongs to which wire, and which links are the two ends of one.
        for (node, box) in boxes.enumerated() {
            for link in box.links {
                let position = link.link.rawValue == 0 ? nil : order.firstIndex { wires[$0].id == link.link }
                var word = UInt64(position.map { $0 + 1 } ?? 0)
                if link.nonce != 0 {
                    let other = Self.index(of: link.address)
                    for candidate in boxes[other].links
                    where candidate.nonce == link.nonce && Self.index(of: candidate.address) == node {
                        word |= UInt64(candidate.slot + 1) << 8
                    }
                }
                hasher.add(word)
            }
        }
    }

    private func addBeacon(of air: Air, to hasher: inout StateHasher) {
        guard let beacon = air.beacon else { return }
        guard var joinMe = try? JoinMe(bytes: beacon) else {
            hasher.add(beacon)
            return
        }
        hasher.add(joinMe.cluster)
        hasher.add(joinMe.ackField)
        joinMe.cluster = .none
        joinMe.ackField = .none
        if let data: AdvertisingData = try? joinMe.encoded() { hasher.add(data) }
    }

    /// For a message that names a link: the slot of the receiver's link of that name.
    private func nonceMatch(_ value: AttributeValue, at node: Int) -> UInt64 {
        guard let message = try? GraftReconnect(bytes: value) else { return 0 }
        for link in boxes[node].links where link.nonce == message.nonce { return UInt64(link.slot) + 1 }
        return 0
    }
}
