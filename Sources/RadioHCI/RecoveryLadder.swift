/// What is tried, one after the other, to get a controller back that is silent, broken or gone.
///
/// ```
///  fault ─► stop scan, reset ─► reopen ─► power cycle ─► back off 1, 2, 4 … 60 s, cycling and reopening each time
///    ▲                                                     │
///    └────────── a minute without a fault begins anew ◄────┘
/// ```
struct RecoveryLadder: Equatable, Sendable {
    /// A rung.
    enum Step: Equatable, Sendable {
        /// Stop scanning, which is what controllers choke on, then reset over the open transport.
        case stopScan
        /// Close the transport and open it again.
        case reopen
        /// Switch the adapter off and on, and open it again.
        case powerCycle
        /// Wait so many microseconds, then as before.
        case backOff(UInt64)
    }

    /// Time of good service after which the next fault is taken for a new one, in microseconds.
    static let forgiveness: UInt64 = 60_000_000
    /// Longest wait, in microseconds.
    static let longestWait: UInt64 = 60_000_000

    private var rung = 0

    /// The next step.
    ///
    /// - Parameter transportIsGone: whether the steps that need an open transport make no sense.
    /// - Returns: what to try now.
    mutating func next(transportIsGone: Bool) -> Step {
        if transportIsGone { rung = max(rung, 1) }
        defer { rung += 1 }
        switch rung {
        case 0: return .stopScan
        case 1: return .reopen
        case 2: return .powerCycle
        default: return .backOff(min(1_000_000 << UInt64(min(rung - 3, 6)), Self.longestWait))
        }
    }

    /// The controller has served well for a while, or was plugged in.
    mutating func begin() { rung = 0 }
}
