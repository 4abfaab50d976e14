public import ByteCoding

/// The peripheral sends its nonce (protocol §6.3).
///
/// Little-endian, 13 bytes.
///
/// | offset | size | field  | meaning |
/// |-------:|-----:|--------|---------|
/// |      0 |    5 | header | type 26 |
/// |      5 |    4 | nonce0 |         |
/// |      9 |    4 | nonce1 |         |
public struct EncryptCustomANonce: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 13

    /// The node that wrote it.
    public var sender: NodeID
    /// Who it is for.
    public var receiver: NodeID
    /// First half of the nonce.
    public var nonce0: UInt32
    /// Second half of the nonce, which counts.
    public var nonce1: UInt32

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        nonce0: UInt32,
        nonce1: UInt32
    ) {
        self.sender = sender
        self.receiver = receiver
        self.nonce0 = nonce0
        self.nonce1 = nonce1
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .encryptCustomANonce)
        sender = header.sender
        receiver = header.receiver
        nonce0 = try reader.read()
        nonce1 = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .encryptCustomANonce, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(nonce0)
        try writer.write(nonce1)
    }
}
