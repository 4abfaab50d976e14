public import ByteCoding

/// An event of the controller (Core 5.4 Vol 4 Part E 7.7).
///
/// | offset | size | field      |
/// |-------:|-----:|------------|
/// |      0 |    1 | code       |
/// |      1 |    1 | length     |
/// |      2 |    n | parameters |
///
/// LE events have the code 0x3E and a subevent code as their first parameter. Parameters that a later version appends to a
/// known event are passed over; an event that is not known keeps its bytes.
public enum HCIEvent: Equatable, Sendable {
    /// A connection ended (7.7.5).
    case disconnectionComplete(status: UInt8, connection: ConnectionHandle, reason: UInt8)
    /// Encryption was switched on or off, or could not be (7.7.8).
    case encryptionChange(status: UInt8, connection: ConnectionHandle, enabled: Bool)
    /// The key of an encrypted connection was renewed (7.7.39).
    case encryptionKeyRefresh(status: UInt8, connection: ConnectionHandle)
    /// A command was carried out (7.7.14).
    case commandComplete(credits: UInt8, opcode: HCIOpcode, parameters: Parameters)
    /// A command was begun or refused (7.7.15).
    case commandStatus(status: UInt8, credits: UInt8, opcode: HCIOpcode)
    /// The controller is broken (7.7.16).
    case hardwareError(code: UInt8)
    /// Packets were sent or flushed (7.7.19).
    case packetsCompleted(ContiguousArray<CompletedPackets>)
    /// The host sent more than there was room for (7.7.26).
    case dataBufferOverflow(linkType: UInt8)
    /// A connection came up, or could not (7.7.65.1, 7.7.65.10).
    case connectionComplete(ConnectionComplete)
    /// Advertisements were heard (7.7.65.2).
    case advertisingReports(ContiguousArray<AdvertisingReport>)
    /// The parameters of a connection changed, or could not (7.7.65.3).
    case connectionUpdateComplete(
        status: UInt8,
        connection: ConnectionHandle,
        interval: UInt16,
        latency: UInt16,
        supervisionTimeout: UInt16
    )
    /// The features of the peer's controller (7.7.65.4).
    case remoteFeatures(status: UInt8, connection: ConnectionHandle, features: UInt64)
    /// The central wants to encrypt and the controller needs the key (7.7.65.5).
    case longTermKeyRequest(connection: ConnectionHandle, random: UInt64, diversifier: UInt16)
    /// The peer's controller asks for other parameters (7.7.65.6).
    case remoteParameterRequest(
        connection: ConnectionHandle,
        intervalMin: UInt16,
        intervalMax: UInt16,
        latency: UInt16,
        supervisionTimeout: UInt16
    )
    /// The longest link-layer packets changed (7.7.65.7).
    case dataLengthChange(connection: ConnectionHandle, transmitBytes: UInt16, receiveBytes: UInt16)
    /// An event that this host does not know; for LE events `code` is 0x3E and the subevent is the first parameter.
    case unknown(code: UInt8, parameters: Parameters)

    /// Parameters of an event.
    public typealias Parameters = InlineBytes<255>
}

/// How many packets of one connection left the controller's buffers (Core 5.4 Vol 4 Part E 7.7.19).
public struct CompletedPackets: Equatable, Sendable {
    /// The connection.
    public var connection: ConnectionHandle
    /// Number of packets.
    public var count: UInt16

    /// A count of one connection.
    public init(connection: ConnectionHandle, count: UInt16) {
        self.connection = connection
        self.count = count
    }
}

/// A connection that came up, or could not (Core 5.4 Vol 4 Part E 7.7.65.1, 7.7.65.10).
public struct ConnectionComplete: Equatable, Sendable {
    /// 0, or why there is no connection.
    public var status: UInt8
    /// The controller's number of it.
    public var connection: ConnectionHandle
    /// Whether this controller is the central.
    public var isCentral: Bool
    /// The other end.
    public var peer: DeviceAddress
    /// Connection interval in units of 1.25 ms.
    public var interval: UInt16
    /// Peripheral latency in connection events.
    public var latency: UInt16
    /// Supervision time-out in units of 10 ms.
    public var supervisionTimeout: UInt16

    /// A result from its fields.
    public init(
        status: UInt8,
        connection: ConnectionHandle,
        isCentral: Bool,
        peer: DeviceAddress,
        interval: UInt16,
        latency: UInt16,
        supervisionTimeout: UInt16
    ) {
        self.status = status
        self.connection = connection
        self.isCentral = isCentral
        self.peer = peer
        self.interval = interval
        self.latency = latency
        self.supervisionTimeout = supervisionTimeout
    }

    init(from reader: inout ByteReader, isEnhanced: Bool) throws(CodingError) {
        status = try reader.read()
        connection = ConnectionHandle(rawValue: try reader.read())
        isCentral = try reader.read(UInt8.self) == 0
        peer = try DeviceAddress(from: &reader)
        // The enhanced form tells the resolvable addresses of both ends as well.
        if isEnhanced { try reader.skip(12) }
        interval = try reader.read()
        latency = try reader.read()
        supervisionTimeout = try reader.read()
        // The clock accuracy of the central, which nobody asks for.
        try reader.skip(1)
    }
}
