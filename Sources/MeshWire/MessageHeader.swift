public import ByteCoding

/// A whole message as sent over a link: 5...200 bytes (protocol §5.5).
public typealias MessageBytes = InlineBytes<200>

/// The start of every message (protocol §5.7).
///
/// Little-endian, 5 bytes.
///
/// | offset | size | field    | meaning         |
/// |-------:|-----:|----------|-----------------|
/// |      0 |    1 | type     | message type    |
/// |      1 |    2 | sender   | node that wrote it |
/// |      3 |    2 | receiver | who it is for   |
@frozen
public struct MessageHeader: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 5

    /// What follows.
    public var type: MessageType
    /// The node that wrote the message.
    public var sender: NodeID
    /// Who the message is for.
    public var receiver: NodeID

    /// A header from its fields.
    @inlinable
    public init(type: MessageType, sender: NodeID, receiver: NodeID) {
        self.type = type
        self.sender = sender
        self.receiver = receiver
    }

    /// Decodes the fields in the order of the table.
    @inlinable
    public init(from reader: inout ByteReader) throws(CodingError) {
        type = MessageType(rawValue: try reader.read())
        sender = NodeID(try reader.read())
        receiver = NodeID(try reader.read())
    }

    /// Encodes the fields in the order of the table.
    @inlinable
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(type.rawValue)
        try writer.write(sender.rawValue)
        try writer.write(receiver.rawValue)
    }

    /// Reads a header and checks its type.
    ///
    /// - Throws: ``CodingError/invalidField(_:value:)`` if the message is of another type.
    @inlinable
    public init(from reader: inout ByteReader, expecting type: MessageType) throws(CodingError) {
        self = try MessageHeader(from: &reader)
        guard self.type == type else { throw .invalidField("messageType", value: UInt64(self.type.rawValue)) }
    }
}
