public import ByteCoding

/// An event as it happens (protocol §10.1, GE 3/1).
///
/// Little-endian, 9 bytes.
///
/// | offset | size | field  | meaning |
/// |-------:|-----:|--------|---------|
/// |      0 |    1 | type   |         |
/// |      1 |    4 | extra  |         |
/// |      5 |    4 | extra2 |         |
public struct LiveReport: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 9

    /// What happened.
    public var type: LiveReportType
    /// Meaning set by the type.
    public var extra: UInt32
    /// Meaning set by the type.
    public var extra2: UInt32

    /// A value from its fields.
    public init(
        type: LiveReportType,
        extra: UInt32 = 0,
        extra2: UInt32 = 0
    ) {
        self.type = type
        self.extra = extra
        self.extra2 = extra2
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        type = LiveReportType(rawValue: try reader.read())
        extra = try reader.read()
        extra2 = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(type.rawValue)
        try writer.write(extra)
        try writer.write(extra2)
    }
}
