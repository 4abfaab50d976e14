public import ByteCoding

/// The central opens the MeshAccess handshake (protocol §6.3).
///
/// Little-endian, 11 bytes.
///
/// | offset | size | field   | meaning                                |
/// |-------:|-----:|---------|----------------------------------------|
/// |      0 |    5 | header  | type 25                                |
/// |      5 |    1 | version | 1                                      |
/// |      6 |    4 | fmKeyID |                                        |
/// |     10 |    1 | flags   | bits 0-1 tunnelType, bits 2-7 reserved |
public struct EncryptCustomStart: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 11

    static let tunnelTypeField = BitField<UInt8>(offset: 0, width: 2)
    static let reservedField = BitField<UInt8>(offset: 2, width: 6)

    /// The node that wrote it.
    public var sender: NodeID
    /// Who it is for.
    public var receiver: NodeID
    /// Version of the handshake, 1.
    public var version: UInt8
    /// The key that both ends shall have.
    public var fmKeyID: FmKeyID
    /// What the link connects, as seen by the central.
    public var tunnelType: TunnelType
    /// Six reserved bits, kept as received.
    public var reserved: UInt8

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        version: UInt8 = 1,
        fmKeyID: FmKeyID,
        tunnelType: TunnelType = .peerToPeer,
        reserved: UInt8 = 0
    ) {
        self.sender = sender
        self.receiver = receiver
        self.version = version
        self.fmKeyID = fmKeyID
        self.tunnelType = tunnelType
        self.reserved = reserved
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .encryptCustomStart)
        sender = header.sender
        receiver = header.receiver
        version = try reader.read()
        fmKeyID = FmKeyID(rawValue: try reader.read())
        let flags = try reader.read(UInt8.self)
        tunnelType = TunnelType(rawValue: Self.tunnelTypeField.get(flags))
        reserved = Self.reservedField.get(flags)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .encryptCustomStart, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(version)
        try writer.write(fmKeyID.rawValue)
        var flags: UInt8 = 0
        Self.tunnelTypeField.set(tunnelType.rawValue, in: &flags)
        Self.reservedField.set(reserved, in: &flags)
        try writer.write(flags)
    }
}
