/// What becomes of partners that are not preferred (protocol §10.2); unknown values are kept.
public struct PreferredConnectionMode: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// They score lower.
    public static let penalty = PreferredConnectionMode(rawValue: 0)
    /// They are ignored.
    public static let ignored = PreferredConnectionMode(rawValue: 1)
}
