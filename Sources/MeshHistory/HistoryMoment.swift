public import RadioPort

/// A point in time by two clocks: the one that people read, which may jump, and the one that never does.
public struct HistoryMoment: Sendable, Equatable {
    /// Milliseconds since 1970 (UTC) by the machine's clock; a machine without a battery for it starts wrong.
    public var wall: Int64
    /// The monotonic clock.
    public var steady: Instant

    /// A moment from both clocks.
    public init(wall: Int64, steady: Instant) {
        self.wall = wall
        self.steady = steady
    }
}

/// When a row happened.
public struct HistoryTime: Sendable, Equatable {
    /// Milliseconds since 1970 (UTC), as the clock said then.
    public var wall: Int64
    /// Milliseconds since the node booted, by the monotonic clock.
    public var uptime: Int64

    /// A time from both.
    public init(wall: Int64, uptime: Int64) {
        self.wall = wall
        self.uptime = uptime
    }
}
