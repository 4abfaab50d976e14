public import ByteCoding

/// A node's invitation to form a cluster: the mesh discovery advertisement (protocol §2.1).
///
/// Little-endian, always 31 bytes. Existing nodes check the length, the company, the mesh identifier, the network and the
/// type, but not the AD structure around them (§2.2); so does the decoder.
///
/// | offset | size | field           | meaning                                        |
/// |-------:|-----:|-----------------|------------------------------------------------|
/// |      0 |    5 | 02 01 06 1B FF  | flags; manufacturer specific data of 27 bytes  |
/// |      5 |    2 | 4D 02           | company identifier 0x024D                      |
/// |      7 |    1 | F0              | mesh identifier                                |
/// |      8 |    2 | network         |                                                |
/// |     10 |    1 | 01              | message type JOIN_ME                           |
/// |     11 |    2 | sender          |                                                |
/// |     13 |    4 | cluster         |                                                |
/// |     17 |    2 | clusterSize     | i16                                            |
/// |     19 |    1 | free links      | bits 0-2 in, bits 3-7 out                      |
/// |     20 |    1 | battery         | decivolts, 0 unknown                           |
/// |     21 |    1 | txPower         | i8 dBm                                         |
/// |     22 |    1 | deviceType      |                                                |
/// |     23 |    2 | hopsToSink      | i16, -1 no sink known                          |
/// |     25 |    2 | meshWriteHandle | ATT handle of the mesh value on the sender     |
/// |     27 |    4 | ackField        | cluster that the sender agrees to be absorbed by |
@frozen
public struct JoinMe: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 31
    /// Company identifier of the protocol's origin.
    public static let companyIdentifier = MeshAdvertisement.companyIdentifier
    /// Marks a mesh advertisement.
    public static let meshIdentifier = MeshAdvertisement.meshIdentifier
    /// Value of the type byte.
    public static let messageType: UInt8 = 0x01

    @usableFromInline static let freeInField = BitField<UInt8>(offset: 0, width: 3)
    @usableFromInline static let freeOutField = BitField<UInt8>(offset: 3, width: 5)

    /// The network of the sender.
    public var network: NetworkID
    /// The sender.
    public var sender: NodeID
    /// Its cluster.
    public var cluster: ClusterID
    /// Nodes in its cluster.
    public var clusterSize: Int16
    /// Free in-connections, 0...7.
    public var freeIn: UInt8
    /// Free out-connections, 0...31.
    public var freeOut: UInt8
    /// Battery voltage in decivolts, 0 unknown.
    public var battery: UInt8
    /// Transmit power in dBm.
    public var txPower: Int8
    /// What the sender is for.
    public var deviceType: DeviceType
    /// Hops to the nearest sink, 0 at a sink, -1 unknown.
    public var hopsToSink: Int16
    /// ATT handle of the mesh value on the sender.
    public var meshWriteHandle: UInt16
    /// The cluster that the sender agrees to be absorbed by, or none.
    public var ackField: ClusterID

    /// An advertisement from its fields.
    public init(
        network: NetworkID,
        sender: NodeID,
        cluster: ClusterID,
        clusterSize: Int16,
        freeIn: UInt8,
        freeOut: UInt8,
        battery: UInt8 = 0,
        txPower: Int8 = 4,
        deviceType: DeviceType = .static,
        hopsToSink: Int16 = -1,
        meshWriteHandle: UInt16,
        ackField: ClusterID = .none
    ) {
        self.network = network
        self.sender = sender
        self.cluster = cluster
        self.clusterSize = clusterSize
        self.freeIn = freeIn
        self.freeOut = freeOut
        self.battery = battery
        self.txPower = txPower
        self.deviceType = deviceType
        self.hopsToSink = hopsToSink
        self.meshWriteHandle = meshWriteHandle
        self.ackField = ackField
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        network = try MeshAdvertisement.readStart(from: &reader, expecting: Self.messageType)
        sender = NodeID(try reader.read())
        cluster = ClusterID(rawValue: try reader.read())
        clusterSize = try reader.read()
        let free = try reader.read(UInt8.self)
        freeIn = Self.freeInField.get(free)
        freeOut = Self.freeOutField.get(free)
        battery = try reader.read()
        txPower = try reader.read()
        deviceType = DeviceType(rawValue: try reader.read())
        hopsToSink = try reader.read()
        meshWriteHandle = try reader.read()
        ackField = ClusterID(rawValue: try reader.read())
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MeshAdvertisement.writeStart(network: network, messageType: Self.messageType, into: &writer)
        try writer.write(sender.rawValue)
        try writer.write(cluster.rawValue)
        try writer.write(clusterSize)
        var free: UInt8 = 0
        Self.freeInField.set(freeIn, in: &free)
        Self.freeOutField.set(freeOut, in: &free)
        try writer.write(free)
        try writer.write(battery)
        try writer.write(txPower)
        try writer.write(deviceType.rawValue)
        try writer.write(hopsToSink)
        try writer.write(meshWriteHandle)
        try writer.write(ackField.rawValue)
    }
}

extension JoinMe {
    /// The receive filter of a node (protocol §2.2), without decoding.
    @inlinable
    public static func isForNetwork(_ network: NetworkID, _ data: InlineBytes<31>) -> Bool {
        MeshAdvertisement.isStart(of: data, network: network, messageType: messageType)
    }
}
