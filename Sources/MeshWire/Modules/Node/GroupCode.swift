/// Outcome of a change of groups (protocol §10.2); unknown values are kept.
public struct GroupCode: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Done.
    public static let ok = GroupCode(rawValue: 0)
    /// The id is no dynamic group.
    public static let outOfRange = GroupCode(rawValue: 1)
    /// The node is in 20 groups already.
    public static let tableFull = GroupCode(rawValue: 2)
}
