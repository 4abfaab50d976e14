public import ByteCoding

/// The central opens the cluster handshake (protocol §7.1).
///
/// Little-endian, 18 bytes; 16 without the network in old versions, which receivers accept.
///
/// | offset | size | field              | meaning                              |
/// |-------:|-----:|--------------------|--------------------------------------|
/// |      0 |    5 | header             | type 20, receiver 30001              |
/// |      5 |    4 | cluster            |                                      |
/// |      9 |    2 | clusterSize        | i16                                  |
/// |     11 |    2 | meshWriteHandle    | ATT handle of the mesh value on the sender |
/// |     13 |    2 | hopsToSink         | i16                                  |
/// |     15 |    1 | preferredInterval  | 0, unused                            |
/// |     16 |    2 | network            | absent in old versions               |
@frozen
public struct ClusterWelcome: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 16

    /// The node that opens the handshake.
    public var sender: NodeID
    /// Receiver field, 30001.
    public var receiver: NodeID
    /// Cluster of the sender.
    public var cluster: ClusterID
    /// Nodes in that cluster.
    public var clusterSize: Int16
    /// Where the receiver shall write.
    public var meshWriteHandle: UInt16
    /// Hops to the nearest sink, -1 unknown.
    public var hopsToSink: Int16
    /// Unused, 0.
    public var preferredInterval: UInt8
    /// Network of the sender; nil from old versions.
    public var network: NetworkID?

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID = .oneHop,
        cluster: ClusterID,
        clusterSize: Int16,
        meshWriteHandle: UInt16,
        hopsToSink: Int16,
        preferredInterval: UInt8 = 0,
        network: NetworkID?
    ) {
        self.sender = sender
        self.receiver = receiver
        self.cluster = cluster
        self.clusterSize = clusterSize
        self.meshWriteHandle = meshWriteHandle
        self.hopsToSink = hopsToSink
        self.preferredInterval = preferredInterval
        self.network = network
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .clusterWelcome)
        sender = header.sender
        receiver = header.receiver
        cluster = ClusterID(rawValue: try reader.read())
        clusterSize = try reader.read()
        meshWriteHandle = try reader.read()
        hopsToSink = try reader.read()
        preferredInterval = try reader.read()
        network = reader.remaining >= 2 ? NetworkID(try reader.read()) : nil
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .clusterWelcome, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(cluster.rawValue)
        try writer.write(clusterSize)
        try writer.write(meshWriteHandle)
        try writer.write(hopsToSink)
        try writer.write(preferredInterval)
        if let network {
            try writer.write(network.rawValue)
        }
    }
}
