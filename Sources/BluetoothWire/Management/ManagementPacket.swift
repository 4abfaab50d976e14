public import ByteCoding

/// A packet of the kernel's management interface, command or event.
///
/// Source: "Bluetooth Management API" of the BlueZ documentation.
///
/// | offset | size | field      | meaning                              |
/// |-------:|-----:|------------|--------------------------------------|
/// |      0 |    2 | code       | of the command or event              |
/// |      2 |    2 | adapter    | its number, 0xFFFF none              |
/// |      4 |    2 | length     | of the parameters                    |
/// |      6 |    n | parameters | at most 1024 bytes here              |
public struct ManagementPacket: WireMessage {
    /// Parameters of a packet.
    public typealias Parameters = InlineBytes<1024>

    /// Which command or event.
    public var code: UInt16
    /// The adapter, ``noAdapter`` if it is about none.
    public var adapter: UInt16
    /// What follows the header.
    public var parameters: Parameters

    /// Stands for no adapter.
    public static let noAdapter: UInt16 = 0xFFFF

    /// A packet from its parts.
    public init(_ code: UInt16, adapter: UInt16 = noAdapter, _ parameters: Parameters = Parameters()) {
        self.code = code
        self.adapter = adapter
        self.parameters = parameters
    }

    /// Decodes a packet; what follows it is left alone.
    public init(from reader: inout ByteReader) throws(CodingError) {
        code = try reader.read()
        adapter = try reader.read()
        let count = try reader.read(UInt16.self)
        parameters = try reader.readBytes(Int(count))
    }

    /// Appends the packet.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(code)
        try writer.write(adapter)
        try writer.write(UInt16(parameters.count))
        try writer.write(parameters)
    }
}

/// Codes of management commands.
public enum ManagementCommand {
    /// Lists the adapters.
    public static let readIndexList: UInt16 = 0x0003
    /// Tells about an adapter.
    public static let readInfo: UInt16 = 0x0004
    /// Switches an adapter on or off.
    public static let setPowered: UInt16 = 0x0005
    /// Reports every advertisement that matches a pattern.
    public static let addPatternsMonitor: UInt16 = 0x0052
    /// Ends such reports.
    public static let removeMonitor: UInt16 = 0x0053
}

/// Codes of management events.
public enum ManagementEvent {
    /// A command is done.
    public static let commandComplete: UInt16 = 0x0001
    /// A command was refused, or has begun.
    public static let commandStatus: UInt16 = 0x0002
    /// An adapter is there.
    public static let indexAdded: UInt16 = 0x0004
    /// An adapter is gone.
    public static let indexRemoved: UInt16 = 0x0005
    /// A link is up.
    public static let deviceConnected: UInt16 = 0x000B
    /// A link is gone.
    public static let deviceDisconnected: UInt16 = 0x000C
    /// An advertisement was heard.
    public static let deviceFound: UInt16 = 0x0012
    /// An advertisement was heard that matches a pattern.
    public static let monitorDeviceFound: UInt16 = 0x002F
}
