/// Names a kind of key in the MeshAccess handshake (protocol §1.10); every value is kept.
@frozen
public struct FmKeyID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The value on the wire.
    public var rawValue: UInt32

    /// The key id `rawValue`.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The id in decimal.
    public var description: String { String(rawValue) }

    /// The all-zero key of an insecure enrolment.
    public static let zero = FmKeyID(rawValue: 0)
    /// The key of one node, with full access to it.
    public static let node = FmKeyID(rawValue: 1)
    /// The key that a network shares.
    public static let network = FmKeyID(rawValue: 2)
    /// Root of derived user keys, never used directly.
    public static let baseUser = FmKeyID(rawValue: 3)
    /// The key that all networks of an organisation share.
    public static let organization = FmKeyID(rawValue: 4)
    /// Derived from the node key, with reduced rights.
    public static let restrained = FmKeyID(rawValue: 5)
    /// Ids of keys derived from the user base key.
    public static let userDerived: ClosedRange<UInt32> = 10...0x7FFF_FFFF

    /// Whether the id names a key derived from the user base key.
    @inlinable
    public var isUserDerived: Bool { Self.userDerived.contains(rawValue) }
}
