public import ByteCoding
import MeshWire
public import RadioPort

/// The application-layer protection of one link, from START to the end of the link (protocol §6.2 to 6.7).
///
/// For MeshAccess links, and for mesh links whose radio cannot encrypt. It sits between the splitting of messages and the
/// radio: everything received goes through ``receive(_:nonce:cipher:)``, every piece to send through ``seal(_:cipher:)``.
///
/// ```
///  idle ──start / START──► handshaking ──DONE──► established
///                             ▲    │ failure          │ wrong MIC: DEAD_DATA
///                  start / START   ▼                  ▼
///                             │  closed ◄──32nd── broken ──┐ other packets: DEAD_DATA
///                             └────────────────────────────┘
/// ```
public struct AccessChannel: Sendable {
    /// What the owner of the link has to do.
    public enum Reaction: Equatable, Sendable {
        /// Nothing.
        case ignored
        /// Write this packet.
        case send(AttributeValue)
        /// Write the packet if there is one; the link is protected from now on.
        case established(AttributeValue?)
        /// Put this opened packet together with its neighbours, or take it as a message.
        case received(AttributeValue)
        /// Write this packet, forget partly received and partly sent messages, and wait for a new handshake.
        case broken(AttributeValue)
        /// Close the link.
        case close(DisconnectReason)
    }

    private enum State: Sendable {
        case idle
        case handshaking(AccessHandshake)
        case established(AccessSession)
        case broken(partner: NodeID)
        case closed
    }

    /// Time for a new START after the encryption was lost, the new handshake not counted.
    public static let recoveryMicroseconds: UInt64 = 10_000_000
    /// Corrupted packets between two handshakes that end the link.
    public static let corruptedPacketsMax = 32
    /// Bytes of a packet before the link is protected: no MTU is exchanged (protocol §5.5).
    public static let clearPayloadSize = 20
    /// Bytes of a packet before it is sealed.
    public static let sealedPayloadSize = 16

    /// A handshake that has not begun; each one starts as a copy.
    private let fresh: AccessHandshake
    /// Packets that may come before one that was sent earlier; with 0 the first of them breaks the link.
    private let earlyMax: Int
    /// Those that came and wait for their turn, as received.
    private var early: ContiguousArray<AttributeValue> = []
    private var state = State.idle
    /// Corrupted packets since the last complete handshake.
    public private(set) var corruptedPackets = 0

    /// The protection of a link that does not have it yet.
    ///
    /// - Parameters:
    ///   - handshake: this end's.
    ///   - earlyMax: packets that may overtake another; 0 where packets of a link keep their order.
    public init(_ handshake: AccessHandshake, earlyMax: Int = 0) {
        fresh = handshake
        self.earlyMax = earlyMax
    }

    /// What the handshake agreed on, nil while the link is not protected.
    public var session: AccessSession? {
        guard case .established(let session) = state else { return nil }
        return session
    }

    /// Whether the link had its protection and lost it.
    public var isBroken: Bool {
        guard case .broken = state else { return false }
        return true
    }

    /// Longest piece that may go to the link now.
    public var payloadSize: Int { session == nil ? Self.clearPayloadSize : Self.sealedPayloadSize }

    /// Whether the next packet may use up the nonce given with it.
    public var needsNonce: Bool {
        switch state {
        case .idle, .broken: fresh.start == nil
        case .handshaking(let handshake): handshake.needsNonce
        case .established, .closed: false
        }
    }

    /// As central: the packet that begins a handshake, the first or one after the encryption was lost; nil at any other time.
    public mutating func start() -> AttributeValue? {
        switch state {
        case .idle, .broken:
            guard let start = fresh.start else { return nil }
            state = .handshaking(fresh)
            return start
        case .handshaking, .established, .closed:
            return nil
        }
    }

    /// Protects one piece.
    ///
    /// - Parameters:
    ///   - piece: 1...16 bytes; any other number is a programmer error.
    ///   - cipher: AES-128.
    /// - Returns: four bytes more; nil while the link is not protected.
    public mutating func seal(_ piece: AttributeValue, cipher: BlockCipher) -> AttributeValue? {
        guard case .established(var session) = state else { return nil }
        let sealed = session.sending.seal(piece, cipher: cipher)
        state = .established(session)
        return sealed
    }

    /// Takes a packet of the partner.
    ///
    /// - Parameters:
    ///   - packet: as written or notified.
    ///   - nonce: a number never used before; see ``needsNonce``.
    ///   - cipher: AES-128.
    /// - Returns: what the owner of the link has to do.
    public mutating func receive(_ packet: AttributeValue, nonce: AccessNonce, cipher: BlockCipher) -> Reaction {
        switch state {
        case .idle:
            // A central has nothing to expect before its START; a peripheral expects just that.
            return advance(fresh, packet, nonce, cipher)
        case .handshaking(let handshake):
            if isLeftOver(packet, handshake) { return .ignored }
            return advance(handshake, packet, nonce, cipher)
        case .established(var session):
            guard let opened = session.receiving.open(packet, cipher: cipher) else {
                guard early.count < earlyMax, session.receiving.isEarly(packet, within: earlyMax, cipher: cipher) else {
                    return lose(partner: session.partner)
                }
                early.append(packet)
                return .ignored
            }
            state = .established(session)
            return .received(opened)
        case .broken(let partner):
            if fresh.start == nil, Self.isStart(packet) { return advance(fresh, packet, nonce, cipher) }
            return Self.isDeadData(packet) ? .ignored : lose(partner: partner)
        case .closed:
            return .ignored
        }
    }

    /// The next packet that came early and has its turn now, opened; to be asked for after each `received`.
    public mutating func nextEarly(cipher: BlockCipher) -> AttributeValue? {
        guard !early.isEmpty, case .established(var session) = state else { return nil }
        for index in early.indices {
            guard let opened = session.receiving.open(early[index], cipher: cipher) else { continue }
            early.remove(at: index)
            state = .established(session)
            return opened
        }
        return nil
    }

    private mutating func advance(
        _ handshake: AccessHandshake,
        _ packet: AttributeValue,
        _ nonce: AccessNonce,
        _ cipher: BlockCipher
    ) -> Reaction {
        var handshake = handshake
        switch handshake.receive(packet, nonce: nonce, cipher: cipher) {
        case .reply(let reply):
            state = .handshaking(handshake)
            return .send(reply)
        case .finished(let session, let reply):
            state = .established(session)
            corruptedPackets = 0
            return .established(reply)
        case .failed(let reason):
            state = .closed
            return .close(reason)
        }
    }

    /// The encryption is out of step: only a new handshake can help.
    private mutating func lose(partner: NodeID) -> Reaction {
        corruptedPackets += 1
        guard corruptedPackets < Self.corruptedPacketsMax else {
            state = .closed
            return .close(.invalidPacket)
        }
        state = .broken(partner: partner)
        return .broken(MeshCore.packet(DeadData(sender: fresh.own, receiver: partner)))
    }

    /// Whether a central that started anew reads what the peripheral wrote before it heard of it.
    private func isLeftOver(_ packet: AttributeValue, _ handshake: AccessHandshake) -> Bool {
        guard corruptedPackets > 0, handshake.start != nil, handshake.needsNonce else { return false }
        return (try? EncryptCustomANonce(bytes: packet)) == nil
    }

    /// Whether a packet is START to the byte: sealed packets must not be taken for one.
    private static func isStart(_ packet: AttributeValue) -> Bool {
        guard packet.count == EncryptCustomStart.encodedSize, let start = try? EncryptCustomStart(bytes: packet) else {
            return false
        }
        return start.version == AccessHandshake.version
    }

    private static func isDeadData(_ packet: AttributeValue) -> Bool {
        guard packet.count == DeadData.encodedSize, let message = try? DeadData(bytes: packet) else { return false }
        return message.magic == DeadData.expectedMagic
    }
}
