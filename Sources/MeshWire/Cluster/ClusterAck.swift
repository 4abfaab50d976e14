public import ByteCoding

/// The peripheral yields (protocol §7.1).
///
/// Little-endian, 8 bytes.
///
/// | offset | size | field             | meaning                              |
/// |-------:|-----:|-------------------|--------------------------------------|
/// |      0 |    5 | header            | type 21, receiver the central        |
/// |      5 |    2 | hopsToSink        | i16: 0 if the sender is a sink, else -1 |
/// |      7 |    1 | preferredInterval | not initialised by existing nodes: ignore |
@frozen
public struct ClusterAck1: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 8

    /// The yielding node.
    public var sender: NodeID
    /// The central.
    public var receiver: NodeID
    /// 0 if the sender is a sink, else -1.
    public var hopsToSink: Int16
    /// To be ignored.
    public var preferredInterval: UInt8

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, hopsToSink: Int16, preferredInterval: UInt8 = 0) {
        self.sender = sender
        self.receiver = receiver
        self.hopsToSink = hopsToSink
        self.preferredInterval = preferredInterval
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .clusterAck1)
        sender = header.sender
        receiver = header.receiver
        hopsToSink = try reader.read()
        preferredInterval = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .clusterAck1, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(hopsToSink)
        try writer.write(preferredInterval)
    }
}

/// The central tells the new member its cluster (protocol §7.1).
///
/// Little-endian, 13 bytes.
///
/// | offset | size | field       | meaning                       |
/// |-------:|-----:|-------------|-------------------------------|
/// |      0 |    5 | header      | type 22, receiver the loser   |
/// |      5 |    4 | cluster     |                               |
/// |      9 |    2 | clusterSize | i16, with the new member      |
/// |     11 |    2 | hopsToSink  | i16, not counting this link   |
@frozen
public struct ClusterAck2: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 13

    /// The winner.
    public var sender: NodeID
    /// The loser.
    public var receiver: NodeID
    /// The cluster that the loser now belongs to.
    public var cluster: ClusterID
    /// Its size, with the loser.
    public var clusterSize: Int16
    /// Hops of the winner to the nearest sink, -1 unknown.
    public var hopsToSink: Int16

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, cluster: ClusterID, clusterSize: Int16, hopsToSink: Int16) {
        self.sender = sender
        self.receiver = receiver
        self.cluster = cluster
        self.clusterSize = clusterSize
        self.hopsToSink = hopsToSink
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .clusterAck2)
        sender = header.sender
        receiver = header.receiver
        cluster = ClusterID(rawValue: try reader.read())
        clusterSize = try reader.read()
        hopsToSink = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .clusterAck2, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(cluster.rawValue)
        try writer.write(clusterSize)
        try writer.write(hopsToSink)
    }
}
