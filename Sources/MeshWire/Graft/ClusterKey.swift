public import ByteCoding

/// What decides which of two clusters concedes to the other: a number of 64 bits, compared as a number.
///
/// Keys are unique, every node of a cluster has the same, and the smaller one concedes. The root of the cluster may
/// raise the rank and lets the key flow down the tree; no node's key falls while it has a link.
///
/// Little-endian, 8 bytes in the messages of links.
///
/// | offset | size | field   | meaning                             |
/// |-------:|-----:|---------|-------------------------------------|
/// |      0 |    4 | cluster | the lower 32 bits of the comparison |
/// |      4 |    4 | rank    | the upper 32 bits of the comparison |
@frozen
public struct ClusterKey: Hashable, Comparable, Sendable {
    /// Compared first; 1 after a start, about the number of nodes later.
    public var rank: UInt32
    /// Decides between equal ranks.
    public var cluster: ClusterID

    /// A key from its fields.
    @inlinable
    public init(rank: UInt32, cluster: ClusterID) {
        self.rank = rank
        self.cluster = cluster
    }

    /// Compares the rank first, then the cluster, both unsigned.
    @inlinable
    public static func < (left: ClusterKey, right: ClusterKey) -> Bool {
        left.rank == right.rank ? left.cluster < right.cluster : left.rank < right.rank
    }
}

extension ClusterKey: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 8

    /// Decodes the fields in the order of the table.
    @inlinable
    public init(from reader: inout ByteReader) throws(CodingError) {
        cluster = ClusterID(rawValue: try reader.read())
        rank = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    @inlinable
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(cluster.rawValue)
        try writer.write(rank)
    }
}

extension ClusterKey: CustomStringConvertible {
    /// The rank in decimal and the cluster in hexadecimal: `(7, 0x00030005)`.
    public var description: String {
        let digits = String(cluster.rawValue, radix: 16, uppercase: true)
        return "(\(rank), 0x\(String(repeating: "0", count: 8 - digits.utf8.count))\(digits))"
    }
}
