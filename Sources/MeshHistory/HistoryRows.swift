/// When a row of the history happened, as far as that is known.
public struct RecordedTime: Sendable, Equatable {
    /// Milliseconds since 1970 (UTC), set right by what the clock jumped later in the same boot.
    public var at: Int64
    /// What was added to what the clock said then, in milliseconds; 0 where it did not jump.
    public var correction: Int64
    /// Milliseconds since the boot.
    public var uptime: Int64
}

/// A boot and how it ended.
public struct BootRow: Sendable, Equatable {
    /// How a boot ended, as far as can be told.
    public enum End: String, Sendable {
        /// The daemon was told to end.
        case stopped
        /// The node was told to reset.
        case reset
        /// No end was written, and the machine was down after it: power cut or crash of the machine.
        case machineDown = "machine down"
        /// No end was written, and the machine went on, or was up for longer before the next boot than before the end.
        case cutOff = "cut off"
        /// It is the last one and goes on, or was cut off.
        case open
    }

    /// Its number.
    public var boot: Int64
    /// When it began.
    public var began: RecordedTime
    /// When the node was last up, in milliseconds since 1970 (UTC).
    public var last: Int64
    /// How long it was up at least, in milliseconds.
    public var up: Int64
    /// How it ended.
    public var end: End
    /// 0 for a start of the daemon, else the cause of the reset (protocol §10.1).
    public var reason: Int
    /// Version of the daemon.
    public var version: String
    /// The node.
    public var node: Int
    /// Its network.
    public var network: Int
}

/// The end of a link.
public struct LossRow: Sendable, Equatable {
    /// The boot it belongs to.
    public var boot: Int64
    /// When.
    public var time: RecordedTime
    /// The node at the other end.
    public var partner: Int
    /// Why.
    public var reason: String
    /// Whether one of the two nodes wanted it so.
    public var isWanted: Bool
    /// How long the link had been there, in milliseconds.
    public var age: Int64
    /// `reestablished` or `removed`; nil while the nodes try, or if the boot ended meanwhile.
    public var outcome: String?
    /// Milliseconds until then.
    public var after: Int64?

    /// Whether the link came back.
    public var isBack: Bool { outcome == HistoryOutcome.reestablished.rawValue }
}

/// From alone to together.
public struct FormationRow: Sendable, Equatable {
    /// The boot it belongs to.
    public var boot: Int64
    /// When the node was first alone.
    public var time: RecordedTime
    /// `boot` or `alone`.
    public var cause: String
    /// Milliseconds from then to the last change of the size.
    public var duration: Int64
    /// Nodes in the cluster.
    public var size: Int
    /// Enrolled nodes, nil if that was not known.
    public var expected: Int?
    /// `full`, `settled` or `unfinished`.
    public var outcome: String

    /// Whether the node got together with others.
    public var isFormed: Bool { outcome != HistoryFormation.Outcome.unfinished.rawValue }
}

/// A change of the cluster's id or size.
public struct ClusterRow: Sendable, Equatable {
    /// The boot it belongs to.
    public var boot: Int64
    /// When.
    public var time: RecordedTime
    /// The id.
    public var cluster: Int64
    /// The size.
    public var size: Int
}

/// A jump of the clock.
public struct JumpRow: Sendable, Equatable {
    /// The boot it belongs to.
    public var boot: Int64
    /// When, by the clock after the jump.
    public var time: RecordedTime
    /// Milliseconds, negative if it went back.
    public var by: Int64
}

/// Counters of a day (UTC).
public struct DayRow: Sendable, Equatable {
    /// Days since 1970.
    public var day: Int64
    /// Milliseconds that the node was up, told at the end of each ten minutes.
    public var up: Int64
    /// Links that were made.
    public var links: Int
    /// Links that were lost.
    public var losses: Int
    /// Links that one of the nodes closed.
    public var closed: Int
    /// Of the losses, those that came back.
    public var reestablished: Int
    /// Formations.
    public var formations: Int
}
