public import ByteCoding

/// A lost link is back; both ends send it.
///
/// The link is restored if both know the nonce as that of the lost one, else it is disconnected.
///
/// Little-endian, 9 bytes.
///
/// | offset | size | field  | meaning                                     |
/// |-------:|-----:|--------|---------------------------------------------|
/// |      0 |    5 | header | type 46                                     |
/// |      5 |    4 | nonce  | what the central drew when the link came up |
@frozen
public struct GraftReconnect: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 9

    /// The node that says so.
    public var sender: NodeID
    /// Its partner.
    public var receiver: NodeID
    /// Names the link, as in the central's ``GraftHello``.
    public var nonce: UInt32

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, nonce: UInt32) {
        self.sender = sender
        self.receiver = receiver
        self.nonce = nonce
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .graftReconnect)
        sender = header.sender
        receiver = header.receiver
        nonce = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .graftReconnect, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(nonce)
    }
}
