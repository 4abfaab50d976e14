public import ByteCoding

/// Outcome of a change of groups (protocol §10.2, AR 0/9...11).
///
/// Little-endian, 3 bytes.
///
/// | offset | size | field | meaning                                          |
/// |-------:|-----:|-------|--------------------------------------------------|
/// |      0 |    2 | group |                                                  |
/// |      2 |    1 | code  | 0 ok, 1 out of range, 2 full, 100 + storage code |
public struct GroupResult: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 3

    /// The group; 0 if all were cleared.
    public var group: NodeID
    /// 0 ok, 1 out of range, 2 table full, 100 + x storage code x.
    public var code: GroupCode

    /// A value from its fields.
    public init(
        group: NodeID,
        code: GroupCode
    ) {
        self.group = group
        self.code = code
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        group = NodeID(try reader.read())
        code = GroupCode(rawValue: try reader.read())
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(group.rawValue)
        try writer.write(code.rawValue)
    }
}
