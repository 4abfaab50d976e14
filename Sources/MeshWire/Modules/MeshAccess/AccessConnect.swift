public import ByteCoding

/// Asks a node to open a MeshAccess link (protocol §10.10, TA 10/0).
///
/// Little-endian, 28 bytes.
///
/// | offset | size | field   | meaning                                |
/// |-------:|-----:|---------|----------------------------------------|
/// |      0 |    7 | address |                                        |
/// |      7 |    4 | fmKeyID |                                        |
/// |     11 |   16 | key     | all FF: the stored key                 |
/// |     27 |    1 | flags   | bits 0-1 tunnelType, bits 2-7 reserved |
public struct AccessConnect: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 28

    static let tunnelTypeField = BitField<UInt8>(offset: 0, width: 2)
    static let reservedField = BitField<UInt8>(offset: 2, width: 6)

    /// Where to connect to.
    public var address: BleGapAddress
    /// Which key to use.
    public var fmKeyID: FmKeyID
    /// The key; all 0xFF to use the stored one.
    public var key: FixedBytes<16>
    /// What the link connects.
    public var tunnelType: TunnelType
    /// Six reserved bits, kept as received.
    public var reserved: UInt8

    /// A value from its fields.
    public init(
        address: BleGapAddress,
        fmKeyID: FmKeyID,
        key: FixedBytes<16> = FixedBytes(repeating: 0xFF),
        tunnelType: TunnelType = .peerToPeer,
        reserved: UInt8 = 0
    ) {
        self.address = address
        self.fmKeyID = fmKeyID
        self.key = key
        self.tunnelType = tunnelType
        self.reserved = reserved
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        address = try BleGapAddress(from: &reader)
        fmKeyID = FmKeyID(rawValue: try reader.read())
        key = try FixedBytes(from: &reader)
        let flags = try reader.read(UInt8.self)
        tunnelType = TunnelType(rawValue: Self.tunnelTypeField.get(flags))
        reserved = Self.reservedField.get(flags)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try address.encode(into: &writer)
        try writer.write(fmKeyID.rawValue)
        try key.encode(into: &writer)
        var flags: UInt8 = 0
        Self.tunnelTypeField.set(tunnelType.rawValue, in: &flags)
        Self.reservedField.set(reserved, in: &flags)
        try writer.write(flags)
    }
}
