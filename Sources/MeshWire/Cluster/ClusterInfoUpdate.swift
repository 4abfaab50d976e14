public import ByteCoding

/// A change of cluster size, hops to sink or master bit, from link to link (protocol §7.1, §8.1).
///
/// Little-endian, 14 bytes. On MeshAccess links the size is absolute (§8.6).
///
/// | offset | size | field       | meaning                                        |
/// |-------:|-----:|-------------|------------------------------------------------|
/// |      0 |    5 | header      | type 23, receiver 0                            |
/// |      5 |    4 | deprecated  | 0                                              |
/// |      9 |    2 | sizeChange  | i16, signed difference                         |
/// |     11 |    2 | hopsToSink  | i16, -1 unknown                                |
/// |     13 |    1 | flags       | bit 0 master bit handover, bit 1 counter, rest reserved |
@frozen
public struct ClusterInfoUpdate: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 14

    @usableFromInline static let handoverField = BitField<UInt8>(offset: 0, width: 1)
    @usableFromInline static let counterField = BitField<UInt8>(offset: 1, width: 1)
    @usableFromInline static let reservedField = BitField<UInt8>(offset: 2, width: 6)

    /// The node at the other end of the link.
    public var sender: NodeID
    /// Receiver field, 0.
    public var receiver: NodeID
    /// Former new cluster id, 0.
    public var deprecated: UInt32
    /// Signed difference of the cluster size.
    public var sizeChange: Int16
    /// Hops of the sender to the nearest sink, -1 unknown.
    public var hopsToSink: Int16
    /// The receiver now holds the master bit.
    public var masterBitHandover: Bool
    /// Flips with every update on a link; the first has 1.
    public var counter: UInt8
    /// Six reserved bits, kept as received.
    public var reserved: UInt8

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID = .broadcast,
        deprecated: UInt32 = 0,
        sizeChange: Int16,
        hopsToSink: Int16,
        masterBitHandover: Bool,
        counter: UInt8,
        reserved: UInt8 = 0
    ) {
        self.sender = sender
        self.receiver = receiver
        self.deprecated = deprecated
        self.sizeChange = sizeChange
        self.hopsToSink = hopsToSink
        self.masterBitHandover = masterBitHandover
        self.counter = counter
        self.reserved = reserved
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .clusterInfoUpdate)
        sender = header.sender
        receiver = header.receiver
        deprecated = try reader.read()
        sizeChange = try reader.read()
        hopsToSink = try reader.read()
        let flags = try reader.read(UInt8.self)
        masterBitHandover = Self.handoverField.get(flags) == 1
        counter = Self.counterField.get(flags)
        reserved = Self.reservedField.get(flags)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .clusterInfoUpdate, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(deprecated)
        try writer.write(sizeChange)
        try writer.write(hopsToSink)
        var flags: UInt8 = 0
        Self.handoverField.set(masterBitHandover ? 1 : 0, in: &flags)
        Self.counterField.set(counter, in: &flags)
        Self.reservedField.set(reserved, in: &flags)
        try writer.write(flags)
    }
}
