public import ByteCoding

/// One asset in an ASSET_LEGACY report (protocol §10.8).
///
/// Little-endian, 8 bytes.
///
/// | offset | size | field    | meaning                                                                                                         |
/// |-------:|-----:|----------|-----------------------------------------------------------------------------------------------------------------|
/// |      0 |    3 | asset    |                                                                                                                 |
/// |      3 |    1 | rssi37   |                                                                                                                 |
/// |      4 |    1 | rssi38   |                                                                                                                 |
/// |      5 |    1 | rssi39   |                                                                                                                 |
/// |      6 |    1 | flags    | bits 0-3 speed, bit 4 hasFreeInConnection, bit 5 isInterestedInConnection, bit 6 hasSameNetwork, bit 7 reserved |
/// |      7 |    1 | pressure |                                                                                                                 |
public struct LegacyAssetEntry: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 8

    static let speedField = BitField<UInt8>(offset: 0, width: 4)
    static let hasFreeInConnectionField = BitField<UInt8>(offset: 4, width: 1)
    static let isInterestedInConnectionField = BitField<UInt8>(offset: 5, width: 1)
    static let hasSameNetworkField = BitField<UInt8>(offset: 6, width: 1)
    static let reservedField = BitField<UInt8>(offset: 7, width: 1)

    /// The asset, 24 bits.
    public var asset: UInt32
    /// Signal strength on channel 37 in dBm.
    public var rssi37: Int8
    /// Signal strength on channel 38 in dBm.
    public var rssi38: Int8
    /// Signal strength on channel 39 in dBm.
    public var rssi39: Int8
    /// Speed code.
    public var speed: UInt8
    /// It has a free in-connection.
    public var hasFreeInConnection: Bool
    /// It wants a connection.
    public var isInterestedInConnection: Bool
    /// It is of the same network.
    public var hasSameNetwork: Bool
    /// Reserved bit, kept as received.
    public var reserved: UInt8
    /// Air pressure.
    public var pressure: UInt8

    /// A value from its fields.
    public init(
        asset: UInt32,
        rssi37: Int8,
        rssi38: Int8,
        rssi39: Int8,
        speed: UInt8,
        hasFreeInConnection: Bool,
        isInterestedInConnection: Bool,
        hasSameNetwork: Bool,
        reserved: UInt8 = 0,
        pressure: UInt8
    ) {
        self.asset = asset
        self.rssi37 = rssi37
        self.rssi38 = rssi38
        self.rssi39 = rssi39
        self.speed = speed
        self.hasFreeInConnection = hasFreeInConnection
        self.isInterestedInConnection = isInterestedInConnection
        self.hasSameNetwork = hasSameNetwork
        self.reserved = reserved
        self.pressure = pressure
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        asset = try reader.readUInt24()
        rssi37 = try reader.read()
        rssi38 = try reader.read()
        rssi39 = try reader.read()
        let flags = try reader.read(UInt8.self)
        speed = Self.speedField.get(flags)
        hasFreeInConnection = Self.hasFreeInConnectionField.get(flags) == 1
        isInterestedInConnection = Self.isInterestedInConnectionField.get(flags) == 1
        hasSameNetwork = Self.hasSameNetworkField.get(flags) == 1
        reserved = Self.reservedField.get(flags)
        pressure = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.writeUInt24(asset)
        try writer.write(rssi37)
        try writer.write(rssi38)
        try writer.write(rssi39)
        var flags: UInt8 = 0
        Self.speedField.set(speed, in: &flags)
        Self.hasFreeInConnectionField.set(hasFreeInConnection ? 1 : 0, in: &flags)
        Self.isInterestedInConnectionField.set(isInterestedInConnection ? 1 : 0, in: &flags)
        Self.hasSameNetworkField.set(hasSameNetwork ? 1 : 0, in: &flags)
        Self.reservedField.set(reserved, in: &flags)
        try writer.write(flags)
        try writer.write(pressure)
    }
}
