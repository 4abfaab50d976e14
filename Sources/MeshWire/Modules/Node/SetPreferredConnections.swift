public import ByteCoding

/// The partners that a node shall prefer (protocol §10.2, TA 0/2).
///
/// Little-endian, 18 bytes.
///
/// | offset | size | field    | meaning              |
/// |-------:|-----:|----------|----------------------|
/// |      0 |   16 | partners | 8 ids                |
/// |     16 |    1 | count    | 0...8                |
/// |     17 |    1 | mode     | 0 penalty, 1 ignored |
public struct SetPreferredConnections: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 18

    /// Always eight ids; those behind the count are unused.
    public var partners: PackedList<NodeID, 16>
    /// Valid ids, 0...8.
    public var count: UInt8
    /// What to do with others.
    public var mode: PreferredConnectionMode

    /// A value from its fields.
    public init(
        partners: PackedList<NodeID, 16>,
        count: UInt8,
        mode: PreferredConnectionMode
    ) {
        self.partners = partners
        self.count = count
        self.mode = mode
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        partners = try PackedList(from: &reader, byteCount: 16)
        count = try reader.read()
        mode = PreferredConnectionMode(rawValue: try reader.read())
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try partners.encode(into: &writer)
        try writer.write(count)
        try writer.write(mode.rawValue)
    }
}
