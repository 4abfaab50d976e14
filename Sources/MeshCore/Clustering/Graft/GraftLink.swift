import MeshWire
import RadioPort

/// What graft clustering keeps of a link.
struct GraftLink: Sendable {
    /// What this end is to the tree.
    var relation = TreeRelation.engaged
    /// The key that the partner showed last, while engaged.
    var offered: ClusterKey?
    /// The partner has no slot for this link.
    var partnerIsFull = false
    /// Longest path on the side of the partner, in hops from it.
    var height: UInt8 = 0
    /// Neighbours that the partner could link with instead.
    var alternatives: UInt8 = 0
    /// Drawn by the central: tells this link from a later one of the same pair.
    var nonce: UInt32 = 0
    /// What was said in the last GRAFT_HELLO; nil: nothing yet.
    var said: (key: ClusterKey, isFull: Bool)?
    /// What was said in the last GRAFT_UPDATE; nil: what was said does not count.
    var told: (key: ClusterKey?, branch: GraftBranch)?
    /// When that was.
    var toldAt = Instant.zero
    /// The partner was known to have no slot: the link is to ask for one.
    var isForRoom = false
    /// GRAFT_KNOCK was sent over this link.
    var hasKnocked = false
    /// A message could not be queued: what the ends know of each other may differ.
    var isBroken = false

    /// Whether the link is in the tree, for this end.
    var isInTree: Bool { relation != .engaged }
    /// Whether this end looks up to the partner.
    var isUpward: Bool { relation == .conceded || relation == .parent }
}
