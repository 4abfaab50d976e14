public import MeshWire
public import RadioPort

/// What a node makes of a neighbour of another cluster: what it compared, and the rule that decided.
public struct Judgement: Sendable, Equatable {
    /// What came out.
    public enum Verdict: Sendable, Equatable {
        /// In classic clustering: a score for each end of a link, or the rule that refuses it (protocol §4.3, §4.4).
        case scores(central: ScoreOutcome, peripheral: ScoreOutcome)
        /// In graft clustering: the next move, or the rule that refuses any.
        case graft(GraftVerdict)
    }

    /// The neighbour.
    public var node: NodeID
    /// Where it advertises.
    public var address: Address
    /// Its cluster.
    public var cluster: ClusterID
    /// Nodes of that cluster, as it says.
    public var clusterSize: Int16
    /// First half of its key; nil in classic clustering.
    public var rank: UInt32?
    /// Links that it can take, as it says.
    public var freeIn: UInt8
    /// Links that it can open, as it says.
    public var freeOut: UInt8
    /// The cluster that it agrees to be absorbed by, or none; classic only.
    public var acknowledges = ClusterID.none
    /// Strength of its latest packet in dBm.
    public var rssi: Int8
    /// How long ago that came, in deciseconds.
    public var age: UInt32
    /// Connect attempts that came to nothing: all so far in classic clustering, those in a row in graft.
    public var attempts: UInt8
    /// How long it is left alone from now on, in deciseconds; 0: it is not.
    public var pause: UInt32

    /// The own cluster.
    public var ownCluster: ClusterID
    /// Nodes in it.
    public var ownSize: Int16
    /// First half of the own key; nil in classic clustering.
    public var ownRank: UInt32?
    /// Links that this node can take.
    public var ownFreeIn: UInt8
    /// Links that this node can open.
    public var ownFreeOut: UInt8
    /// Weakest signal that a link needs, inclusive, in dBm.
    public var threshold: Int8
    /// Longest time since the latest packet, in deciseconds.
    public var maximumAge: UInt32

    /// What came out.
    public var verdict: Verdict
}

/// What a node that grafts makes of a neighbour.
public enum GraftVerdict: UInt8, Sendable, CaseIterable {
    // What this node does next.

    /// It connects, once it has listened for a while.
    case connect
    /// It calls, so that the other cluster connects.
    case call
    /// Neither end has a slot that fits: one is to be freed.
    case makeRoom
    /// It asks for the role of the root first: only a root concedes.
    case askForRole
    /// It connects to a smaller cluster that calls.
    case answerCall

    // Why it does nothing.

    /// A member of the own cluster.
    case sameCluster
    /// No cluster can have come by the key that it shows.
    case impossibleKey
    /// Left alone for a while after what came to nothing.
    case leftAlone
    /// Heard too long ago.
    case tooOld
    /// Heard too weakly.
    case tooWeak
    /// Linked already, or about to be.
    case alreadyLinked
    /// Not preferred, and others are ignored.
    case notPreferred
    /// Its key is smaller: it is its move.
    case smaller
    /// Its cluster is smaller and calls, but no slot fits.
    case noSlot
    /// It was a child and had to make room: it is not asked for some time.
    case letGo

    /// Whether this node does something.
    public var isMove: Bool { rawValue <= GraftVerdict.answerCall.rawValue }
}
