public import MeshWire
import RadioPort

// Keys: a rank and a cluster id, compared in this order. The root has the authority over the key of its cluster; everybody else
// takes the key that its parent shows. While a node has any link its key never falls.
//
//   boot, or the last member is lost        rank 1, fresh id; every link is removed first, engaged ones too
//   parent lost, children left              rank + 1, + 3 if this part is more than half of what there was; fresh id
//   root, any time                          same id, greater rank: at least the size, and + 2 after a smaller part was lost
//   key received from the parent            as it is
//
// A fresh id is NodeId + (generation << 16), and the generation rises with each. Generations are reserved in blocks in the stored
// state, so that a node that restarts does not repeat an id; the first block begins at a random place.
extension Node {
    /// The key of the cluster.
    public var clusterKey: ClusterKey { ClusterKey(rank: graft.rank, cluster: clusterID) }

    /// Power on: alone, under a key that nobody has.
    mutating func startGraft(into outputs: inout Outputs) {
        graft.generation = stored.graftGeneration ?? UInt16(truncatingIfNeeded: random.next())
        reserveGenerations(into: &outputs)
        takeFreshKey(rank: 1, into: &outputs)
    }

    private mutating func reserveGenerations(into outputs: inout Outputs) {
        stored.graftGeneration = graft.generation &+ Limits.reservedGenerations
        persist(into: &outputs)
    }

    /// Names the cluster anew.
    mutating func takeFreshKey(rank: UInt32, into outputs: inout Outputs) {
        let cluster = ClusterID(
            rawValue: UInt32(identity.node.rawValue) | UInt32(graft.generation) << 16
        )
        graft.generation &+= 1
        if graft.generation == stored.graftGeneration {
            reserveGenerations(into: &outputs)
        }
        trace(.newCluster(cluster), into: &outputs)
        setKey(ClusterKey(rank: rank, cluster: cluster))
    }

    /// Takes a key; what follows for others follows when the node settles.
    mutating func setKey(_ key: ClusterKey) {
        guard key != clusterKey else { return }
        graft.rank = key.rank
        clusterID = key.cluster
        markJoinMeStale()
        reconsiderGraft()
    }

    /// As root: a greater rank, so that smaller clusters concede to bigger ones.
    mutating func raiseRank(to rank: UInt32) {
        let rank = min(rank, Self.rankMax)
        guard isRoot, rank > graft.rank else { return }
        setKey(ClusterKey(rank: rank, cluster: clusterID))
    }

    /// As root: a rank that tells the size, roughly, as every change of the key goes to every member.
    mutating func raiseRankToSize() {
        let size = UInt32(max(1, clusterSize))
        // The rank may be anything that a partner said.
        guard size > graft.rank, size - graft.rank > graft.rank / max(1, configuration.graft.rankSlack) else { return }
        raiseRank(to: size)
    }

    /// Ranks end here: a century of one split a second.
    ///
    /// Nobody takes a greater one from a partner. A part that is cut off at the end takes one all the same, for its key must not
    /// fall; its members leave it, and who is alone begins again with rank 1.
    static let rankMax = UInt32.max - 16

    /// The rank of a part that lost its parent.
    func rankAfterSplit(sizeBefore: Int16) -> UInt32 {
        let isBigger = Int(clusterSize) * 2 > Int(sizeBefore)
        return UInt32(min(UInt64(UInt32.max), UInt64(graft.rank) + (isBigger ? 3 : 1)))
    }
}

extension ClusterKey {
    /// Whether a cluster can have come by it.
    var isPossible: Bool { rank <= Node.rankMax }
}
