public import ByteCoding

/// Announces a transfer (protocol §10.3).
///
/// Little-endian, at least 8 bytes.
///
/// | offset | size   | field     | meaning                  |
/// |-------:|-------:|-----------|--------------------------|
/// |      0 |      3 | numChunks | u24                      |
/// |      3 |      1 | protocol  |                          |
/// |      4 |      4 | fmKeyID   | 0                        |
/// |      8 | 0...40 | metadata  |                          |
public struct RawDataStart: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 8

    /// Chunks that follow, 0...0xFFFFFF.
    public var numChunks: UInt32
    /// What the data is.
    public var dataProtocol: RawDataProtocol
    /// The key of the data, 0.
    public var fmKeyID: FmKeyID
    /// What the protocol wants to say beforehand.
    public var metadata: InlineBytes<40>

    /// A payload from its fields.
    public init(
        numChunks: UInt32,
        dataProtocol: RawDataProtocol,
        fmKeyID: FmKeyID = .zero,
        metadata: InlineBytes<40> = InlineBytes()
    ) {
        self.numChunks = numChunks
        self.dataProtocol = dataProtocol
        self.fmKeyID = fmKeyID
        self.metadata = metadata
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        numChunks = try reader.readUInt24()
        dataProtocol = RawDataProtocol(rawValue: try reader.read())
        fmKeyID = FmKeyID(rawValue: try reader.read())
        metadata = try reader.readAvailable()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.writeUInt24(numChunks)
        try writer.write(dataProtocol.rawValue)
        try writer.write(fmKeyID.rawValue)
        try writer.write(metadata)
    }
}
