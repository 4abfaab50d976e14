/// What one end of a mesh link is to the tree of its cluster, in graft clustering.
///
/// ```
///             CONCEDE sent            UPDATE received
///  engaged ───────────────► conceded ────────────────► parent
///     │                                                 │  ▲
///     │ CONCEDE received                  ROLE received │  │ ROLE sent
///     └──────────────────────────────────────► child ◄──┘──┘
/// ```
public enum TreeRelation: UInt8, Sendable {
    /// Up, but not in the tree.
    case engaged
    /// This node made the partner its parent; the partner has not confirmed it.
    case conceded
    /// The partner is the parent.
    case parent
    /// The partner is a child: this end holds the master bit.
    case child
}
