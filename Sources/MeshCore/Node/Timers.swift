public import RadioPort

/// What a node can be waiting for.
enum NodeTimer: Int {
    case links
    case emergency
    case discoveryTimeout
    case sizeTransition
    case clustering
    case enrolledNodes
    case timeSync
    case timeReporting
    case answers
    case scanRestart
    case advertising
    case reset
    case statusReport
    case clusteringChange
    case enrolment
}

/// One slot per timer; nothing is ever scheduled from inside, the driver sleeps until ``next``.
@usableFromInline
struct Timers: Sendable {
    private var deadlines: InlineArray<15, UInt64> = InlineArray(repeating: UInt64.max)
    @usableFromInline private(set) var earliest = UInt64.max

    /// The earliest deadline, nil if nothing is waited for.
    @inlinable var next: Instant? { earliest == UInt64.max ? nil : Instant(microseconds: earliest) }

    /// Deadline of a timer, nil if it is not set.
    func deadline(_ timer: NodeTimer) -> Instant? {
        let value = deadlines[timer.rawValue]
        return value == UInt64.max ? nil : Instant(microseconds: value)
    }

    mutating func set(_ timer: NodeTimer, at deadline: Instant) {
        deadlines[timer.rawValue] = deadline.microseconds
        refresh()
    }

    /// Sets the timer unless it is due earlier already.
    mutating func setNoLater(_ timer: NodeTimer, at deadline: Instant) {
        guard deadline.microseconds < deadlines[timer.rawValue] else { return }
        set(timer, at: deadline)
    }

    mutating func stop(_ timer: NodeTimer) {
        deadlines[timer.rawValue] = UInt64.max
        refresh()
    }

    func isSet(_ timer: NodeTimer) -> Bool { deadlines[timer.rawValue] != UInt64.max }

    /// Takes the first timer, in declaration order, that is due.
    mutating func popExpired(at now: Instant) -> NodeTimer? {
        guard earliest <= now.microseconds else { return nil }
        for index in deadlines.indices where deadlines[index] <= now.microseconds {
            deadlines[index] = UInt64.max
            refresh()
            return NodeTimer(rawValue: index)
        }
        return nil
    }

    private mutating func refresh() {
        var minimum = UInt64.max
        for index in deadlines.indices where deadlines[index] < minimum {
            minimum = deadlines[index]
        }
        earliest = minimum
    }
}
