/// One thing that happened, as it goes to the database.
public enum HistoryChange: Sendable, Equatable {
    /// The node booted; what follows belongs to this boot.
    case booted(HistoryBoot)
    /// The node was up until then.
    case alive(HistoryTime)
    /// The boot ended in an orderly way.
    case ended(HistoryEnd, HistoryTime)
    /// A mesh link finished its handshake.
    case linked(HistoryTime)
    /// A mesh link that had finished its handshake went.
    case lost(HistoryLoss)
    /// What became of a lost link that was to be re-established.
    case resolved(number: Int64, HistoryOutcome, afterMilliseconds: Int64)
    /// A cluster formed.
    case formed(HistoryFormation)
    /// The cluster has another id or size.
    case cluster(id: UInt32, size: Int, HistoryTime)
    /// The clock jumped by so many milliseconds.
    case clockJumped(byMilliseconds: Int64, HistoryTime)
}

/// A boot of the node: of the daemon, or within it when a node is told to reset.
public struct HistoryBoot: Sendable, Equatable {
    /// Milliseconds since 1970 (UTC).
    public var wall: Int64
    /// Milliseconds of the machine's monotonic clock: smaller than before means that the machine was down in between.
    public var machine: Int64
    /// 0 for a start of the daemon, else the cause of the reset (protocol §10.1).
    public var reason: UInt8
    /// Version of the daemon.
    public var version: String
    /// The node.
    public var node: UInt16
    /// Its network.
    public var network: UInt16
}

/// How a boot ended; one without an end was cut off, or goes on.
public enum HistoryEnd: String, Sendable {
    /// The daemon was told to end.
    case stopped
    /// The node was told to reset.
    case reset
}

/// The end of a mesh link.
public struct HistoryLoss: Sendable, Equatable {
    /// Counts the losses of a boot, from 1.
    public var number: Int64
    /// When.
    public var time: HistoryTime
    /// The node at the other end.
    public var partner: UInt16
    /// Why: the name of a disconnect reason, or of what the radio said.
    public var reason: String
    /// Whether one of the two nodes wanted it so.
    public var isWanted: Bool
    /// How long the link had been there.
    public var ageMilliseconds: Int64
    /// What became of it, if that is known.
    public var outcome: HistoryOutcome?
}

/// What became of a lost link.
public enum HistoryOutcome: String, Sendable {
    /// It came back, with all that was queued on it.
    case reestablished
    /// It was given up.
    case removed
}

/// From alone to together.
public struct HistoryFormation: Sendable, Equatable {
    /// Why the node was alone.
    public enum Cause: String, Sendable {
        /// It had booted.
        case boot
        /// It had lost or left its cluster.
        case alone
    }

    /// How it ended.
    public enum Outcome: String, Sendable {
        /// The cluster counts all enrolled nodes.
        case full
        /// The cluster counts more than one node and has not changed for 30 s.
        case settled
        /// The node ended first.
        case unfinished
    }

    /// When the node was first alone.
    public var time: HistoryTime
    /// Why.
    public var cause: Cause
    /// From then to the last change of the size.
    public var durationMilliseconds: Int64
    /// Nodes in the cluster.
    public var size: Int
    /// Enrolled nodes, nil if that is not known.
    public var expected: Int?
    /// How it ended.
    public var outcome: Outcome
}
