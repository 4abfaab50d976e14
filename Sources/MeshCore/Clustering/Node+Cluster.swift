import ByteCoding
import MeshWire
import RadioPort

// What a node knows of its cluster, whatever forms it: its size, the way to the sink, and that a link is gone for good.
extension Node {
    mutating func setClusterSize(_ size: Int16, by partner: NodeID, now: Instant, into outputs: inout Outputs) {
        let change = size.addingClamped(-clusterSize)
        clusterSize = size
        trace(.clusterSize(size, change: change, by: partner), into: &outputs)
        clusterSizeWasSet(now: now, into: &outputs)
    }

    mutating func removeOtherMeshLinks(
        than slot: UInt8?,
        reason: DisconnectReason,
        now: Instant,
        into outputs: inout Outputs
    ) {
        for other in 0..<UInt8(Limits.connections) where other != slot {
            guard let index = index(slot: other), links[index].kind == .mesh else { continue }
            remove(slot: other, reason: reason, now: now, into: &outputs)
        }
    }

    /// Removes a connection object for good, closing its link if it has one (protocol §8.3).
    mutating func remove(slot: UInt8, reason: DisconnectReason, now: Instant, into outputs: inout Outputs) {
        guard let index = index(slot: slot) else { return }
        let link = links.remove(at: index)
        needsSettling = true
        if link.id.rawValue != 0 {
            outputs.append(.radio(.disconnect(link: link.id, reason: .remoteUserTerminated)))
        }
        if connectAttempt?.slot == slot {
            connectAttempt = nil
            outputs.append(.radio(.cancelConnect))
            scheduleScanRestart(now: now)
        }
        trace(
            .connectionRemoved(
                partner: link.name.rawValue == 0 ? node(at: link.address) ?? link.name : link.name,
                reason: reason,
                wasHandshaked: link.wasHandshaked,
                heldMasterBit: link.masterBit
            ),
            into: &outputs
        )
        logRemoval(reason, partner: link.partner, now: now)
        guard link.kind == .mesh else {
            accessLinkRemoved(link, now: now, into: &outputs)
            return
        }
        connectionLossCounter &+= 1
        markJoinMeStale()
        meshLinkRemoved(link, reason: reason, now: now, into: &outputs)
    }

    /// A mesh link is in the tree from now on: messages may pass.
    mutating func linkJoinedTree(_ index: Int, asWinner isWinner: Bool, now: Instant, into outputs: inout Outputs) {
        links[index].state = .handshakeDone
        links[index].wasHandshaked = true
        links[index].handshakedAt = deciseconds(at: now)
        links[index].lostAt = 0
        links[index].timeSync = LinkTimeSync()
        let partner = links[index].partner
        trace(
            .handshakeDone(partner: partner, winner: isWinner, cluster: clusterID, clusterSize: clusterSize),
            into: &outputs
        )
        liveReport(106, UInt32(partner.rawValue), isWinner ? 1 : 0, now, &outputs)
        scheduleTimeSync(now: now)
        scheduleEnrolledNodesSync(now: now)
        markJoinMeStale()
    }

    // MARK: - Hops to the sink

    /// Hops to the nearest sink, leaving one link out; -1 unknown (protocol §8.4).
    @inline(__always)
    func hopsToSink(excluding slot: UInt8?) -> Int16 {
        if identity.deviceType == .sink { return 0 }
        var best: Int16 = -1
        for index in links.indices where links.isMeshEdge(index) && links[index].slot != slot {
            let hops = links[index].hopsToSink
            if hops > -1, best == -1 || hops < best {
                best = hops
            }
        }
        return best
    }

    /// Hops over a link from what the partner said: one more, or unknown.
    static func hop(_ hops: Int16) -> Int16 { hops > -1 ? hops.addingClamped(1) : -1 }
}

extension Int16 {
    /// The sum, at the limits of the type where it does not fit.
    func addingClamped(_ other: Int16) -> Int16 {
        Int16(clamping: Int(self) + Int(other))
    }
}
