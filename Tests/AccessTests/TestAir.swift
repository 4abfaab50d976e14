import ByteCoding
import MeshCrypto
import MeshWire
import RadioFake
import RadioPort
import Testing

@testable import MeshCore

/// A few nodes and the air between them: commands of one become events of the others, at once and without loss.
///
/// Advertisements are heard every 0.1 s by whoever scans in reach. Links work as the port promises: a write request is
/// confirmed, commands and notifications are counted, a service discovery takes a second.
struct TestAir {
    /// One value that went over a link.
    struct Packet: Equatable {
        var from: Int
        var value: AttributeValue
        var kind: Kind

        enum Kind {
            case command
            case request
            case notification
        }
    }

    private struct Connection {
        var central: Int
        var peripheral: Int
        var id: LinkID
    }

    private struct Attempt {
        var token: ConnectToken
        var target: Int
        var deadline: Instant
    }

    private struct Pending {
        var node: Int
        var at: Instant
        var event: RadioEvent
    }

    static let handles = ServiceHandles(
        meshValue: AttributeHandle(rawValue: 14),
        accessReceive: AttributeHandle(rawValue: 2),
        accessTransmit: AttributeHandle(rawValue: 4),
        accessConfiguration: AttributeHandle(rawValue: 5)
    )
    private static let advertisingPeriod: UInt64 = 100_000

    var nodes: [Node] = []
    private(set) var now = Instant(microseconds: 1_000_000)
    /// Everything on the MeshAccess attributes since the start.
    private(set) var packets: [Packet] = []
    private(set) var delivered: [[MessageBytes]] = []
    private(set) var traces: [[TraceEvent]] = []
    /// When each of them was emitted.
    private(set) var tracedAt: [[Instant]] = []
    private(set) var messagesOnMeshLinks: [[AttributeValue]] = []
    /// Pairs of nodes that hear each other, by index.
    var isInReach: (Int, Int) -> Bool = { _, _ in true }
    /// How strongly the second of two nodes hears the first, in dBm.
    var rssi: (Int, Int) -> Int8 = { _, _ in -60 }
    /// Pairs of nodes, central first, between which no connection comes up although they hear each other.
    var isUnreachable: (Int, Int) -> Bool = { _, _ in false }
    /// Whether nodes get the random bytes that they ask for.
    var givesEntropy = true
    /// May change a packet on its way; nil loses it.
    var tamper: (Packet) -> AttributeValue? = { $0.value }
    /// The same for what is written to the mesh attribute.
    var tamperMesh: (Packet) -> AttributeValue? = { $0.value }

    /// While set, what node 0 writes to the mesh attribute ends up here instead of at its partner.
    var heldBack: [AttributeValue]?
    private var addresses: [Address] = []
    private var encrypts: [Bool] = []
    private var random = SeededGenerator(seed: 4711)
    /// What each node has stored.
    private(set) var stored: [PersistentState] = []
    /// Reasons of the restarts that each node asked for.
    private(set) var restarts: [[UInt8]] = []
    private(set) var advertised: [AdvertisingData?] = []
    private(set) var isConnectable: [Bool] = []
    private(set) var isScanning: [Bool] = []
    private var attempts: [Attempt?] = []
    private var connections: [Connection] = []
    private var pending: [Pending] = []
    private var nextLink: UInt32 = 1

    /// Adds a node, powered on; its radio may not be able to encrypt links.
    ///
    /// - Returns: its index.
    @discardableResult
    mutating func add(
        _ identity: Identity,
        address: Address? = nil,
        encrypting: Bool = true,
        configure: (inout Configuration) -> Void = { _ in }
    ) -> Int {
        var configuration = Configuration()
        configuration.tracing = true
        configure(&configuration)
        let index = nodes.count
        let address = address ?? Address(value: 0xC000_0000_0000 | UInt64(index + 1), kind: .random)
        let seed = UInt64(identity.node.rawValue)
        nodes.append(Node(identity: identity, configuration: configuration, seed: seed, cipher: AES128.cipher))
        addresses.append(address)
        encrypts.append(encrypting)
        delivered.append([])
        traces.append([])
        tracedAt.append([])
        messagesOnMeshLinks.append([])
        stored.append(PersistentState())
        restarts.append([])
        advertised.append(nil)
        isConnectable.append(false)
        isScanning.append(false)
        attempts.append(nil)
        boot(index, reason: 0)
        return index
    }

    private mutating func boot(_ index: Int, reason: UInt8) {
        let bootNumber = 0x1000 + nodes[index].identity.node.rawValue
        give(.started(boot: BootRecord(bootNumber: bootNumber, reason: reason, stored: stored[index])), to: index)
        var capabilities = FakeRadio.capabilities
        capabilities.linkEncryption = encrypts[index]
        let address = addresses[index]
        give(.radio(.ready(address: address, capabilities: capabilities, handles: Self.handles)), to: index)
    }

    /// A node of network 11 with the keys of a stock build.
    @discardableResult
    mutating func add(_ id: UInt16, configure: (inout Configuration) -> Void = { _ in }) -> Int {
        add(Identity(node: NodeID(id)), configure: configure)
    }

    func address(of index: Int) -> Address { addresses[index] }

    // MARK: - Time

    /// Lets time pass.
    mutating func run(seconds: Double) {
        run(until: now.advanced(byMicroseconds: UInt64(seconds * 1e6))) { _ in false }
    }

    /// Lets time pass until something holds, at most so many seconds.
    ///
    /// - Returns: whether it came to hold.
    @discardableResult
    mutating func run(atMost seconds: Double, until condition: (TestAir) -> Bool) -> Bool {
        run(until: now.advanced(byMicroseconds: UInt64(seconds * 1e6)), condition)
        return condition(self)
    }

    private mutating func run(until end: Instant, _ condition: (TestAir) -> Bool) {
        while !condition(self) {
            var next = end
            for index in nodes.indices {
                next = min(next, nodes[index].nextDeadline ?? end)
                next = min(next, attempts[index]?.deadline ?? end)
            }
            next = min(next, pending.map(\.at).min() ?? end)
            let period = Self.advertisingPeriod
            next = min(next, Instant(microseconds: (now.microseconds / period + 1) * period))
            now = max(now, next)
            guard now < end else { return }
            deliverPending()
            for index in nodes.indices {
                if let attempt = attempts[index], attempt.deadline <= now {
                    attempts[index] = nil
                    give(.radio(.connectFailed(token: attempt.token, reason: .connectionTimeout)), to: index)
                }
                if let deadline = nodes[index].nextDeadline, deadline <= now {
                    give(.wake, to: index)
                }
            }
            if now.microseconds % period == 0 {
                advertise()
            }
        }
    }

    private mutating func deliverPending() {
        while let position = pending.indices.first(where: { pending[$0].at <= now }) {
            let due = pending.remove(at: position)
            give(.radio(due.event), to: due.node)
        }
    }

    private mutating func advertise() {
        for sender in nodes.indices {
            guard let data = advertised[sender] else { continue }
            for receiver in nodes.indices where receiver != sender && isInReach(sender, receiver) {
                if let attempt = attempts[receiver], attempt.target == sender, isConnectable[sender],
                    !isUnreachable(receiver, sender)
                {
                    attempts[receiver] = nil
                    connect(receiver, to: sender, token: attempt.token)
                    break
                }
                guard isScanning[receiver] else { continue }
                let event = RadioEvent.advertisement(
                    address: address(of: sender),
                    rssi: rssi(sender, receiver),
                    connectable: isConnectable[sender],
                    data: data
                )
                give(.radio(event), to: receiver)
            }
        }
    }

    // MARK: - Nodes

    mutating func give(_ input: Input, to index: Int) {
        var outputs = Outputs()
        nodes[index].handle(input, at: now, into: &outputs)
        carryOut(outputs, of: index)
    }

    /// Calls what no input asks for yet.
    mutating func with(_ index: Int, _ body: (inout Node, Instant, inout Outputs) -> Void) {
        var outputs = Outputs()
        body(&nodes[index], now, &outputs)
        nodes[index].handle(.wake, at: now, into: &outputs)
        carryOut(outputs, of: index)
    }

    mutating func send(_ hex: String, from index: Int) throws {
        give(.request(.send(MessageBytes(try #require(Hex.decode(hex))))), to: index)
    }

    /// Bytes for nonces.
    mutating func giveEntropy(_ bytes: [UInt8], to index: Int) {
        give(.entropy(InlineBytes<32>(bytes)), to: index)
    }

    private mutating func carryOut(_ outputs: Outputs, of index: Int) {
        for output in outputs.items {
            switch output {
            case .radio(let command): apply(command, of: index)
            case .deliver(let message): delivered[index].append(message)
            case .needsEntropy:
                guard givesEntropy else { break }
                var bytes = InlineBytes<32>()
                for _ in 0..<32 {
                    bytes.append(UInt8(truncatingIfNeeded: random.next()))
                }
                give(.entropy(bytes), to: index)
            case .trace(let event):
                traces[index].append(event)
                tracedAt[index].append(now)
            case .persist(let state): stored[index] = state
            case .restart(let reason):
                restarts[index].append(reason)
                boot(index, reason: reason)
            }
        }
    }

    // MARK: - Radios

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
            // An address of nobody is waited for in vain.
            let target = addresses.firstIndex(of: address) ?? -1
            let deadline = now.advanced(byMicroseconds: UInt64(timeout))
            attempts[index] = Attempt(token: token, target: target, deadline: deadline)
        case .cancelConnect:
            guard let attempt = attempts[index] else { return }
            attempts[index] = nil
            tell(index, .connectFailed(token: attempt.token, reason: .remoteUserTerminated))
        case .encrypt(let link, _):
            guard let connection = connection(link) else { return }
            guard encrypts[connection.peripheral] else {
                tell(connection.central, .encrypted(link: link, status: .keyMissing))
                return
            }
            tell(connection.peripheral, .keyRequested(link: link))
        case .answerKey(let link, let key):
            guard let connection = connection(link) else { return }
            guard key == nil || key == nodes[connection.central].identity.keys.network else {
                lose(link, reason: .micFailure)
                return
            }
            let status: HCIStatus = key == nil ? .keyMissing : .success
            tell(connection.peripheral, .encrypted(link: link, status: status))
            tell(connection.central, .encrypted(link: link, status: status))
        case .exchangeMTU(let link, let mtu):
            guard let connection = connection(link) else { return }
            tell(connection.peripheral, .mtu(link: link, value: mtu))
            tell(connection.central, .mtu(link: link, value: mtu))
        case .discover(let link, let service):
            tell(index, .discovered(link: link, service: service, handles: Self.handles), after: 1_000_000)
        case .write(let link, let handle, let value, let kind):
            write(link, handle, value, kind, of: index)
        case .notify(let link, let handle, let value):
            guard let connection = connection(link) else { return }
            tell(index, .sent(link: link, count: 1))
            let packet = Packet(from: index, value: value, kind: .notification)
            guard let value = pass(packet) else { return }
            tell(connection.central, .notified(link: link, handle: handle, value: value))
        case .disconnect(let link, let reason):
            guard let position = connections.firstIndex(where: { $0.id == link }) else { return }
            let connection = connections.remove(at: position)
            let peer = connection.central == index ? connection.peripheral : connection.central
            tell(index, .disconnected(link: link, reason: .localHostTerminated))
            tell(peer, .disconnected(link: link, reason: reason))
        case .setDataLength, .updateParameters: break
        }
    }

    private mutating func write(
        _ link: LinkID,
        _ handle: AttributeHandle,
        _ value: AttributeValue,
        _ kind: WriteKind,
        of index: Int
    ) {
        guard let connection = connection(link) else { return }
        let peer = connection.central == index ? connection.peripheral : connection.central
        tell(index, kind == .request ? .writeConfirmed(link: link) : .sent(link: link, count: 1))
        if handle == Self.handles.meshValue {
            messagesOnMeshLinks[index].append(value)
            let packet = Packet(from: index, value: value, kind: kind == .request ? .request : .command)
            guard let value = tamperMesh(packet) else { return }
            if index == 0, heldBack != nil {
                heldBack?.append(value)
                return
            }
            tell(peer, .written(link: link, handle: handle, value: value, kind: kind))
            return
        }
        let packet = Packet(from: index, value: value, kind: kind == .request ? .request : .command)
        guard let value = pass(packet) else { return }
        tell(peer, .written(link: link, handle: handle, value: value, kind: kind))
    }

    private mutating func pass(_ packet: Packet) -> AttributeValue? {
        packets.append(packet)
        return tamper(packet)
    }

    private mutating func connect(_ central: Int, to peripheral: Int, token: ConnectToken) {
        let id = LinkID(rawValue: nextLink)
        nextLink += 1
        connections.append(Connection(central: central, peripheral: peripheral, id: id))
        advertised[peripheral] = nil
        let parameters = ConnectionParameters(interval: 8, latency: 0, supervisionTimeout: 100)
        tell(
            peripheral,
            .connected(
                token: .incoming,
                link: id,
                role: .peripheral,
                address: address(of: central),
                parameters: parameters
            )
        )
        tell(
            central,
            .connected(
                token: token,
                link: id,
                role: .central,
                address: address(of: peripheral),
                parameters: parameters
            )
        )
    }

    /// Both ends lose a link.
    mutating func lose(_ link: LinkID, reason: HCIStatus = .connectionTimeout) {
        guard let position = connections.firstIndex(where: { $0.id == link }) else { return }
        let connection = connections.remove(at: position)
        tell(connection.central, .disconnected(link: link, reason: reason))
        tell(connection.peripheral, .disconnected(link: link, reason: reason))
    }

    private func connection(_ link: LinkID) -> Connection? { connections.first { $0.id == link } }

    private mutating func tell(_ index: Int, _ event: RadioEvent, after delay: UInt64 = 1_000) {
        pending.append(Pending(node: index, at: now.advanced(byMicroseconds: delay), event: event))
    }

    // MARK: - MeshAccess

    /// Lets a node open a MeshAccess link and waits for the end of the handshake.
    ///
    /// - Returns: whether both ends are done.
    @discardableResult
    mutating func openAccessLink(
        from central: Int,
        to peripheral: Int,
        keyID: FmKeyID = .network,
        key: Key128 = NodeKeys().network,
        tunnel: TunnelType = .peerToPeer
    ) -> Bool {
        let address = address(of: peripheral)
        let target = nodes[peripheral].identity.node
        with(central) { node, now, outputs in
            let handshake = AccessHandshake(
                centralWithID: node.identity.node,
                keyID: keyID,
                longTermKey: key,
                tunnel: tunnel
            )
            _ = node.openAccessLink(
                AccessLink(handshake, for: .accepted),
                to: address,
                of: target,
                timeout: 10_000_000,
                now: now,
                into: &outputs
            )
        }
        run(atMost: 8) { $0.accessLink(central) == nil || $0.hasAccess(central) && $0.hasAccess(peripheral) }
        let isDone = hasAccess(central) && hasAccess(peripheral)
        run(seconds: 0.3)
        return isDone
    }

    /// As ``openAccessLink(from:to:keyID:key:tunnel:)``, which has to succeed.
    mutating func open(
        from central: Int,
        to peripheral: Int,
        keyID: FmKeyID = .network,
        key: Key128 = NodeKeys().network,
        tunnel: TunnelType = .peerToPeer
    ) throws {
        let isOpen = openAccessLink(from: central, to: peripheral, keyID: keyID, key: key, tunnel: tunnel)
        try #require(isOpen)
    }

    func accessLink(_ index: Int) -> Link? { nodes[index].links.first { $0.kind == .access } }

    func hasAccess(_ index: Int) -> Bool { accessLink(index)?.state == .handshakeDone }

    /// Messages delivered to a node, without live reports and the like.
    func deliveries(_ index: Int) -> [String] {
        delivered[index].map { $0.description }.filter { !$0.hasPrefix("35") }
    }

    /// Traces of removed connection objects, by reason.
    func removals(_ index: Int) -> [DisconnectReason] {
        traces[index].compactMap { event in
            guard case .connectionRemoved(_, let reason, _, _) = event else { return nil }
            return reason
        }
    }
}
