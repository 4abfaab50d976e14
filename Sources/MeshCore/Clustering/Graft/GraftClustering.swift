import MeshWire
import RadioPort

/// What graft clustering keeps of a node.
struct GraftClustering: Sendable {
    // MARK: - Tree

    /// First half of the key; the second is the cluster id.
    var rank: UInt32 = 1
    /// Goes into the next cluster id.
    var generation: UInt16 = 0
    /// Slots of the links over which the root role was asked for, first come first served.
    var queue: ContiguousArray<UInt8> = []
    /// This node wants the role itself.
    var wants = false
    /// A request is on its way up and was not answered.
    var asked = false

    // MARK: - Policies

    var neighbours = NeighbourTable()
    /// When this node acts on its candidates; nil while there are none.
    var actsAt: Instant?
    /// When this node answers the call of a smaller cluster; nil while nobody calls.
    var answersAt: Instant?
    /// When this node asks for the role of the root, as reckoned last: a time that is past says nothing; nil: never reckoned.
    var asksAt: Instant?
    /// Until when it may act although others wait for the role.
    var roleUntil: Instant?
    /// Until when the call bit is set.
    var callsUntil: Instant?
    /// When a node without a fitting partner knocks at one; nil while there is a fitting one, or none at all.
    var knocksAt: Instant?
    /// A slot kept for a node that knocked.
    var reservation: Reservation?
    /// When the cluster lost nodes last; nil: not since power-on.
    var shrankAt: Instant?
    /// When a candidate was there last.
    var candidateAt = Instant.zero
    /// When a candidate was there last that the usual threshold lets pass.
    var loudCandidateAt = Instant.zero
    /// Something changed that may let this node act.
    var isStale = false

    /// A slot that was freed for somebody.
    struct Reservation: Sendable {
        var partner: NodeID
        var role: LinkRole
        var until: Instant
    }
}
