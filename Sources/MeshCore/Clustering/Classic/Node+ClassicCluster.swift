import ByteCoding
import MeshWire
import RadioPort

// Sizes and master bits of classic clusters (protocol §8).
//
// One end of every mesh link, that on the side of the larger part of the tree, holds the master bit. Whoever loses a link with
// the bit keeps the cluster and counts the lost part out; whoever loses one without it dissolves.
extension Node {
    /// A cluster id that this node does not soon repeat.
    mutating func makeNewCluster(into outputs: inout Outputs) {
        clusterID = ClusterID(
            node: identity.node,
            connectionLossCounter: connectionLossCounter,
            bootNumber: bootNumber
        )
        trace(.newCluster(clusterID), into: &outputs)
        markJoinMeStale()
    }

    /// A cluster of one, under a new id.
    mutating func becomeSingle(now: Instant, into outputs: inout Outputs) {
        setClusterSize(1, by: identity.node, now: now, into: &outputs)
        makeNewCluster(into: &outputs)
    }

    /// Drops all mesh links and starts again alone.
    mutating func dissolve(reason: DisconnectReason, now: Instant, into outputs: inout Outputs) {
        trace(.dissolved(cause: reason), into: &outputs)
        removeOtherMeshLinks(than: nil, reason: reason, now: now, into: &outputs)
        becomeSingle(now: now, into: &outputs)
    }

    /// A mesh link is gone for good: count out what was behind it, or fall apart.
    mutating func classicLinkRemoved(
        _ link: Link,
        reason: DisconnectReason,
        now: Instant,
        into outputs: inout Outputs
    ) {
        if link.wasHandshaked {
            liveReport(51, UInt32(link.partner.rawValue), UInt32(reason.rawValue), now, &outputs)
            if link.masterBit {
                countOut(link, now: now, into: &outputs)
            } else {
                fallApart(reason: reason, now: now, into: &outputs)
            }
        }
        if !hasMeshLinks {
            makeNewCluster(into: &outputs)
        }
        handOverMasterBit(into: &outputs)
    }

    @inline(__always)
    private var hasMeshLinks: Bool {
        for index in links.indices where links[index].kind == .mesh {
            return true
        }
        return false
    }

    /// The bit was here: this side keeps the cluster, without what was behind the link.
    private mutating func countOut(_ lost: Link, now: Instant, into outputs: inout Outputs) {
        noteSizeChange(-lost.connectedSize, except: nil)
        let size = max(1, clusterSize.addingClamped(-lost.connectedSize))
        setClusterSize(size, by: lost.partner, now: now, into: &outputs)
    }

    /// The bit was at the other end: this side dissolves.
    private mutating func fallApart(reason: DisconnectReason, now: Instant, into outputs: inout Outputs) {
        if reason != .iAmSmaller {
            trace(.dissolved(cause: reason), into: &outputs)
            removeOtherMeshLinks(than: nil, reason: .partnerHasMasterBit, now: now, into: &outputs)
        }
        becomeSingle(now: now, into: &outputs)
    }

    // MARK: - Updates

    /// Adds a change of the size to the pending updates of all connected links, those that are being re-established among them.
    private mutating func noteSizeChange(_ change: Int16, except slot: UInt8?) {
        for index in links.indices
        where links[index].kind == .mesh && links[index].slot != slot && links[index].state >= .connected {
            links[index].classic.pending.sizeChange = links[index].classic.pending.sizeChange.addingClamped(change)
        }
    }

    mutating func resetPendingUpdate(_ index: Int) {
        links[index].classic.pending = PendingUpdate(hopsToSink: identity.deviceType == .sink ? 0 : -1)
    }

    /// Queues the pending update of a link if it has anything to tell (protocol §8.1).
    mutating func queuePendingUpdate(_ index: Int, now: Instant, into outputs: inout Outputs) {
        // While an earlier update waits for the radio, changes accumulate in the pending one.
        guard links[index].state == .handshakeDone, links[index].queues.splitting == nil,
            links[index].queues.vitalWaiting == 0
        else { return }
        let pending = links[index].classic.pending
        let tellsHops = pending.hopsToSink != -1 && identity.deviceType != .sink
        guard pending.sizeChange != 0 || pending.handover || tellsHops else { return }
        enqueue(
            ClusterInfoUpdate(
                sender: identity.node,
                sizeChange: pending.sizeChange,
                hopsToSink: pending.hopsToSink,
                masterBitHandover: pending.handover,
                counter: links[index].classic.updateCounter
            ),
            on: index,
            into: &outputs
        )
        links[index].classic.updateCounter ^= 1
        resetPendingUpdate(index)
        handOverMasterBit(into: &outputs)
    }

    mutating func clusterInfoUpdate(
        _ message: MessageBytes,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let update = try? ClusterInfoUpdate(bytes: message) else {
            trace(.malformed(link: links[index].id, type: .clusterInfoUpdate), into: &outputs)
            return
        }
        guard update.counter == links[index].classic.expectedCounter else {
            trace(.counterMismatch(partner: links[index].partner), into: &outputs)
            status.log(
                .clusterUpdateCounterMismatch,
                extra: UInt32(links[index].partner.rawValue),
                at: deciseconds(at: now)
            )
            return
        }
        let slot = links[index].slot
        let partner = links[index].partner
        links[index].classic.expectedCounter ^= 1
        links[index].connectedSize = links[index].connectedSize.addingClamped(update.sizeChange)
        links[index].hopsToSink = Self.hop(update.hopsToSink)
        if update.masterBitHandover {
            links[index].masterBit = true
            trace(.masterBit(partner: partner, held: true), into: &outputs)
        }
        setClusterSize(
            max(1, clusterSize.addingClamped(update.sizeChange)),
            by: partner,
            now: now,
            into: &outputs
        )
        handOverMasterBit(into: &outputs)
        noteSizeChange(update.sizeChange, except: slot)
        refreshHops(into: &outputs)
        keepDiscoveryAlive(now: now, into: &outputs)
        markJoinMeStale()
    }

    // MARK: - Master bit

    /// Gives the bit to the side of a link that is larger than all the rest (protocol §8.2).
    mutating func handOverMasterBit(into outputs: inout Outputs) {
        for index in links.indices where links.isMeshEdge(index) && !links[index].masterBit {
            return
        }
        for index in links.indices where links.isMeshEdge(index) {
            let behind = Int(links[index].connectedSize)
            guard behind > Int(clusterSize) - behind else { continue }
            links[index].masterBit = false
            links[index].classic.pending.handover = true
            needsSettling = true
            trace(.masterBit(partner: links[index].partner, held: false), into: &outputs)
            return
        }
    }

    // MARK: - Hops to the sink

    /// Writes the present hops into the pending updates of all connected links.
    mutating func refreshHops(into outputs: inout Outputs) {
        // Over all links but one the fewest hops are those of the nearest sink, but for the link that leads to it.
        var nearest: (hops: Int16, index: Int?) = (-1, nil)
        var second: Int16 = -1
        for index in links.indices where links.isMeshEdge(index) && links[index].hopsToSink > -1 {
            let hops = links[index].hopsToSink
            if nearest.index == nil || hops < nearest.hops {
                second = nearest.hops
                nearest = (hops, index)
            } else if second == -1 || hops < second {
                second = hops
            }
        }
        let isSink = identity.deviceType == .sink
        for index in links.indices where links[index].kind == .mesh && links[index].state >= .connected {
            links[index].classic.pending.hopsToSink = isSink ? 0 : index == nearest.index ? second : nearest.hops
        }
        needsSettling = true
    }
}
