/// How far the time has been handed to the partner of a link (protocol §10.4).
///
/// ```
///             INITIAL queued           INITIAL_REPLY           CORRECTION_REPLY
///   unsynced ───────────────► offered ───────────────► taken ───────────────────► done
///       ▲                        │                       │                         │
///       └──── any other reply, or a new time ────────────┴─────────────────────────┘
/// ```
///
/// The partner is told how many cycles INITIAL waited between the queue and the air.
struct LinkTimeSync: Sendable, Equatable {
    /// What the partner has.
    enum State: UInt8 {
        /// Nothing.
        case unsynced
        /// INITIAL was queued.
        case offered
        /// INITIAL was answered.
        case taken
        /// CORRECTION was answered.
        case done
    }

    private(set) var state = State.unsynced
    /// Ticks that INITIAL waited until the radio had sent it.
    private(set) var waitedTicks: UInt64 = 0
    private var queuedAt: UInt64 = 0
    /// Writes that the radio has yet to report as sent, up to and with INITIAL; 0 if it is not with the radio.
    private var writesUntilSent = 0
    /// The message that is being written is INITIAL.
    private var isWritingInitial = false

    /// Whether a step is to be sent.
    var needsStep: Bool { state != .done }

    /// A new time is to be handed on.
    mutating func reset() {
        state = .unsynced
    }

    /// INITIAL was queued at a tick.
    mutating func offer(at tick: UInt64) {
        state = .offered
        queuedAt = tick
        waitedTicks = 0
        writesUntilSent = 0
    }

    /// A message is begun.
    mutating func writes(initial: Bool) {
        isWritingInitial = initial
    }

    /// The message was handed to the radio, its end as the last of a number of unsent writes.
    mutating func wrote(unsentWrites: Int) {
        guard isWritingInitial else { return }
        isWritingInitial = false
        writesUntilSent = unsentWrites
    }

    /// The radio has sent a number of writes.
    mutating func writesSent(_ count: Int, at tick: UInt64) {
        guard writesUntilSent > 0 else { return }
        writesUntilSent = max(0, writesUntilSent - count)
        if writesUntilSent == 0 {
            waitedTicks = tick &- min(queuedAt, tick)
        }
    }

    /// INITIAL_REPLY came.
    mutating func initialAnswered() {
        state = state == .offered ? .taken : .unsynced
    }

    /// CORRECTION_REPLY came.
    mutating func correctionAnswered() {
        state = state == .taken ? .done : .unsynced
    }
}
