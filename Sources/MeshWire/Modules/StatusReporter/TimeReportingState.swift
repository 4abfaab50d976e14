public import ByteCoding

/// How often a node reports its time (protocol §10.1, AR 3/13).
///
/// Little-endian, 3 bytes.
///
/// | offset | size | field      | meaning     |
/// |-------:|-----:|------------|-------------|
/// |      0 |    1 | code       | 0 ok        |
/// |      1 |    2 | intervalDs | ds, 0 never |
public struct TimeReportingState: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 3

    /// Storage code, 0 if stored.
    public var code: UInt8
    /// Interval in deciseconds, 0 never.
    public var intervalDs: UInt16

    /// A value from its fields.
    public init(
        code: UInt8,
        intervalDs: UInt16
    ) {
        self.code = code
        self.intervalDs = intervalDs
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        code = try reader.read()
        intervalDs = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(code)
        try writer.write(intervalDs)
    }
}
