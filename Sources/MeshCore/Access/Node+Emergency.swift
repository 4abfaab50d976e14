import ByteCoding
import MeshWire
import RadioPort

// The emergency disconnect (protocol §4.8): a cluster that could take this node in has no free link, so it is asked to free one.
//
//   tick: somebody to wait for? ──no──► start again
//         │ for 120 s
//         ▼
//   MeshAccess link to the best of them ─► at each tick: EMERGENCY_DISCONNECT ─► answer: close, start again
//
// Connecting is left to the normal algorithm. The link shows that the other end has the network key: JOIN_ME shows nothing.
extension Node {
    /// A tick while a neighbour may be waited for.
    mutating func watchForEmergency(now: Instant, into outputs: inout Outputs) {
        let view = scoringView(now: now)
        guard radio != nil, let best = classic.joinMeBuffer.best({ view.peripheralScore(of: $0) }),
            let entry = classic.joinMeBuffer.entries[best.index]
        else {
            endEmergency(now: now, into: &outputs)
            return
        }
        timers.set(.emergency, at: tick(after: now))
        emergencyElapsed += configuration.timing.tick
        guard emergencyElapsed >= configuration.timing.emergencyTrigger else { return }
        if let index = emergencyLink {
            askForFreeLink(on: index, into: &outputs)
        } else {
            openEmergencyLink(to: entry, now: now, into: &outputs)
        }
    }

    /// A neighbour answered the request to free a link, whatever it decided.
    mutating func emergencyAnswered(
        _ code: EmergencyDisconnectCode,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let index = emergencyLink, links[index].slot == slot else { return }
        trace(.emergencyDecided(by: links[index].partner, code: code.rawValue), into: &outputs)
        endEmergency(now: now, into: &outputs)
    }

    private mutating func openEmergencyLink(to entry: JoinMeEntry, now: Instant, into outputs: inout Outputs) {
        guard let key = identity.keys.longTermKey(for: .network, cipher: cipher) else {
            emergencyElapsed = 0
            return
        }
        let handshake = AccessHandshake(
            centralWithID: identity.node,
            keyID: .network,
            longTermKey: key,
            tunnel: .peerToPeer
        )
        let isOpening = openAccessLink(
            AccessLink(handshake, for: .emergency),
            to: entry.address,
            of: entry.joinMe.sender,
            timeout: configuration.timing.emergencyConnectTimeout,
            now: now,
            into: &outputs
        )
        if isOpening {
            trace(.emergency(node: entry.joinMe.sender), into: &outputs)
        } else {
            emergencyElapsed = 0
        }
    }

    private mutating func askForFreeLink(on index: Int, into outputs: inout Outputs) {
        guard let partner = links[index].access?.addressing?.virtual else { return }
        let request = ModuleMessage(
            sender: identity.node,
            receiver: partner,
            content: .node(.emergencyDisconnect)
        )
        sendToAccessLink(index, request, into: &outputs)
    }

    private mutating func endEmergency(now: Instant, into outputs: inout Outputs) {
        emergencyElapsed = 0
        if let index = emergencyLink {
            remove(slot: links[index].slot, reason: .emergencyReset, now: now, into: &outputs)
        }
    }

    @inline(__always)
    private var emergencyLink: Int? {
        for index in links.indices where links[index].kind == .access && links[index].access?.purpose == .emergency {
            return index
        }
        return nil
    }
}
