public import ByteCoding

/// A MeshAccess link lost its encryption and must be set up anew (protocol §6.7).
///
/// Little-endian, 13 bytes.
///
/// | offset | size | field  | meaning                 |
/// |-------:|-----:|--------|-------------------------|
/// |      0 |    5 | header | type 61                 |
/// |      5 |    8 | magic  | DE AD DA DA 00 FF 77 33 |
public struct DeadData: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 13

    /// The bytes that mark the message.
    public static let expectedMagic = FixedBytes<8>(padding: [0xDE, 0xAD, 0xDA, 0xDA, 0x00, 0xFF, 0x77, 0x33])

    /// The node that wrote it.
    public var sender: NodeID
    /// Who it is for.
    public var receiver: NodeID
    /// The bytes that mark the message.
    public var magic: FixedBytes<8>

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        magic: FixedBytes<8> = Self.expectedMagic
    ) {
        self.sender = sender
        self.receiver = receiver
        self.magic = magic
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .deadData)
        sender = header.sender
        receiver = header.receiver
        magic = try FixedBytes(from: &reader)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .deadData, sender: sender, receiver: receiver).encode(into: &writer)
        try magic.encode(into: &writer)
    }
}
