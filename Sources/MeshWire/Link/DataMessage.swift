public import ByteCoding

/// Opaque data: DATA_1, DATA_1_VITAL and CLC_DATA, or a message of an unknown type (protocol §1.9).
public struct DataMessage: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 5

    /// Type, sender and receiver.
    public var header: MessageHeader
    /// The data.
    public var payload: InlineBytes<195>

    /// A message from its fields.
    public init(header: MessageHeader, payload: InlineBytes<195>) {
        self.header = header
        self.payload = payload
    }

    /// Decodes a header of any type, and what follows.
    public init(from reader: inout ByteReader) throws(CodingError) {
        header = try MessageHeader(from: &reader)
        payload = try reader.readAvailable()
    }

    /// Encodes header and data.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try header.encode(into: &writer)
        try writer.write(payload)
    }
}
