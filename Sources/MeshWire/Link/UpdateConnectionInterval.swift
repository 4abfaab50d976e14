public import ByteCoding

/// Changes the interval of outgoing mesh links (protocol §5.4).
///
/// Little-endian, 7 bytes.
///
/// | offset | size | field    | meaning |
/// |-------:|-----:|----------|---------|
/// |      0 |    5 | header   | type 31 |
/// |      5 |    2 | interval | 1.25 ms |
public struct UpdateConnectionInterval: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 7

    /// The node that wrote it.
    public var sender: NodeID
    /// Who it is for.
    public var receiver: NodeID
    /// Connection interval in units of 1.25 ms.
    public var interval: UInt16

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        interval: UInt16
    ) {
        self.sender = sender
        self.receiver = receiver
        self.interval = interval
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .updateConnectionInterval)
        sender = header.sender
        receiver = header.receiver
        interval = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .updateConnectionInterval, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(interval)
    }
}
