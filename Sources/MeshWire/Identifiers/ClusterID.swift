/// Names a cluster: the node that created the id, and a number that this node does not soon repeat (protocol §1.3).
@frozen
public struct ClusterID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Bits 0-15 the creating node, bits 16-31 its loss counter plus boot number.
    public var rawValue: UInt32

    /// The id `rawValue`.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A fresh id: `node + ((losses + bootNumber) << 16)`, modulo 2^32.
    @inlinable
    public init(node: NodeID, connectionLossCounter: UInt16, bootNumber: UInt16) {
        rawValue = UInt32(node.rawValue) | UInt32(connectionLossCounter &+ bootNumber) << 16
    }

    /// Compares by raw value.
    @inlinable
    public static func < (left: ClusterID, right: ClusterID) -> Bool { left.rawValue < right.rawValue }

    /// The id in decimal.
    public var description: String { String(rawValue) }

    /// No cluster: an empty ackField.
    public static let none = ClusterID(rawValue: 0)

    /// The node that created the id.
    @inlinable
    public var creator: NodeID { NodeID(UInt16(truncatingIfNeeded: rawValue)) }
}
