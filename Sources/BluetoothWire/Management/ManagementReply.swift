public import ByteCoding

/// What the kernel answers to a management command: the content of Command Complete and Command Status.
///
/// | offset | size | field   | meaning                               |
/// |-------:|-----:|---------|---------------------------------------|
/// |      0 |    2 | command | which one is answered                 |
/// |      2 |    1 | status  | 0 done                                |
/// |      3 |    n | values  | what was asked for, if it is complete |
public struct ManagementReply: WireMessage {
    /// The command that is answered.
    public var command: UInt16
    /// How it went.
    public var status: ManagementStatus
    /// What was asked for.
    public var values: ManagementPacket.Parameters

    /// A reply from its parts.
    public init(
        to command: UInt16,
        _ status: ManagementStatus = .success,
        _ values: ManagementPacket.Parameters = ManagementPacket.Parameters()
    ) {
        self.command = command
        self.status = status
        self.values = values
    }

    /// Decodes a reply; the values take all the rest.
    public init(from reader: inout ByteReader) throws(CodingError) {
        command = try reader.read()
        status = ManagementStatus(rawValue: try reader.read())
        values = try reader.readRest()
    }

    /// Appends the reply.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(command)
        try writer.write(status.rawValue)
        try writer.write(values)
    }
}

/// How a management command went.
public struct ManagementStatus: RawRepresentable, Hashable, Sendable {
    /// The number.
    public var rawValue: UInt8

    /// The status numbered `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Done.
    public static let success = ManagementStatus(rawValue: 0x00)
    /// The kernel does not know the command.
    public static let unknownCommand = ManagementStatus(rawValue: 0x01)
    /// Something else is under way.
    public static let busy = ManagementStatus(rawValue: 0x0A)
    /// No such adapter.
    public static let invalidIndex = ManagementStatus(rawValue: 0x11)
    /// Blocked by rfkill.
    public static let blocked = ManagementStatus(rawValue: 0x12)
    /// The caller lacks CAP_NET_ADMIN.
    public static let permissionDenied = ManagementStatus(rawValue: 0x14)

    /// The status in words.
    public var text: String {
        switch self {
        case .success: "done"
        case .unknownCommand: "the kernel does not know the command"
        case .busy: "the adapter is busy"
        case .invalidIndex: "no such adapter"
        case .blocked: "blocked by rfkill"
        case .permissionDenied: "permission denied"
        default: "management status \(rawValue)"
        }
    }
}

/// What Read Controller Information tells about an adapter, as far as it is used here.
///
/// | offset | size | field              |
/// |-------:|-----:|--------------------|
/// |      0 |    6 | public address     |
/// |      6 |    1 | Bluetooth version  |
/// |      7 |    2 | manufacturer       |
/// |      9 |    4 | supported settings |
/// |     13 |    4 | current settings   |
public struct AdapterInformation: WireMessage {
    /// Public address, 0 if it has none.
    public var address: UInt64
    /// Version of the HCI specification.
    public var version: UInt8
    /// Company identifier.
    public var manufacturer: UInt16
    /// Settings that the adapter could have.
    public var supported: UInt32
    /// Settings that it has.
    public var current: UInt32

    private static let powered: UInt32 = 1 << 0
    private static let lowEnergy: UInt32 = 1 << 9

    /// Whether it is switched on.
    public var isPowered: Bool { current & Self.powered != 0 }
    /// Whether it can do Low Energy at all.
    public var supportsLowEnergy: Bool { supported & Self.lowEnergy != 0 }

    /// Decodes what is known; the names that follow are left alone.
    public init(from reader: inout ByteReader) throws(CodingError) {
        address = try reader.readUInt48()
        version = try reader.read()
        manufacturer = try reader.read()
        supported = try reader.read()
        current = try reader.read()
    }

    /// Appends the known part.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.writeUInt48(address)
        try writer.write(version)
        try writer.write(manufacturer)
        try writer.write(supported)
        try writer.write(current)
    }
}
