/// Outcome of a change of network (protocol §10.5); unknown values are kept.
public struct SetNetworkCode: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Done.
    public static let ok = SetNetworkCode(rawValue: 0)
    /// The node is no asset.
    public static let notAnAsset = SetNetworkCode(rawValue: 1)
    /// Invalid.
    public static let invalid = SetNetworkCode(rawValue: 255)
}
