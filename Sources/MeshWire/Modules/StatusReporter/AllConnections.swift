public import ByteCoding

/// The mesh links of a node (protocol §10.1, AR 3/3).
///
/// Little-endian, 12 bytes.
///
/// | offset | size | field   | meaning                         |
/// |-------:|-----:|---------|---------------------------------|
/// |      0 |   12 | entries | 4 entries: incoming, 3 outgoing |
public struct AllConnections: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 12

    /// The first incoming link, then the outgoing ones; zeros where there is none.
    public var entries: PackedList<PartnerRSSI, 12>

    /// A value from its fields.
    public init(
        entries: PackedList<PartnerRSSI, 12>
    ) {
        self.entries = entries
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        entries = try PackedList(from: &reader, byteCount: 12)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try entries.encode(into: &writer)
    }
}
