public import ByteCoding

/// Shows the sender's key on a link that is not in the tree yet, and again whenever that key changes.
///
/// The central speaks first; the peripheral answers with its own or at once with ``GraftConcede``. Who shows the smaller
/// key concedes, whichever side opened the link.
///
/// Little-endian, 29 bytes. Another version may mean something else by everything behind `version`, and be shorter or
/// longer: ask ``version(of:)`` first, before the other fields are trusted.
///
/// | offset | size | field        | meaning                                                          |
/// |-------:|-----:|--------------|------------------------------------------------------------------|
/// |      0 |    5 | header       | type 40, receiver 30001                                          |
/// |      5 |    1 | version      | 1                                                                |
/// |      6 |    1 | flags        | bit 0 root, bit 1 full, bit 2 move, rest reserved                |
/// |      7 |    8 | key          | cluster, rank                                                    |
/// |     15 |    2 | size         | i16                                                              |
/// |     17 |    2 | writeHandle  | ATT handle of the mesh value on the sender                       |
/// |     19 |    2 | network      |                                                                  |
/// |     21 |    1 | eccentricity | longest path from the sender in its tree, up to 254; 255 unknown |
/// |     22 |    1 | alternatives | other usable neighbours that the sender hears, 0...15            |
/// |     23 |    2 | hopsToSink   | i16, -1 unknown                                                  |
/// |     25 |    4 | nonce        | drawn by the central to name this link, 0 from the peripheral    |
@frozen
public struct GraftHello: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 29
    /// The version that the table describes.
    public static let currentVersion: UInt8 = 1

    @usableFromInline static let isRootField = BitField<UInt8>(offset: 0, width: 1)
    @usableFromInline static let isFullField = BitField<UInt8>(offset: 1, width: 1)
    @usableFromInline static let isMoveField = BitField<UInt8>(offset: 2, width: 1)
    @usableFromInline static let reservedField = BitField<UInt8>(offset: 3, width: 5)

    /// The node that shows its key.
    public var sender: NodeID
    /// Receiver field, 30001.
    public var receiver: NodeID
    /// Version of the format, kept as received; the fields below are those of ``currentVersion``.
    public var version: UInt8
    /// The sender is the root of its cluster.
    public var isRoot: Bool
    /// The sender has no slot to keep this link.
    public var isFull: Bool
    /// The sender wants to move within its own cluster: equal keys are no reason to hang up.
    public var isMove: Bool
    /// Five reserved bits, kept as received.
    public var reserved: UInt8
    /// The key of the sender's cluster.
    public var key: ClusterKey
    /// Nodes in that cluster.
    public var size: Int16
    /// Where the receiver shall write.
    public var writeHandle: UInt16
    /// Network of the sender.
    public var network: NetworkID
    /// Hops from the sender to the farthest node of its cluster, 254 for more, 255 unknown.
    public var eccentricity: UInt8
    /// Other usable neighbours that the sender hears.
    public var alternatives: UInt8
    /// Hops from the sender to the nearest sink, -1 unknown.
    public var hopsToSink: Int16
    /// Names the link, so that both ends know it again after it broke; 0 from the peripheral.
    public var nonce: UInt32

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID = .oneHop,
        version: UInt8 = Self.currentVersion,
        isRoot: Bool,
        isFull: Bool,
        isMove: Bool,
        reserved: UInt8 = 0,
        key: ClusterKey,
        size: Int16,
        writeHandle: UInt16,
        network: NetworkID,
        eccentricity: UInt8,
        alternatives: UInt8,
        hopsToSink: Int16,
        nonce: UInt32
    ) {
        self.sender = sender
        self.receiver = receiver
        self.version = version
        self.isRoot = isRoot
        self.isFull = isFull
        self.isMove = isMove
        self.reserved = reserved
        self.key = key
        self.size = size
        self.writeHandle = writeHandle
        self.network = network
        self.eccentricity = eccentricity
        self.alternatives = alternatives
        self.hopsToSink = hopsToSink
        self.nonce = nonce
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .graftHello)
        sender = header.sender
        receiver = header.receiver
        version = try reader.read()
        let flags = try reader.read(UInt8.self)
        isRoot = Self.isRootField.get(flags) == 1
        isFull = Self.isFullField.get(flags) == 1
        isMove = Self.isMoveField.get(flags) == 1
        reserved = Self.reservedField.get(flags)
        key = try ClusterKey(from: &reader)
        size = try reader.read()
        writeHandle = try reader.read()
        network = NetworkID(try reader.read())
        eccentricity = try reader.read()
        alternatives = try reader.read()
        hopsToSink = try reader.read()
        nonce = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .graftHello, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(version)
        var flags: UInt8 = 0
        Self.isRootField.set(isRoot ? 1 : 0, in: &flags)
        Self.isFullField.set(isFull ? 1 : 0, in: &flags)
        Self.isMoveField.set(isMove ? 1 : 0, in: &flags)
        Self.reservedField.set(reserved, in: &flags)
        try writer.write(flags)
        try key.encode(into: &writer)
        try writer.write(size)
        try writer.write(writeHandle)
        try writer.write(network.rawValue)
        try writer.write(eccentricity)
        try writer.write(alternatives)
        try writer.write(hopsToSink)
        try writer.write(nonce)
    }
}

extension GraftHello {
    /// The version of a hello of any version, whatever its length; nil if the message is something else.
    public static func version(of message: MessageBytes) -> UInt8? {
        message.count > MessageHeader.encodedSize && message[0] == MessageType.graftHello.rawValue
            ? message[MessageHeader.encodedSize] : nil
    }
}
