public import ByteCoding

/// A command to the controller (Core 5.4 Vol 4 Part E 7).
///
/// ```
/// | offset | size | field      |
/// |-------:|-----:|------------|
/// |      0 |    2 | opcode     |
/// |      2 |    1 | length     |
/// |      3 |    n | parameters |
/// ```
public struct HCICommand: WireMessage {
    /// Which command.
    public var opcode: HCIOpcode
    /// Its parameters, at most 64 bytes: no command of a legacy LE host has more than 33.
    public var parameters: Parameters

    /// Parameters of a command.
    public typealias Parameters = InlineBytes<64>

    /// A command from its parts.
    public init(_ opcode: HCIOpcode, _ parameters: Parameters = Parameters()) {
        self.opcode = opcode
        self.parameters = parameters
    }

    /// Decodes a command; what follows it is left alone.
    public init(from reader: inout ByteReader) throws(CodingError) {
        opcode = HCIOpcode(rawValue: try reader.read())
        let count = try reader.read(UInt8.self)
        parameters = try reader.readBytes(Int(count))
    }

    /// Appends the command.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(opcode.rawValue)
        try writer.write(UInt8(parameters.count))
        try writer.write(parameters)
    }

    /// Builds a command whose parameters are known to fit.
    private init(_ opcode: HCIOpcode, writing body: (inout ByteWriter) throws(CodingError) -> Void) {
        do {
            self.init(opcode, try Parameters(writing: body))
        } catch {
            preconditionFailure("parameters of a command fit into 64 bytes: \(error)")
        }
    }
}

// MARK: - Commands of a host

extension HCICommand {
    /// Puts the controller into its first state (7.3.2).
    public static let reset = HCICommand(.reset)

    /// Chooses the events that are reported (7.3.1); bit 61 lets LE events through.
    public static func setEventMask(_ mask: UInt64) -> HCICommand {
        HCICommand(.setEventMask) { (writer) throws(CodingError) in try writer.write(mask) }
    }

    /// Chooses the LE events that are reported (7.8.1).
    public static func leSetEventMask(_ mask: UInt64) -> HCICommand {
        HCICommand(.leSetEventMask) { (writer) throws(CodingError) in try writer.write(mask) }
    }

    /// Tells a dual-mode controller that the host knows LE (7.3.79).
    public static let writeLEHostSupport = HCICommand(.writeLEHostSupport, Parameters([1, 0]))

    /// Sets the own random address (7.8.4).
    public static func leSetRandomAddress(_ value: UInt64) -> HCICommand {
        HCICommand(.leSetRandomAddress) { (writer) throws(CodingError) in try writer.writeUInt48(value) }
    }

    /// Sets how to advertise (7.8.5); legacy advertising on channels 37, 38 and 39, no filter.
    ///
    /// - Parameters:
    ///   - interval: units of 0.625 ms, 0x20...0x4000.
    ///   - connectable: ADV_IND if so, else ADV_NONCONN_IND.
    ///   - ownAddressType: 0 public, 1 random.
    /// - Returns: the command.
    public static func leSetAdvertisingParameters(
        interval: UInt16,
        connectable: Bool,
        ownAddressType: UInt8
    ) -> HCICommand {
        HCICommand(.leSetAdvertisingParameters) { (writer) throws(CodingError) in
            try writer.write(interval)
            try writer.write(interval)
            try writer.write(UInt8(connectable ? 0 : 3))
            try writer.write(ownAddressType)
            // No peer: only directed advertising has one.
            try writer.write(repeating: 0, count: 7)
            try writer.write(UInt8(7))
            try writer.write(UInt8(0))
        }
    }

    /// Sets what to advertise (7.8.7).
    public static func leSetAdvertisingData(_ data: InlineBytes<31>) -> HCICommand {
        padded(.leSetAdvertisingData, data)
    }

    /// Sets what to answer to active scanners (7.8.8).
    public static func leSetScanResponseData(_ data: InlineBytes<31>) -> HCICommand {
        padded(.leSetScanResponseData, data)
    }

    private static func padded(_ opcode: HCIOpcode, _ data: InlineBytes<31>) -> HCICommand {
        HCICommand(opcode) { (writer) throws(CodingError) in
            try writer.write(UInt8(data.count))
            try writer.write(data)
            try writer.write(repeating: 0, count: 31 - data.count)
        }
    }

    /// Starts or stops advertising (7.8.9).
    public static func leSetAdvertisingEnable(_ enable: Bool) -> HCICommand {
        HCICommand(.leSetAdvertisingEnable, Parameters([enable ? 1 : 0]))
    }

    /// Sets how to scan (7.8.10): passively, without a filter; interval and window in units of 0.625 ms, 4...0x4000.
    public static func leSetScanParameters(interval: UInt16, window: UInt16, ownAddressType: UInt8) -> HCICommand {
        HCICommand(.leSetScanParameters) { (writer) throws(CodingError) in
            try writer.write(UInt8(0))
            try writer.write(interval)
            try writer.write(window)
            try writer.write(ownAddressType)
            try writer.write(UInt8(0))
        }
    }

    /// Starts or stops scanning; every advertisement is reported, repeated ones too (7.8.11).
    public static func leSetScanEnable(_ enable: Bool) -> HCICommand {
        HCICommand(.leSetScanEnable, Parameters([enable ? 1 : 0, 0]))
    }

    /// Opens a connection (7.8.12); scan in units of 0.625 ms, interval 1.25 ms, supervision time-out 10 ms.
    public static func leCreateConnection(
        scanInterval: UInt16,
        scanWindow: UInt16,
        peer: DeviceAddress,
        ownAddressType: UInt8,
        interval: UInt16,
        latency: UInt16,
        supervisionTimeout: UInt16
    ) -> HCICommand {
        HCICommand(.leCreateConnection) { (writer) throws(CodingError) in
            try writer.write(scanInterval)
            try writer.write(scanWindow)
            try writer.write(UInt8(0))
            try peer.encode(into: &writer)
            try writer.write(ownAddressType)
            try writeParameters(interval, latency, supervisionTimeout, into: &writer)
        }
    }

    /// Gives the connect attempt up (7.8.13).
    public static let leCreateConnectionCancel = HCICommand(.leCreateConnectionCancel)

    /// As central, changes the parameters of a connection (7.8.18).
    public static func leConnectionUpdate(
        _ connection: ConnectionHandle,
        interval: UInt16,
        latency: UInt16,
        supervisionTimeout: UInt16
    ) -> HCICommand {
        parameters(.leConnectionUpdate, connection, interval, latency, supervisionTimeout)
    }

    /// Accepts the parameters that the peer's controller asks for (7.8.31).
    public static func leRemoteParameterReply(
        _ connection: ConnectionHandle,
        interval: UInt16,
        latency: UInt16,
        supervisionTimeout: UInt16
    ) -> HCICommand {
        parameters(.leRemoteParameterReply, connection, interval, latency, supervisionTimeout)
    }

    private static func parameters(
        _ opcode: HCIOpcode,
        _ connection: ConnectionHandle,
        _ interval: UInt16,
        _ latency: UInt16,
        _ supervisionTimeout: UInt16
    ) -> HCICommand {
        HCICommand(opcode) { (writer) throws(CodingError) in
            try writer.write(connection.rawValue)
            try writeParameters(interval, latency, supervisionTimeout, into: &writer)
        }
    }

    /// The tail that commands about connection parameters share: least and most are the same, the event length is free.
    private static func writeParameters(
        _ interval: UInt16,
        _ latency: UInt16,
        _ supervisionTimeout: UInt16,
        into writer: inout ByteWriter
    ) throws(CodingError) {
        try writer.write(interval)
        try writer.write(interval)
        try writer.write(latency)
        try writer.write(supervisionTimeout)
        try writer.write(UInt16(0))
        // Units of 0.625 ms: the whole interval.
        try writer.write(interval &* 2)
    }

    /// Closes a connection (7.1.6).
    public static func disconnect(_ connection: ConnectionHandle, reason: UInt8) -> HCICommand {
        HCICommand(.disconnect) { (writer) throws(CodingError) in
            try writer.write(connection.rawValue)
            try writer.write(reason)
        }
    }

    /// A command whose only parameter is a connection: Read RSSI, LE Read Remote Features, LE LTK Request Negative Reply.
    public static func about(_ connection: ConnectionHandle, _ opcode: HCIOpcode) -> HCICommand {
        HCICommand(opcode) { (writer) throws(CodingError) in try writer.write(connection.rawValue) }
    }

    /// As central, encrypts a connection with a given long-term key; EDIV and RAND are 0 (7.8.24).
    public static func leEnableEncryption(_ connection: ConnectionHandle, key: InlineBytes<16>) -> HCICommand {
        precondition(key.count == 16)
        return HCICommand(.leEnableEncryption) { (writer) throws(CodingError) in
            try writer.write(connection.rawValue)
            try writer.write(UInt64(0))
            try writer.write(UInt16(0))
            try writer.write(key)
        }
    }

    /// As peripheral, answers the request for a long-term key (7.8.25).
    public static func leLongTermKeyReply(_ connection: ConnectionHandle, key: InlineBytes<16>) -> HCICommand {
        precondition(key.count == 16)
        return HCICommand(.leLongTermKeyReply) { (writer) throws(CodingError) in
            try writer.write(connection.rawValue)
            try writer.write(key)
        }
    }

    /// Asks for longer link-layer packets (7.8.33): bytes 27...251, time in microseconds 328...17040.
    public static func leSetDataLength(_ connection: ConnectionHandle, bytes: UInt16, time: UInt16) -> HCICommand {
        HCICommand(.leSetDataLength) { (writer) throws(CodingError) in
            try writer.write(connection.rawValue)
            try writer.write(bytes)
            try writer.write(time)
        }
    }
}
