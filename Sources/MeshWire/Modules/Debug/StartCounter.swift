public import ByteCoding

/// Asks a node to send numbers that count up (TA 7/17; seen in recordings, not described by the protocol document).
///
/// Little-endian, 8 bytes. Asked with count 1, interval 3 and value 0, a node sends the value 0 three seconds later.
///
/// | offset | size | field           | meaning |
/// |-------:|-----:|-----------------|---------|
/// |      0 |    2 | count           |         |
/// |      2 |    2 | intervalSeconds | s       |
/// |      4 |    4 | value           |         |
public struct StartCounter: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 8

    /// Number of messages.
    public var count: UInt16
    /// Time before each of them.
    public var intervalSeconds: UInt16
    /// The first number.
    public var value: UInt32

    /// A value from its fields.
    public init(count: UInt16, intervalSeconds: UInt16, value: UInt32) {
        self.count = count
        self.intervalSeconds = intervalSeconds
        self.value = value
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        count = try reader.read()
        intervalSeconds = try reader.read()
        value = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(count)
        try writer.write(intervalSeconds)
        try writer.write(value)
    }
}
