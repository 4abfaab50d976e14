/// What a MeshAccess link connects, as seen by one end (protocol §6.3): two bits, every value is kept.
@frozen
public struct TunnelType: RawRepresentable, Hashable, Sendable {
    /// The value on the wire, 0...3.
    public var rawValue: UInt8

    /// The type in the low two bits of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue & 3 }

    /// Only the two nodes talk; nothing is relayed.
    public static let peerToPeer = TunnelType(rawValue: 0)
    /// This end is a device that accesses the mesh of the other.
    public static let remoteMesh = TunnelType(rawValue: 1)
    /// The mesh of this end gets access to the device at the other.
    public static let localMesh = TunnelType(rawValue: 2)
    /// Not implemented by anyone, always refused.
    public static let meshToMesh = TunnelType(rawValue: 3)

    /// The same tunnel as seen from the other end.
    @inlinable
    public var mirrored: TunnelType {
        switch self {
        case .remoteMesh: .localMesh
        case .localMesh: .remoteMesh
        default: self
        }
    }
}
