import ByteCoding
import MeshWire
import RadioPort

// The life of a MeshAccess link (protocol §6.2, §6.7):
//
//      central                                   peripheral
//   connecting                                      resolver
//   connected     discovery of the service
//                 ───── TX notifications on ─────►  connected
//   handshaking   ───── START ───────────────────►  handshaking
//                 ◄──── ANONCE, SNONCE, DONE ────►
//   handshakeDone ◄════ messages ════════════════►  handshakeDone
//
// A packet that does not open sends the link back to connected: both ends say so in clear, the central starts again.
//
// The link is no mesh edge: it neither counts in the cluster nor keeps mesh links from coming up.
extension Node {
    // MARK: - Opening

    /// Asks the radio for a MeshAccess link.
    ///
    /// - Returns: false if it cannot be asked for now; then nothing has changed.
    mutating func openAccessLink(
        _ access: AccessLink,
        to address: Address,
        of target: NodeID,
        timeout: UInt32,
        now: Instant,
        into outputs: inout Outputs
    ) -> Bool {
        if let refusal = accessRefusal(to: address) {
            trace(.connectRefused(node: target, refusal), into: &outputs)
            return false
        }
        let slot = addLink(.access, role: .central, address: address, state: .connecting, now: now)
        links[links.count - 1].target = target
        links[links.count - 1].access = access
        beginConnecting(
            slot: slot,
            address: address,
            parameters: configuration.timing.accessParameters,
            timeout: timeout,
            into: &outputs
        )
        return true
    }

    /// Why no MeshAccess link can be opened now; nil if one can.
    func accessRefusal(to address: Address) -> ConnectRefusal? {
        // Unlike mesh links, nothing else bounds these.
        let outgoing = radioLinks.count { $0.role == .central }
        return connectRefusal(to: address) ?? (outgoing < Limits.outgoingLinks ? nil : .noFreeSlot)
    }

    /// The radio has the link: find the service.
    mutating func accessLinkUp(_ index: Int, link: LinkID, now: Instant, into outputs: inout Outputs) {
        links[index].id = link
        guard acceptsLinks else {
            remove(slot: links[index].slot, reason: .currentlyInHandshake, now: now, into: &outputs)
            return
        }
        links[index].state = .connected
        links[index].handshakeStartedAt = deciseconds(at: now)
        watchLinks(now: now)
        outputs.append(.radio(.discover(link: link, service: .meshAccess)))
    }

    /// The service was found: ask for notifications.
    mutating func discovered(
        link: LinkID,
        service: Service,
        handles: ServiceHandles?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        if service == .mesh {
            meshServiceDiscovered(link: link, handles: handles, now: now, into: &outputs)
            return
        }
        guard let index = index(of: link), links[index].kind == .access,
            links[index].role == .central, links[index].state == .connected
        else { return }
        guard let handles else {
            remove(slot: links[index].slot, reason: .connectError, now: now, into: &outputs)
            return
        }
        links[index].partnerHandle = handles.accessReceive
        links[index].statistics.sentReliable &+= 1
        outputs.append(
            .radio(
                .write(link: link, handle: handles.accessConfiguration, value: Self.notificationsOn, kind: .request)
            )
        )
    }

    /// Client characteristic configuration (Core 5.4 Vol 3 Part G 3.3.3.3): 0x0001, notifications.
    private static let notificationsOn = AttributeValue([0x01, 0x00])

    /// Notifications are on: begin the handshake.
    mutating func accessWriteConfirmed(_ index: Int, now: Instant, into outputs: inout Outputs) {
        guard links[index].kind == .access, links[index].role == .central, links[index].state == .connected,
            links[index].partnerHandle.rawValue != 0
        else { return }
        startAccessHandshake(index, now: now, into: &outputs)
    }

    private mutating func startAccessHandshake(_ index: Int, now: Instant, into outputs: inout Outputs) {
        guard let start = links[index].access?.channel.start() else { return }
        enterAccessHandshake(index, now: now)
        transmit(start, on: index, into: &outputs)
    }

    private mutating func enterAccessHandshake(_ index: Int, now: Instant) {
        links[index].state = .handshaking
        links[index].encryption = .inProgress
        links[index].handshakeStartedAt = deciseconds(at: now)
        watchLinks(now: now)
    }

    // MARK: - Accepting

    /// An incoming link turned out to be a MeshAccess link.
    mutating func acceptAccessLink(_ index: Int) {
        let acceptance = AccessHandshake.Acceptance(keys: identity.keys, acceptsZeroKey: acceptsZeroKey)
        links[index].kind = .access
        links[index].state = .connected
        links[index].payload = UInt8(AccessChannel.clearPayloadSize)
        links[index].access = AccessLink(
            AccessHandshake(peripheralWithID: identity.node, accepting: acceptance),
            for: .accepted
        )
    }

    // MARK: - Packets

    /// The central wrote.
    mutating func accessWritten(
        _ index: Int,
        handle: AttributeHandle,
        value: AttributeValue,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard links[index].role == .peripheral, handle == radio?.handles.accessReceive else { return }
        receivePacket(value, on: index, now: now, into: &outputs)
    }

    /// The peripheral notified.
    mutating func notified(link: LinkID, value: AttributeValue, now: Instant, into outputs: inout Outputs) {
        guard let index = index(of: link), links[index].kind == .access, links[index].role == .central else { return }
        receivePacket(value, on: index, now: now, into: &outputs)
    }

    private mutating func receivePacket(
        _ packet: AttributeValue,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard var channel = links[index].access?.channel,
            let nonce = nonce(for: channel, on: index, now: now, into: &outputs)
        else { return }
        let reaction = channel.receive(packet, nonce: nonce, cipher: cipher)
        links[index].access?.channel = channel
        switch reaction {
        case .ignored:
            return
        case .send(let reply):
            if links[index].state != .handshaking {
                enterAccessHandshake(index, now: now)
            }
            transmit(reply, on: index, into: &outputs)
        case .established(let reply):
            if let reply {
                transmit(reply, on: index, into: &outputs)
            }
            accessEstablished(index, now: now, into: &outputs)
        case .received(let piece):
            receivePiece(piece, on: index, now: now, into: &outputs)
        case .broken(let deadData):
            accessBroken(index, deadData, now: now, into: &outputs)
        case .close(let reason):
            remove(slot: links[index].slot, reason: reason, now: now, into: &outputs)
        }
    }

    /// A nonce for the next packet if it may use one up; without any the link is closed.
    mutating func nonce(
        for channel: AccessChannel,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) -> AccessNonce? {
        guard channel.needsNonce else { return AccessNonce(first: 0, second: 0) }
        guard let fresh = drawNonce(into: &outputs) else {
            trace(.noEntropy(link: links[index].id), into: &outputs)
            remove(slot: links[index].slot, reason: .connectError, now: now, into: &outputs)
            return nil
        }
        return fresh
    }

    private mutating func accessEstablished(_ index: Int, now: Instant, into outputs: inout Outputs) {
        guard let session = links[index].access?.channel.session else { return }
        let virtual = identity.node.virtualPartner(slot: Int(links[index].slot))
        links[index].partner = session.partner
        links[index].state = .handshakeDone
        links[index].encryption = .encrypted
        links[index].payload = UInt8(AccessChannel.sealedPayloadSize)
        links[index].handshakedAt = deciseconds(at: now)
        let opensNetworkLink = links[index].role == .central && session.keyID == .network
        links[index].access?.addressing = AccessAddressing(
            virtual: virtual,
            partner: session.partner,
            tunnel: session.tunnel,
            opensNetworkLink: opensNetworkLink,
            isAsset: identity.deviceType == .asset
        )
        links[index].access?.toldCluster = nil
        trace(
            .accessEstablished(
                link: links[index].id,
                partner: session.partner,
                virtual: virtual,
                key: session.keyID,
                tunnel: session.tunnel
            ),
            into: &outputs
        )
        tellTime(on: index, now: now, into: &outputs)
        if links[index].access?.purpose == .enrolment {
            askDevice(on: index, now: now, into: &outputs)
        }
    }

    /// The encryption is out of step: what is under way is lost, the rest waits for a new handshake.
    private mutating func accessBroken(
        _ index: Int,
        _ deadData: AttributeValue,
        now: Instant,
        into outputs: inout Outputs
    ) {
        let isFirst = links[index].state == .handshakeDone
        // Of a row of corrupted packets each is answered, but not faster than the radio sends.
        if isFirst || links[index].queues.commandsInFlight < Limits.commandsInFlight {
            transmit(deadData, on: index, into: &outputs)
        }
        guard isFirst else { return }
        trace(.accessBroken(link: links[index].id), into: &outputs)
        links[index].state = .connected
        links[index].encryption = .none
        links[index].payload = UInt8(AccessChannel.clearPayloadSize)
        links[index].handshakeStartedAt = deciseconds(at: now)
        links[index].queues.forgetBegun()
        links[index].reassembler.reset()
        watchLinks(now: now)
        if links[index].role == .central {
            startAccessHandshake(index, now: now, into: &outputs)
        }
    }

    // MARK: - Going down

    /// Time that a link has for a new START after the encryption was lost, beyond that for a handshake.
    func accessRecoveryTime(_ index: Int) -> UInt64 {
        guard links[index].kind == .access, links[index].access?.channel.isBroken == true else { return 0 }
        return AccessChannel.recoveryMicroseconds
    }

    /// A link that was no mesh link is gone.
    mutating func accessLinkRemoved(_ link: Link, now: Instant, into outputs: inout Outputs) {
        switch link.access?.purpose {
        case .emergency: emergencyElapsed = 0
        case .enrolment: errandLinkRemoved(link, now: now, into: &outputs)
        case .accepted, nil: return
        }
    }
}
