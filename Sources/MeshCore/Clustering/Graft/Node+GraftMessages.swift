import ByteCoding
import MeshWire
import RadioPort

// What partners say to each other. A message is legal in some relations only; in all others it is late, repeated or forged, and
// is traced and dropped, or ends the link where going on would be a guess.
//
//      central                                        peripheral
//         ├──────── HELLO (key, free slot?) ──────────────►│
//         │◄─────── HELLO, or CONCEDE at once ─────────────┤
//      the smaller key, once it is root:
//         ├──────── CONCEDE (offered key, own branch) ────►│ child
//  parent │◄─────── UPDATE (key, branch) ──────────────────┤
extension Node {
    /// Takes a message of the algorithm, or one that has no business on the link.
    mutating func receiveGraft(
        _ message: MessageBytes,
        header: MessageHeader,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        if header.type.isClassicClustering {
            trace(.unexpected(link: links[index].id, type: header.type), into: &outputs)
            if header.sender != links[index].partner || links[index].graft.relation == .engaged {
                heardOtherMode(header.sender, now: now, into: &outputs)
            }
            remove(slot: links[index].slot, reason: .clusteringMismatch, now: now, into: &outputs)
            return
        }
        guard
            links[index].state != .reestablishingHandshake || header.type == .graftReconnect
                || header.type == .graftHello
        else {
            // Not the link that it was before both ends have said so.
            trace(.unexpected(link: links[index].id, type: header.type), into: &outputs)
            return
        }
        do throws(CodingError) {
            switch header.type {
            case .graftHello: try receiveHello(message, on: index, now: now, into: &outputs)
            case .graftConcede: conceded(try GraftConcede(bytes: message), on: index, now: now, into: &outputs)
            case .graftUpdate: updated(try GraftUpdate(bytes: message), on: index, now: now, into: &outputs)
            case .graftRole: roleArrived(try GraftRole(bytes: message), on: index, now: now, into: &outputs)
            case .graftRequest: roleRequested(try GraftRequest(bytes: message), on: index, now: now, into: &outputs)
            case .graftKnock: knocked(try GraftKnock(bytes: message), on: index, now: now, into: &outputs)
            case .graftReconnect: returned(try GraftReconnect(bytes: message), on: index, now: now, into: &outputs)
            default: trace(.unexpected(link: links[index].id, type: header.type), into: &outputs)
            }
        } catch {
            trace(.malformed(link: links[index].id, type: header.type), into: &outputs)
        }
    }

    /// Queues a message of the algorithm; without room the link can no longer be trusted, and goes.
    mutating func sendGraft(_ message: some WireMessage, on index: Int, into outputs: inout Outputs) {
        let dropped = links[index].statistics.dropped
        enqueue(message, on: index, into: &outputs)
        if links[index].statistics.dropped != dropped {
            links[index].graft.isBroken = true
            reconsiderGraft()
        }
    }

    /// A message after which going on would be a guess: the link goes.
    mutating func endForViolation(
        _ type: MessageType,
        on index: Int,
        reason: DisconnectReason = .graftViolation,
        now: Instant,
        into outputs: inout Outputs
    ) {
        trace(.unexpected(link: links[index].id, type: type), into: &outputs)
        remove(slot: links[index].slot, reason: reason, now: now, into: &outputs)
    }

    // MARK: - HELLO

    /// Says who this node is and which key its cluster has.
    mutating func sayHello(_ index: Int, now: Instant, into outputs: inout Outputs) {
        if links[index].role == .central, links[index].graft.nonce == 0 {
            links[index].graft.nonce = max(1, UInt32(truncatingIfNeeded: random.next()))
        }
        if links[index].state == .connected {
            links[index].state = .handshaking
            links[index].handshakeStartedAt = deciseconds(at: now)
            watchLinks(now: now)
        }
        let isFull = !hasSlot(for: index)
        links[index].graft.said = (clusterKey, isFull)
        trace(.handshakeStarted(link: links[index].id, cluster: clusterID, clusterSize: clusterSize), into: &outputs)
        sendGraft(
            GraftHello(
                sender: identity.node,
                isRoot: isRoot,
                isFull: isFull,
                isMove: false,
                key: clusterKey,
                size: clusterSize,
                writeHandle: radio?.handles.meshValue.rawValue ?? 0,
                network: identity.network,
                eccentricity: eccentricity,
                alternatives: alternatives(now: now),
                hopsToSink: hopsToSink(excluding: links[index].slot),
                nonce: links[index].role == .central ? links[index].graft.nonce : 0
            ),
            on: index,
            into: &outputs
        )
    }

    private mutating func receiveHello(
        _ message: MessageBytes,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) throws(CodingError) {
        let slot = links[index].slot
        if let version = GraftHello.version(of: message), version != GraftHello.currentVersion {
            if links[index].partner.rawValue == 0 {
                // The header is that of every version: who must be left alone is known.
                links[index].partner = try MessageHeader(bytes: message).sender
            }
            remove(slot: slot, reason: .graftVersion, now: now, into: &outputs)
            return
        }
        let hello = try GraftHello(bytes: message)
        guard hello.network == identity.network else {
            trace(.handshakeRefused(partner: hello.sender, .networkMismatch), into: &outputs)
            remove(slot: slot, reason: .networkMismatch, now: now, into: &outputs)
            return
        }
        if isIgnored(hello.sender) {
            trace(.handshakeRefused(partner: hello.sender, .unpreferred), into: &outputs)
            remove(slot: slot, reason: .unpreferred, now: now, into: &outputs)
            return
        }
        guard links[index].graft.relation == .engaged else {
            // A link that came back and begins anew: whoever is there has forgotten the old one.
            guard links[index].state == .reestablishingHandshake else {
                trace(.unexpected(link: links[index].id, type: .graftHello), into: &outputs)
                return
            }
            beginAnew(index, now: now, into: &outputs)
            try receiveHello(message, on: links.count - 1, now: now, into: &outputs)
            return
        }
        guard meet(hello.sender, on: index, now: now, into: &outputs) else { return }
        guard let index = self.index(slot: slot) else { return }
        guard hello.key.isPossible else {
            endForViolation(.graftHello, on: index, now: now, into: &outputs)
            return
        }
        links[index].partnerHandle = AttributeHandle(rawValue: hello.writeHandle)
        links[index].graft.offered = hello.key
        links[index].graft.partnerIsFull = hello.isFull
        if links[index].role == .peripheral, hello.nonce != 0 {
            links[index].graft.nonce = hello.nonce
        }
        if links[index].state == .connected {
            links[index].state = .handshaking
            links[index].handshakeStartedAt = deciseconds(at: now)
            watchLinks(now: now)
        }
        trace(
            .welcomed(
                by: hello.sender,
                cluster: hello.key.cluster,
                clusterSize: hello.size,
                ownCluster: clusterID,
                ownSize: clusterSize
            ),
            into: &outputs
        )
        reconsiderGraft()
    }

    /// Learns who is at the other end.
    ///
    /// An older link to the same partner is lost: the partner would not be here if it had it.
    ///
    /// - Returns: whether the link goes on; its position may be another one.
    private mutating func meet(_ partner: NodeID, on index: Int, now: Instant, into outputs: inout Outputs) -> Bool {
        let slot = links[index].slot
        guard partner != identity.node, partner.rawValue != 0,
            links[index].partner.rawValue == 0 || links[index].partner == partner
        else {
            remove(slot: slot, reason: .wrongPartner, now: now, into: &outputs)
            return false
        }
        for other in links.indices
        where other != index && links[other].kind == .mesh
            && (links[other].partner == partner || links[other].state == .connecting && links[other].target == partner)
        {
            remove(slot: links[other].slot, reason: .linkLost, now: now, into: &outputs)
            break
        }
        // The loss may have taken this link with it.
        guard let index = self.index(slot: slot) else { return false }
        links[index].partner = partner
        trace(.identified(link: links[index].id, node: partner), into: &outputs)
        return true
    }

    /// Loses a link that is being re-established and keeps the radio's link for a new one, at the end of the table.
    private mutating func beginAnew(_ index: Int, now: Instant, into outputs: inout Outputs) {
        let old = links[index]
        links[index].id = LinkID(rawValue: 0)
        remove(slot: old.slot, reason: .linkLost, now: now, into: &outputs)
        let slot = addLink(.mesh, role: old.role, address: old.address, state: .connected, now: now)
        guard let new = self.index(slot: slot) else { return }
        links[new].id = old.id
        links[new].encryption = old.encryption
        links[new].payload = old.payload
        links[new].protection = old.protection
        links[new].handshakeStartedAt = deciseconds(at: now)
    }

    // MARK: - CONCEDE, UPDATE

    /// The partner makes this node its parent.
    private mutating func conceded(
        _ message: GraftConcede,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        let slot = links[index].slot
        guard links[index].graft.relation == .engaged else {
            endForViolation(.graftConcede, on: index, now: now, into: &outputs)
            return
        }
        guard links[index].graft.said != nil || links[index].graft.offered != nil else {
            trace(.unexpected(link: links[index].id, type: .graftConcede), into: &outputs)
            return
        }
        if links[index].partner.rawValue == 0 {
            // A peripheral may concede without a hello of its own.
            guard meet(message.sender, on: index, now: now, into: &outputs) else { return }
        }
        guard let index = self.index(slot: slot) else { return }
        guard message.sender == links[index].partner, message.key <= clusterKey, hasSlot(for: index) else {
            let reason = hasSlot(for: index) ? DisconnectReason.graftViolation : .noSpot
            endForViolation(.graftConcede, on: index, reason: reason, now: now, into: &outputs)
            return
        }
        if graft.reservation?.partner == message.sender {
            graft.reservation = nil
        }
        graft.neighbours.forgetFailures(message.sender)
        setRelation(.child, on: index, into: &outputs)
        links[index].enrolledNodesSynced = false
        trace(
            .grafted(
                under: identity.node,
                partner: message.sender,
                ownKey: clusterKey,
                partnerKey: links[index].graft.offered ?? message.key,
                nodes: message.branch.behind
            ),
            into: &outputs
        )
        store(message.branch, on: index, now: now, into: &outputs)
        linkJoinedTree(index, asWinner: true, now: now, into: &outputs)
        // The partner is to know the key before anything else comes over this link.
        sendGraftUpdate(index, now: now, into: &outputs)
    }

    /// The partner tells its side of the link, a parent the key too.
    private mutating func updated(_ message: GraftUpdate, on index: Int, now: Instant, into outputs: inout Outputs) {
        guard message.sender == links[index].partner else {
            trace(.unexpected(link: links[index].id, type: .graftUpdate), into: &outputs)
            return
        }
        switch links[index].graft.relation {
        case .engaged:
            trace(.unexpected(link: links[index].id, type: .graftUpdate), into: &outputs)
        case .conceded:
            guard message.isKeyValid, message.key > clusterKey, message.key.isPossible else {
                endForViolation(.graftUpdate, on: index, now: now, into: &outputs)
                return
            }
            setRelation(.parent, on: index, into: &outputs)
            links[index].enrolledNodesSynced = true
            setKey(message.key)
            store(message.branch, on: index, now: now, into: &outputs)
            linkJoinedTree(index, asWinner: false, now: now, into: &outputs)
        case .parent:
            guard !message.isKeyValid || message.key.isPossible else {
                endForViolation(.graftUpdate, on: index, now: now, into: &outputs)
                return
            }
            if message.isKeyValid {
                adopt(message.key, on: index, type: .graftUpdate, into: &outputs)
            }
            store(message.branch, on: index, now: now, into: &outputs)
        case .child:
            store(message.branch, on: index, now: now, into: &outputs)
        }
        keepDiscoveryAlive(now: now, into: &outputs)
    }

    /// Takes the key of the parent; it never falls.
    mutating func adopt(_ key: ClusterKey, on index: Int, type: MessageType, into outputs: inout Outputs) {
        guard key >= clusterKey else {
            trace(.unexpected(link: links[index].id, type: type), into: &outputs)
            return
        }
        setKey(key)
    }

    // MARK: - RECONNECT

    /// The partner says that this is the link it had.
    private mutating func returned(_ message: GraftReconnect, on index: Int, now: Instant, into outputs: inout Outputs)
    {
        switch links[index].state {
        case .reestablishingHandshake
        where message.sender == links[index].partner && message.nonce == links[index].graft.nonce:
            reconnected(index, now: now, into: &outputs)
            // Whatever was told before may have been lost with the link.
            links[index].graft.told = nil
        case .handshakeDone:
            trace(.unexpected(link: links[index].id, type: .graftReconnect), into: &outputs)
        default:
            // This end has no such link any more; the partner is to know at once.
            endForViolation(.graftReconnect, on: index, reason: .reconnectError, now: now, into: &outputs)
        }
    }
}

extension MessageType {
    /// Whether graft clustering sends it.
    var isGraft: Bool { MessageType.graftHello.rawValue...MessageType.graftReconnect.rawValue ~= rawValue }

    /// Whether classic clustering alone sends it.
    var isClassicClustering: Bool { MessageType.clusterWelcome.rawValue...MessageType.reconnect.rawValue ~= rawValue }
}
