/// An event in the error log, of type ``ErrorType/custom`` (protocol §10.1); unknown values are kept.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt32

    /// The value `rawValue`.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A lost link is being brought back; extra is the partner.
    public static let tryingReestablish = ErrorCode(rawValue: 2)
    /// A lost link did not come back.
    public static let reestablishTimeout = ErrorCode(rawValue: 3)
    /// Links opened.
    public static let gapConnects = ErrorCode(rawValue: 4)
    /// Handshakes done.
    public static let handshakesDone = ErrorCode(rawValue: 5)
    /// A handshake took too long.
    public static let handshakeTimeout = ErrorCode(rawValue: 7)
    /// A cluster update was lost or came twice.
    public static let clusterUpdateCounterMismatch = ErrorCode(rawValue: 13)
    /// Packets dropped.
    public static let droppedPackets = ErrorCode(rawValue: 17)
    /// Packets sent with confirmation.
    public static let sentReliable = ErrorCode(rawValue: 18)
    /// Packets sent without confirmation.
    public static let sentUnreliable = ErrorCode(rawValue: 19)
    /// The end of the log; extra is the number of entries.
    public static let endMarker = ErrorCode(rawValue: 20)
    /// A lost link is back.
    public static let reestablishSuccess = ErrorCode(rawValue: 21)
    /// JOIN_ME advertisements received.
    public static let joinMeReceived = ErrorCode(rawValue: 22)
    /// A connection was refused.
    public static let connectRefused = ErrorCode(rawValue: 23)
    /// A lost link was given up; extra is a bit mask of reasons.
    public static let reestablishSkipped = ErrorCode(rawValue: 26)
    /// The hops to the sink were corrected.
    public static let wrongHopsToSink = ErrorCode(rawValue: 44)
    /// A piece of a split message is missing.
    public static let splitMissing = ErrorCode(rawValue: 45)
    /// A piece of a split message is too short.
    public static let splitNotFullSize = ErrorCode(rawValue: 46)
    /// The MTU could not be raised.
    public static let mtuUpgradeFailed = ErrorCode(rawValue: 51)
    /// A link was closed to let another cluster in.
    public static let emergencyDisconnect = ErrorCode(rawValue: 57)
    /// Messages received.
    public static let messagesReceived = ErrorCode(rawValue: 80)
    /// Messages received for this node.
    public static let messagesForThisNode = ErrorCode(rawValue: 81)
    /// Bytes of the stack never used.
    public static let unusedStack = ErrorCode(rawValue: 83)
    /// Seconds since boot.
    public static let uptime = ErrorCode(rawValue: 85)
    /// Time of the boot.
    public static let bootTime = ErrorCode(rawValue: 86)
}
