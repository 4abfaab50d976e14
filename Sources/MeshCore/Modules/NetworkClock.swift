import MeshWire

/// The time that the nodes of a network share (protocol §10.4), counted in ticks of the main timer.
///
/// Every tick adds a fixed number of cycles of 1/32768 s. Nothing is done at a tick: the time is computed when it is asked
/// for, from the ticks that have passed since it was last changed.
///
/// ```
///                 INITIAL with a greater counter          CORRECTION
///   unsynced ───────────────────────────────► synced ───────────────────► corrected
///       │                                        ▲                            │
///       │ a master time is set                   └── INITIAL, greater counter ┤
///       └────────────────────────────────────────────────────────────────────►┘
/// ```
struct NetworkClock: Sendable, Equatable {
    /// Cycles in a second.
    static let cyclesPerSecond: UInt64 = 32768

    /// Cycles that one tick adds.
    let cyclesPerTick: UInt64
    /// Grows with every setting of a master time; the greatest in the network wins.
    private(set) var counter: UInt32 = 0
    /// Offset of local time in minutes.
    private(set) var offsetMinutes: Int16 = 0
    /// Whether the time was set at this node.
    private(set) var isTimeMaster = false
    /// Whether the time was taken from a partner that has not yet told how long the message had waited.
    private(set) var awaitsCorrection = false
    /// Seconds since 1970 when the time was set; 0 if it never was.
    private var syncTime: UInt32 = 0
    /// Cycles passed since then at tick `readAt`.
    private var cycles: UInt64 = 0
    private var readAt: UInt64 = 0

    init(cyclesPerTick: UInt32) {
        self.cyclesPerTick = UInt64(cyclesPerTick)
    }

    /// Whether anybody has ever set a time.
    var isSynced: Bool { syncTime != 0 }
    /// Whether the time is good enough to be handed on.
    var isCorrected: Bool { isSynced && !awaitsCorrection }
    /// The state in reports: 0 unsynced, 1 synced, 2 corrected.
    var syncState: UInt8 { isSynced ? (awaitsCorrection ? 1 : 2) : 0 }

    /// The time in the form in which it travels, at a tick since boot.
    func time(at tick: UInt64) -> TimeSync.Time {
        let elapsed = elapsed(at: tick)
        return TimeSync.Time(
            syncTime: syncTime,
            timeSinceSync: UInt32(truncatingIfNeeded: elapsed / Self.cyclesPerSecond),
            additionalTicks: UInt32(truncatingIfNeeded: elapsed % Self.cyclesPerSecond),
            offset: offsetMinutes
        )
    }

    /// Seconds since 1970, or since boot if no time was ever set.
    func seconds(at tick: UInt64) -> UInt32 {
        syncTime &+ UInt32(truncatingIfNeeded: elapsed(at: tick) / Self.cyclesPerSecond)
    }

    /// ``seconds(at:)`` with the offset added.
    func localSeconds(at tick: UInt64) -> UInt32 {
        seconds(at: tick) &+ UInt32(truncatingIfNeeded: Int(offsetMinutes) * 60)
    }

    /// Cycles that pass in a number of ticks.
    func cycles(in ticks: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: ticks &* cyclesPerTick) }

    /// A master time is set here.
    mutating func set(seconds: UInt32, offsetMinutes: Int16, at tick: UInt64) {
        counter &+= 1
        isTimeMaster = true
        awaitsCorrection = false
        syncTime = seconds
        self.offsetMinutes = offsetMinutes
        restart(from: 0, at: tick)
    }

    /// INITIAL from a partner: taken over if its counter is greater.
    ///
    /// - Returns: whether it was.
    mutating func adopt(_ time: TimeSync.Time, counter: UInt32, at tick: UInt64) -> Bool {
        guard counter > self.counter else { return false }
        self.counter = counter
        isTimeMaster = false
        awaitsCorrection = true
        take(time, at: tick)
        return true
    }

    /// CORRECTION from a partner: the cycles that INITIAL had waited.
    ///
    /// - Returns: whether one was awaited.
    mutating func correct(by cycles: UInt32, at tick: UInt64) -> Bool {
        guard awaitsCorrection else { return false }
        awaitsCorrection = false
        restart(from: elapsed(at: tick) &+ UInt64(cycles), at: tick)
        return true
    }

    /// INTER_NETWORK: the time of another network, which has no counter in common with this one.
    mutating func adoptFromOtherNetwork(_ time: TimeSync.Time, at tick: UInt64) {
        awaitsCorrection = false
        take(time, at: tick)
    }

    private mutating func take(_ time: TimeSync.Time, at tick: UInt64) {
        syncTime = time.syncTime
        offsetMinutes = time.offset
        let seconds = UInt64(time.timeSinceSync) &* Self.cyclesPerSecond
        restart(from: seconds &+ UInt64(time.additionalTicks), at: tick)
    }

    private mutating func restart(from cycles: UInt64, at tick: UInt64) {
        self.cycles = cycles
        readAt = tick
    }

    private func elapsed(at tick: UInt64) -> UInt64 {
        cycles &+ (tick &- min(readAt, tick)) &* cyclesPerTick
    }
}
