/// A radio as its owner sees it: commands in, events out.
///
/// All radios implement exactly this.
/// A radio belongs to one thread. It may call its observer from inside ``perform(_:)``: an owner that cannot take an event at
/// that moment queues it.
public protocol Radio: AnyObject {
    /// Opens the radio; `ready` follows when it works.
    ///
    /// - Throws: ``RadioError`` if it cannot be had. What fails later is told by `failed`, and `ready` again once it is mended.
    func start() throws(RadioError)

    /// Takes a command; one that cannot be carried out is answered by the event that tells so, or dropped and counted.
    func perform(_ command: RadioCommand)

    /// Closes all links with reason 0x13, releases the adapter and then calls `completion`, within two seconds.
    func stop(_ completion: @escaping () -> Void)

    /// What people want to know of the radio.
    var summary: RadioSummary { get }

    /// What was counted since the start, by name, in a fixed order.
    var counters: [RadioCounter] { get }
}

/// What people want to know of a radio.
public struct RadioSummary: Sendable, Equatable {
    /// The kind: `hci`, `h4` or `dbus`.
    public var kind: String
    /// The adapter, such as `hci0` or the address of the H4 transport.
    public var adapter: String
    /// The controller in words, empty while unknown.
    public var controller: String
    /// What the radio is doing, in a word or two: `ready`, `starting`, `resetting`, `gone`.
    public var state: String

    /// A summary from its parts.
    public init(kind: String, adapter: String, controller: String = "", state: String = "starting") {
        self.kind = kind
        self.adapter = adapter
        self.controller = controller
        self.state = state
    }
}

/// A number that only grows.
public struct RadioCounter: Sendable, Equatable {
    /// What is counted, in snake case.
    public var name: String
    /// How often it happened.
    public var value: UInt64

    /// A counter with its value.
    public init(_ name: String, _ value: UInt64) {
        self.name = name
        self.value = value
    }
}

/// Something that a radio wants to have logged.
public struct RadioNotice: Sendable, Equatable {
    /// How much it matters.
    public enum Level: UInt8, Sendable, Comparable {
        /// For somebody who looks for a fault.
        case debug
        /// Part of normal life.
        case info
        /// Service is degraded, or would be if it happened more often.
        case warning
        /// Service is interrupted.
        case error

        /// Compares by weight.
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// How much it matters.
    public var level: Level
    /// One line.
    public var text: String

    /// A notice.
    public init(_ level: Level, _ text: String) {
        self.level = level
        self.text = text
    }
}

/// Where a radio reports to.
public struct RadioObserver {
    /// Takes every event of the port.
    public var event: (RadioEvent) -> Void
    /// Takes what is to be logged.
    public var notice: (RadioNotice) -> Void
    /// Takes every packet between host and controller as H4, type byte first, `true` if it went to the controller.
    ///
    /// Nil if nobody captures. Radios without such packets never call it.
    public var packet: ((_ bytes: [UInt8], _ sent: Bool) -> Void)?

    /// An observer from its functions.
    public init(
        event: @escaping (RadioEvent) -> Void,
        notice: @escaping (RadioNotice) -> Void = { _ in },
        packet: ((_ bytes: [UInt8], _ sent: Bool) -> Void)? = nil
    ) {
        self.event = event
        self.notice = notice
        self.packet = packet
    }
}

/// Why a radio cannot be had, in one line that names the way out.
public struct RadioError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, such as "open hci0 for exclusive use".
    public var operation: String
    /// What came back: the text of an errno, or the name of a D-Bus error.
    public var cause: String
    /// What to do about it; empty if nothing is known to help.
    public var advice: String

    /// An error from its parts.
    public init(operation: String, cause: String, advice: String = "") {
        self.operation = operation
        self.cause = cause
        self.advice = advice
    }

    /// The whole error in one line.
    public var description: String {
        "cannot \(operation): \(cause)" + (advice.isEmpty ? "" : "; \(advice)")
    }
}
