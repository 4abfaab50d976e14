public import ByteCoding

/// Assets heard by a node, old form (protocol §10.8).
///
/// Little-endian, at least 5 bytes.
///
/// | offset |    size | field  | meaning            |
/// |-------:|--------:|--------|--------------------|
/// |      0 |       5 | header | type 32            |
/// |      5 | 0...192 | assets | entries of 8 bytes |
public struct LegacyAssetReport: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 5

    /// The node that wrote it.
    public var sender: NodeID
    /// Who it is for.
    public var receiver: NodeID
    /// The assets.
    public var assets: PackedList<LegacyAssetEntry, 192>

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        assets: PackedList<LegacyAssetEntry, 192>
    ) {
        self.sender = sender
        self.receiver = receiver
        self.assets = assets
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .assetLegacy)
        sender = header.sender
        receiver = header.receiver
        assets = try PackedList(from: &reader)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .assetLegacy, sender: sender, receiver: receiver).encode(into: &writer)
        try assets.encode(into: &writer)
    }
}
