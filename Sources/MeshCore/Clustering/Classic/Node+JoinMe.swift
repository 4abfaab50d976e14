import ByteCoding
import MeshWire
import RadioPort

// JOIN_ME, said and heard (protocol §2.1, §2.2, §4.1).
extension Node {
    /// The JOIN_ME of this moment.
    @inline(__always)
    func joinMe() -> JoinMe {
        let isLeaf = identity.deviceType == .leaf
        return JoinMe(
            network: identity.network,
            sender: identity.node,
            cluster: clusterID,
            clusterSize: clusterSize,
            freeIn: isLeaf ? min(freeIn, 1) : freeIn,
            freeOut: isLeaf ? 0 : freeOut,
            battery: identity.hardware.battery,
            txPower: configuration.txPower,
            deviceType: identity.deviceType,
            hopsToSink: hopsToSink(excluding: nil),
            meshWriteHandle: radio?.handles.meshValue.rawValue ?? 0,
            ackField: classic.ackField
        )
    }

    /// Takes a JOIN_ME of the own network.
    mutating func hearJoinMe(
        _ joinMe: JoinMe,
        _ advertisement: Advertisement,
        rssi: Int8,
        now: Instant,
        scores: inout CandidateScores,
        into outputs: inout Outputs
    ) {
        heardOwnMode(joinMe.sender)
        status.heard(joinMe.sender, rssi: rssi)
        guard joinMe.cluster != clusterID else {
            noteBystander(
                .sameCluster,
                joinMe.sender,
                cluster: joinMe.cluster,
                size: joinMe.clusterSize,
                advertisement,
                rssi: rssi,
                now: now,
                into: &outputs
            )
            return
        }
        bystanderTable.remove(joinMe.sender, of: identity.network)
        refresh(&scores, now: now)
        let entry = JoinMeEntry(
            joinMe: joinMe,
            address: advertisement.address,
            connectable: advertisement.connectable,
            rssi: rssi,
            receivedAt: scores.view.now
        )
        classic.joinMeBuffer.store(entry, scores: &scores)
        if !timers.isSet(.emergency) {
            timers.set(.emergency, at: tick(after: now))
        }
        if configuration.decision == .eager {
            decideSoon(about: entry, view: scores.view, now: now)
        }
    }

    /// An eager node does not wait for its period once it could connect to somebody.
    private mutating func decideSoon(about entry: JoinMeEntry, view: ScoringView, now: Instant) {
        guard freeOut > 0, connectAttempt == nil, !isHandshaking, view.centralScore(of: entry) > 0 else { return }
        guard let deadline = timers.deadline(.clustering),
            deadline > now.advanced(byMicroseconds: configuration.timing.eagerDelay)
        else { return }
        let delay = jitter(configuration.timing.eagerDelay)
        timers.set(.clustering, at: now.advanced(byMicroseconds: delay))
    }
}
