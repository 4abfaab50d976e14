import ByteCoding
import MeshWire
import RadioPort

// What passes between the mesh and MeshAccess links (protocol §6.9, §6.10, §9.2, §9.5).
//
//   own message      ──offered?──┐
//                                ├─► permitted? ─► rating ─► virtual id to partner's ─► queue
//   relayed message  ────────────┘
//
//   packet ─► whole message ─► rating ─► partner's id to virtual ─┬─ whitelisted, local mesh: relayed
//                                                                 └─ addressed to this node: processed
extension Node {
    private var hasAccessLinks: Bool {
        for index in links.indices where links[index].kind == .access {
            return true
        }
        return false
    }

    // MARK: - Sending

    /// Offers a message to every MeshAccess link but the one it came from; own messages have no `slot`.
    mutating func sendToAccessLinks(_ message: MessageBytes, from slot: UInt8?, into outputs: inout Outputs) {
        guard hasAccessLinks, let header = try? MessageHeader(bytes: message) else { return }
        for index in links.indices where links[index].kind == .access && links[index].slot != slot {
            _ = sendToAccessLink(index, message, header: header, isRelayed: slot != nil, into: &outputs)
        }
    }

    /// Queues a typed message of this node on a MeshAccess link if it may pass.
    mutating func sendToAccessLink(_ index: Int, _ message: some WireMessage, into outputs: inout Outputs) {
        guard let bytes: MessageBytes = try? message.encoded(), let header = try? MessageHeader(bytes: bytes) else {
            return
        }
        _ = sendToAccessLink(index, bytes, header: header, isRelayed: false, into: &outputs)
    }

    /// Queues a message on a MeshAccess link if it may pass.
    ///
    /// - Returns: whether it may; a full queue drops it nevertheless.
    mutating func sendToAccessLink(
        _ index: Int,
        _ message: MessageBytes,
        header: MessageHeader,
        isRelayed: Bool,
        into outputs: inout Outputs
    ) -> Bool {
        guard links[index].state == .handshakeDone, let access = links[index].access,
            let addressing = access.addressing, let session = access.channel.session
        else { return false }
        guard isRelayed || addressing.isOffered(to: header.receiver), addressing.permits(receiver: header.receiver),
            !header.type.endsAtPartner || (header.type == .clusterInfoUpdate && !isRelayed),
            rating(of: message, .outgoing, session).isAllowed
        else { return false }
        var translated = message
        addressing.translateOutgoing(&translated)
        enqueue(translated, on: index, into: &outputs)
        return true
    }

    private func rating(
        of message: MessageBytes,
        _ direction: AccessAuthorization.Direction,
        _ session: AccessSession
    ) -> AccessRating {
        AccessAuthorization(
            direction: direction,
            keyID: session.keyID,
            isEnrolled: isEnrolled,
            knowsTime: clock.isSynced
        ).rating(of: message)
    }

    // MARK: - Receiving

    /// Puts opened pieces together and hands whole messages on.
    mutating func receivePiece(_ piece: AttributeValue, on index: Int, now: Instant, into outputs: inout Outputs) {
        switch links[index].reassembler.accept(piece, payloadSize: Int(links[index].payload)) {
        case .message(let message):
            receiveFromAccessLink(message, on: index, now: now, into: &outputs)
        case .incomplete, .ignored:
            return
        case .dropped(let fault):
            splitDropped(fault, on: index, now: now, into: &outputs)
        }
    }

    private mutating func receiveFromAccessLink(
        _ message: MessageBytes,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let access = links[index].access, let addressing = access.addressing,
            let session = access.channel.session, let type = try? MessageHeader(bytes: message).type
        else { return }
        let rating = rating(of: message, .incoming, session)
        guard rating.isAllowed else {
            trace(.accessDropped(link: links[index].id, type: type, rating), into: &outputs)
            return
        }
        // The cluster of the partner is its own affair; what belongs to links means nothing inside one.
        guard !type.endsAtPartner else { return }
        var translated = message
        addressing.translateIncoming(&translated)
        guard let header = try? MessageHeader(bytes: translated) else { return }
        let slot = links[index].slot
        if rating == .whitelist, addressing.tunnel == .localMesh {
            forward(translated, header: header, from: slot, into: &outputs)
        }
        dispatch(translated, header: header, from: slot, now: now, into: &outputs)
    }
}

extension MessageType {
    /// Whether a message of this type speaks of the one link it travels on (protocol §1.9), and never passes another.
    fileprivate var endsAtPartner: Bool {
        switch self {
        case .clusterWelcome, .clusterAck1, .clusterAck2, .clusterInfoUpdate, .reconnect, .encryptCustomStart,
            .encryptCustomANonce, .encryptCustomSNonce, .encryptCustomDone, .deadData:
            true
        default: false
        }
    }
}
