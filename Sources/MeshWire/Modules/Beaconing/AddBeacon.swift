public import ByteCoding

/// Asks a node to advertise a message (protocol §10.6, TA 1/0).
///
/// Little-endian, 32 bytes.
///
/// | offset | size | field  | meaning |
/// |-------:|-----:|--------|---------|
/// |      0 |    1 | length | 0...31  |
/// |      1 |   31 | data   |         |
public struct AddBeacon: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 32

    /// Valid bytes of the data, 0...31.
    public var length: UInt8
    /// The message, filled up with zeros.
    public var data: FixedBytes<31>

    /// A value from its fields.
    public init(
        length: UInt8,
        data: FixedBytes<31>
    ) {
        self.length = length
        self.data = data
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        length = try reader.read()
        data = try FixedBytes(from: &reader)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(length)
        try data.encode(into: &writer)
    }
}
