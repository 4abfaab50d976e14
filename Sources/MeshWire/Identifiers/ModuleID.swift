/// Names a module in one byte, the same on all nodes of a network (protocol §1.8); unknown values are kept.
@frozen
public struct ModuleID: RawRepresentable, Hashable, Sendable {
    /// The value on the wire; 0xF0 marks a vendor module and is no id of its own.
    public var rawValue: UInt8

    /// The module `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The node itself.
    public static let node = ModuleID(rawValue: 0)
    /// Advertises one message.
    public static let beaconing = ModuleID(rawValue: 1)
    /// Listens to assets.
    public static let scanning = ModuleID(rawValue: 2)
    /// Tells the state of a node.
    public static let statusReporter = ModuleID(rawValue: 3)
    /// Firmware update.
    public static let dfu = ModuleID(rawValue: 4)
    /// Makes nodes members of a network.
    public static let enrollment = ModuleID(rawValue: 5)
    /// Pins and LEDs.
    public static let io = ModuleID(rawValue: 6)
    /// Tests and measurements.
    public static let debug = ModuleID(rawValue: 7)
    /// Storage id of the configuration.
    public static let configuration = ModuleID(rawValue: 8)
    /// Encrypted links over GATT outside the mesh.
    public static let meshAccess = ModuleID(rawValue: 10)
    /// Asset of the original manufacturer.
    public static let vendorAsset = ModuleID(rawValue: 153)
    /// Asset scanning of the original manufacturer.
    public static let vendorAssetScanning = ModuleID(rawValue: 159)
    /// First byte of a vendor module id.
    public static let vendorPrefix = ModuleID(rawValue: VendorModuleID.prefix)
    /// No module.
    public static let invalid = ModuleID(rawValue: 255)
}
