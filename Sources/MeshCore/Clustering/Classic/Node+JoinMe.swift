import ByteCoding
import MeshWire
import RadioPort

// JOIN_ME, said and heard (protocol §2.1, §2.2, §4.1).
extension Node {
    /// The JOIN_ME of this moment.
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
    mutating func hearJoinMe(_ packet: HeardPacket, now: Instant, into outputs: inout Outputs) {
        guard JoinMe.isForNetwork(identity.network, packet.data), let joinMe = try? JoinMe(bytes: packet.data) else {
            if let other = GraftMe.sender(in: packet.data, of: identity.network) {
                heardOtherMode(other, now: now, into: &outputs)
            } else {
                noteStranger(packet, now: now, into: &outputs)
            }
            return
        }
        heardOwnMode(joinMe.sender)
        status.heard(joinMe.sender, rssi: packet.rssi)
        guard joinMe.cluster != clusterID else {
            noteBystander(
                .sameCluster,
                joinMe.sender,
                cluster: joinMe.cluster,
                size: joinMe.clusterSize,
                packet,
                now: now,
                into: &outputs
            )
            return
        }
        bystanderTable.remove(joinMe.sender, of: identity.network)
        let entry = JoinMeEntry(
            joinMe: joinMe,
            address: packet.address,
            connectable: packet.connectable,
            rssi: packet.rssi,
            receivedAt: deciseconds(at: now)
        )
        let view = scoringView(now: now)
        classic.joinMeBuffer.store(entry, view: view)
        if !timers.isSet(.emergency) {
            timers.set(.emergency, at: tick(after: now))
        }
        if configuration.decision == .eager {
            decideSoon(about: entry, view: view, now: now)
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
