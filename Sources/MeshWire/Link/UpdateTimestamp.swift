public import ByteCoding

/// Makes the receiver a time master (protocol §10.4).
///
/// Little-endian, 13 bytes.
///
/// | offset | size | field          | meaning |
/// |-------:|-----:|----------------|---------|
/// |      0 |    5 | header         | type 30 |
/// |      5 |    4 | time           | s       |
/// |      9 |    2 | remainderTicks | ignored |
/// |     11 |    2 | offset         | minutes |
public struct UpdateTimestamp: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 13

    /// The node that wrote it.
    public var sender: NodeID
    /// Who it is for.
    public var receiver: NodeID
    /// Seconds since 1970.
    public var time: UInt32
    /// Ticks, ignored.
    public var remainderTicks: UInt16
    /// Offset of local time in minutes.
    public var offset: Int16

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        time: UInt32,
        remainderTicks: UInt16 = 0,
        offset: Int16 = 0
    ) {
        self.sender = sender
        self.receiver = receiver
        self.time = time
        self.remainderTicks = remainderTicks
        self.offset = offset
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .updateTimestamp)
        sender = header.sender
        receiver = header.receiver
        time = try reader.read()
        remainderTicks = try reader.read()
        offset = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .updateTimestamp, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(time)
        try writer.write(remainderTicks)
        try writer.write(offset)
    }
}
