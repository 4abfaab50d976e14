/// Outcome of a change of advertised messages (protocol §10.6); unknown values are kept.
public struct BeaconCode: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Done.
    public static let ok = BeaconCode(rawValue: 0)
    /// All slots are full, or the slot is out of range.
    public static let noSlot = BeaconCode(rawValue: 1)
    /// Not stored.
    public static let storageError = BeaconCode(rawValue: 2)
}
