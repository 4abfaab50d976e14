public import ByteCoding

/// The peripheral ends the MeshAccess handshake (protocol §6.3).
///
/// Little-endian, 6 bytes.
///
/// | offset | size | field  | meaning |
/// |-------:|-----:|--------|---------|
/// |      0 |    5 | header | type 28 |
/// |      5 |    1 | status | 0 ok    |
public struct EncryptCustomDone: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 6

    /// The node that wrote it.
    public var sender: NodeID
    /// Who it is for.
    public var receiver: NodeID
    /// 0 if the link is encrypted from now on.
    public var status: UInt8

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        status: UInt8 = 0
    ) {
        self.sender = sender
        self.receiver = receiver
        self.status = status
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .encryptCustomDone)
        sender = header.sender
        receiver = header.receiver
        status = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .encryptCustomDone, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(status)
    }
}
