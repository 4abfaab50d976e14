public import ByteCoding

/// One asset in an ASSET_GENERIC report (protocol §10.8).
///
/// Little-endian, 12 bytes.
///
/// | offset | size | field     | meaning                                                                                                                                   |
/// |-------:|-----:|-----------|-------------------------------------------------------------------------------------------------------------------------------------------|
/// |      0 |    2 | asset     |                                                                                                                                           |
/// |      2 |    1 | rssi37    |                                                                                                                                           |
/// |      3 |    1 | rssi38    |                                                                                                                                           |
/// |      4 |    1 | rssi39    |                                                                                                                                           |
/// |      5 |    1 | battery   |                                                                                                                                           |
/// |      6 |    2 | positionX |                                                                                                                                           |
/// |      8 |    2 | positionY |                                                                                                                                           |
/// |     10 |    1 | pressure  |                                                                                                                                           |
/// |     11 |    1 | flags     | bit 0 isMoving, bit 1 hasFreeInConnection, bit 2 isInterestedInConnection, bit 3 hasSameNetwork, bit 4 isPositionValid, bits 5-7 reserved |
public struct AssetReportEntry: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 12

    static let isMovingField = BitField<UInt8>(offset: 0, width: 1)
    static let hasFreeInConnectionField = BitField<UInt8>(offset: 1, width: 1)
    static let isInterestedInConnectionField = BitField<UInt8>(offset: 2, width: 1)
    static let hasSameNetworkField = BitField<UInt8>(offset: 3, width: 1)
    static let isPositionValidField = BitField<UInt8>(offset: 4, width: 1)
    static let reservedField = BitField<UInt8>(offset: 5, width: 3)

    /// The asset.
    public var asset: NodeID
    /// Signal strength on channel 37 as a positive magnitude.
    public var rssi37: UInt8
    /// Signal strength on channel 38 as a positive magnitude.
    public var rssi38: UInt8
    /// Signal strength on channel 39 as a positive magnitude.
    public var rssi39: UInt8
    /// Battery power.
    public var battery: UInt8
    /// Absolute position.
    public var positionX: UInt16
    /// Absolute position.
    public var positionY: UInt16
    /// Air pressure.
    public var pressure: UInt8
    /// The asset moves.
    public var isMoving: Bool
    /// It has a free in-connection.
    public var hasFreeInConnection: Bool
    /// It wants a connection.
    public var isInterestedInConnection: Bool
    /// It is of the same network.
    public var hasSameNetwork: Bool
    /// The position is valid.
    public var isPositionValid: Bool
    /// Three reserved bits, kept as received.
    public var reserved: UInt8

    /// A value from its fields.
    public init(
        asset: NodeID,
        rssi37: UInt8,
        rssi38: UInt8,
        rssi39: UInt8,
        battery: UInt8,
        positionX: UInt16,
        positionY: UInt16,
        pressure: UInt8,
        isMoving: Bool,
        hasFreeInConnection: Bool,
        isInterestedInConnection: Bool,
        hasSameNetwork: Bool,
        isPositionValid: Bool,
        reserved: UInt8 = 0
    ) {
        self.asset = asset
        self.rssi37 = rssi37
        self.rssi38 = rssi38
        self.rssi39 = rssi39
        self.battery = battery
        self.positionX = positionX
        self.positionY = positionY
        self.pressure = pressure
        self.isMoving = isMoving
        self.hasFreeInConnection = hasFreeInConnection
        self.isInterestedInConnection = isInterestedInConnection
        self.hasSameNetwork = hasSameNetwork
        self.isPositionValid = isPositionValid
        self.reserved = reserved
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        asset = NodeID(try reader.read())
        rssi37 = try reader.read()
        rssi38 = try reader.read()
        rssi39 = try reader.read()
        battery = try reader.read()
        positionX = try reader.read()
        positionY = try reader.read()
        pressure = try reader.read()
        let flags = try reader.read(UInt8.self)
        isMoving = Self.isMovingField.get(flags) == 1
        hasFreeInConnection = Self.hasFreeInConnectionField.get(flags) == 1
        isInterestedInConnection = Self.isInterestedInConnectionField.get(flags) == 1
        hasSameNetwork = Self.hasSameNetworkField.get(flags) == 1
        isPositionValid = Self.isPositionValidField.get(flags) == 1
        reserved = Self.reservedField.get(flags)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(asset.rawValue)
        try writer.write(rssi37)
        try writer.write(rssi38)
        try writer.write(rssi39)
        try writer.write(battery)
        try writer.write(positionX)
        try writer.write(positionY)
        try writer.write(pressure)
        var flags: UInt8 = 0
        Self.isMovingField.set(isMoving ? 1 : 0, in: &flags)
        Self.hasFreeInConnectionField.set(hasFreeInConnection ? 1 : 0, in: &flags)
        Self.isInterestedInConnectionField.set(isInterestedInConnection ? 1 : 0, in: &flags)
        Self.hasSameNetworkField.set(hasSameNetwork ? 1 : 0, in: &flags)
        Self.isPositionValidField.set(isPositionValid ? 1 : 0, in: &flags)
        Self.reservedField.set(reserved, in: &flags)
        try writer.write(flags)
    }
}
