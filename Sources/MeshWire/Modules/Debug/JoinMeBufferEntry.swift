public import ByteCoding

/// One entry of the JOIN_ME buffer (protocol §10.9, AR 7/10).
///
/// The layout is that of the recorded messages; the protocol document names the message only.
///
/// Little-endian, 40 bytes.
///
/// | offset | size | field                | meaning                           |
/// |-------:|-----:|----------------------|-----------------------------------|
/// |      0 |   12 | opaque               |                                   |
/// |     12 |    4 | receivedTimeDs       | ds                                |
/// |     16 |    4 | lastConnectAttemptDs | ds                                |
/// |     20 |    2 | sender               |                                   |
/// |     22 |    4 | cluster              |                                   |
/// |     26 |    2 | clusterSize          |                                   |
/// |     28 |    1 | flags                | bits 0-2 freeIn, bits 3-7 freeOut |
/// |     29 |    1 | battery              | decivolts                         |
/// |     30 |    1 | txPower              | dBm                               |
/// |     31 |    1 | deviceType           |                                   |
/// |     32 |    2 | hopsToSink           |                                   |
/// |     34 |    2 | meshWriteHandle      |                                   |
/// |     36 |    4 | ackField             |                                   |
public struct JoinMeBufferEntry: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 40

    static let freeInField = BitField<UInt8>(offset: 0, width: 3)
    static let freeOutField = BitField<UInt8>(offset: 3, width: 5)

    /// Address and signal strength of the sender, layout unknown.
    public var opaque: FixedBytes<12>
    /// When it was heard last, in deciseconds since boot.
    public var receivedTimeDs: UInt32
    /// When a connection was last tried, in deciseconds since boot.
    public var lastConnectAttemptDs: UInt32
    /// The node that was heard.
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
    /// What the node is for.
    public var deviceType: DeviceType
    /// Hops to the nearest sink, -1 unknown.
    public var hopsToSink: Int16
    /// ATT handle of the mesh value on the node.
    public var meshWriteHandle: UInt16
    /// The cluster that it agrees to be absorbed by, or none.
    public var ackField: ClusterID

    /// A value from its fields.
    public init(
        opaque: FixedBytes<12> = FixedBytes(),
        receivedTimeDs: UInt32,
        lastConnectAttemptDs: UInt32,
        sender: NodeID,
        cluster: ClusterID,
        clusterSize: Int16,
        freeIn: UInt8,
        freeOut: UInt8,
        battery: UInt8,
        txPower: Int8,
        deviceType: DeviceType,
        hopsToSink: Int16,
        meshWriteHandle: UInt16,
        ackField: ClusterID
    ) {
        self.opaque = opaque
        self.receivedTimeDs = receivedTimeDs
        self.lastConnectAttemptDs = lastConnectAttemptDs
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
        opaque = try FixedBytes(from: &reader)
        receivedTimeDs = try reader.read()
        lastConnectAttemptDs = try reader.read()
        sender = NodeID(try reader.read())
        cluster = ClusterID(rawValue: try reader.read())
        clusterSize = try reader.read()
        let flags = try reader.read(UInt8.self)
        freeIn = Self.freeInField.get(flags)
        freeOut = Self.freeOutField.get(flags)
        battery = try reader.read()
        txPower = try reader.read()
        deviceType = DeviceType(rawValue: try reader.read())
        hopsToSink = try reader.read()
        meshWriteHandle = try reader.read()
        ackField = ClusterID(rawValue: try reader.read())
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try opaque.encode(into: &writer)
        try writer.write(receivedTimeDs)
        try writer.write(lastConnectAttemptDs)
        try writer.write(sender.rawValue)
        try writer.write(cluster.rawValue)
        try writer.write(clusterSize)
        var flags: UInt8 = 0
        Self.freeInField.set(freeIn, in: &flags)
        Self.freeOutField.set(freeOut, in: &flags)
        try writer.write(flags)
        try writer.write(battery)
        try writer.write(txPower)
        try writer.write(deviceType.rawValue)
        try writer.write(hopsToSink)
        try writer.write(meshWriteHandle)
        try writer.write(ackField.rawValue)
    }
}
