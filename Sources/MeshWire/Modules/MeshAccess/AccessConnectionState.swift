public import ByteCoding

/// A MeshAccess link changed its state (protocol §10.10, GE 10/0).
///
/// Little-endian, 3 bytes.
///
/// | offset | size | field     | meaning       |
/// |-------:|-----:|-----------|---------------|
/// |      0 |    2 | partnerID |               |
/// |      2 |    1 | state     | protocol §3.2 |
public struct AccessConnectionState: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 3

    /// Virtual id of the partner.
    public var partnerID: NodeID
    /// State of the connection, 0...6.
    public var state: UInt8

    /// A value from its fields.
    public init(
        partnerID: NodeID,
        state: UInt8
    ) {
        self.partnerID = partnerID
        self.state = state
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        partnerID = NodeID(try reader.read())
        state = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(partnerID.rawValue)
        try writer.write(state)
    }
}
