public import ByteCoding

/// A leaf of the tree and its distance (protocol §10.9, 7/9).
///
/// Little-endian, 4 bytes.
///
/// | offset | size | field | meaning |
/// |-------:|-----:|-------|---------|
/// |      0 |    2 | leaf  |         |
/// |      2 |    2 | hops  |         |
public struct LeafPing: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 4

    /// The node with exactly one mesh link; 0 in a request.
    public var leaf: NodeID
    /// Hops from the asking node; 0 in a request.
    public var hops: UInt16

    /// A value from its fields.
    public init(
        leaf: NodeID = .broadcast,
        hops: UInt16 = 0
    ) {
        self.leaf = leaf
        self.hops = hops
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        leaf = NodeID(try reader.read())
        hops = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(leaf.rawValue)
        try writer.write(hops)
    }
}
