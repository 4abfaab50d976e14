public import ByteCoding

/// Outcome of a connection by serial number (protocol §10.10, AR 10/2).
///
/// Little-endian, 3 bytes.
///
/// | offset | size | field     | meaning                        |
/// |-------:|-----:|-----------|--------------------------------|
/// |      0 |    1 | code      | 0 ok, 1 timeout, 2 overwritten |
/// |      1 |    2 | partnerID |                                |
public struct SerialConnectResult: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 3

    /// 0 ok, 1 timeout, 2 overwritten.
    public var code: UInt8
    /// The id of the partner.
    public var partnerID: NodeID

    /// A value from its fields.
    public init(
        code: UInt8,
        partnerID: NodeID
    ) {
        self.code = code
        self.partnerID = partnerID
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        code = try reader.read()
        partnerID = NodeID(try reader.read())
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(code)
        try writer.write(partnerID.rawValue)
    }
}
