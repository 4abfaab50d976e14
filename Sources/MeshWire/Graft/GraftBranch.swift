public import ByteCoding

/// What lies on the sender's side of a link, seen across that link.
///
/// Little-endian, 6 bytes at the end of ``GraftConcede`` and ``GraftUpdate``. The values are a state and not a
/// difference: the receiver overwrites what it had.
///
/// | offset | size | field        | meaning                                                          |
/// |-------:|-----:|--------------|------------------------------------------------------------------|
/// |      0 |    2 | behind       | i16, nodes on the sender's side, itself included                 |
/// |      2 |    1 | height       | links on the longest path on that side, 0 if the sender is alone |
/// |      3 |    1 | alternatives | other usable neighbours that the sender hears, 0...15            |
/// |      4 |    2 | hopsToSink   | i16, without this link, -1 unknown                               |
@frozen
public struct GraftBranch: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 6

    /// Nodes on the sender's side: 1 and what lies behind its other tree links.
    public var behind: Int16
    /// Links on the longest path from the sender on its side.
    public var height: UInt8
    /// Other usable neighbours that the sender hears.
    public var alternatives: UInt8
    /// Hops from the sender to the nearest sink on its side, -1 unknown.
    public var hopsToSink: Int16

    /// A branch from its fields.
    public init(behind: Int16, height: UInt8, alternatives: UInt8, hopsToSink: Int16) {
        self.behind = behind
        self.height = height
        self.alternatives = alternatives
        self.hopsToSink = hopsToSink
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        behind = try reader.read()
        height = try reader.read()
        alternatives = try reader.read()
        hopsToSink = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(behind)
        try writer.write(height)
        try writer.write(alternatives)
        try writer.write(hopsToSink)
    }
}
