public import ByteCoding

/// One thing that a node can do or is made of (protocol §10.2).
///
/// Little-endian, 122 bytes.
///
/// | offset | size | field        | meaning                                   |
/// |-------:|-----:|--------------|-------------------------------------------|
/// |      0 |    4 | index        |                                           |
/// |      4 |    1 | type         |                                           |
/// |      5 |   32 | manufacturer | text, not necessarily ended by a zero     |
/// |     37 |   53 | model        | text, not necessarily ended by a zero     |
/// |     90 |   32 | revision     | text, not necessarily ended by a zero     |
public struct CapabilityEntry: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 122

    /// Number of the entry, from 0.
    public var index: UInt32
    /// What the entry is about.
    public var type: CapabilityType
    /// Who made it, in UTF-8.
    public var manufacturer: FixedBytes<32>
    /// What it is, in UTF-8.
    public var model: FixedBytes<53>
    /// Which revision of it, in UTF-8.
    public var revision: FixedBytes<32>

    /// An entry from its fields; longer texts are cut off.
    public init(index: UInt32, type: CapabilityType, manufacturer: String, model: String, revision: String) {
        self.index = index
        self.type = type
        self.manufacturer = FixedBytes(padding: manufacturer.utf8)
        self.model = FixedBytes(padding: model.utf8)
        self.revision = FixedBytes(padding: revision.utf8)
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        index = try reader.read()
        type = CapabilityType(rawValue: try reader.read())
        manufacturer = try FixedBytes(from: &reader)
        model = try FixedBytes(from: &reader)
        revision = try FixedBytes(from: &reader)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(index)
        try writer.write(type.rawValue)
        try manufacturer.encode(into: &writer)
        try model.encode(into: &writer)
        try revision.encode(into: &writer)
    }
}
