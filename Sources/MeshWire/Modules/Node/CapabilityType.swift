/// What a capability is about (protocol §10.2); unknown values are kept.
public struct CapabilityType: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Not said.
    public static let unknown = CapabilityType(rawValue: 0)
    /// Hardware.
    public static let hardware = CapabilityType(rawValue: 1)
    /// Software.
    public static let software = CapabilityType(rawValue: 2)
    /// Data about the node.
    public static let metadata = CapabilityType(rawValue: 3)
    /// A property of the node.
    public static let property = CapabilityType(rawValue: 4)
    /// Not ready yet; used inside a node only.
    public static let notReady = CapabilityType(rawValue: 100)
}
