import ByteCoding
import MeshWire
import RadioPort

// Bringing links up and down (protocol §3.2, §5.3, §7.5, §7.6).
extension Node {
    // MARK: - Table

    @inline(__always)
    func index(of link: LinkID) -> Int? {
        for index in links.indices where links[index].id == link {
            return index
        }
        return nil
    }

    @inline(__always)
    func index(slot: UInt8) -> Int? {
        for index in links.indices where links[index].slot == slot {
            return index
        }
        return nil
    }

    /// Adds a connection object in the lowest free slot, which the caller made sure there is; returns the slot.
    mutating func addLink(
        _ kind: ConnectionKind,
        role: LinkRole,
        address: Address,
        state: ConnectionState,
        now: Instant
    ) -> UInt8 {
        precondition(links.count < Limits.connections)
        var slot: UInt8 = 0
        while index(slot: slot) != nil {
            slot += 1
        }
        nextUnique &+= 1
        if links.count == links.capacity {
            // A link is large, and there are never more than a few: room for twice as many would be wasted.
            links.reserveCapacity(links.count + 1)
        }
        links.append(
            Link(
                slot: slot,
                unique: nextUnique,
                kind: kind,
                role: role,
                address: address,
                state: state,
                createdAt: deciseconds(at: now)
            )
        )
        watchLinks(now: now)
        return slot
    }

    // MARK: - Coming up

    mutating func linkUp(
        token: ConnectToken,
        link: LinkID,
        role: LinkRole,
        address: Address,
        now: Instant,
        into outputs: inout Outputs
    ) {
        radioLinks.append(RadioLink(id: link, role: role, address: address))
        advertisingIsStale = true
        // What is free depends on the links that the radio has, where its record says so.
        markJoinMeStale()
        trace(.linkUp(link: link, role: role, address: address), into: &outputs)
        traceIdentity(of: link, at: address, into: &outputs)
        liveReport(role == .central ? 103 : 101, link.rawValue, address.low32, now, &outputs)
        switch role {
        case .central: linkUpAsCentral(token: token, link: link, now: now, into: &outputs)
        case .peripheral: linkUpAsPeripheral(link: link, address: address, now: now, into: &outputs)
        }
    }

    /// Tells who is at the other end of a new link, if its address has been heard of.
    private func traceIdentity(of link: LinkID, at address: Address, into outputs: inout Outputs) {
        guard configuration.tracing, let node = node(at: address) else { return }
        trace(.identified(link: link, node: node), into: &outputs)
    }

    /// The node that is linked to, or was heard, at an address; for traces.
    @inline(__always)
    func node(at address: Address) -> NodeID? {
        for link in links where link.address == address && link.name.rawValue != 0 {
            return link.name
        }
        if let bystander = bystanderTable.entries.first(where: { $0.bystander.address == address }) {
            return bystander.bystander.node
        }
        return announcedNode(of: address)
    }

    private mutating func linkUpAsCentral(
        token: ConnectToken,
        link: LinkID,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let attempt = connectAttempt, attempt.token == token, let index = index(slot: attempt.slot) else {
            // The object that wanted this link is gone.
            trace(.linkRefused(link: link, .notWanted), into: &outputs)
            outputs.append(.radio(.disconnect(link: link, reason: .remoteUserTerminated)))
            return
        }
        connectAttempt = nil
        scheduleScanRestart(now: now)
        if links[index].kind == .access {
            accessLinkUp(index, link: link, now: now, into: &outputs)
            return
        }
        if links[index].state == .reestablishing {
            links[index].state = .reestablishingHandshake
        } else {
            links[index].id = link
            guard acceptsLinks else {
                remove(slot: links[index].slot, reason: .currentlyInHandshake, now: now, into: &outputs)
                return
            }
            links[index].state = .connected
        }
        links[index].id = link
        links[index].handshakeStartedAt = deciseconds(at: now)
        watchLinks(now: now)
        guard radio?.capabilities.linkEncryption != false else {
            startLinkProtection(index, now: now, into: &outputs)
            return
        }
        links[index].encryption = .inProgress
        outputs.append(.radio(.encrypt(link: link, key: identity.keys.network)))
    }

    private mutating func linkUpAsPeripheral(
        link: LinkID,
        address: Address,
        now: Instant,
        into outputs: inout Outputs
    ) {
        advertiser.stoppedByRadio()
        for index in links.indices
        where links[index].state == .reestablishing && links[index].role == .peripheral
            && links[index].address == address
        {
            links[index].id = link
            links[index].state = .reestablishingHandshake
            links[index].handshakeStartedAt = deciseconds(at: now)
            return
        }
        guard acceptsLinks, links.count < connectionLimit else {
            trace(.linkRefused(link: link, acceptsLinks ? .noFreeSlot : .inHandshake), into: &outputs)
            outputs.append(.radio(.disconnect(link: link, reason: .remoteUserTerminated)))
            return
        }
        _ = addLink(.resolver, role: .peripheral, address: address, state: .handshaking, now: now)
        links[links.count - 1].id = link
        links[links.count - 1].handshakeStartedAt = deciseconds(at: now)
    }

    mutating func connectFailed(
        token: ConnectToken,
        reason: HCIStatus,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let attempt = connectAttempt, attempt.token == token else { return }
        connectAttempt = nil
        scheduleScanRestart(now: now)
        guard let index = index(slot: attempt.slot) else { return }
        trace(.connectFailed(node: links[index].target, reason), into: &outputs)
        // A lost link tries again until its window closes.
        guard links[index].state == .connecting else { return }
        remove(slot: attempt.slot, reason: .connectTimeout, now: now, into: &outputs)
    }

    mutating func encrypted(link: LinkID, status: HCIStatus, now: Instant, into outputs: inout Outputs) {
        guard let index = index(of: link) else { return }
        guard status == .success else {
            trace(.encryptionFailed(link: link, status), into: &outputs)
            if partnerHasNoKey(index, status) {
                startLinkProtection(index, now: now, into: &outputs)
                return
            }
            remove(slot: links[index].slot, reason: .connectError, now: now, into: &outputs)
            return
        }
        links[index].encryption = .encrypted
        guard links[index].role == .central else { return }
        outputs.append(.radio(.exchangeMTU(link: link, mtu: Node.mtu)))
        outputs.append(.radio(.setDataLength(link: link)))
    }

    /// Largest ATT MTU of a mesh link (protocol §5.5).
    static let mtu: UInt16 = 63

    mutating func mtuChanged(link: LinkID, mtu: UInt16, now: Instant, into outputs: inout Outputs) {
        guard let index = index(of: link), links[index].kind != .access, !links[index].isProtectedByNode else { return }
        links[index].payload = UInt8(truncatingIfNeeded: max(23, min(mtu, Node.mtu)) - 3)
        links[index].reassembler.reset()
        guard links[index].role == .central, links[index].encryption == .encrypted else { return }
        switch links[index].state {
        case .connected: openHandshake(index, now: now, into: &outputs)
        case .reestablishingHandshake: sendReconnect(index, into: &outputs)
        default: return
        }
    }

    // MARK: - Going down

    mutating func linkDown(link: LinkID, reason: HCIStatus, now: Instant, into outputs: inout Outputs) {
        guard let position = radioLinks.firstIndex(where: { $0.id == link }) else { return }
        let address = radioLinks.remove(at: position).address
        advertisingIsStale = true
        markJoinMeStale()
        trace(.linkDown(link: link, address: address, reason), into: &outputs)
        let index = index(of: link)
        if reportsEnd(ofLinkAt: index) {
            liveReport(52, address.low32, UInt32(reason.rawValue), now, &outputs)
        }
        guard let index else { return }
        links[index].id = LinkID(rawValue: 0)
        if links[index].kind == .mesh {
            meshLinkDown(index, reason: reason, now: now, into: &outputs)
        } else {
            remove(slot: links[index].slot, reason: .linkLost, now: now, into: &outputs)
        }
    }

    // MARK: - Watching

    /// Looks at the links again at the next tick.
    mutating func watchLinks(now: Instant) {
        timers.setNoLater(.links, at: tick(after: now))
    }

    /// Time-outs of links (protocol §7.6, §8.5, §5.8), checked at ticks.
    mutating func checkLinks(now: Instant, into outputs: inout Outputs) {
        let decisecond = deciseconds(at: now)
        for slot in 0..<UInt8(Limits.connections) {
            guard let index = index(slot: slot) else { continue }
            if let reason = overdue(index, at: decisecond) {
                remove(slot: slot, reason: reason, now: now, into: &outputs)
            } else if links[index].state == .reestablishing {
                retryReestablishment(index, into: &outputs)
            }
        }
        for index in links.indices
        where links[index].state != .handshakeDone || links[index].queues.request != nil {
            watchLinks(now: now)
            return
        }
    }

    @inline(__always)
    private func overdue(_ index: Int, at now: UInt32) -> DisconnectReason? {
        switch links[index].state {
        case .connecting:
            let limit = configuration.timing.pendingConnectWatchdog
            return now &- links[index].createdAt > Self.deciseconds(limit) ? .pendingTimeout : nil
        case .connected, .handshaking:
            let age = now &- links[index].handshakeStartedAt
            guard connectAttempt == nil else {
                // Connect attempts hold the time-out off, but not for ever.
                let limit = configuration.timing.handshakeTimeout + configuration.timing.pendingConnectWatchdog
                return age > Self.deciseconds(limit) ? .pendingTimeout : nil
            }
            let limit = configuration.timing.handshakeTimeout + accessRecoveryTime(index)
            return age >= Self.deciseconds(limit) ? .handshakeTimeout : nil
        case .reestablishing, .reestablishingHandshake:
            guard !isPlanted(.keepsLostLinks) else { return nil }
            return now &- links[index].lostAt >= Self.deciseconds(configuration.timing.reestablishmentWindow)
                ? .reconnectTimeout : nil
        case .handshakeDone:
            guard links[index].queues.request != nil else { return nil }
            return now &- links[index].requestSentAt >= Self.deciseconds(configuration.timing.requestTimeout)
                ? .requestTimeout : nil
        }
    }

    private static func deciseconds(_ microseconds: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: microseconds / 100_000)
    }
}
