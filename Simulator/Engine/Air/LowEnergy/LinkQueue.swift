import ByteCoding
import RadioPort

/// Something that one end of a link has for the other, in one piece of L2CAP or of link control.
struct LinkPacket: Sendable {
    enum Kind: UInt8 {
        case command, request, notification
        /// Write Response.
        case response
        case mtuRequest, mtuResponse
        /// One request of a service discovery, and its answer.
        case discovery, discoveryAnswer
        case parameterRequest
        // From here on link control (Core 5.4 Vol 6 Part B 2.4.2).
        case encryptionRequest, encryptionResponse, startEncryption, encryptionStarted, encryptionRefused
        case dataLength, connectionUpdate, terminate

        /// Whether the host is told when it has been acknowledged.
        var isCounted: Bool { self == .command || self == .notification }
    }

    var kind: Kind
    var handle = AttributeHandle(rawValue: 0)
    var value = AttributeValue()
    /// Meaning by kind: an MTU, a status, rounds left.
    var number: UInt16 = 0
    var key: Key128?
    var parameters = ConnectionParameters(interval: 0, latency: 0, supervisionTimeout: 0)

    /// Bytes on the link: L2CAP header (4) and ATT, or opcode and contents of link control.
    var length: Int {
        switch kind {
        case .command, .request, .notification: 4 + 3 + value.count
        case .response: 4 + 1
        case .mtuRequest, .mtuResponse: 4 + 3
        case .discovery: 4 + 7
        case .discoveryAnswer: 4 + 22
        case .parameterRequest: 4 + 12
        case .encryptionRequest: 23
        case .encryptionResponse: 13
        case .startEncryption, .encryptionStarted: 1
        case .encryptionRefused, .terminate: 2
        case .dataLength: 9
        case .connectionUpdate: 12
        }
    }
}

/// What one end of a link has to send: first in, first out, cut into packets that each need an acknowledgement.
struct LinkQueue: Sendable {
    private var packets: ContiguousArray<LinkPacket> = []
    private var head = 0
    /// Bytes of the first packet that have been acknowledged.
    private var done = 0
    /// Length of the piece on air; nil while there is none.
    private(set) var onAir: Int?
    /// Whether the other end has that piece, and its acknowledgement is under way.
    private(set) var isDelivered = false

    /// Room for 7 commands, a request, and what the radio adds by itself.
    static let capacity = 32

    var isEmpty: Bool { head == packets.count }

    /// Whether something is there that the other end does not have.
    var hasMore: Bool {
        guard !isEmpty else { return false }
        guard isDelivered, let onAir else { return true }
        return done + onAir < packets[head].length || head + 1 < packets.count
    }

    var first: LinkPacket? { isEmpty ? nil : packets[head] }

    /// Appends a packet; false if there is no room.
    mutating func append(_ packet: LinkPacket) -> Bool {
        guard packets.count - head < Self.capacity else { return false }
        packets.append(packet)
        return true
    }

    /// Length of the piece to send now, that of the last if it was not acknowledged; 0: an empty packet.
    mutating func piece(atMost limit: Int) -> Int {
        if let onAir { return onAir }
        guard !isEmpty else { return 0 }
        let piece = min(limit, packets[head].length - done)
        onAir = piece
        return piece
    }

    /// The other end has received the piece on air.
    ///
    /// - Returns: the packet if it is complete with that, and had not been received before.
    mutating func delivered() -> LinkPacket? {
        guard let onAir, !isDelivered, !isEmpty else { return nil }
        isDelivered = true
        return done + onAir == packets[head].length ? packets[head] : nil
    }

    /// The piece on air has been acknowledged.
    ///
    /// - Returns: what the packet was if that was its last.
    mutating func acknowledged() -> LinkPacket.Kind? {
        guard let piece = onAir, isDelivered, !isEmpty else { return nil }
        onAir = nil
        isDelivered = false
        done += piece
        guard done == packets[head].length else { return nil }
        let kind = packets[head].kind
        done = 0
        head += 1
        if head == packets.count {
            packets.removeAll(keepingCapacity: true)
            head = 0
        }
        return kind
    }

    /// Gives memory back while there is nothing to send: most links are idle most of the time.
    mutating func rest() {
        if isEmpty { packets = [] }
    }

    /// Forgets everything but what is on air.
    mutating func flush() {
        guard let first, onAir != nil || done > 0 else {
            packets.removeAll(keepingCapacity: true)
            head = 0
            return
        }
        packets.removeAll(keepingCapacity: true)
        packets.append(first)
        head = 0
    }
}
