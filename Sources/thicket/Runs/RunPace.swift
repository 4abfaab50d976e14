import Glibc
import MeshSimulator
import RadioPort

/// What is done with a run while it goes on.
protocol RunView {
    /// The run is about to begin.
    mutating func begin(_ run: ScenarioRun)
    /// Something happened in the last step.
    mutating func happened(_ entries: [RunLog.Entry], in run: ScenarioRun)
    /// Another simulated second is over.
    mutating func secondPassed(in run: ScenarioRun)
    /// A tenth of a second of the person's time is over.
    mutating func framePassed(in run: ScenarioRun)
    /// The run is over, or was interrupted.
    mutating func end(_ run: ScenarioRun, _ ending: RunEnding)
}

/// How a run ended.
struct RunEnding {
    /// Whether Ctrl-C ended it.
    var isInterrupted: Bool
    /// Wall-clock seconds.
    var wallSeconds: Double
}

/// Drives a run to its end, no faster than wanted.
struct RunPace {
    /// Simulated seconds per second at most; nil as fast as it can.
    var speed: Double?

    private static let frame = Duration.milliseconds(100)
    private static let secondMicroseconds: UInt64 = 1_000_000

    /// Drives a run.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - view: who watches.
    ///   - traces: where trace values go, if anybody wants them.
    ///   - recordings: where inputs of nodes go.
    ///   - capture: where packets go, if anybody wants them.
    /// - Returns: how it ended.
    /// - Throws: ``InternalError`` if traces or recordings cannot be written.
    func drive(
        _ run: inout ScenarioRun,
        into view: some RunView,
        tracing traces: inout TraceFile?,
        recording recordings: RunRecordings,
        capturing capture: inout CaptureFile?
    ) throws -> RunEnding {
        var view = view
        let clock = ContinuousClock()
        let start = clock.now
        var nextFrame = start
        var nextSecond = Self.secondMicroseconds
        var log = RunLog()
        view.begin(run)
        try recordings.take(from: &run)
        try capture?.take(from: &run)
        while !run.isOver, !Interrupt.isRequested {
            run.step()
            let taken = run.takeTraces()
            try traces?.write(taken, of: run)
            try recordings.take(from: &run)
            try capture?.take(from: &run)
            let entries = log.entries(of: &run, traces: taken)
            if !entries.isEmpty { view.happened(entries, in: run) }
            if run.now.microseconds >= nextSecond {
                view.secondPassed(in: run)
                nextSecond += Self.secondMicroseconds
            }
            let due = speed.map { start + Duration.seconds(run.now.seconds / $0) }
            var now = clock.now
            repeat {
                if now >= nextFrame {
                    view.framePassed(in: run)
                    nextFrame = now + Self.frame
                }
                guard let due, due > now, !Interrupt.isRequested else { break }
                Self.pause(min(due, nextFrame) - now)
                now = clock.now
            } while true
        }
        try traces?.flush()
        try recordings.end()
        try capture?.flush()
        let ending = RunEnding(isInterrupted: !run.isOver, wallSeconds: (clock.now - start) / Duration.seconds(1))
        view.end(run, ending)
        return ending
    }

    /// Sleeps for less than a second; a signal ends it early.
    private static func pause(_ duration: Duration) {
        var time = timespec(tv_sec: 0, tv_nsec: max(0, Int(duration / Duration.nanoseconds(1))))
        nanosleep(&time, nil)
    }
}
