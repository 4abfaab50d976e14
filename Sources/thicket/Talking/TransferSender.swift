import ByteCoding
import MeshWire

/// The sending end of a transfer (protocol §10.3), without input and output.
///
///     START ──▶ START_RECEIVED ──▶ a few CHUNKs, REPORT_DESIRED ──▶ REPORT ──┬─▶ nothing is missing: delivered
///       ▲ │                          ▲                                       │
///       └─┘ not answered             └──── missing ones first, then new ones ┘
///
/// The report is asked for after each few chunks, so that no queue on the way is overrun. A receiver may list chunks as missing
/// that were not sent yet; then the first one tells how far it is. A receiver that has part of the content from before says so in
/// the metadata of START_RECEIVED: u24, how many chunks from the first on.
struct TransferSender {
    /// How a transfer ended.
    enum Outcome: Equatable {
        /// The receiver has all of it.
        case delivered
        /// Nobody takes transfers there.
        case noAnswer
        /// The receiver refused it or gave up.
        case refused(RawDataError)
        /// The receiver fell silent.
        case silent
    }

    /// How long to wait, in microseconds.
    struct Patience: Equatable {
        /// For START_RECEIVED.
        var start: UInt64
        /// How often START is sent.
        var starts: Int
        /// For REPORT.
        var report: UInt64 = 5_000_000

        /// For something short, so that one knows soon whether anybody is there.
        static let short = Patience(start: 3_000_000, starts: 2)
        /// As the protocol says.
        static let long = Patience(start: 10_000_000, starts: 3)
    }

    private enum State {
        case starting(left: Int, at: UInt64)
        /// Chunks may go.
        case sending(budget: UInt32)
        case waiting(until: UInt64, timeouts: Int)
        case ended(Outcome)
    }

    /// Questions without an answer before the transfer fails (protocol §10.3).
    private static let timeoutsMax = 3

    /// Chunks of the content.
    let chunkCount: UInt32
    /// Chunks that the receiver has, from the first on.
    private(set) var confirmed: UInt32 = 0
    /// Chunks sent again.
    private(set) var repeated: UInt32 = 0
    private let content: [UInt8]
    private let note: TransferNote
    private let patience: Patience
    private var state: State
    private var window: UInt32 = 2
    private var nextNew: UInt32 = 1
    private var missing: [UInt32] = []
    private var lastReport: [UInt32] = []

    /// A transfer that begins at once.
    ///
    /// - Parameters:
    ///   - content: at most ``TransferLimits/bytes``.
    ///   - note: what it is.
    ///   - patience: how long to wait.
    init(_ content: [UInt8], note: TransferNote, patience: Patience) {
        precondition(content.count <= TransferLimits.bytes)
        self.content = content
        self.note = note
        self.patience = patience
        chunkCount = UInt32((content.count + TransferLimits.chunkBytes - 1) / TransferLimits.chunkBytes)
        state = .starting(left: patience.starts, at: 0)
    }

    /// How it ended; nil while it is under way.
    var outcome: Outcome? {
        guard case .ended(let outcome) = state else { return nil }
        return outcome
    }

    /// Whether the receiver has agreed to the transfer.
    var isAccepted: Bool {
        switch state {
        case .starting, .ended(.noAnswer): false
        default: true
        }
    }

    /// When ``next(at:)`` has something to say even if nothing is received; 0: at once.
    var deadline: UInt64 {
        switch state {
        case .starting(_, let at): at
        case .waiting(let until, _): until
        case .sending, .ended: 0
        }
    }

    // MARK: - Sending

    /// What is to be sent now; nil: wait for a message, until ``deadline`` at most.
    mutating func next(at now: UInt64) -> RawData.Content? {
        switch state {
        case .starting(let left, let at):
            guard now >= at else { return nil }
            guard left > 0 else {
                state = .ended(.noAnswer)
                return nil
            }
            state = .starting(left: left - 1, at: now + patience.start)
            return .start(
                RawDataStart(
                    numChunks: chunkCount,
                    dataProtocol: TransferNote.dataProtocol,
                    metadata: note.metadata
                )
            )
        case .sending(let budget):
            if budget > 0, let chunk = takeChunk() {
                state = .sending(budget: budget - 1)
                return .chunk(chunk)
            }
            state = .waiting(until: now + patience.report, timeouts: 0)
            return .reportDesired
        case .waiting(let until, let timeouts):
            guard now >= until else { return nil }
            guard timeouts + 1 < Self.timeoutsMax else {
                state = .ended(.silent)
                return .error(.unexpectedEnd, destination: 2)
            }
            state = .waiting(until: now + patience.report, timeouts: timeouts + 1)
            return .reportDesired
        case .ended: return nil
        }
    }

    private mutating func takeChunk() -> RawDataChunk? {
        let id: UInt32
        if !missing.isEmpty {
            id = missing.removeFirst()
            repeated += 1
        } else if nextNew <= chunkCount {
            id = nextNew
            nextNew += 1
        } else {
            return nil
        }
        let begin = Int(id - 1) * TransferLimits.chunkBytes
        let end = min(content.count, begin + TransferLimits.chunkBytes)
        return RawDataChunk(chunkID: id, data: InlineBytes(content[begin..<end]))
    }

    // MARK: - Receiving

    /// Takes a message of the receiver about this transfer.
    mutating func take(_ message: RawData.Content) {
        switch (state, message) {
        case (.ended, _): return
        case (.starting, .startReceived(let metadata)):
            if metadata.count >= 3 {
                confirmed = min(chunkCount, (0..<3).reduce(0) { $0 | UInt32(metadata[$1]) << ($1 * 8) })
                nextNew = confirmed + 1
            }
            state = .sending(budget: window)
        case (.starting, .report): return
        case (_, .report(let list)): take(report: list.filter { (1...max(1, chunkCount)).contains($0) })
        case (_, .error(let error, let destination)) where destination != 2: state = .ended(.refused(error))
        default: return
        }
    }

    private mutating func take(report: [UInt32]) {
        // Only the answer to the latest question tells what was lost: of chunks that went out since, others know nothing.
        guard case .waiting(_, let timeouts) = state else { return }
        if report.isEmpty, nextNew > chunkCount {
            confirmed = chunkCount
            state = .ended(.delivered)
            return
        }
        // The same as before, unasked: the late answer to a question that was repeated.
        guard report.isEmpty || report != lastReport || timeouts > 0 else { return }
        lastReport = report
        confirmed = max(confirmed, (report.min() ?? nextNew) - 1)
        missing = report.filter { $0 < nextNew }
        window = missing.isEmpty ? min(TransferLimits.windowMax, window + 1) : max(1, window / 2)
        state = .sending(budget: max(window, UInt32(missing.count)))
    }
}
