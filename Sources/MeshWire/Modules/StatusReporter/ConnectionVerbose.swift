public import ByteCoding

/// All that a node knows of one of its connections (protocol §10.1, ALL_CONNECTIONS_VERBOSE, AR 3/12).
///
/// Little-endian, 62 bytes.
///
/// | offset | size | field                            | meaning                            |
/// |-------:|-----:|----------------------------------|------------------------------------|
/// |      0 |    4 | version                          | 1                                  |
/// |      4 |    4 | connectionIndex                  |                                    |
/// |      8 |    2 | partnerID                        |                                    |
/// |     10 |    7 | partnerAddress                   |                                    |
/// |     17 |    1 | connectionType                   | protocol §3.2                      |
/// |     18 |    1 | averageRSSI                      | dBm                                |
/// |     19 |    1 | connectionState                  | protocol §3.2                      |
/// |     20 |    1 | encryptionState                  | 0 none, 1 in progress, 2 encrypted |
/// |     21 |    1 | connectionID                     | slot                               |
/// |     22 |    4 | uniqueConnectionID               |                                    |
/// |     26 |    2 | connectionHandle                 |                                    |
/// |     28 |    1 | direction                        | 0 in, 1 out                        |
/// |     29 |    4 | creationTimeDs                   | ds                                 |
/// |     33 |    4 | handshakeStartedDs               | ds                                 |
/// |     37 |    4 | connectionHandshakedTimestampDs  | ds                                 |
/// |     41 |    4 | disconnectedTimestampDs          | ds                                 |
/// |     45 |    2 | droppedPackets                   |                                    |
/// |     47 |    2 | sentReliable                     |                                    |
/// |     49 |    2 | sentUnreliable                   |                                    |
/// |     51 |    4 | pendingPackets                   |                                    |
/// |     55 |    4 | connectionMtu                    | payload of a write                 |
/// |     59 |    1 | clusterUpdateCounter             |                                    |
/// |     60 |    1 | nextExpectedClusterUpdateCounter |                                    |
/// |     61 |    1 | manualPacketsSent                |                                    |
public struct ConnectionVerbose: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 62

    /// Layout of the message, 1.
    public var version: UInt32
    /// Position in the table of connections.
    public var connectionIndex: UInt32
    /// The node at the other end.
    public var partnerID: NodeID
    /// Its address.
    public var partnerAddress: BleGapAddress
    /// 0 invalid, 1 mesh, 2 and 3 legacy app, 4 resolver, 5 MeshAccess.
    public var connectionType: UInt8
    /// Mean signal strength in dBm.
    public var averageRSSI: Int8
    /// State of the connection, 0...6.
    public var connectionState: UInt8
    /// 0 none, 1 in progress, 2 encrypted.
    public var encryptionState: UInt8
    /// Slot of the connection.
    public var connectionID: UInt8
    /// Number of the connection, never reused.
    public var uniqueConnectionID: UInt32
    /// Handle given by the controller.
    public var connectionHandle: UInt16
    /// 0 incoming, 1 outgoing.
    public var direction: UInt8
    /// When the connection was created, in deciseconds since boot.
    public var creationTimeDs: UInt32
    /// When the handshake started, in deciseconds since boot.
    public var handshakeStartedDs: UInt32
    /// When the handshake ended, in deciseconds since boot.
    public var connectionHandshakedTimestampDs: UInt32
    /// When the link was lost, in deciseconds since boot.
    public var disconnectedTimestampDs: UInt32
    /// Packets dropped.
    public var droppedPackets: UInt16
    /// Packets sent with confirmation.
    public var sentReliable: UInt16
    /// Packets sent without confirmation.
    public var sentUnreliable: UInt16
    /// Packets waiting.
    public var pendingPackets: UInt32
    /// Bytes of payload in one write.
    public var connectionMtu: UInt32
    /// Counter of the last cluster update sent.
    public var clusterUpdateCounter: UInt8
    /// Counter of the next cluster update expected.
    public var nextExpectedClusterUpdateCounter: UInt8
    /// Packets handed to the radio and not yet confirmed.
    public var manualPacketsSent: UInt8

    /// A value from its fields.
    public init(
        version: UInt32 = 1,
        connectionIndex: UInt32,
        partnerID: NodeID,
        partnerAddress: BleGapAddress,
        connectionType: UInt8,
        averageRSSI: Int8,
        connectionState: UInt8,
        encryptionState: UInt8,
        connectionID: UInt8,
        uniqueConnectionID: UInt32,
        connectionHandle: UInt16,
        direction: UInt8,
        creationTimeDs: UInt32,
        handshakeStartedDs: UInt32,
        connectionHandshakedTimestampDs: UInt32,
        disconnectedTimestampDs: UInt32,
        droppedPackets: UInt16,
        sentReliable: UInt16,
        sentUnreliable: UInt16,
        pendingPackets: UInt32,
        connectionMtu: UInt32,
        clusterUpdateCounter: UInt8,
        nextExpectedClusterUpdateCounter: UInt8,
        manualPacketsSent: UInt8
    ) {
        self.version = version
        self.connectionIndex = connectionIndex
        self.partnerID = partnerID
        self.partnerAddress = partnerAddress
        self.connectionType = connectionType
        self.averageRSSI = averageRSSI
        self.connectionState = connectionState
        self.encryptionState = encryptionState
        self.connectionID = connectionID
        self.uniqueConnectionID = uniqueConnectionID
        self.connectionHandle = connectionHandle
        self.direction = direction
        self.creationTimeDs = creationTimeDs
        self.handshakeStartedDs = handshakeStartedDs
        self.connectionHandshakedTimestampDs = connectionHandshakedTimestampDs
        self.disconnectedTimestampDs = disconnectedTimestampDs
        self.droppedPackets = droppedPackets
        self.sentReliable = sentReliable
        self.sentUnreliable = sentUnreliable
        self.pendingPackets = pendingPackets
        self.connectionMtu = connectionMtu
        self.clusterUpdateCounter = clusterUpdateCounter
        self.nextExpectedClusterUpdateCounter = nextExpectedClusterUpdateCounter
        self.manualPacketsSent = manualPacketsSent
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        version = try reader.read()
        connectionIndex = try reader.read()
        partnerID = NodeID(try reader.read())
        partnerAddress = try BleGapAddress(from: &reader)
        connectionType = try reader.read()
        averageRSSI = try reader.read()
        connectionState = try reader.read()
        encryptionState = try reader.read()
        connectionID = try reader.read()
        uniqueConnectionID = try reader.read()
        connectionHandle = try reader.read()
        direction = try reader.read()
        creationTimeDs = try reader.read()
        handshakeStartedDs = try reader.read()
        connectionHandshakedTimestampDs = try reader.read()
        disconnectedTimestampDs = try reader.read()
        droppedPackets = try reader.read()
        sentReliable = try reader.read()
        sentUnreliable = try reader.read()
        pendingPackets = try reader.read()
        connectionMtu = try reader.read()
        clusterUpdateCounter = try reader.read()
        nextExpectedClusterUpdateCounter = try reader.read()
        manualPacketsSent = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(version)
        try writer.write(connectionIndex)
        try writer.write(partnerID.rawValue)
        try partnerAddress.encode(into: &writer)
        try writer.write(connectionType)
        try writer.write(averageRSSI)
        try writer.write(connectionState)
        try writer.write(encryptionState)
        try writer.write(connectionID)
        try writer.write(uniqueConnectionID)
        try writer.write(connectionHandle)
        try writer.write(direction)
        try writer.write(creationTimeDs)
        try writer.write(handshakeStartedDs)
        try writer.write(connectionHandshakedTimestampDs)
        try writer.write(disconnectedTimestampDs)
        try writer.write(droppedPackets)
        try writer.write(sentReliable)
        try writer.write(sentUnreliable)
        try writer.write(pendingPackets)
        try writer.write(connectionMtu)
        try writer.write(clusterUpdateCounter)
        try writer.write(nextExpectedClusterUpdateCounter)
        try writer.write(manualPacketsSent)
    }
}
