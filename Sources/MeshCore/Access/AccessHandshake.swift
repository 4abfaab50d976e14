public import ByteCoding
public import MeshWire
public import RadioPort

/// The four-way key handshake at one end of a link (protocol §6.2 to 6.4).
///
/// ```
///  central                                peripheral
///  start           ── START ──────────►   awaitingStart
///  awaitingANonce  ◄───────── ANONCE ──   awaitingSNonce
///  awaitingDone    ══ SNONCE ═════════►
///                  ◄═════════ DONE ═══    finished
///  finished
/// ```
///
/// Double lines are sealed: SNONCE with the key made from ANONCE, DONE with the key made from SNONCE. Every message is one
/// packet, never split. Nonces are inputs; the handshake draws nothing. Anything unexpected fails it, and so ends the link.
public struct AccessHandshake: Sendable {
    /// What a peripheral lets a START ask for.
    public struct Acceptance: Hashable, Sendable {
        /// The keys of the node.
        public var keys: NodeKeys
        /// Whether key id 0 is accepted: insecure enrolment is allowed and the node is not enrolled.
        public var acceptsZeroKey: Bool
        /// Whether only the network key without a tunnel is accepted, as on mesh links.
        public var isMeshLink: Bool

        /// What a MeshAccess link or, with `isMeshLink`, a mesh link accepts.
        public init(keys: NodeKeys, acceptsZeroKey: Bool = false, isMeshLink: Bool = false) {
            self.keys = keys
            self.acceptsZeroKey = acceptsZeroKey
            self.isMeshLink = isMeshLink
        }
    }

    /// What follows from a received packet.
    public enum Outcome: Equatable, Sendable {
        /// Write this packet; the handshake goes on.
        case reply(AttributeValue)
        /// Complete; write the packet first if there is one.
        case finished(AccessSession, reply: AttributeValue?)
        /// Over; close the link.
        case failed(DisconnectReason)
    }

    private enum State: Sendable {
        case awaitingStart(Acceptance)
        case awaitingANonce(longTermKey: Key128)
        case awaitingSNonce(longTermKey: Key128, receiving: AccessCipher, start: EncryptCustomStart)
        case awaitingDone(AccessSession)
        case over
    }

    /// The version of the handshake that this code speaks.
    public static let version: UInt8 = 1

    /// This node.
    public let own: NodeID
    /// The first packet, nil at the peripheral.
    public let start: AttributeValue?
    private let requestedKeyID: FmKeyID
    private let requestedTunnel: TunnelType
    private var state: State

    /// The central's end; write ``start`` to begin.
    ///
    /// - Parameters:
    ///   - own: this node, not 0.
    ///   - keyID: what the key is.
    ///   - longTermKey: the key itself, stored or supplied.
    ///   - tunnel: the tunnel as this end sees it.
    public init(centralWithID own: NodeID, keyID: FmKeyID, longTermKey: Key128, tunnel: TunnelType) {
        self.own = own
        start = packet(
            EncryptCustomStart(sender: own, receiver: .broadcast, fmKeyID: keyID, tunnelType: tunnel)
        )
        requestedKeyID = keyID
        requestedTunnel = tunnel
        state = .awaitingANonce(longTermKey: longTermKey)
    }

    /// The peripheral's end; it waits for START.
    public init(peripheralWithID own: NodeID, accepting acceptance: Acceptance) {
        self.own = own
        start = nil
        requestedKeyID = .network
        requestedTunnel = .peerToPeer
        state = .awaitingStart(acceptance)
    }

    /// Whether the next packet, if it is the right one, uses up the nonce given with it.
    public var needsNonce: Bool {
        switch state {
        case .awaitingStart, .awaitingANonce: true
        case .awaitingSNonce, .awaitingDone, .over: false
        }
    }

    /// Takes the next packet of the partner.
    ///
    /// - Parameters:
    ///   - received: the packet as written or notified.
    ///   - nonce: a number never used before; see ``needsNonce``.
    ///   - cipher: AES-128.
    /// - Returns: what to write, or that the handshake is over.
    public mutating func receive(_ received: AttributeValue, nonce: AccessNonce, cipher: BlockCipher) -> Outcome {
        let outcome = step(received, nonce, cipher)
        switch outcome {
        case .reply: break
        case .finished, .failed: state = .over
        }
        return outcome
    }

    private mutating func step(_ received: AttributeValue, _ nonce: AccessNonce, _ cipher: BlockCipher) -> Outcome {
        switch state {
        case .awaitingStart(let acceptance):
            guard let start = try? EncryptCustomStart(bytes: received) else { return .unexpected }
            return accept(start, acceptance, nonce, cipher)
        case .awaitingANonce(let longTermKey):
            guard let message = try? EncryptCustomANonce(bytes: received) else { return .unexpected }
            return answer(message, longTermKey, nonce, cipher)
        case .awaitingSNonce(let longTermKey, var receiving, let start):
            guard let opened = receiving.open(received, cipher: cipher),
                let message = try? EncryptCustomSNonce(bytes: opened), message.sender == start.sender
            else { return .unexpected }
            let nonce = AccessNonce(first: message.nonce0, second: message.nonce1)
            return finish(start, longTermKey, nonce, receiving, cipher)
        case .awaitingDone(var session):
            guard let opened = session.receiving.open(received, cipher: cipher),
                let message = try? EncryptCustomDone(bytes: opened), message.sender == session.partner,
                message.status == 0
            else { return .unexpected }
            return .finished(session, reply: nil)
        case .over:
            return .unexpected
        }
    }

    /// START is here: the peripheral makes the central's key and answers ANONCE.
    private mutating func accept(
        _ start: EncryptCustomStart,
        _ acceptance: Acceptance,
        _ nonce: AccessNonce,
        _ cipher: BlockCipher
    ) -> Outcome {
        guard start.version == Self.version, start.sender != .broadcast else { return .unexpected }
        guard start.tunnelType != .meshToMesh, !acceptance.isMeshLink || start.tunnelType == .peerToPeer else {
            return .failed(.illegalTunnel)
        }
        guard !acceptance.isMeshLink || start.fmKeyID == .network,
            let key = acceptance.keys.longTermKey(
                for: start.fmKeyID,
                acceptsZero: acceptance.acceptsZeroKey,
                cipher: cipher
            )
        else { return .failed(.invalidKey) }
        let receiving = AccessCipher(longTermKey: key, central: start.sender, nonce: nonce, cipher: cipher)
        state = .awaitingSNonce(longTermKey: key, receiving: receiving, start: start)
        return .reply(
            packet(
                EncryptCustomANonce(sender: own, receiver: start.sender, nonce0: nonce.first, nonce1: nonce.second)
            )
        )
    }

    /// ANONCE is here: the central makes both keys and answers SNONCE.
    private mutating func answer(
        _ message: EncryptCustomANonce,
        _ longTermKey: Key128,
        _ nonce: AccessNonce,
        _ cipher: BlockCipher
    ) -> Outcome {
        guard message.sender != .broadcast, message.receiver == own else { return .unexpected }
        let anonce = AccessNonce(first: message.nonce0, second: message.nonce1)
        var session = AccessSession(
            partner: message.sender,
            keyID: requestedKeyID,
            tunnel: requestedTunnel,
            sending: AccessCipher(longTermKey: longTermKey, central: own, nonce: anonce, cipher: cipher),
            receiving: AccessCipher(longTermKey: longTermKey, central: own, nonce: nonce, cipher: cipher)
        )
        let reply = packet(
            EncryptCustomSNonce(sender: own, receiver: message.sender, nonce0: nonce.first, nonce1: nonce.second)
        )
        let sealed = session.sending.seal(reply, cipher: cipher)
        state = .awaitingDone(session)
        return .reply(sealed)
    }

    /// SNONCE is here: the peripheral makes its own key and answers DONE.
    private func finish(
        _ start: EncryptCustomStart,
        _ longTermKey: Key128,
        _ nonce: AccessNonce,
        _ receiving: AccessCipher,
        _ cipher: BlockCipher
    ) -> Outcome {
        var session = AccessSession(
            partner: start.sender,
            keyID: start.fmKeyID,
            tunnel: start.tunnelType.mirrored,
            sending: AccessCipher(longTermKey: longTermKey, central: start.sender, nonce: nonce, cipher: cipher),
            receiving: receiving
        )
        let done = packet(EncryptCustomDone(sender: own, receiver: start.sender))
        let sealed = session.sending.seal(done, cipher: cipher)
        return .finished(session, reply: sealed)
    }
}

extension AccessHandshake.Outcome {
    /// A message out of turn, or one that does not open.
    fileprivate static let unexpected = AccessHandshake.Outcome.failed(.invalidHandshakePacket)
}

/// The encoded form of a handshake message, all of which are shorter than a packet.
func packet(_ message: some WireMessage) -> AttributeValue {
    do {
        return try message.encoded()
    } catch {
        preconditionFailure("a handshake message fits into one packet: \(error)")
    }
}
