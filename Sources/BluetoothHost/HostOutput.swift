public import RadioPort

/// What a host wants done or told.
public enum HostOutput: Equatable, Sendable {
    /// A packet for the controller as H4, type byte first.
    case packet([UInt8])
    /// An event of the radio port.
    case event(RadioEvent)
    /// Something to be logged.
    case notice(RadioNotice)
    /// The controller is silent or broken: nothing more comes until ``Host/start(at:into:)``.
    case fault(HostFault)
}

/// Why a host gave its controller up.
public enum HostFault: Equatable, Sendable, CustomStringConvertible {
    /// A command was not answered in time.
    case silent(opcode: UInt16)
    /// A connect attempt was neither completed nor cancelled, or too many in a row came to nothing.
    case stuck
    /// The controller reported a hardware error.
    case hardware(code: UInt8)
    /// A command that nothing works without was refused.
    case refused(opcode: UInt16, status: UInt8)

    /// The fault in words.
    public var description: String {
        switch self {
        case .silent(let opcode): "the controller does not answer command 0x\(String(opcode, radix: 16))"
        case .stuck: "no connect attempt comes to an end or to anything"
        case .hardware(let code): "the controller reports hardware error \(code)"
        case .refused(let opcode, let status):
            "the controller refuses command 0x\(String(opcode, radix: 16)) with 0x\(String(status, radix: 16))"
        }
    }
}

/// What a host counted since its first start; the counts only grow.
public struct HostCounters: Equatable, Sendable {
    /// Packets from the controller that could not be read.
    public var malformedPackets: UInt64 = 0
    /// Frames of links that broke the rules of L2CAP or came for no link.
    public var droppedFrames: UInt64 = 0
    /// Packets of the attribute protocol that made no sense.
    public var droppedAttributePackets: UInt64 = 0
    /// Commands of the owner that could not be carried out.
    public var refusedCommands: UInt64 = 0
    /// Frames that found no room to wait in.
    public var queueOverflows: UInt64 = 0

    /// Nothing counted yet.
    public init() {}
}
