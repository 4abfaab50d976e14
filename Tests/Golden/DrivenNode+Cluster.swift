import MeshCore
import MeshWire
import RadioPort

// How a node under test came into the cluster in which a recording finds it.
extension DrivenNode {
    /// The node joins helpers until it has a cluster id, a size and hops to the sink (-1 unknown).
    ///
    /// A node alone in a cluster that it created needs none: its boot number makes the id. Else the first helper takes it into
    /// the cluster and knows the way to the sink. It keeps the master bit of the link, unless the node shall hold the bits of all
    /// its links: then it hands over, and as the bit would come back at once if more nodes were behind that link than elsewhere,
    /// half of them are behind a second helper.
    ///
    /// - Returns: the helpers that were needed.
    mutating func enter(
        _ cluster: ClusterID,
        size: Int16,
        hopsToSink: Int16 = -1,
        holdingMasterBits: Bool = false,
        with helpers: [Neighbour]
    ) throws -> [Neighbour] {
        let isSink = node.identity.deviceType == .sink
        if cluster == node.clusterID, size == 1, isSink || hopsToSink == -1 { return [] }
        let hops = isSink || hopsToSink == -1 ? -1 : hopsToSink - 1
        guard holdingMasterBits else {
            try yield(to: helpers[0], cluster: cluster, size: size, hopsToSink: hops)
            return [helpers[0]]
        }
        let elsewhere = (size - 1) / 2
        try yield(to: helpers[0], cluster: cluster, size: size - elsewhere, hopsToSink: hops)
        if elsewhere > 0 {
            try win(helpers[1])
            try update(from: helpers[1], sizeChange: elsewhere - 1)
        }
        try update(from: helpers[0], sizeChange: 0, hopsToSink: hops, handsOver: true)
        return helpers
    }
}

extension [Neighbour] {
    /// Two neighbours that are none of the nodes of a recording.
    static func helpers(besides nodes: [NodeID]) -> [Neighbour] {
        (1900...1999).map { NodeID($0) }.filter { !nodes.contains($0) }.prefix(2).map { id in
            Neighbour(id: id, address: Address(value: 0xC0DE_0000_0000 | UInt64(id.rawValue), kind: .random))
        }
    }
}
