/// Why a node booted (protocol §10.1); unknown values are kept.
public struct RebootCause: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Unknown.
    public static let unknown = RebootCause(rawValue: 0)
    /// Hard fault.
    public static let hardFault = RebootCause(rawValue: 1)
    /// Fault of the application.
    public static let appFault = RebootCause(rawValue: 2)
    /// Fault of the radio stack.
    public static let stackFault = RebootCause(rawValue: 3)
    /// Reset pin.
    public static let pin = RebootCause(rawValue: 4)
    /// Watchdog.
    public static let watchdog = RebootCause(rawValue: 5)
    /// Woken from off.
    public static let fromOffState = RebootCause(rawValue: 6)
    /// Reset by a local command.
    public static let localReset = RebootCause(rawValue: 7)
    /// Reset by a remote command.
    public static let remoteReset = RebootCause(rawValue: 8)
    /// Enrolled.
    public static let enrollment = RebootCause(rawValue: 9)
    /// Preferred connections were set.
    public static let preferredConnections = RebootCause(rawValue: 10)
    /// Firmware update.
    public static let dfu = RebootCause(rawValue: 11)
    /// No memory for a module.
    public static let moduleMemory = RebootCause(rawValue: 12)
    /// Memory fault.
    public static let memoryFault = RebootCause(rawValue: 13)
    /// Bus fault.
    public static let busFault = RebootCause(rawValue: 14)
    /// Usage fault.
    public static let usageFault = RebootCause(rawValue: 15)
    /// Enrolment removed.
    public static let enrollmentRemoved = RebootCause(rawValue: 16)
    /// Factory reset failed.
    public static let factoryResetFailed = RebootCause(rawValue: 17)
    /// Factory reset by the failsafe.
    public static let factoryResetFailsafe = RebootCause(rawValue: 18)
    /// Serial number set.
    public static let setSerialOK = RebootCause(rawValue: 19)
    /// Serial number not set.
    public static let setSerialFailed = RebootCause(rawValue: 20)
    /// To the boot loader.
    public static let toBootloader = RebootCause(rawValue: 21)
    /// Unknown, but booted.
    public static let unknownButBooted = RebootCause(rawValue: 22)
    /// Stack overflow.
    public static let stackOverflow = RebootCause(rawValue: 23)
    /// No queue chunk.
    public static let noQueueChunk = RebootCause(rawValue: 24)
    /// Implementation error.
    public static let implementationError1 = RebootCause(rawValue: 25)
    /// Implementation error.
    public static let implementationError2 = RebootCause(rawValue: 26)
    /// Configuration migrated.
    public static let configurationMigration = RebootCause(rawValue: 27)
    /// Prepares to be off.
    public static let prepareOff = RebootCause(rawValue: 28)
    /// Woken up.
    public static let wakeUp = RebootCause(rawValue: 29)
    /// Factory reset.
    public static let factoryReset = RebootCause(rawValue: 30)
}
