import ByteCoding
import MeshWire
import RadioPort

// Mesh links that no radio encrypts are protected by the node itself:
//
//      central                                          peripheral
//         │ no key can be set here, or none there          │
//         ├──────── START ────────────────────────────────►│ where to write: from JOIN_ME, else by discovery
//         │◄─────── ANONCE ────────────────────────────────┤
//         ├════════ SNONCE ═══════════════════════════════►│
//         │◄═══════ DONE ══════════════════════════════════┤
//         ├════════ CLUSTER_WELCOME or RECONNECT ═════════►│
//
// All packets are write commands to the mesh attribute of the partner: a request waits for the one before it, but not for
// commands. Packets that overtake others on the way wait for their turn. Double lines carry the four bytes more of protocol §6.5, so that a piece has 16 bytes. A link that is neither
// encrypted nor protected carries START and nothing else. Stock nodes do not answer START: the handshake time-out leaves them.
extension Node {
    // MARK: - Keys of the radio

    /// The central wants to encrypt.
    mutating func answerKey(_ link: LinkID, into outputs: inout Outputs) {
        guard let index = index(of: link), identity.keys.network != .unset else {
            outputs.append(.radio(.answerKey(link: link, key: nil)))
            return
        }
        // From here on the link layer lets nothing through in clear.
        links[index].encryption = .encrypted
        outputs.append(.radio(.answerKey(link: link, key: identity.keys.network)))
    }

    /// Whether a link that was to be encrypted stays, because the partner has no key to give (Core 5.4 Vol 1 Part F 2.5, 2.6).
    func partnerHasNoKey(_ index: Int, _ status: HCIStatus) -> Bool {
        links[index].role == .central && links[index].kind == .mesh && links[index].encryption == .inProgress
            && (status == .keyMissing || status == .authenticationFailure)
    }

    // MARK: - Handshake

    /// As central: begin.
    mutating func startLinkProtection(_ index: Int, now: Instant, into outputs: inout Outputs) {
        var protection = LinkProtection(
            AccessHandshake(
                centralWithID: identity.node,
                keyID: .network,
                longTermKey: identity.keys.network,
                tunnel: .peerToPeer
            )
        )
        guard let start = protection.channel.start() else { return }
        links[index].protection = protection
        links[index].encryption = .inProgress
        links[index].handshakeStartedAt = deciseconds(at: now)
        watchLinks(now: now)
        writeInClear(start, on: index, into: &outputs)
    }

    /// A packet on a link that no radio encrypts.
    mutating func receiveProtected(
        _ packet: AttributeValue,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        if !links[index].isProtectedByNode {
            guard links[index].role == .peripheral else {
                let type = MessageType(rawValue: packet.isEmpty ? 0 : packet[0])
                trace(.unexpected(link: links[index].id, type: type), into: &outputs)
                return
            }
            links[index].protection = LinkProtection(
                AccessHandshake(
                    peripheralWithID: identity.node,
                    accepting: AccessHandshake.Acceptance(keys: identity.keys, isMeshLink: true)
                )
            )
        }
        guard var channel = links[index].protection?.channel,
            let nonce = nonce(for: channel, on: index, now: now, into: &outputs)
        else { return }
        let reaction = channel.receive(packet, nonce: nonce, cipher: cipher)
        links[index].protection?.channel = channel
        switch reaction {
        case .ignored: return
        case .send(let reply): answer(reply, on: index, into: &outputs)
        case .established(let reply):
            if let reply { answer(reply, on: index, into: &outputs) }
            linkProtected(index, now: now, into: &outputs)
        case .received(let piece):
            let link = links[index].id
            receive(piece, on: index, now: now, into: &outputs)
            receiveEarly(link, now: now, into: &outputs)
        case .broken: remove(slot: links[index].slot, reason: .invalidPacket, now: now, into: &outputs)
        case .close(let reason): remove(slot: links[index].slot, reason: reason, now: now, into: &outputs)
        }
    }

    /// Packets that had overtaken the one just received.
    private mutating func receiveEarly(_ link: LinkID, now: Instant, into outputs: inout Outputs) {
        while let index = index(of: link), let piece = links[index].protection?.channel.nextEarly(cipher: cipher) {
            receive(piece, on: index, now: now, into: &outputs)
        }
    }

    /// Both ends have shown that they have the key: the cluster handshake may begin, or go on.
    private mutating func linkProtected(_ index: Int, now: Instant, into outputs: inout Outputs) {
        guard let session = links[index].protection?.channel.session else { return }
        links[index].encryption = .encrypted
        links[index].payload = UInt8(AccessChannel.sealedPayloadSize)
        links[index].reassembler.reset()
        links[index].handshakeStartedAt = deciseconds(at: now)
        trace(.linkProtected(link: links[index].id, partner: session.partner), into: &outputs)
        if links[index].state == .reestablishingHandshake, links[index].partner != session.partner {
            remove(slot: links[index].slot, reason: .wrongPartner, now: now, into: &outputs)
            return
        }
        guard links[index].role == .central else { return }
        switch links[index].state {
        case .connected: openHandshake(index, now: now, into: &outputs)
        case .reestablishingHandshake: sendReconnect(index, into: &outputs)
        default: return
        }
    }

    // MARK: - Where the partner's attribute is

    /// Writes an answer of the handshake, at once or when it is known where to.
    private mutating func answer(_ reply: AttributeValue, on index: Int, into outputs: inout Outputs) {
        if links[index].partnerHandle.rawValue == 0 {
            links[index].partnerHandle = announcedHandle(of: links[index].address)
        }
        guard links[index].partnerHandle.rawValue == 0 else {
            writeInClear(reply, on: index, into: &outputs)
            return
        }
        links[index].protection?.reply = reply
        outputs.append(.radio(.discover(link: links[index].id, service: .mesh)))
    }

    /// The search for the partner's attribute is over.
    mutating func meshServiceDiscovered(
        link: LinkID,
        handles: ServiceHandles?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let index = index(of: link), let reply = links[index].protection?.reply else { return }
        guard let handles else {
            remove(slot: links[index].slot, reason: .connectError, now: now, into: &outputs)
            return
        }
        links[index].partnerHandle = handles.meshValue
        links[index].protection?.reply = nil
        writeInClear(reply, on: index, into: &outputs)
    }

    /// Packets of the handshake go past the queues, as they are.
    private mutating func writeInClear(_ packet: AttributeValue, on index: Int, into outputs: inout Outputs) {
        links[index].queues.countUnqueuedCommand()
        outputs.append(
            .radio(.write(link: links[index].id, handle: links[index].partnerHandle, value: packet, kind: .command))
        )
    }
}
