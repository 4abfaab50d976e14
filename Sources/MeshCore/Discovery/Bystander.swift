import ByteCoding
public import MeshWire
public import RadioPort

/// A neighbour that is heard but is not even a candidate.
public struct Bystander: Sendable, Equatable {
    /// The rule that keeps it from being one.
    public enum Rule: UInt8, Sendable {
        /// It shows the cluster id of this node.
        case sameCluster
        /// It belongs to another network.
        case otherNetwork
        /// The table of neighbours is full of more useful ones.
        case tableFull
    }

    /// The neighbour; ids are unique within a network only.
    public var node: NodeID
    /// Its network.
    public var network: NetworkID
    /// Its cluster.
    public var cluster: ClusterID
    /// Nodes of that cluster, as it says.
    public var clusterSize: Int16
    /// Where it advertises.
    public var address: Address
    /// Strength of the latest packet in dBm.
    public var rssi: Int8
    /// When that came.
    public var heardAt: Instant
    /// Nodes of the own cluster at that time.
    public var ownSize: Int16
    /// Since when both count the same cluster differently, and neither has changed its number; nil: they do not.
    public var disagreesSince: Instant?
    /// Why it is no candidate.
    public var rule: Rule
}

/// The bystanders of a node that traces, at most ``Limits/bystanders``; the one heard longest ago is replaced.
struct BystanderTable: Sendable {
    private(set) var entries: ContiguousArray<Entry> = []

    /// A bystander, and when it was last spoken of.
    struct Entry: Sendable {
        var bystander: Bystander
        var tracedAt: Instant
    }

    /// Time after which one that is still there is spoken of again, in microseconds.
    static let period: UInt64 = 60_000_000

    /// Stores what was heard.
    ///
    /// - Returns: whether it is worth a word: it is new, the rule is another one, or a while has passed.
    mutating func store(_ heard: Bystander) -> Bool {
        guard let index = entries.firstIndex(where: { $0.bystander.isSame(as: heard) }) else {
            if entries.count >= Limits.bystanders {
                let oldest = entries.indices.min {
                    entries[$0].bystander.heardAt < entries[$1].bystander.heardAt
                }
                entries.remove(at: oldest ?? 0)
            }
            entries.append(Entry(bystander: heard, tracedAt: heard.heardAt))
            return true
        }
        let old = entries[index]
        entries[index].bystander = heard
        if heard.disagreesSince != nil, heard.clusterSize == old.bystander.clusterSize,
            heard.ownSize == old.bystander.ownSize, let since = old.bystander.disagreesSince
        {
            entries[index].bystander.disagreesSince = since
        }
        guard
            old.bystander.rule != heard.rule
                || heard.heardAt.microseconds(since: old.tracedAt) >= Self.period
        else { return false }
        entries[index].tracedAt = heard.heardAt
        return true
    }

    /// Forgets a neighbour of the own network: it has become a candidate.
    mutating func remove(_ node: NodeID, of network: NetworkID) {
        guard !entries.isEmpty else { return }
        entries.removeAll { $0.bystander.node == node && $0.bystander.network == network }
    }
}

extension Bystander {
    fileprivate func isSame(as other: Bystander) -> Bool { node == other.node && network == other.network }
}

// Kept only while the node traces: nothing that it does depends on them.
extension Node {
    /// Neighbours that are heard but are no candidates, in no order; none if the node does not trace.
    public var bystanders: [Bystander] { bystanderTable.entries.map(\.bystander) }

    /// Notes a neighbour of the own network that is no candidate.
    mutating func noteBystander(
        _ rule: Bystander.Rule,
        _ node: NodeID,
        cluster: ClusterID,
        size: Int16,
        _ advertisement: Advertisement,
        rssi: Int8,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard configuration.tracing else { return }
        let disagrees = rule == .sameCluster && size != clusterSize
        let bystander = Bystander(
            node: node,
            network: identity.network,
            cluster: cluster,
            clusterSize: size,
            address: advertisement.address,
            rssi: rssi,
            heardAt: now,
            ownSize: clusterSize,
            disagreesSince: disagrees ? now : nil,
            rule: rule
        )
        note(bystander, into: &outputs)
    }

    /// Notes who says by an advertisement that it belongs to another network; anything else is nobody.
    mutating func noteStranger(
        _ advertisement: Advertisement,
        rssi: Int8,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard configuration.tracing else { return }
        let stranger: (node: NodeID, network: NetworkID, cluster: ClusterID, size: Int16)
        switch advertisement.content {
        case .joinMe(let joinMe):
            stranger = (joinMe.sender, joinMe.network, joinMe.cluster, joinMe.clusterSize)
        case .graftMe(let graftMe):
            stranger = (graftMe.sender, graftMe.network, graftMe.key.cluster, graftMe.clusterSize)
        case .device, .other:
            return
        }
        guard stranger.network != identity.network, stranger.node.rawValue != 0 else { return }
        let bystander = Bystander(
            node: stranger.node,
            network: stranger.network,
            cluster: stranger.cluster,
            clusterSize: stranger.size,
            address: advertisement.address,
            rssi: rssi,
            heardAt: now,
            ownSize: clusterSize,
            rule: .otherNetwork
        )
        note(bystander, into: &outputs)
    }

    private mutating func note(_ bystander: Bystander, into outputs: inout Outputs) {
        guard configuration.tracing, bystanderTable.store(bystander) else { return }
        trace(.bystander(bystander), into: &outputs)
    }
}
