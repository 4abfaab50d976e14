public import ByteCoding

/// Asks a node to send load to another (protocol §10.2, TA 0/4).
///
/// Little-endian, 5 bytes.
///
/// | offset | size | field      | meaning |
/// |-------:|-----:|------------|---------|
/// |      0 |    2 | target     |         |
/// |      2 |    1 | size       |         |
/// |      3 |    1 | amount     |         |
/// |      4 |    1 | intervalDs | ds      |
public struct GenerateLoad: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 5

    /// Who gets the load.
    public var target: NodeID
    /// Payload bytes of each message.
    public var size: UInt8
    /// Number of messages.
    public var amount: UInt8
    /// Time between them in deciseconds.
    public var intervalDs: UInt8

    /// A value from its fields.
    public init(
        target: NodeID,
        size: UInt8,
        amount: UInt8,
        intervalDs: UInt8
    ) {
        self.target = target
        self.size = size
        self.amount = amount
        self.intervalDs = intervalDs
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        target = NodeID(try reader.read())
        size = try reader.read()
        amount = try reader.read()
        intervalDs = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(target.rawValue)
        try writer.write(size)
        try writer.write(amount)
        try writer.write(intervalDs)
    }
}
