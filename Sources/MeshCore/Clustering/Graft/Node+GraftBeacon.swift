import ByteCoding
import MeshWire
import RadioPort

// GRAFT_ME, said and heard: JOIN_ME with another type byte, which nodes that cannot graft ignore.
extension Node {
    /// The GRAFT_ME of this moment.
    @inline(__always)
    func graftMe() -> GraftMe {
        let isLeaf = identity.deviceType == .leaf
        // A reserved slot is for one partner alone: others are to look elsewhere.
        let hidesSlots = graft.reservation != nil
        return GraftMe(
            network: identity.network,
            sender: identity.node,
            key: clusterKey,
            clusterSize: clusterSize,
            freeIn: hidesSlots ? 0 : isLeaf ? min(freeIn, 1) : freeIn,
            freeOut: hidesSlots || isLeaf ? 0 : freeOut,
            isRoot: isRoot,
            calls: graft.callsUntil != nil,
            eccentricity: eccentricity,
            txPower: configuration.txPower,
            deviceType: identity.deviceType,
            hopsToSink: hopsToSink(excluding: nil),
            meshWriteHandle: radio?.handles.meshValue.rawValue ?? 0
        )
    }

    /// Takes a GRAFT_ME of the own network.
    mutating func hearGraftMe(
        _ beacon: GraftMe,
        _ advertisement: Advertisement,
        rssi: Int8,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard beacon.sender.rawValue != 0, beacon.sender != identity.node else { return }
        heardOwnMode(beacon.sender)
        status.heard(beacon.sender, rssi: rssi)
        // Who waits for the role for the sake of a cluster must learn when it is the own.
        let hasJoined =
            graft.asked && beacon.key.cluster == clusterID && graft.neighbours.isOutside(clusterID, beacon.sender)
        let heard = Neighbour(beacon: beacon, address: advertisement.address, rssi: rssi, heardAt: now)
        let place = graft.neighbours.store(heard, own: clusterKey, age: configuration.graft.alternativeAge)
        guard let place else {
            noteBystander(
                .tableFull,
                beacon.sender,
                cluster: beacon.key.cluster,
                size: beacon.clusterSize,
                advertisement,
                rssi: rssi,
                now: now,
                into: &outputs
            )
            return
        }
        bystanderTable.remove(beacon.sender, of: identity.network)
        traceVerdict(at: place, now: now, into: &outputs)
        guard hasJoined || beacon.key.cluster != clusterID && isCandidate(graft.neighbours.entries[place], now: now)
        else { return }
        reconsiderGraft()
    }
}
