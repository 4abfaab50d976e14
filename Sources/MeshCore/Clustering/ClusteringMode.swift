/// How clusters form and heal; one network has one mode.
public enum ClusteringMode: String, CaseIterable, Sendable {
    /// The wire-compatible way: the smaller cluster dissolves and its nodes join one by one (protocol §4, §7, §8).
    case classic
    /// The smaller cluster hangs itself under the other as a whole; every node of the network must run it.
    case graft

    /// The one that this is not.
    public var other: ClusteringMode { self == .classic ? .graft : .classic }
}

/// When a classic node looks for a partner.
public enum DecisionPolicy: String, CaseIterable, Sendable {
    /// Every 2.0 or 2.2 s (protocol §4.2).
    case periodic
    /// As soon as a usable JOIN_ME arrives, and every 2 s.
    ///
    /// Stock nodes on the same air see a node that takes its decisions early; nothing else differs on the wire. As they are
    /// slower, an eager node wins more often who is central, and clusters around eager nodes grow first.
    case eager
}
