public import ByteCoding

/// One piece of a transfer (protocol §10.3).
///
/// Little-endian, at least 4 bytes.
///
/// | offset | size    | field    | meaning                 |
/// |-------:|--------:|----------|-------------------------|
/// |      0 |       3 | chunkID  | u24, from 1             |
/// |      3 |       1 | reserved | 0                       |
/// |      4 | 0...188 | data     |                         |
public struct RawDataChunk: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 4

    /// Number of the chunk, from 1.
    public var chunkID: UInt32
    /// Reserved byte, kept as received.
    public var reserved: UInt8
    /// The data; 60 bytes are recommended.
    public var data: InlineBytes<188>

    /// A payload from its fields.
    public init(chunkID: UInt32, reserved: UInt8 = 0, data: InlineBytes<188>) {
        self.chunkID = chunkID
        self.reserved = reserved
        self.data = data
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        chunkID = try reader.readUInt24()
        reserved = try reader.read()
        data = try reader.readAvailable()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.writeUInt24(chunkID)
        try writer.write(reserved)
        try writer.write(data)
    }
}
