public import ByteCoding

/// Nodes of the own network heard since the last query (protocol §10.1, AR 3/4).
///
/// Little-endian.
///
/// | offset |   size | field | meaning        |
/// |-------:|-------:|-------|----------------|
/// |      0 | 0...60 | nodes | 0...20 entries |
public struct NearbyNodes: WireMessage {
    /// At most 20 nodes.
    public var nodes: PackedList<PartnerRSSI, 60>

    /// A value from its fields.
    public init(
        nodes: PackedList<PartnerRSSI, 60>
    ) {
        self.nodes = nodes
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        nodes = try PackedList(from: &reader)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try nodes.encode(into: &writer)
    }
}
