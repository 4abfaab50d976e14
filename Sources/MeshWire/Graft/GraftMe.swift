public import ByteCoding

/// A node's offer to graft clusters: the mesh discovery advertisement of a network in which every node grafts.
///
/// Little-endian, always 31 bytes, laid out as ``JoinMe``. Nodes that do not graft ignore it because of the type. Decoding
/// checks what it checks there: the length, the company, the mesh identifier and the type, but not the AD structure
/// around them.
///
/// | offset | size | field           | meaning                                                          |
/// |-------:|-----:|-----------------|------------------------------------------------------------------|
/// |      0 |    5 | 02 01 06 1B FF  | flags; manufacturer specific data of 27 bytes                    |
/// |      5 |    2 | 4D 02           | company identifier 0x024D                                        |
/// |      7 |    1 | F0              | mesh identifier                                                  |
/// |      8 |    2 | network         |                                                                  |
/// |     10 |    1 | 0A              | message type GRAFT_ME                                            |
/// |     11 |    2 | sender          |                                                                  |
/// |     13 |    4 | key.cluster     |                                                                  |
/// |     17 |    2 | clusterSize     | i16                                                              |
/// |     19 |    1 | slots and flags | bits 0-2 free in, bits 3-5 free out, bit 6 root, bit 7 call      |
/// |     20 |    1 | eccentricity    | longest path from the sender in its tree, up to 254; 255 unknown |
/// |     21 |    1 | txPower         | i8 dBm                                                           |
/// |     22 |    1 | deviceType      |                                                                  |
/// |     23 |    2 | hopsToSink      | i16, -1 no sink known                                            |
/// |     25 |    2 | meshWriteHandle | ATT handle of the mesh value on the sender                       |
/// |     27 |    4 | key.rank        |                                                                  |
@frozen
public struct GraftMe: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 31
    /// Value of the type byte.
    public static let messageType: UInt8 = 0x0A
    /// Most free slots of a kind that the format can tell.
    public static let freeCountMax: UInt8 = 7
    /// The eccentricity of a sender that does not know its own.
    public static let unknownEccentricity: UInt8 = 255

    @usableFromInline static let freeInField = BitField<UInt8>(offset: 0, width: 3)
    @usableFromInline static let freeOutField = BitField<UInt8>(offset: 3, width: 3)
    @usableFromInline static let isRootField = BitField<UInt8>(offset: 6, width: 1)
    @usableFromInline static let callsField = BitField<UInt8>(offset: 7, width: 1)

    /// The network of the sender.
    public var network: NetworkID
    /// The sender.
    public var sender: NodeID
    /// The key of its cluster.
    public var key: ClusterKey
    /// Nodes in its cluster.
    public var clusterSize: Int16
    /// Free in-connections; more than 7 are encoded as 7, and 0 while the sender keeps room for somebody.
    public var freeIn: UInt8
    /// Free out-connections; more than 7 are encoded as 7, and 0 while the sender keeps room for somebody.
    public var freeOut: UInt8
    /// The sender is the root of its cluster: it may concede.
    public var isRoot: Bool
    /// Nodes of greater clusters shall open the link: the sender's free slots fit only that way round.
    public var calls: Bool
    /// Hops from the sender to the farthest node of its cluster, 254 for more, 255 unknown.
    public var eccentricity: UInt8
    /// Transmit power in dBm.
    public var txPower: Int8
    /// What the sender is for.
    public var deviceType: DeviceType
    /// Hops to the nearest sink, 0 at a sink, -1 unknown.
    public var hopsToSink: Int16
    /// ATT handle of the mesh value on the sender.
    public var meshWriteHandle: UInt16

    /// An advertisement from its fields.
    public init(
        network: NetworkID,
        sender: NodeID,
        key: ClusterKey,
        clusterSize: Int16,
        freeIn: UInt8,
        freeOut: UInt8,
        isRoot: Bool,
        calls: Bool,
        eccentricity: UInt8 = Self.unknownEccentricity,
        txPower: Int8 = 4,
        deviceType: DeviceType = .static,
        hopsToSink: Int16 = -1,
        meshWriteHandle: UInt16
    ) {
        self.network = network
        self.sender = sender
        self.key = key
        self.clusterSize = clusterSize
        self.freeIn = freeIn
        self.freeOut = freeOut
        self.isRoot = isRoot
        self.calls = calls
        self.eccentricity = eccentricity
        self.txPower = txPower
        self.deviceType = deviceType
        self.hopsToSink = hopsToSink
        self.meshWriteHandle = meshWriteHandle
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        network = try MeshAdvertisement.readStart(from: &reader, expecting: Self.messageType)
        sender = NodeID(try reader.read())
        let cluster = ClusterID(rawValue: try reader.read())
        clusterSize = try reader.read()
        let flags = try reader.read(UInt8.self)
        freeIn = Self.freeInField.get(flags)
        freeOut = Self.freeOutField.get(flags)
        isRoot = Self.isRootField.get(flags) == 1
        calls = Self.callsField.get(flags) == 1
        eccentricity = try reader.read()
        txPower = try reader.read()
        deviceType = DeviceType(rawValue: try reader.read())
        hopsToSink = try reader.read()
        meshWriteHandle = try reader.read()
        key = ClusterKey(rank: try reader.read(), cluster: cluster)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MeshAdvertisement.writeStart(network: network, messageType: Self.messageType, into: &writer)
        try writer.write(sender.rawValue)
        try writer.write(key.cluster.rawValue)
        try writer.write(clusterSize)
        var flags: UInt8 = 0
        Self.freeInField.set(min(freeIn, Self.freeCountMax), in: &flags)
        Self.freeOutField.set(min(freeOut, Self.freeCountMax), in: &flags)
        Self.isRootField.set(isRoot ? 1 : 0, in: &flags)
        Self.callsField.set(calls ? 1 : 0, in: &flags)
        try writer.write(flags)
        try writer.write(eccentricity)
        try writer.write(txPower)
        try writer.write(deviceType.rawValue)
        try writer.write(hopsToSink)
        try writer.write(meshWriteHandle)
        try writer.write(key.rank)
    }
}

extension GraftMe {
    /// The receive filter of a node that grafts, without decoding.
    @inlinable
    public static func isForNetwork(_ network: NetworkID, _ data: InlineBytes<31>) -> Bool {
        MeshAdvertisement.isStart(of: data, network: network, messageType: messageType)
    }
}

extension GraftMe {
    /// The sender of a GRAFT_ME of a network; nil if the bytes are anything else.
    public static func sender(in data: InlineBytes<31>, of network: NetworkID) -> NodeID? {
        guard isForNetwork(network, data) else { return nil }
        return NodeID(UInt16(data[11]) | UInt16(data[12]) << 8)
    }
}
