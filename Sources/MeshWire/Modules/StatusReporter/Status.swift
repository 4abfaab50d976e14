public import ByteCoding

/// The state of a node (protocol §10.1, AR 3/1).
///
/// Little-endian, 9 bytes.
///
/// | offset | size | field                 | meaning                                       |
/// |-------:|-----:|-----------------------|-----------------------------------------------|
/// |      0 |    2 | clusterSize           |                                               |
/// |      2 |    2 | inConnectionPartner   | 0 none                                        |
/// |      4 |    1 | inConnectionRSSI      | dBm                                           |
/// |      5 |    1 | flags                 | bits 0-1 freeIn, bits 2-7 freeOut             |
/// |      6 |    1 | batteryInfo           | decivolts, 0 unknown                          |
/// |      7 |    1 | connectionLossCounter | low 8 bits                                    |
/// |      8 |    1 | flags                 | bit 0 initializedByGateway, bits 1-7 reserved |
public struct Status: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 9

    static let freeInField = BitField<UInt8>(offset: 0, width: 2)
    static let freeOutField = BitField<UInt8>(offset: 2, width: 6)
    static let initializedByGatewayField = BitField<UInt8>(offset: 0, width: 1)
    static let reservedField = BitField<UInt8>(offset: 1, width: 7)

    /// Nodes in the cluster, with the sender.
    public var clusterSize: Int16
    /// Partner of the last handshaked incoming mesh link, 0 if there is none.
    public var inConnectionPartner: NodeID
    /// Signal strength of that link in dBm.
    public var inConnectionRSSI: Int8
    /// Free mesh in-connections, 0...3.
    public var freeIn: UInt8
    /// Free mesh out-connections, 0...63.
    public var freeOut: UInt8
    /// Battery voltage in decivolts, 0 unknown.
    public var batteryInfo: UInt8
    /// Lost connections since boot, low 8 bits.
    public var connectionLossCounter: UInt8
    /// A gateway has set the node up since boot.
    public var initializedByGateway: Bool
    /// Seven reserved bits, kept as received.
    public var reserved: UInt8

    /// A value from its fields.
    public init(
        clusterSize: Int16,
        inConnectionPartner: NodeID,
        inConnectionRSSI: Int8,
        freeIn: UInt8,
        freeOut: UInt8,
        batteryInfo: UInt8,
        connectionLossCounter: UInt8,
        initializedByGateway: Bool,
        reserved: UInt8 = 0
    ) {
        self.clusterSize = clusterSize
        self.inConnectionPartner = inConnectionPartner
        self.inConnectionRSSI = inConnectionRSSI
        self.freeIn = freeIn
        self.freeOut = freeOut
        self.batteryInfo = batteryInfo
        self.connectionLossCounter = connectionLossCounter
        self.initializedByGateway = initializedByGateway
        self.reserved = reserved
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        clusterSize = try reader.read()
        inConnectionPartner = NodeID(try reader.read())
        inConnectionRSSI = try reader.read()
        let flags = try reader.read(UInt8.self)
        freeIn = Self.freeInField.get(flags)
        freeOut = Self.freeOutField.get(flags)
        batteryInfo = try reader.read()
        connectionLossCounter = try reader.read()
        let flags2 = try reader.read(UInt8.self)
        initializedByGateway = Self.initializedByGatewayField.get(flags2) == 1
        reserved = Self.reservedField.get(flags2)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(clusterSize)
        try writer.write(inConnectionPartner.rawValue)
        try writer.write(inConnectionRSSI)
        var flags: UInt8 = 0
        Self.freeInField.set(freeIn, in: &flags)
        Self.freeOutField.set(freeOut, in: &flags)
        try writer.write(flags)
        try writer.write(batteryInfo)
        try writer.write(connectionLossCounter)
        var flags2: UInt8 = 0
        Self.initializedByGatewayField.set(initializedByGateway ? 1 : 0, in: &flags2)
        Self.reservedField.set(reserved, in: &flags2)
        try writer.write(flags2)
    }
}
