public import ByteCoding

/// The address of a node, a group or a set of nodes (protocol §1.1).
@frozen
public struct NodeID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 0...0xFFFF.
    public var rawValue: UInt16

    /// The id `rawValue`.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The id `rawValue`.
    @inlinable
    public init(_ rawValue: UInt16) { self.rawValue = rawValue }

    /// Compares by raw value.
    @inlinable
    public static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }

    /// The id in decimal.
    public var description: String { String(rawValue) }

    /// All nodes of the network.
    public static let broadcast = NodeID(0)
    /// Only the local node; rewritten to the own id before dispatch.
    public static let loopback = NodeID(30000)
    /// The direct partner, whatever its id.
    public static let oneHop = NodeID(30001)
    /// The largest usable hop-limited receiver: everybody, with a hop count to read.
    public static let maximumHops = NodeID(30999)
    /// The nearest sink.
    public static let shortestSink = NodeID(31000)
    /// One neighbour, which sees a broadcast.
    public static let anycastThenBroadcast = NodeID(31001)
    /// Sender of a phone in the MeshAccess handshake.
    public static let phone = NodeID(32000)
    /// Never a legal sender or receiver.
    public static let invalid = NodeID(0xFFFF)

    /// The receiver that travels `hops` hops, 1...999.
    public static func hops(_ hops: UInt16) -> NodeID { NodeID(30000 + hops) }

    /// What kind of address an id is.
    public enum Kind: Equatable, Sendable {
        /// All nodes of the network.
        case broadcast
        /// One enrolled node, 1...1999.
        case device
        /// A MeshAccess partner, 2000...19999.
        case virtual
        /// A compile-time group, 20000...20999.
        case staticGroup
        /// The unused broadcast of dynamic groups, 21000.
        case dynamicGroupBroadcast
        /// A run-time group, 21001...21999.
        case dynamicGroup
        /// Unused groups, 22000...29999.
        case reservedGroup
        /// Only the local node, 30000.
        case loopback
        /// Limited to a number of hops, 30001...30999.
        case hops(UInt16)
        /// The nearest sink, 31000.
        case shortestSink
        /// One neighbour, which sees a broadcast, 31001.
        case anycastThenBroadcast
        /// Non-mesh devices, 32000...32999.
        case app
        /// Organisation-wide unique ids, 33000...57999.
        case globalDevice
        /// Never legal, 65535.
        case invalid
        /// Everything else.
        case reserved
    }

    /// The range that the id lies in.
    public var kind: Kind {
        switch rawValue {
        case 0: .broadcast
        case 1...1999: .device
        case 2000...19999: .virtual
        case 20000...20999: .staticGroup
        case 21000: .dynamicGroupBroadcast
        case 21001...21999: .dynamicGroup
        case 22000...29999: .reservedGroup
        case 30000: .loopback
        case 30001...30999: .hops(rawValue - 30000)
        case 31000: .shortestSink
        case 31001: .anycastThenBroadcast
        case 32000...32999: .app
        case 33000...57999: .globalDevice
        case 0xFFFF: .invalid
        default: .reserved
        }
    }

    /// Whether a message may carry the id as its sender: a unicast, virtual, app or global id.
    public var isValidSender: Bool {
        switch kind {
        case .device, .virtual, .app, .globalDevice: true
        default: false
        }
    }

    /// The temporary id of the MeshAccess partner in connection slot `slot`, 0...4, of this node.
    public func virtualPartner(slot: Int) -> NodeID {
        NodeID(rawValue &+ 2000 &* UInt16(truncatingIfNeeded: slot + 1))
    }
}

extension NodeID: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 2

    /// Decodes the id.
    @inlinable
    public init(from reader: inout ByteReader) throws(CodingError) {
        rawValue = try reader.read()
    }

    /// Encodes the id.
    @inlinable
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(rawValue)
    }
}
