/// What a node is for (protocol §1.6); unknown values are kept.
@frozen
public struct DeviceType: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The type `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Unused.
    public static let invalid = DeviceType(rawValue: 0)
    /// A normal node.
    public static let `static` = DeviceType(rawValue: 1)
    /// Defined, without special behaviour.
    public static let roaming = DeviceType(rawValue: 2)
    /// A node that collects data.
    public static let sink = DeviceType(rawValue: 3)
    /// Never meshes: broadcasts and MeshAccess only.
    public static let asset = DeviceType(rawValue: 4)
    /// One link at most, never as central.
    public static let leaf = DeviceType(rawValue: 5)
}
