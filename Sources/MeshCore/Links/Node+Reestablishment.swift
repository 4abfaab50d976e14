import ByteCoding
import MeshWire
import RadioPort

// Transparent recovery of a broken link (protocol §8.5): the connection object and its queues are kept for 10 s; the former
// central connects again, the former peripheral calls loudly; RECONNECT both ways, and the network does not notice.
extension Node {
    /// The radio lost a mesh link: keep the object for a while, or remove it.
    mutating func meshLinkDown(_ index: Int, reason: HCIStatus, now: Instant, into outputs: inout Outputs) {
        let link = links[index]
        let isComingBack = link.state == .reestablishing || link.state == .reestablishingHandshake
        guard mayComeBack(index) else {
            remove(slot: link.slot, reason: .linkLost, now: now, into: &outputs)
            return
        }
        // What ends a link for good does so while it comes back too: its partner may have gone on with it already.
        let rules = reestablishmentRefusal(link, reason: reason, now: now)
        guard rules == 0 else {
            trace(.reestablishmentSkipped(partner: link.partner, rules: rules), into: &outputs)
            status.log(.reestablishSkipped, extra: UInt32(rules), at: deciseconds(at: now))
            remove(slot: link.slot, reason: .linkLost, now: now, into: &outputs)
            return
        }
        guard !isComingBack else {
            suspend(index, now: now, into: &outputs)
            return
        }
        status.log(.tryingReestablish, extra: UInt32(link.partner.rawValue), at: deciseconds(at: now))
        trace(.reestablishing(partner: link.partner, reason), into: &outputs)
        links[index].lostAt = deciseconds(at: now)
        suspend(index, now: now, into: &outputs)
    }

    /// Bits of the rules against a re-establishment, 0 if none: 2 no handshake, 4 closed locally, 8 by the partner, 16 too young,
    /// 32 corrupted, 64 own radio failed.
    ///
    /// What the link layer found to be corrupted it had acknowledged before, and so it had what a radio that failed did not tell any
    /// more: the partner takes it for sent and would not send it again, and the two would not be where they were.
    @inline(__always)
    private func reestablishmentRefusal(_ link: Link, reason: HCIStatus, now: Instant) -> UInt8 {
        var rules: UInt8 = 0
        if !link.wasHandshaked { rules |= 2 }
        if reason == .localHostTerminated { rules |= 4 }
        if reason == .remoteUserTerminated { rules |= 8 }
        let age = UInt64(deciseconds(at: now) &- link.handshakedAt) * 100_000
        if age <= configuration.timing.reestablishmentMinimumAge { rules |= 16 }
        if reason == .micFailure { rules |= 32 }
        if reason == .hardwareFailure { rules |= 64 }
        if identity.deviceType == .leaf, link.role == .peripheral { rules |= 1 }
        return rules
    }

    private mutating func suspend(_ index: Int, now: Instant, into outputs: inout Outputs) {
        links[index].state = .reestablishing
        links[index].encryption = .none
        links[index].protection = nil
        links[index].queues.rollBack()
        links[index].reassembler.reset()
        watchLinks(now: now)
        switch links[index].role {
        case .central: retryReestablishment(index, into: &outputs)
        case .peripheral: startFastAdvertising(now: now)
        }
    }

    /// As former central: connect again, unless another attempt is running; then at a later tick.
    mutating func retryReestablishment(_ index: Int, into outputs: inout Outputs) {
        guard links[index].role == .central, connectAttempt == nil, radio != nil else { return }
        beginConnecting(
            slot: links[index].slot,
            address: links[index].address,
            parameters: configuration.timing.meshParameters,
            timeout: configuration.timing.reconnectTimeout,
            into: &outputs
        )
    }

    /// RECONNECT goes past the queues: what is in them belongs behind it.
    mutating func sendReconnect(_ index: Int, into outputs: inout Outputs) {
        guard let value = reconnectMessage(on: index) else { return }
        write(value, .command, on: index, into: &outputs)
        links[index].queues.countUnqueuedCommand()
    }

    /// RECONNECT from the known partner: the link is usable again.
    mutating func reconnected(_ index: Int, now: Instant, into outputs: inout Outputs) {
        sendReconnect(index, into: &outputs)
        links[index].state = .handshakeDone
        links[index].lostAt = 0
        status.log(.reestablishSuccess, extra: UInt32(links[index].partner.rawValue), at: deciseconds(at: now))
        trace(.reestablished(partner: links[index].partner), into: &outputs)
    }
}
