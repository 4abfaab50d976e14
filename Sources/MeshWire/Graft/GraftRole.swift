public import ByteCoding

/// Hands the role of the root to the receiver: from now on it is the sender's parent.
///
/// Sent by the root to one of its children only. It carries the sender's key, so that both ends have the same.
///
/// Little-endian, 13 bytes.
///
/// | offset | size | field  | meaning                               |
/// |-------:|-----:|--------|---------------------------------------|
/// |      0 |    5 | header | type 43                               |
/// |      5 |    8 | key    | cluster, rank: the key of the cluster |
@frozen
public struct GraftRole: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 13

    /// The root until now.
    public var sender: NodeID
    /// The child that is the root from now on.
    public var receiver: NodeID
    /// The key of the cluster.
    public var key: ClusterKey

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, key: ClusterKey) {
        self.sender = sender
        self.receiver = receiver
        self.key = key
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .graftRole)
        sender = header.sender
        receiver = header.receiver
        key = try ClusterKey(from: &reader)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .graftRole, sender: sender, receiver: receiver).encode(into: &writer)
        try key.encode(into: &writer)
    }
}
