import Glibc
import LinuxSystem
import Logging
import MeshConfiguration
import MeshControl
import MeshCore
import MeshHistory
import MeshWire
import RadioPort

/// Keeps the history of a daemon's node: at most one transaction every ten seconds, and none while nothing happens but for a sign of
/// life every ten minutes.
final class HistoryKeeper {
    /// Time from a change until it is given to the disk, in microseconds.
    private static let batching: UInt64 = 10_000_000
    /// Time between signs of life, in microseconds.
    private static let signOfLife: UInt64 = 600_000_000

    private let loop: EventLoop
    private let report: (Logger.Level, String) -> Void
    private let writer: HistoryWriter
    private var recorder: HistoryRecorder
    private var timer: EventLoop.Timer?
    /// When the timer goes off.
    private var due = Instant.zero
    private var signOfLifeDue = Instant.zero
    private var isWriting = false
    /// Whether the last batch failed, so that this is said once.
    private var hasFailed = false
    private var lostBefore: UInt64 = 0

    /// A keeper, if the configuration wants a history.
    ///
    /// - Parameters:
    ///   - file: the configuration.
    ///   - loop: the daemon's.
    ///   - report: takes what there is to say.
    init?(_ file: NodeConfigurationFile, loop: EventLoop, report: @escaping (Logger.Level, String) -> Void) {
        guard let settings = file.daemon.history, let path = file.historyPath else { return nil }
        self.loop = loop
        self.report = report
        writer = HistoryWriter(HistoryStore(path: path, limits: .init(rows: settings.rows, days: settings.days)))
        recorder = HistoryRecorder(node: file.node, network: file.network, version: Version.text)
        timer = loop.timer { [unowned self] in flush() }
    }

    /// Entries that no disk took and that were thrown away.
    var counter: RadioCounter { RadioCounter("history_lost", recorder.thrownAway) }

    func boot(reason: UInt8) {
        recorder.boot(reason: reason, at: now)
        // Right now: a daemon that does not live for ten seconds shall be seen, too.
        set(loop.now)
    }

    func end(_ end: HistoryEnd) {
        recorder.end(end, at: now)
        arm()
    }

    func note(_ event: TraceEvent) {
        recorder.note(event, at: now)
        arm()
    }

    /// Looks at the cluster.
    func look(at node: Node) {
        recorder.cluster(node.clusterID, size: node.clusterSize, expected: node.stored.enrolledNodes, at: now)
        arm()
    }

    /// Waits until all is on the disk, or has failed.
    func finish() {
        writer.finish()
        flush()
        writer.finish()
        settle()
    }

    /// Makes the timer go off in time for a change.
    private func arm() {
        let deadline = loop.now.advanced(byMicroseconds: Self.batching)
        if !recorder.waiting.isEmpty, deadline < due { set(deadline) }
        if let settling = recorder.nextDeadline, settling < due { set(settling) }
    }

    private func set(_ deadline: Instant) {
        due = deadline
        if let timer { loop.set(timer, at: deadline) }
    }

    private func flush() {
        settle()
        recorder.tick(at: now)
        let time = loop.now
        if !isWriting, !recorder.waiting.isEmpty || time >= signOfLifeDue {
            recorder.live(at: now)
            signOfLifeDue = time.advanced(byMicroseconds: Self.signOfLife)
            isWriting = true
            writer.write(recorder.take())
        }
        // A batch that is being written has a report to be heard.
        set(isWriting ? time.advanced(byMicroseconds: Self.batching) : signOfLifeDue)
        arm()
    }

    /// Hears what became of the batch that was being written.
    private func settle() {
        guard let outcome = writer.takeReport() else { return }
        isWriting = false
        if let notice = outcome.notice { report(.warning, notice) }
        recorder.putBack(outcome.unwritten)
        if let failure = outcome.failure {
            if !hasFailed { report(.error, "cannot keep the history: \(failure); trying again every 10 s") }
        } else if hasFailed {
            let lost = recorder.thrownAway - lostBefore
            lostBefore = recorder.thrownAway
            report(.notice, "the history is kept again; \(lost) entries are missing")
        }
        hasFailed = outcome.failure != nil
    }

    private var now: HistoryMoment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return HistoryMoment(wall: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000, steady: loop.now)
    }
}
