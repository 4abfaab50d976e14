import ByteCoding
public import MeshWire
public import RadioPort

/// Who a node is: what it was enrolled with and what its hardware says of itself.
public struct Identity: Sendable {
    /// The node's address in its network, 1...1999.
    public var node: NodeID
    /// The network it belongs to.
    public var network: NetworkID
    /// What the node is for.
    public var deviceType: DeviceType
    /// The keys it holds.
    public var keys: NodeKeys
    /// Serial number index (protocol §1.5).
    public var serialNumberIndex: UInt32
    /// The record reported as device information.
    public var hardware: HardwareRecord

    /// An identity; everything but the node id has the values of a stock open-source build.
    public init(
        node: NodeID,
        network: NetworkID = NetworkID(11),
        deviceType: DeviceType = .static,
        keys: NodeKeys = NodeKeys(),
        serialNumberIndex: UInt32? = nil,
        hardware: HardwareRecord = HardwareRecord()
    ) {
        self.node = node
        self.network = network
        self.deviceType = deviceType
        self.keys = keys
        self.serialNumberIndex = serialNumberIndex ?? UInt32(node.rawValue &- 1)
        self.hardware = hardware
    }
}

/// The long-term keys of a node (protocol §1.10); sixteen 0xFF bytes are "not set".
public struct NodeKeys: Sendable, Hashable {
    /// Shared by the network; also the link-layer key of mesh links.
    public var network: Key128
    /// Unique to this node.
    public var node: Key128
    /// Root of derived user keys.
    public var userBase: Key128
    /// Shared by all networks of one organisation.
    public var organization: Key128

    /// The keys of a stock open-source build (protocol §1.2).
    public init(
        network: Key128 = Key128(repeating: 0x22),
        node: Key128 = Key128(repeating: 0x11),
        userBase: Key128 = .unset,
        organization: Key128 = .unset
    ) {
        self.network = network
        self.node = node
        self.userBase = userBase
        self.organization = organization
    }
}

/// What a node reports of its hardware and build (protocol §10.1, DEVICE_INFO_V2).
public struct HardwareRecord: Sendable, Hashable {
    /// Bluetooth company identifier of the manufacturer.
    public var manufacturer: UInt16
    /// Eight bytes that name the chip, in report order, as a little-endian number.
    public var chipID: UInt64
    /// 10000000 · major + 10000 · minor + patch.
    public var version: UInt32
    /// Receiver sensitivity in dBm.
    public var receiveSensitivity: Int8
    /// Transmit power in dBm.
    public var transmitPower: Int8
    /// RSSI at one metre in dBm.
    public var calibratedTransmitPower: Int8
    /// Static group of the chipset.
    public var chipGroup: NodeID
    /// Static group of the feature set.
    public var featuresetGroup: NodeID
    /// Version of the boot loader.
    public var bootloaderVersion: UInt16
    /// Battery voltage in decivolts, 0 unknown or mains.
    public var battery: UInt8

    /// A record; the values are those of the public nRF52 development build.
    public init(
        manufacturer: UInt16 = 0x024D,
        chipID: UInt64 = 0,
        version: UInt32 = 10_011_640,
        receiveSensitivity: Int8 = -90,
        transmitPower: Int8 = 4,
        calibratedTransmitPower: Int8 = -60,
        chipGroup: NodeID = NodeID(20001),
        featuresetGroup: NodeID = NodeID(20031),
        bootloaderVersion: UInt16 = 0,
        battery: UInt8 = 0
    ) {
        self.manufacturer = manufacturer
        self.chipID = chipID
        self.version = version
        self.receiveSensitivity = receiveSensitivity
        self.transmitPower = transmitPower
        self.calibratedTransmitPower = calibratedTransmitPower
        self.chipGroup = chipGroup
        self.featuresetGroup = featuresetGroup
        self.bootloaderVersion = bootloaderVersion
        self.battery = battery
    }
}
