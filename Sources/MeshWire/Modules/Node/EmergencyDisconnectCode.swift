/// Outcome of an emergency disconnect (protocol §4.8); unknown values are kept.
public struct EmergencyDisconnectCode: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A link was closed.
    public static let disconnected = EmergencyDisconnectCode(rawValue: 0)
    /// There is a free out-connection.
    public static let notNeeded = EmergencyDisconnectCode(rawValue: 1)
    /// No link was picked.
    public static let nonePicked = EmergencyDisconnectCode(rawValue: 2)
}
