public import ByteCoding

/// A lost link is back: header only, type 24 (protocol §7.1, §8.5).
@frozen
public struct Reconnect: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 5

    /// The node that says so.
    public var sender: NodeID
    /// Its partner.
    public var receiver: NodeID

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID) {
        self.sender = sender
        self.receiver = receiver
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .reconnect)
        sender = header.sender
        receiver = header.receiver
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .reconnect, sender: sender, receiver: receiver).encode(into: &writer)
    }
}
