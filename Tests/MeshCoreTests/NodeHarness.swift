import ByteCoding
import MeshCore
import MeshWire
import RadioFake
import RadioPort
import Testing

/// One node with a made-up radio that always works: everything reaches the node as an input, everything it wants is collected.
///
/// Writes are confirmed at once, so that queues never fill; time moves only by ``wait(_:)``.
struct NodeHarness {
    /// A message that the node sent, put together again.
    struct Sent: Equatable {
        var link: LinkID
        var hex: String
    }

    /// A trace value and when it was emitted.
    struct Traced {
        /// Milliseconds since power-on.
        var uptime: UInt64
        var event: TraceEvent
    }

    /// One write as the radio gets it, a message or a piece of one.
    struct Write: Equatable {
        var link: LinkID
        var hex: String
        var kind: WriteKind
    }

    /// Handles of every node.
    static let handles = ServiceHandles(
        meshValue: AttributeHandle(rawValue: 11),
        accessReceive: AttributeHandle(rawValue: 21),
        accessTransmit: AttributeHandle(rawValue: 23),
        accessConfiguration: AttributeHandle(rawValue: 24)
    )
    /// Bytes of a write on every link.
    static let payloadSize = 60

    private(set) var node: Node
    private(set) var now: Instant
    /// Messages sent since they were last taken, without cluster housekeeping.
    private(set) var sent: [Sent] = []
    /// Messages delivered to whoever uses the node.
    private(set) var delivered: [String] = []
    private(set) var stored = PersistentState()
    private(set) var persistCount = 0
    private(set) var restarts: [UInt8] = []
    private(set) var entropyRequests = 0
    private(set) var commands: [RadioCommand] = []
    /// Every write since they were last forgotten.
    private(set) var writes: [Write] = []
    private(set) var traces: [Traced] = []
    /// Whether writes are confirmed as soon as they are made.
    var confirmsWrites = true

    private var outputs = Outputs()
    private var reassemblers: [LinkID: Reassembler] = [:]
    private var nextLink: UInt32 = 1

    /// A node that was just powered on, with its radio ready.
    ///
    /// - Parameters:
    ///   - id: its node id; everything else is that of a stock build.
    ///   - network: the network that it was made for.
    ///   - deviceType: what it is for.
    ///   - hardware: what it reports of its hardware.
    ///   - stored: what it remembers.
    ///   - reason: why it boots.
    ///   - seed: of its random stream; its id if not given.
    ///   - configure: changes to the configuration.
    init(
        _ id: UInt16,
        network: NetworkID = NetworkID(11),
        deviceType: DeviceType = .static,
        hardware: HardwareRecord = HardwareRecord(),
        stored: PersistentState = PersistentState(),
        reason: UInt8 = 0,
        seed: UInt64? = nil,
        configure: (inout Configuration) -> Void = { _ in }
    ) {
        var configuration = Configuration()
        configuration.tracing = true
        configure(&configuration)
        let identity = Identity(node: NodeID(id), network: network, deviceType: deviceType, hardware: hardware)
        node = Node(identity: identity, configuration: configuration, seed: seed ?? UInt64(id)) { key, _ in key }
        now = Instant(microseconds: 1_000_000)
        self.stored = stored
        start(reason: reason)
    }

    /// The address of the node with an id.
    static func address(of id: UInt16) -> Address { Address(value: 0xC000_0000_0000 | UInt64(id), kind: .random) }

    /// Milliseconds since power-on.
    var uptime: UInt64 { (now.microseconds - 1_000_000) / 1000 }

    // MARK: - Inputs

    /// Powers the node on with what it has stored.
    mutating func start(reason: UInt8 = 0) {
        give(.started(boot: BootRecord(bootNumber: 0x1234, reason: reason, stored: stored)))
        give(
            .radio(
                .ready(
                    address: Self.address(of: node.identity.node.rawValue),
                    capabilities: FakeRadio.capabilities,
                    handles: Self.handles
                )
            )
        )
    }

    mutating func give(_ input: Input) {
        node.handle(input, at: now, into: &outputs)
        drain()
    }

    /// Lets time pass, waking the node at its deadlines.
    ///
    /// - Parameter milliseconds: how much.
    mutating func wait(_ milliseconds: UInt64) {
        let end = now.advanced(byMicroseconds: milliseconds * 1000)
        while let deadline = node.nextDeadline, deadline <= end {
            now = max(now, deadline)
            give(.wake)
        }
        now = end
    }

    /// Lets time pass until so many milliseconds since power-on.
    mutating func wait(untilUptime milliseconds: UInt64) {
        let target = 1_000_000 + milliseconds * 1000
        wait((target - min(target, now.microseconds)) / 1000)
    }

    /// The partner writes a message, in pieces if it is long.
    mutating func receive(_ message: MessageBytes, on link: LinkID) {
        var splitter = Splitter(message, payloadSize: Self.payloadSize)
        while let frame = splitter.nextFrame() {
            give(.radio(.written(link: link, handle: Self.handles.meshValue, value: frame, kind: .command)))
        }
    }

    mutating func receive(_ hex: String, on link: LinkID) throws {
        receive(MessageBytes(try #require(Hex.decode(hex))), on: link)
    }

    mutating func receive(_ message: some WireMessage, on link: LinkID) throws {
        receive(try message.encoded(as: MessageBytes.self), on: link)
    }

    /// Somebody local sends a message.
    mutating func send(_ hex: String) throws {
        give(.request(.send(MessageBytes(try #require(Hex.decode(hex))))))
    }

    // MARK: - Links

    /// A neighbour with a bigger cluster connects and takes the node in.
    ///
    /// - Parameters:
    ///   - id: the neighbour.
    ///   - size: nodes in its cluster.
    /// - Returns: the link.
    /// - Throws: what the codec throws; never.
    mutating func join(_ id: UInt16, size: Int16 = 10) throws -> LinkID {
        let link = newLink()
        let address = Self.address(of: id)
        give(
            .radio(
                .connected(
                    token: .incoming,
                    link: link,
                    role: .peripheral,
                    address: address,
                    parameters: Self.parameters
                )
            )
        )
        give(.radio(.keyRequested(link: link)))
        give(.radio(.encrypted(link: link, status: .success)))
        give(.radio(.mtu(link: link, value: 63)))
        let cluster = ClusterID(rawValue: 0x4711_0000 | UInt32(id))
        try receive(
            ClusterWelcome(
                sender: NodeID(id),
                cluster: cluster,
                clusterSize: size,
                meshWriteHandle: 11,
                hopsToSink: -1,
                network: NetworkID(11)
            ),
            on: link
        )
        try receive(
            ClusterAck2(
                sender: NodeID(id),
                receiver: node.identity.node,
                cluster: cluster,
                clusterSize: size + 1,
                hopsToSink: -1
            ),
            on: link
        )
        #expect(node.meshEdgeCount > 0, "the node did not join")
        return link
    }

    /// The node connects to a lone neighbour and takes it in.
    ///
    /// - Parameter id: the neighbour.
    /// - Returns: the link.
    /// - Throws: if the node does not connect.
    mutating func takeIn(_ id: UInt16) throws -> LinkID {
        let link = newLink()
        let address = Self.address(of: id)
        let joinMe = JoinMe(
            network: NetworkID(11),
            sender: NodeID(id),
            cluster: ClusterID(rawValue: 0x0815_0000 | UInt32(id)),
            clusterSize: 1,
            freeIn: 2,
            freeOut: 3,
            battery: 0,
            txPower: 4,
            deviceType: .static,
            hopsToSink: -1,
            meshWriteHandle: 11,
            ackField: .none
        )
        let data: AdvertisingData = try joinMe.encoded()
        give(.radio(.advertisement(address: address, rssi: -50, connectable: true, data: data)))
        commands.removeAll()
        wait(2400)
        let token = try #require(
            commands.compactMap { if case .connect(let token, _, _, _, _) = $0 { token } else { nil } }.last
        )
        give(
            .radio(.connected(token: token, link: link, role: .central, address: address, parameters: Self.parameters))
        )
        give(.radio(.encrypted(link: link, status: .success)))
        give(.radio(.mtu(link: link, value: 63)))
        try receive(ClusterAck1(sender: NodeID(id), receiver: node.identity.node, hopsToSink: -1), on: link)
        #expect(node.linkViews.contains { $0.link == link && $0.isMeshEdge }, "the neighbour was not taken in")
        return link
    }

    static let parameters = ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)

    mutating func newLink() -> LinkID {
        defer { nextLink += 1 }
        return LinkID(rawValue: nextLink)
    }

    // MARK: - Outputs

    /// Messages sent since the last call, without the cluster's housekeeping and live reports.
    mutating func take() -> [String] {
        defer { sent.removeAll() }
        return sent.map(\.hex).filter { !Self.isHousekeeping($0) }
    }

    /// As ``take()``, of one link.
    mutating func take(on link: LinkID) -> [String] {
        defer { sent.removeAll { $0.link == link } }
        return sent.filter { $0.link == link }.map(\.hex).filter { !Self.isHousekeeping($0) }
    }

    /// Forgets everything collected.
    mutating func forget() {
        sent.removeAll()
        delivered.removeAll()
        commands.removeAll()
        writes.removeAll()
        traces.removeAll()
        persistCount = 0
    }

    private static func isHousekeeping(_ hex: String) -> Bool {
        ["14", "15", "16", "17", "35"].contains { hex.hasPrefix($0) }
    }

    private mutating func drain() {
        while !outputs.isEmpty {
            let items = outputs.items
            outputs.removeAll()
            for item in items {
                take(item)
            }
        }
    }

    private mutating func take(_ output: Output) {
        switch output {
        case .radio(.write(let link, _, let value, let kind)):
            writes.append(Write(link: link, hex: value.description, kind: kind))
            if case .message(let message) = reassemblers[link, default: Reassembler()]
                .accept(value, payloadSize: Self.payloadSize)
            {
                sent.append(Sent(link: link, hex: message.description))
            }
            guard confirmsWrites else { return }
            node.handle(
                .radio(kind == .request ? .writeConfirmed(link: link) : .sent(link: link, count: 1)),
                at: now,
                into: &outputs
            )
        case .radio(.disconnect(let link, let reason)):
            commands.append(.disconnect(link: link, reason: reason))
            node.handle(.radio(.disconnected(link: link, reason: .localHostTerminated)), at: now, into: &outputs)
        case .radio(let command):
            commands.append(command)
        case .deliver(let message):
            delivered.append(message.description)
        case .persist(let state):
            stored = state
            persistCount += 1
        case .restart(let reason):
            restarts.append(reason)
        case .needsEntropy:
            entropyRequests += 1
        case .trace(let event):
            traces.append(Traced(uptime: uptime, event: event))
        }
    }
}
