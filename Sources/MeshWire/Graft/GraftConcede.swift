public import ByteCoding

/// The receiver is the sender's parent from now on: the sender's whole cluster grafts itself under it.
///
/// Only a root concedes, and only to a key above its own. The receiver checks that the key conceded to is not above its
/// own and answers with ``GraftUpdate``.
///
/// Little-endian, 19 bytes.
///
/// | offset | size | field  | meaning                                                   |
/// |-------:|-----:|--------|-----------------------------------------------------------|
/// |      0 |    5 | header | type 41                                                   |
/// |      5 |    8 | key    | cluster, rank: what the receiver showed in its hello      |
/// |     13 |    6 | branch | nodes, height, alternatives and hops of the sender's side |
@frozen
public struct GraftConcede: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 19

    /// The root that concedes.
    public var sender: NodeID
    /// Its parent to be.
    public var receiver: NodeID
    /// The key conceded to, as the receiver offered it.
    public var key: ClusterKey
    /// What the sender brings along.
    public var branch: GraftBranch

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, key: ClusterKey, branch: GraftBranch) {
        self.sender = sender
        self.receiver = receiver
        self.key = key
        self.branch = branch
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .graftConcede)
        sender = header.sender
        receiver = header.receiver
        key = try ClusterKey(from: &reader)
        branch = try GraftBranch(from: &reader)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .graftConcede, sender: sender, receiver: receiver).encode(into: &writer)
        try key.encode(into: &writer)
        try branch.encode(into: &writer)
    }
}
