import ByteCoding
import MeshWire
import RadioPort

// The cluster handshake (protocol §7): the central's cluster stays, the peripheral joins it alone.
//
//      central                                   peripheral
//         │ snapshot                                 │
//         ├──────── CLUSTER_WELCOME ────────────────►│ checks; yields: drops its other links, becomes a cluster of one
//         │◄─────── CLUSTER_ACK_1 ───────────────────┤
//         │ master bit                               │
//         ├──────── CLUSTER_ACK_2 ──────────────────►│ takes over cluster and size
//      winner                                      loser
//
// What changes in the winner's cluster between the snapshot and the end waits in the pending update of the new link.
extension Node {
    /// As central, once link and MTU stand: offer the own cluster.
    mutating func startHandshake(_ index: Int, now: Instant, into outputs: inout Outputs) {
        takeSnapshot(index, now: now)
        links[index].handshakeStartedAt = deciseconds(at: now)
        resetPendingUpdate(index)
        trace(
            .handshakeStarted(link: links[index].id, cluster: clusterID, clusterSize: clusterSize),
            into: &outputs
        )
        enqueue(
            ClusterWelcome(
                sender: identity.node,
                cluster: clusterID,
                clusterSize: clusterSize,
                meshWriteHandle: radio?.handles.meshValue.rawValue ?? 0,
                hopsToSink: hopsToSink(excluding: links[index].slot),
                network: identity.network
            ),
            on: index,
            into: &outputs
        )
    }

    mutating func receiveDuringClassicHandshake(
        _ message: MessageBytes,
        header: MessageHeader,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        do throws(CodingError) {
            switch header.type {
            case .clusterWelcome:
                welcomed(try ClusterWelcome(bytes: message), on: index, now: now, into: &outputs)
            case .clusterAck1:
                acknowledged(try ClusterAck1(bytes: message), on: index, now: now, into: &outputs)
            case .clusterAck2:
                completeAsLoser(try ClusterAck2(bytes: message), on: index, now: now, into: &outputs)
            case .reconnect:
                let sender = try Reconnect(bytes: message).sender
                guard links[index].state == .reestablishingHandshake, sender == links[index].partner else {
                    trace(.unexpected(link: links[index].id, type: .reconnect), into: &outputs)
                    return
                }
                reconnected(index, now: now, into: &outputs)
            default:
                trace(.unexpected(link: links[index].id, type: header.type), into: &outputs)
            }
        } catch {
            trace(.malformed(link: links[index].id, type: header.type), into: &outputs)
        }
    }

    /// Whether a mesh link is in its cluster handshake: then no other link may come up (protocol §7.5).
    @inline(__always)
    var isHandshaking: Bool {
        for index in links.indices where links[index].kind == .mesh && links[index].state == .handshaking {
            return true
        }
        return false
    }

    // MARK: - Peripheral

    /// CLUSTER_WELCOME: refuse, or yield (protocol §7.3).
    private mutating func welcomed(
        _ welcome: ClusterWelcome,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        links[index].partnerHandle = AttributeHandle(rawValue: welcome.meshWriteHandle)
        trace(.identified(link: links[index].id, node: welcome.sender), into: &outputs)
        takeSnapshot(index, now: now)
        trace(
            .welcomed(
                by: welcome.sender,
                cluster: welcome.cluster,
                clusterSize: welcome.clusterSize,
                ownCluster: clusterID,
                ownSize: clusterSize
            ),
            into: &outputs
        )
        if let (failure, reason) = refusal(of: welcome, on: index) {
            refuse(welcome.sender, failure, on: index, reason: reason, now: now, into: &outputs)
        } else {
            yield(to: welcome.sender, on: index, now: now, into: &outputs)
        }
    }

    private func refusal(of welcome: ClusterWelcome, on index: Int) -> (HandshakeFailure, DisconnectReason?)? {
        let link = links[index]
        if welcome.cluster == link.classic.snapshotCluster { return (.sameCluster, .sameCluster) }
        if welcome.clusterSize < link.classic.snapshotSize {
            return (.wrongDirection, link.role == .peripheral ? .wrongDirection : nil)
        }
        if let network = welcome.network, network != identity.network { return (.networkMismatch, .networkMismatch) }
        if isIgnored(welcome.sender) {
            return (.unpreferred, .unpreferred)
        }
        return nil
    }

    private mutating func refuse(
        _ partner: NodeID,
        _ failure: HandshakeFailure,
        on index: Int,
        reason: DisconnectReason?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        trace(.handshakeRefused(partner: partner, failure), into: &outputs)
        liveReport(105, UInt32(links[index].partner.rawValue), UInt32(failure.rawValue), now, &outputs)
        if let reason {
            remove(slot: links[index].slot, reason: reason, now: now, into: &outputs)
        }
    }

    private mutating func yield(to partner: NodeID, on index: Int, now: Instant, into outputs: inout Outputs) {
        links[index].partner = partner
        // If the link was one before, whatever lay behind it is no longer counted, and its partner counts updates anew.
        links[index].wasHandshaked = false
        links[index].classic.updateCounter = 1
        links[index].classic.expectedCounter = 1
        let slot = links[index].slot
        enqueue(
            ClusterAck1(
                sender: identity.node,
                receiver: partner,
                hopsToSink: identity.deviceType == .sink ? 0 : -1
            ),
            on: index,
            into: &outputs
        )
        removeOtherMeshLinks(than: slot, reason: .iAmSmaller, now: now, into: &outputs)
        becomeSingle(now: now, into: &outputs)
    }

    private mutating func completeAsLoser(
        _ ack: ClusterAck2,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard links[index].state == .handshaking, links[index].partner.rawValue != 0 else {
            trace(.unexpected(link: links[index].id, type: .clusterAck2), into: &outputs)
            return
        }
        clusterID = ack.cluster
        links[index].classic.connectedCluster = ack.cluster
        links[index].connectedSize = ack.clusterSize &- 1
        links[index].hopsToSink = Self.hop(ack.hopsToSink)
        links[index].masterBit = false
        links[index].enrolledNodesSynced = true
        resetPendingUpdate(index)
        setClusterSize(ack.clusterSize, by: links[index].partner, now: now, into: &outputs)
        completeHandshake(index, winner: false, now: now, into: &outputs)
    }

    // MARK: - Central

    /// CLUSTER_ACK_1: the partner has yielded.
    private mutating func acknowledged(
        _ ack: ClusterAck1,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard links[index].state == .handshaking, links[index].role == .central,
            !links[index].classic.completesAsWinner
        else {
            trace(.unexpected(link: links[index].id, type: .clusterAck1), into: &outputs)
            return
        }
        links[index].partner = ack.sender
        trace(.identified(link: links[index].id, node: ack.sender), into: &outputs)
        links[index].masterBit = true
        links[index].hopsToSink = Self.hop(ack.hopsToSink)
        links[index].classic.completesAsWinner = true
        enqueue(
            ClusterAck2(
                sender: identity.node,
                receiver: ack.sender,
                cluster: links[index].classic.snapshotCluster,
                clusterSize: links[index].classic.snapshotSize.addingClamped(1),
                hopsToSink: hopsToSink(excluding: links[index].slot)
            ),
            on: index,
            into: &outputs
        )
    }

    /// ACK_2 was handed to the radio: the winner waits for nothing more.
    mutating func completeAsWinner(_ index: Int, now: Instant, into outputs: inout Outputs) {
        let slot = links[index].slot
        links[index].classic.connectedCluster = links[index].classic.snapshotCluster
        links[index].connectedSize = 1
        links[index].enrolledNodesSynced = false
        for other in links.indices
        where links[other].kind == .mesh && links[other].slot != slot && links[other].state >= .connected {
            links[other].classic.pending.sizeChange = links[other].classic.pending.sizeChange.addingClamped(1)
        }
        setClusterSize(clusterSize.addingClamped(1), by: links[index].partner, now: now, into: &outputs)
        completeHandshake(index, winner: true, now: now, into: &outputs)
    }

    // MARK: - Both

    private mutating func completeHandshake(
        _ index: Int,
        winner: Bool,
        now: Instant,
        into outputs: inout Outputs
    ) {
        classic.joinMeBuffer.remove(links[index].partner)
        linkJoinedTree(index, asWinner: winner, now: now, into: &outputs)
        refreshHops(into: &outputs)
        handOverMasterBit(into: &outputs)
    }

    private mutating func takeSnapshot(_ index: Int, now: Instant) {
        links[index].classic.snapshotCluster = clusterID
        links[index].classic.snapshotSize = clusterSize
        links[index].state = .handshaking
        watchLinks(now: now)
    }
}
