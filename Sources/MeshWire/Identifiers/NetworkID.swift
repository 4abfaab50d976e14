/// A network of nodes that share a key (protocol §1.2).
@frozen
public struct NetworkID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 0 not enrolled, 1 the enrolment network, 2...65280 usable, above reserved.
    public var rawValue: UInt16

    /// The network `rawValue`.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The network `rawValue`.
    @inlinable
    public init(_ rawValue: UInt16) { self.rawValue = rawValue }

    /// Compares by raw value.
    @inlinable
    public static func < (left: NetworkID, right: NetworkID) -> Bool { left.rawValue < right.rawValue }

    /// The id in decimal.
    public var description: String { String(rawValue) }

    /// Not enrolled: the mesh is inactive.
    public static let notEnrolled = NetworkID(0)
    /// Nodes mesh, but are not yet assigned to a network.
    public static let enrolment = NetworkID(1)
    /// Ids that a network may have.
    public static let usable: ClosedRange<UInt16> = 2...65280
}
