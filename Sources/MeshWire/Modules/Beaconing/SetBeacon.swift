public import ByteCoding

/// Asks a node to advertise a message from a slot (protocol §10.6, TA 1/1).
///
/// Little-endian, 34 bytes.
///
/// | offset | size | field  | meaning |
/// |-------:|-----:|--------|---------|
/// |      0 |    1 | length | 0...31  |
/// |      1 |    2 | slot   |         |
/// |      3 |   31 | data   |         |
public struct SetBeacon: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 34

    /// Valid bytes of the data, 0...31.
    public var length: UInt8
    /// Which message to replace.
    public var slot: UInt16
    /// The message, filled up with zeros.
    public var data: FixedBytes<31>

    /// A value from its fields.
    public init(
        length: UInt8,
        slot: UInt16,
        data: FixedBytes<31>
    ) {
        self.length = length
        self.slot = slot
        self.data = data
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        length = try reader.read()
        slot = try reader.read()
        data = try FixedBytes(from: &reader)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(length)
        try writer.write(slot)
        try data.encode(into: &writer)
    }
}
