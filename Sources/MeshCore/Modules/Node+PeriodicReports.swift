import MeshWire
import RadioPort

// Periodic reports of the status reporter (protocol §10.1): off unless configured; nodes take turns by their ids.
extension Node {
    /// Deciseconds by which this node comes later than the first.
    private var reportStagger: UInt32 { UInt32(identity.node.rawValue % 100) }

    /// Sets the timer for the next report, if any is configured.
    mutating func scheduleReports(now: Instant) {
        let time = deciseconds(at: now)
        status.reportedUntil = time
        let intervals = stored.reportIntervals
        var next: UInt32?
        for interval in [intervals.status, intervals.deviceInfo, intervals.connections, intervals.nearby]
        where interval > 0 {
            let due = nextReport(after: time, interval: UInt32(interval))
            next = min(next ?? due, due)
        }
        guard let next else {
            timers.stop(.statusReport)
            return
        }
        timers.set(.statusReport, at: tick(from: bootedAt.advanced(byMicroseconds: UInt64(next) * 100_000)))
    }

    /// Sends the reports that became due since the last time.
    mutating func reportPeriodically(now: Instant, into outputs: inout Outputs) {
        let intervals = stored.reportIntervals
        if isActive(.plain(.statusReporter)) {
            if isReportDue(intervals.status, now: now) {
                broadcast(.status(statusReport(now: now)), now: now, into: &outputs)
            }
            if isReportDue(intervals.deviceInfo, now: now) {
                broadcast(.deviceInfo(deviceInfo()), now: now, into: &outputs)
            }
            if isReportDue(intervals.connections, now: now) {
                reportConnections(now: now, into: &outputs)
            }
            if isReportDue(intervals.nearby, now: now) {
                broadcast(.nearbyNodes(status.nearby.take()), now: now, into: &outputs)
            }
        }
        scheduleReports(now: now)
    }

    @inline(__always)
    private func isReportDue(_ interval: UInt16, now: Instant) -> Bool {
        interval > 0
            && nextReport(after: status.reportedUntil, interval: UInt32(interval)) <= deciseconds(at: now)
    }

    /// The first decisecond after `time` at which a report of an interval is due.
    @inline(__always)
    private func nextReport(after time: UInt32, interval: UInt32) -> UInt32 {
        let phase = reportStagger % interval
        let sinceLast = (time &- phase &+ (time < phase ? interval : 0)) % interval
        return time &+ (interval - sinceLast)
    }
}
