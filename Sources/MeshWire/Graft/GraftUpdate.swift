public import ByteCoding

/// The state of the sender's side of a tree link; from parent to child also the key of the cluster.
///
/// Sent whenever a value differs from what was last sent on that link, and after the link was re-established. The
/// receiver overwrites what it had; it ignores a key that does not come from its parent.
///
/// Little-endian, 20 bytes.
///
/// | offset | size | field  | meaning                                                   |
/// |-------:|-----:|--------|-----------------------------------------------------------|
/// |      0 |    5 | header | type 42                                                   |
/// |      5 |    1 | flags  | bit 0 key valid, rest reserved                            |
/// |      6 |    8 | key    | cluster, rank                                             |
/// |     14 |    6 | branch | nodes, height, alternatives and hops of the sender's side |
@frozen
public struct GraftUpdate: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 20

    @usableFromInline static let isKeyValidField = BitField<UInt8>(offset: 0, width: 1)
    @usableFromInline static let reservedField = BitField<UInt8>(offset: 1, width: 7)

    /// The node at the other end of the link.
    public var sender: NodeID
    /// Its partner.
    public var receiver: NodeID
    /// The key counts: the sender is the parent.
    public var isKeyValid: Bool
    /// Seven reserved bits, kept as received.
    public var reserved: UInt8
    /// The key of the cluster, kept as received even if it is not valid.
    public var key: ClusterKey
    /// What lies on the sender's side.
    public var branch: GraftBranch

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        key: ClusterKey,
        isKeyValid: Bool,
        reserved: UInt8 = 0,
        branch: GraftBranch
    ) {
        self.sender = sender
        self.receiver = receiver
        self.key = key
        self.isKeyValid = isKeyValid
        self.reserved = reserved
        self.branch = branch
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .graftUpdate)
        sender = header.sender
        receiver = header.receiver
        let flags = try reader.read(UInt8.self)
        isKeyValid = Self.isKeyValidField.get(flags) == 1
        reserved = Self.reservedField.get(flags)
        key = try ClusterKey(from: &reader)
        branch = try GraftBranch(from: &reader)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .graftUpdate, sender: sender, receiver: receiver).encode(into: &writer)
        var flags: UInt8 = 0
        Self.isKeyValidField.set(isKeyValid ? 1 : 0, in: &flags)
        Self.reservedField.set(reserved, in: &flags)
        try writer.write(flags)
        try key.encode(into: &writer)
        try branch.encode(into: &writer)
    }
}
