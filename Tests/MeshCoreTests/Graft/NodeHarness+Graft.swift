import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

// Neighbours of a node that grafts: what they advertise, how links to them come up, what they say in every message.
extension NodeHarness {
    /// The first generation of a grafting node, so that the keys of its neighbours can be told from its own.
    static let graftGeneration: UInt16 = 0x0300

    /// A node that grafts, just powered on: alone under the key (1, 0x0300 · id).
    init(
        grafting id: UInt16,
        deviceType: DeviceType = .static,
        generation: UInt16? = NodeHarness.graftGeneration,
        seed: UInt64? = nil,
        configure: (inout Configuration) -> Void = { _ in }
    ) {
        var stored = PersistentState()
        stored.graftGeneration = generation
        self.init(id, deviceType: deviceType, stored: stored, seed: seed) {
            $0 = Configuration(clustering: .graft)
            $0.tracing = true
            $0.liveReportLevel = 0
            $0.accessBroadcast = false
            configure(&$0)
        }
    }

    // MARK: - Keys

    /// A key above that of a node that is alone.
    static func greater(_ id: UInt16, rank: UInt32 = 50) -> ClusterKey {
        ClusterKey(rank: rank, cluster: ClusterID(rawValue: 0x0400_0000 | UInt32(id)))
    }

    /// A key below that of a node that is alone.
    static func smaller(_ id: UInt16) -> ClusterKey {
        ClusterKey(rank: 1, cluster: ClusterID(rawValue: 0x0200_0000 | UInt32(id)))
    }

    /// The key of the node under test.
    var key: ClusterKey { node.clusterKey }

    /// The key that a node gives itself, by the number of keys that it gave itself before.
    static func own(_ id: UInt16, rank: UInt32 = 1, count: UInt16 = 0) -> ClusterKey {
        let generation = UInt32(graftGeneration + count)
        return ClusterKey(rank: rank, cluster: ClusterID(rawValue: generation << 16 | UInt32(id)))
    }

    // MARK: - Advertisements

    /// A neighbour's GRAFT_ME is heard.
    mutating func hear(
        graftMeOf id: UInt16,
        key: ClusterKey,
        size: Int16 = 1,
        freeIn: UInt8 = 2,
        freeOut: UInt8 = 3,
        isRoot: Bool = true,
        calls: Bool = false,
        eccentricity: UInt8 = 1,
        rssi: Int8 = -60,
        deviceType: DeviceType = .static,
        network: NetworkID = NetworkID(11)
    ) throws {
        let graftMe = GraftMe(
            network: network,
            sender: NodeID(id),
            key: key,
            clusterSize: size,
            freeIn: freeIn,
            freeOut: freeOut,
            isRoot: isRoot,
            calls: calls,
            eccentricity: eccentricity,
            deviceType: deviceType,
            meshWriteHandle: 11
        )
        let data: AdvertisingData = try graftMe.encoded()
        give(.radio(.advertisement(address: Self.address(of: id), rssi: rssi, connectable: true, data: data)))
    }

    /// The GRAFT_ME that is on air.
    func graftMe() throws -> GraftMe {
        let data = commands.compactMap { if case .advertise(let data, _, _, _) = $0 { data } else { nil } }.last
        return try GraftMe(bytes: try #require(data))
    }

    /// Where the node was told to connect to since commands were last forgotten.
    var connectedTo: [Address] { connects.map(\.address) }

    // MARK: - Messages

    mutating func hello(
        from id: UInt16,
        key: ClusterKey,
        isRoot: Bool = true,
        isFull: Bool = false,
        size: Int16 = 1,
        version: UInt8 = GraftHello.currentVersion,
        network: NetworkID = NetworkID(11),
        nonce: UInt32 = 0,
        on link: LinkID
    ) throws {
        let hello = GraftHello(
            sender: NodeID(id),
            version: version,
            isRoot: isRoot,
            isFull: isFull,
            isMove: false,
            key: key,
            size: size,
            writeHandle: 11,
            network: network,
            eccentricity: 0,
            alternatives: 0,
            hopsToSink: -1,
            nonce: nonce
        )
        try receive(hello, on: link)
    }

    mutating func concede(
        from id: UInt16,
        to key: ClusterKey,
        behind: Int16 = 1,
        height: UInt8 = 0,
        alternatives: UInt8 = 0,
        on link: LinkID
    ) throws {
        let branch = GraftBranch(behind: behind, height: height, alternatives: alternatives, hopsToSink: -1)
        try receive(GraftConcede(sender: NodeID(id), receiver: self.id, key: key, branch: branch), on: link)
    }

    /// A partner tells its side; with a key if it is the parent.
    mutating func tell(
        from id: UInt16,
        key: ClusterKey? = nil,
        behind: Int16 = 1,
        height: UInt8 = 0,
        alternatives: UInt8 = 0,
        hopsToSink: Int16 = -1,
        on link: LinkID
    ) throws {
        let branch = GraftBranch(behind: behind, height: height, alternatives: alternatives, hopsToSink: hopsToSink)
        let update = GraftUpdate(
            sender: NodeID(id),
            receiver: self.id,
            key: key ?? Self.smaller(id),
            isKeyValid: key != nil,
            branch: branch
        )
        try receive(update, on: link)
    }

    mutating func giveRole(from id: UInt16, key: ClusterKey, on link: LinkID) throws {
        try receive(GraftRole(sender: NodeID(id), receiver: self.id, key: key), on: link)
    }

    mutating func request(from id: UInt16, on link: LinkID) throws {
        try receive(GraftRequest(sender: NodeID(id), receiver: self.id), on: link)
    }

    /// A partner takes back that it asked for the role.
    mutating func withdraw(from id: UInt16, on link: LinkID) throws {
        try receive(
            GraftRequest(sender: NodeID(id), receiver: self.id, cost: GraftRequest.withdrawn),
            on: link
        )
    }

    mutating func knock(from id: UInt16, on link: LinkID) throws {
        try receive(GraftKnock(sender: NodeID(id), receiver: self.id), on: link)
    }

    mutating func reconnect(from id: UInt16, nonce: UInt32, on link: LinkID) throws {
        try receive(GraftReconnect(sender: NodeID(id), receiver: self.id, nonce: nonce), on: link)
    }

    // MARK: - Links

    /// A neighbour connects and says hello.
    mutating func meet(
        _ id: UInt16,
        key: ClusterKey,
        isRoot: Bool = true,
        isFull: Bool = false,
        nonce: UInt32 = 0x1000
    ) throws -> LinkID {
        let link = linkUp(from: id)
        give(.radio(.mtu(link: link, value: 63)))
        try hello(from: id, key: key, isRoot: isRoot, isFull: isFull, nonce: nonce | UInt32(id), on: link)
        return link
    }

    /// The node hears a neighbour, connects to it as soon as it does, and says hello.
    mutating func approach(
        _ id: UInt16,
        key: ClusterKey,
        isRoot: Bool = true,
        calls: Bool = false,
        rssi: Int8 = -60
    ) throws -> LinkID {
        let before = connects.count
        try hear(graftMeOf: id, key: key, isRoot: isRoot, calls: calls, rssi: rssi)
        for _ in 0..<18 where connects.count == before {
            wait(100)
        }
        let connect = try #require(connects.dropFirst(before).last, "the node did not connect")
        let link = linkUp(connect)
        prepare(link)
        return link
    }

    /// A neighbour of a greater cluster connects, and the node hangs itself under it.
    mutating func graft(under id: UInt16, key: ClusterKey, behind: Int16 = 10, height: UInt8 = 0) throws -> LinkID {
        let link = try meet(id, key: key)
        try tell(from: id, key: key, behind: behind, height: height, on: link)
        #expect(relation(on: link) == .parent, "the node did not concede")
        return link
    }

    /// A neighbour of a smaller cluster connects and hangs itself under the node.
    mutating func takeChild(
        _ id: UInt16,
        behind: Int16 = 1,
        height: UInt8 = 0,
        alternatives: UInt8 = 0
    ) throws -> LinkID {
        let link = try meet(id, key: Self.smaller(id))
        try concede(from: id, to: key, behind: behind, height: height, alternatives: alternatives, on: link)
        #expect(relation(on: link) == .child, "the neighbour was not taken in")
        return link
    }

    /// The node connects to a neighbour of a smaller cluster that calls, and takes it in.
    mutating func fetchChild(
        _ id: UInt16,
        behind: Int16 = 1,
        height: UInt8 = 0,
        alternatives: UInt8 = 0
    ) throws -> LinkID {
        let link = try approach(id, key: Self.smaller(id), calls: true)
        try concede(from: id, to: key, behind: behind, height: height, alternatives: alternatives, on: link)
        #expect(relation(on: link) == .child, "the neighbour was not taken in")
        return link
    }

    // MARK: - What came of it

    /// Whether no link leads upwards.
    var isRoot: Bool { node.isRoot }

    /// What a link is to the tree; nil if it is gone.
    func relation(on link: LinkID) -> TreeRelation? { node.linkViews.first { $0.link == link }?.relation }

    /// The clustering messages sent on a link since they were last forgotten.
    func said(on link: LinkID) -> [MessageType] {
        sent.filter { $0.link == link }.compactMap { message in
            guard let bytes = Hex.decode(message.hex), let first = bytes.first, 40...46 ~= first else { return nil }
            return MessageType(rawValue: first)
        }
    }

    /// Types of messages that the node called unexpected, in order.
    var unexpected: [MessageType] {
        traces.compactMap { if case .unexpected(_, let type) = $0.event { type } else { nil } }
    }

    /// The nonce of a link of which the node is central, as its hello gave it.
    func nonce(on link: LinkID) throws -> UInt32 {
        try #require(sent(GraftHello.self, on: link).last).nonce
    }

    /// What must hold of a grafting node whatever it is told.
    func checkInvariants(_ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
        let mesh = node.linkViews.filter { $0.kind == .mesh }
        let upward = mesh.filter { $0.relation == .conceded || $0.relation == .parent }
        #expect(upward.count <= 1, "links upwards \(comment)", sourceLocation: sourceLocation)
        #expect(isRoot == upward.isEmpty, "root \(comment)", sourceLocation: sourceLocation)
        #expect(node.clusterSize >= 1, "size \(comment)", sourceLocation: sourceLocation)
        #expect(node.linkCount <= Limits.connections, "links \(comment)", sourceLocation: sourceLocation)
        let bits = mesh.allSatisfy { $0.masterBit == ($0.relation == .child) }
        #expect(bits, "master bits \(comment)", sourceLocation: sourceLocation)
        var size = 1
        for link in mesh where link.relation != .engaged {
            size += Int(link.connectedSize)
        }
        #expect(Int(node.clusterSize) == min(size, Int(Int16.max)), "count \(comment)", sourceLocation: sourceLocation)
    }
}
