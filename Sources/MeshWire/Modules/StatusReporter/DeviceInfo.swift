public import ByteCoding

/// What a node is made of (protocol §10.1, DEVICE_INFO_V2, AR 3/10).
///
/// Little-endian, 37 bytes.
///
/// | offset | size | field             | meaning                                |
/// |-------:|-----:|-------------------|----------------------------------------|
/// |      0 |    2 | manufacturerID    |                                        |
/// |      2 |    4 | serialNumber      |                                        |
/// |      6 |    8 | chipID            | two words, most significant byte first |
/// |     14 |    7 | accessAddress     |                                        |
/// |     21 |    2 | networkID         |                                        |
/// |     23 |    4 | nodeVersion       | 10000000 major + 10000 minor + patch   |
/// |     27 |    1 | dBmRX             | dBm                                    |
/// |     28 |    1 | dBmTX             | dBm                                    |
/// |     29 |    1 | deviceType        |                                        |
/// |     30 |    1 | calibratedTX      | dBm at 1 m                             |
/// |     31 |    2 | chipGroupID       |                                        |
/// |     33 |    2 | featuresetGroupID |                                        |
/// |     35 |    2 | bootloaderVersion |                                        |
public struct DeviceInfo: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 37

    /// Bluetooth company identifier of the manufacturer.
    public var manufacturerID: UInt16
    /// Serial number of the device.
    public var serialNumber: SerialNumber
    /// Number of the chip: two words, each most significant byte first.
    public var chipID: FixedBytes<8>
    /// The address that the node advertises with.
    public var accessAddress: BleGapAddress
    /// The network of the node.
    public var networkID: NetworkID
    /// Version: 10,000,000 major + 10,000 minor + patch.
    public var nodeVersion: UInt32
    /// Receiver sensitivity in dBm.
    public var dBmRX: Int8
    /// Transmit power in dBm.
    public var dBmTX: Int8
    /// What the node is for.
    public var deviceType: DeviceType
    /// Signal strength at 1 m in dBm.
    public var calibratedTX: Int8
    /// Group of all nodes with this chip.
    public var chipGroupID: NodeID
    /// Group of all nodes with this build.
    public var featuresetGroupID: NodeID
    /// Version of the boot loader.
    public var bootloaderVersion: UInt16

    /// A value from its fields.
    public init(
        manufacturerID: UInt16,
        serialNumber: SerialNumber,
        chipID: FixedBytes<8>,
        accessAddress: BleGapAddress,
        networkID: NetworkID,
        nodeVersion: UInt32,
        dBmRX: Int8,
        dBmTX: Int8,
        deviceType: DeviceType,
        calibratedTX: Int8,
        chipGroupID: NodeID,
        featuresetGroupID: NodeID,
        bootloaderVersion: UInt16
    ) {
        self.manufacturerID = manufacturerID
        self.serialNumber = serialNumber
        self.chipID = chipID
        self.accessAddress = accessAddress
        self.networkID = networkID
        self.nodeVersion = nodeVersion
        self.dBmRX = dBmRX
        self.dBmTX = dBmTX
        self.deviceType = deviceType
        self.calibratedTX = calibratedTX
        self.chipGroupID = chipGroupID
        self.featuresetGroupID = featuresetGroupID
        self.bootloaderVersion = bootloaderVersion
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        manufacturerID = try reader.read()
        serialNumber = try SerialNumber(from: &reader)
        chipID = try FixedBytes(from: &reader)
        accessAddress = try BleGapAddress(from: &reader)
        networkID = NetworkID(try reader.read())
        nodeVersion = try reader.read()
        dBmRX = try reader.read()
        dBmTX = try reader.read()
        deviceType = DeviceType(rawValue: try reader.read())
        calibratedTX = try reader.read()
        chipGroupID = NodeID(try reader.read())
        featuresetGroupID = NodeID(try reader.read())
        bootloaderVersion = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(manufacturerID)
        try serialNumber.encode(into: &writer)
        try chipID.encode(into: &writer)
        try accessAddress.encode(into: &writer)
        try writer.write(networkID.rawValue)
        try writer.write(nodeVersion)
        try writer.write(dBmRX)
        try writer.write(dBmTX)
        try writer.write(deviceType.rawValue)
        try writer.write(calibratedTX)
        try writer.write(chipGroupID.rawValue)
        try writer.write(featuresetGroupID.rawValue)
        try writer.write(bootloaderVersion)
    }
}
