import CLinux
import Glibc
public import RadioPort

/// One thread that waits for descriptors, times and signals, and calls whoever asked for them.
///
/// All of it belongs to one thread, handlers included; nothing is locked. A handler may watch, unwatch, set timers and post
/// work. Handlers of one turn run in the order of readiness, then those of patient descriptors, then timers that are due, then
/// posted work.
///
/// Patient descriptors are many and may be busy, as those of clients. They share one place in the row with all others, and only
/// a few of them have their turn at a time, so that nothing else waits for more than those.
public final class EventLoop {
    /// What is waited for on a descriptor.
    public struct Interest: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt32
        /// Interest from bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Bytes to read, or the end.
        public static let reading = Interest(rawValue: clinux_epoll_in)
        /// Room to write.
        public static let writing = Interest(rawValue: clinux_epoll_out)
    }

    /// What happened on a descriptor.
    public struct Readiness: Sendable {
        /// Bytes can be read, or the end.
        public var canRead: Bool
        /// There is room to write.
        public var canWrite: Bool
        /// The other end is gone or the descriptor is in error.
        public var isBroken: Bool
    }

    /// Names a watched descriptor; never reused.
    public struct Watch: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    /// Names a timer; never reused.
    public struct Timer: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Watcher {
        var descriptor: Int32
        var isPatient: Bool
        var interest: Interest
        var handler: (Readiness) -> Void
    }

    private struct Alarm {
        var deadline: UInt64
        var handler: () -> Void
    }

    private let descriptor: FileDescriptor
    /// What waits for the patient descriptors; itself watched as one descriptor, under a number that no other has.
    private let patientDescriptor: FileDescriptor
    private static let patientNumber: UInt64 = 0
    /// Patient descriptors in a turn.
    private static let patientTurn: Int32 = 4
    private var watchers: [UInt64: Watcher] = [:]
    private var alarms: [UInt64: Alarm] = [:]
    private var posted: [() -> Void] = []
    /// What one turn can learn; the memory is reused.
    private var events = [epoll_event](repeating: epoll_event(), count: 32)
    private var signalDescriptor: Int32 = -1
    private var lastNumber: UInt64 = 0
    private var isRunning = false

    /// A loop that watches nothing yet.
    ///
    /// - Throws: ``SystemError`` if the system has no descriptor left.
    public init() throws(SystemError) {
        descriptor = try Self.makeDescriptor()
        patientDescriptor = try Self.makeDescriptor()
        try Self.add(patientDescriptor.rawValue, to: descriptor, for: .reading, number: Self.patientNumber)
    }

    private static func makeDescriptor() throws(SystemError) -> FileDescriptor {
        let number = epoll_create1(clinux_epoll_cloexec)
        guard number >= 0 else { throw SystemError("epoll_create1") }
        return FileDescriptor(number)
    }

    private static func add(
        _ watched: Int32,
        to descriptor: borrowing FileDescriptor,
        for interest: Interest,
        number: UInt64
    ) throws(SystemError) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: number))
        guard epoll_ctl(descriptor.rawValue, EPOLL_CTL_ADD, watched, &event) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }

    deinit {
        if signalDescriptor >= 0 { close(signalDescriptor) }
    }

    /// Microseconds of the monotonic clock.
    public var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(microseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000)
    }

    // MARK: - Descriptors

    /// Calls `handler` whenever the descriptor is ready, until ``unwatch(_:)``; the descriptor stays its owner's.
    ///
    /// - Parameters:
    ///   - descriptor: what is watched.
    ///   - interest: what is waited for.
    ///   - isPatient: whether it takes turns with other patient ones.
    ///   - handler: called on the loop's thread.
    /// - Returns: the name under which it is watched.
    /// - Throws: ``SystemError`` if the descriptor cannot be watched.
    public func watch(
        _ descriptor: Int32,
        for interest: Interest,
        isPatient: Bool = false,
        _ handler: @escaping (Readiness) -> Void
    ) throws(SystemError) -> Watch {
        lastNumber += 1
        if isPatient {
            try Self.add(descriptor, to: patientDescriptor, for: interest, number: lastNumber)
        } else {
            try Self.add(descriptor, to: self.descriptor, for: interest, number: lastNumber)
        }
        watchers[lastNumber] = Watcher(
            descriptor: descriptor,
            isPatient: isPatient,
            interest: interest,
            handler: handler
        )
        return Watch(number: lastNumber)
    }

    /// Changes what is waited for.
    public func change(_ watch: Watch, to interest: Interest) {
        // Owners tell what they want after every write: mostly it is what they wanted before.
        guard let watcher = watchers[watch.number], watcher.interest != interest else { return }
        watchers[watch.number]?.interest = interest
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: watch.number))
        epoll_ctl(waiter(of: watcher), EPOLL_CTL_MOD, watcher.descriptor, &event)
    }

    /// Forgets a descriptor; call it before the descriptor is closed.
    public func unwatch(_ watch: Watch) {
        guard let watcher = watchers.removeValue(forKey: watch.number) else { return }
        epoll_ctl(waiter(of: watcher), EPOLL_CTL_DEL, watcher.descriptor, nil)
    }

    private func waiter(of watcher: Watcher) -> Int32 {
        watcher.isPatient ? patientDescriptor.rawValue : descriptor.rawValue
    }

    // MARK: - Time

    /// A timer that is not set.
    public func timer(_ handler: @escaping () -> Void) -> Timer {
        lastNumber += 1
        alarms[lastNumber] = Alarm(deadline: .max, handler: handler)
        return Timer(number: lastNumber)
    }

    /// Sets a timer, or stops it with nil; it goes off once, at or up to a millisecond after the deadline.
    public func set(_ timer: Timer, at deadline: Instant?) {
        alarms[timer.number]?.deadline = deadline?.microseconds ?? .max
    }

    /// Forgets a timer.
    public func remove(_ timer: Timer) { alarms.removeValue(forKey: timer.number) }

    /// Runs `work` at the end of this turn, or of the next if it is posted work that calls.
    public func post(_ work: @escaping () -> Void) { posted.append(work) }

    // MARK: - Signals

    /// Blocks the signals and calls `handler` with the number of each that comes; to be called once.
    ///
    /// - Throws: ``SystemError`` if signals cannot be watched.
    public func watchSignals(_ signals: [Int32], _ handler: @escaping (Int32) -> Void) throws(SystemError) {
        precondition(signalDescriptor < 0)
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        guard sigprocmask(SIG_BLOCK, &set, nil) == 0 else { throw SystemError("sigprocmask") }
        signalDescriptor = signalfd(-1, &set, clinux_signalfd_flags)
        guard signalDescriptor >= 0 else { throw SystemError("signalfd") }
        _ = try watch(signalDescriptor, for: .reading) { [unowned self] _ in
            var info = signalfd_siginfo()
            while Glibc.read(signalDescriptor, &info, MemoryLayout<signalfd_siginfo>.size) > 0 {
                handler(Int32(info.ssi_signo))
            }
        }
    }

    // MARK: - Running

    /// Runs until ``stop()``.
    ///
    /// - Throws: ``SystemError`` if waiting fails.
    public func run() throws(SystemError) {
        isRunning = true
        while isRunning {
            try turn(waiting: .max)
        }
    }

    /// Ends ``run()`` after this turn.
    public func stop() { isRunning = false }

    /// Waits for the next thing to happen, at most so long, and handles it.
    ///
    /// - Parameter microseconds: longest wait.
    /// - Throws: ``SystemError`` if waiting fails.
    public func turn(waiting microseconds: UInt64) throws(SystemError) {
        let count = epoll_wait(descriptor.rawValue, &events, Int32(events.count), timeout(atMost: microseconds))
        guard count >= 0 || errno == EINTR else { throw SystemError("epoll_wait") }
        if handle(Int(max(count, 0))) {
            // None may be left: a handler has unwatched it.
            handle(Int(max(epoll_wait(patientDescriptor.rawValue, &events, Self.patientTurn, 0), 0)))
        }
        runTimers()
        // What posted work posts waits for the next turn, so that every turn ends.
        let work = posted
        posted = []
        for item in work { item() }
    }

    /// Calls the handlers of so many events.
    ///
    /// - Returns: whether patient descriptors are ready.
    @discardableResult
    private func handle(_ count: Int) -> Bool {
        var arePatientReady = false
        for event in events.prefix(count) {
            if event.data.u64 == Self.patientNumber { arePatientReady = true }
            // A handler before may have unwatched this one.
            guard let watcher = watchers[event.data.u64] else { continue }
            let broken = event.events & (clinux_epoll_err | clinux_epoll_hup) != 0
            watcher.handler(
                Readiness(
                    canRead: broken || event.events & clinux_epoll_in != 0,
                    canWrite: event.events & clinux_epoll_out != 0,
                    isBroken: broken
                )
            )
        }
        return arePatientReady
    }

    private func timeout(atMost microseconds: UInt64) -> Int32 {
        guard posted.isEmpty else { return 0 }
        let earliest = alarms.values.reduce(UInt64.max) { min($0, $1.deadline) }
        let untilAlarm = earliest == .max ? .max : Instant(microseconds: earliest).microseconds(since: now)
        let wait = min(untilAlarm, microseconds)
        // A minute is short enough to be corrected and long enough to cost nothing.
        return wait == .max ? -1 : Int32((min(wait, 60_000_000) + 999) / 1000)
    }

    private func runTimers() {
        let now = now.microseconds
        let due = alarms.filter { $0.value.deadline <= now }
            .sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
        for (number, _) in due {
            // A handler before may have stopped or moved this one.
            guard let alarm = alarms[number], alarm.deadline <= now else { continue }
            alarms[number]?.deadline = .max
            alarm.handler()
        }
    }
}
