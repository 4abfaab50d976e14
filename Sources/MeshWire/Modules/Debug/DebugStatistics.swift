public import ByteCoding

/// Connection counters of a node (AR 7/3).
///
/// The layout is that of the recorded messages; the protocol document names the message only (§10.9).
///
/// Little-endian, 8 bytes.
///
/// | offset | size | field                 | meaning |
/// |-------:|-----:|-----------------------|---------|
/// |      0 |    2 | connectionLossCounter |         |
/// |      2 |    2 | droppedPackets        |         |
/// |      4 |    2 | sentReliable          |         |
/// |      6 |    2 | sentUnreliable        |         |
public struct DebugStatistics: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 8

    /// Lost connections since boot.
    public var connectionLossCounter: UInt16
    /// Packets dropped.
    public var droppedPackets: UInt16
    /// Packets sent with confirmation.
    public var sentReliable: UInt16
    /// Packets sent without confirmation.
    public var sentUnreliable: UInt16

    /// A value from its fields.
    public init(
        connectionLossCounter: UInt16,
        droppedPackets: UInt16,
        sentReliable: UInt16,
        sentUnreliable: UInt16
    ) {
        self.connectionLossCounter = connectionLossCounter
        self.droppedPackets = droppedPackets
        self.sentReliable = sentReliable
        self.sentUnreliable = sentUnreliable
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        connectionLossCounter = try reader.read()
        droppedPackets = try reader.read()
        sentReliable = try reader.read()
        sentUnreliable = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(connectionLossCounter)
        try writer.write(droppedPackets)
        try writer.write(sentReliable)
        try writer.write(sentUnreliable)
    }
}
