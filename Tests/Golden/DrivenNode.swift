import ByteCoding
import MeshCore
import MeshCrypto
import MeshWire
import RadioPort

/// A node of the mesh beside the one under test, as the test plays it.
struct Neighbour: Equatable {
    var id: NodeID
    var address: Address
    /// Signal strength in dBm, of its advertisements and of a link with it.
    var rssi: Int8 = -60
}

/// A node under test and its radio: a world in which it is told inputs and nothing else.
///
/// The radio encrypts, agrees on the MTU, confirms what is written and closes links as it is asked to, at once. Whatever the
/// node writes is kept, by neighbour and in order.
struct DrivenNode {
    /// Largest ATT MTU of a mesh link.
    static let mtu: UInt16 = 63
    static let handles = ServiceHandles(
        meshValue: AttributeHandle(rawValue: 1),
        accessReceive: AttributeHandle(rawValue: 2),
        accessTransmit: AttributeHandle(rawValue: 3),
        accessConfiguration: AttributeHandle(rawValue: 4)
    )

    /// A link with a neighbour, and what was written over it; a later link with the same neighbour goes on with it.
    struct Link {
        var neighbour: Neighbour
        var id: LinkID
        var frames: [FrameBytes] = []
        /// What the radio has not yet confirmed, because the test holds it.
        var unconfirmed: [RadioEvent] = []
        var isHeld = false
        /// The node asked to close it.
        var isClosed = false
        /// Counter of the neighbour's next CLUSTER_INFO_UPDATE.
        var updateCounter: UInt8 = 1
    }

    private(set) var node: Node
    private(set) var now = Instant.zero
    private(set) var links: [Link] = []
    /// Messages for the node itself, in order.
    private(set) var delivered: [MessageBytes] = []
    /// How often the node restarted since that was last taken.
    private var restarts = 0
    /// The connect attempt under way.
    private(set) var attempt: (token: ConnectToken, address: Address)?
    /// Whether writes of a time that is handed on stay with the radio until ``release(_:)``.
    var holdsTimeOffers = false

    private var lastLink: UInt32 = 0
    private var outputs = Outputs()

    /// A node that boots at time zero.
    init(_ identity: Identity, address: Address, bootNumber: UInt16 = 1) {
        node = Node(identity: identity, configuration: Configuration(), seed: 1, cipher: AES128.cipher)
        handle(.started(boot: BootRecord(bootNumber: bootNumber)))
        let capabilities = RadioCapabilities(
            linksAsCentral: 3,
            linksAsPeripheral: 3,
            dualRole: true,
            advertiseWhileLinked: true,
            linkEncryption: true,
            dataLength: true,
            extendedAdvertising: false,
            mtuMax: Self.mtu
        )
        handle(.radio(.ready(address: address, capabilities: capabilities, handles: Self.handles)))
    }

    // MARK: - Time

    /// Lets time pass, waking the node when it wants to be.
    mutating func advance(to instant: Instant) {
        while wake(notAfter: instant) {}
        now = max(now, instant)
    }

    /// Wakes the node the next time it wants to be; false if that is after `limit` or never.
    mutating func wake(notAfter limit: Instant) -> Bool {
        guard let deadline = node.nextDeadline, deadline <= limit else { return false }
        now = max(now, deadline)
        handle(.wake)
        return true
    }

    // MARK: - Inputs

    /// Gives the node an input, and the radio's answers to what follows from it.
    mutating func handle(_ input: Input) {
        var inputs = [input]
        while !inputs.isEmpty {
            outputs.removeAll()
            node.handle(inputs.removeFirst(), at: now, into: &outputs)
            for output in outputs.items {
                inputs += answers(to: output)
            }
        }
    }

    private mutating func answers(to output: Output) -> [Input] {
        switch output {
        case .deliver(let message): delivered.append(message)
        case .restart: restarts += 1
        case .radio(.connect(let token, let address, _, _, _)): attempt = (token, address)
        case .radio(.cancelConnect):
            guard let token = attempt?.token else { return [] }
            attempt = nil
            return [.radio(.connectFailed(token: token, reason: .connectionTimeout))]
        case .radio(.encrypt(let link, _)): return [.radio(.encrypted(link: link, status: .success))]
        case .radio(.exchangeMTU(let link, _)): return [.radio(.mtu(link: link, value: Self.mtu))]
        case .radio(.disconnect(let link, _)):
            for index in links.indices where links[index].id == link {
                links[index].isClosed = true
            }
            return [.radio(.disconnected(link: link, reason: .localHostTerminated))]
        case .radio(.write(let link, _, let value, let kind)):
            return confirmation(of: value, on: link, kind: kind).map { [.radio($0)] } ?? []
        default: break
        }
        return []
    }

    private mutating func confirmation(of frame: FrameBytes, on link: LinkID, kind: WriteKind) -> RadioEvent? {
        guard let index = links.firstIndex(where: { $0.id == link }) else { return nil }
        links[index].frames.append(frame)
        if holdsTimeOffers, TimeOffer.isOffer(frame) {
            links[index].isHeld = true
        }
        let event: RadioEvent = kind == .request ? .writeConfirmed(link: link) : .sent(link: link, count: 1)
        guard links[index].isHeld else { return event }
        links[index].unconfirmed.append(event)
        return nil
    }

    // MARK: - Links

    /// The link with a neighbour.
    func index(of neighbour: NodeID) -> Int? { links.firstIndex { $0.neighbour.id == neighbour } }

    /// What was written to a neighbour.
    func frames(to neighbour: NodeID) -> [FrameBytes] { index(of: neighbour).map { links[$0].frames } ?? [] }

    /// Whether the node has closed its link with a neighbour.
    func hasClosed(_ neighbour: NodeID) -> Bool { index(of: neighbour).map { links[$0].isClosed } ?? false }

    /// A neighbour connects.
    mutating func connect(from neighbour: Neighbour) {
        let link = register(neighbour)
        linkUp(link, token: .incoming, role: .peripheral, neighbour)
        handle(.radio(.keyRequested(link: link)))
        handle(.radio(.encrypted(link: link, status: .success)))
        handle(.radio(.mtu(link: link, value: Self.mtu)))
    }

    /// A neighbour is connected to, as soon as the node wants that.
    mutating func connect(to neighbour: Neighbour, within duration: UInt64) throws {
        let limit = now.advanced(byMicroseconds: duration)
        while attempt?.address != neighbour.address, wake(notAfter: limit) {}
        guard let token = attempt?.token, attempt?.address == neighbour.address else {
            throw VectorError(description: "node \(node.identity.node) does not connect to \(neighbour.id)")
        }
        attempt = nil
        linkUp(register(neighbour), token: token, role: .central, neighbour)
    }

    private mutating func linkUp(_ link: LinkID, token: ConnectToken, role: LinkRole, _ neighbour: Neighbour) {
        let parameters = ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
        handle(
            .radio(
                .connected(token: token, link: link, role: role, address: neighbour.address, parameters: parameters)
            )
        )
    }

    private mutating func register(_ neighbour: Neighbour) -> LinkID {
        lastLink += 1
        let id = LinkID(rawValue: lastLink)
        if let index = index(of: neighbour.id) {
            links[index].id = id
            links[index].isClosed = false
            links[index].isHeld = false
            links[index].unconfirmed = []
        } else {
            links.append(Link(neighbour: neighbour, id: id))
        }
        return id
    }

    /// The counter of a neighbour's next CLUSTER_INFO_UPDATE, which flips.
    mutating func takeUpdateCounter(of neighbour: NodeID) -> UInt8 {
        guard let index = index(of: neighbour) else { return 1 }
        defer { links[index].updateCounter ^= 1 }
        return links[index].updateCounter
    }

    /// The radio loses a link.
    mutating func lose(_ neighbour: NodeID, reason: HCIStatus) {
        guard let index = index(of: neighbour) else { return }
        handle(.radio(.disconnected(link: links[index].id, reason: reason)))
    }

    /// A neighbour writes.
    mutating func write(_ frame: FrameBytes, from neighbour: NodeID) {
        guard let index = index(of: neighbour) else { return }
        let event = RadioEvent.written(
            link: links[index].id,
            handle: Self.handles.meshValue,
            value: frame,
            kind: .command
        )
        handle(.radio(event))
    }

    /// The radio measures the signal strength of a link.
    mutating func measure(_ neighbour: NodeID, rssi: Int8) {
        guard let index = index(of: neighbour) else { return }
        handle(.radio(.linkRSSI(link: links[index].id, rssi: rssi)))
    }

    /// From now on the radio confirms nothing that is written to a neighbour.
    mutating func hold(_ neighbour: NodeID) {
        guard let index = index(of: neighbour) else { return }
        links[index].isHeld = true
    }

    /// The radio confirms what it has held back, and again everything at once.
    mutating func release(_ neighbour: NodeID) {
        guard let index = index(of: neighbour) else { return }
        links[index].isHeld = false
        let events = links[index].unconfirmed
        links[index].unconfirmed = []
        for event in events {
            handle(.radio(event))
        }
    }

    // MARK: - What came out

    /// Takes how often the node restarted.
    mutating func takeRestarts() -> Int {
        defer { restarts = 0 }
        return restarts
    }

    /// Takes the messages for the node itself.
    mutating func takeDelivered() -> [MessageBytes] {
        defer { delivered = [] }
        return delivered
    }

    /// Forgets what was written and delivered so far.
    mutating func forgetOutputs() {
        delivered = []
        for index in links.indices {
            links[index].frames = []
        }
    }
}

/// The message that hands a time on, which tells the partner how long it waited for the radio.
enum TimeOffer {
    static func isOffer(_ frame: FrameBytes) -> Bool {
        guard let message = try? TimeSync(bytes: MessageBytes(frame.array)), case .initial = message.phase else {
            return false
        }
        return true
    }
}
