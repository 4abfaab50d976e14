import MeshWire
import RadioPort

/// Answers that are given piece by piece.
///
/// At most ``Limits/pendingAnswers`` at a time; a further request is dropped.
struct PendingAnswers: Sendable {
    /// What is given piece by piece.
    enum Work: Sendable {
        /// Capability entries, from an index on.
        case capabilities(next: UInt32)
        /// The error log.
        case errorLog(to: NodeID, requestHandle: UInt8)
        /// Load for a node, as many pieces as the amount says.
        case load(GenerateLoad, requestHandle: UInt8)
        /// Numbers that count up.
        case counter(StartCounter, to: NodeID)
    }

    /// One answer.
    struct Entry: Sendable {
        var work: Work
        var dueAt: Instant
    }

    private(set) var entries: ContiguousArray<Entry> = []

    /// When the next piece is due.
    var nextDueAt: Instant? { entries.lazy.map(\.dueAt).min() }

    /// Whether the error log is being sent.
    var isSendingErrorLog: Bool {
        entries.contains { if case .errorLog = $0.work { true } else { false } }
    }

    private var isSendingCapabilities: Bool {
        entries.contains { if case .capabilities = $0.work { true } else { false } }
    }

    /// Adds an answer; false if there are too many, or everybody is getting it already.
    mutating func add(_ work: Work, dueAt: Instant) -> Bool {
        if case .capabilities = work, isSendingCapabilities { return false }
        guard entries.count < Limits.pendingAnswers else { return false }
        entries.append(Entry(work: work, dueAt: dueAt))
        return true
    }

    /// Takes the first answer that is due.
    mutating func takeDue(at now: Instant) -> Entry? {
        guard let index = entries.firstIndex(where: { $0.dueAt <= now }) else { return nil }
        return entries.remove(at: index)
    }

    /// Puts an answer back, with what is left of it.
    mutating func putBack(_ work: Work, dueAt: Instant) {
        entries.append(Entry(work: work, dueAt: dueAt))
    }
}
