public import ByteCoding

/// Why a node booted last (protocol §10.1, AR 3/8).
///
/// Little-endian, 30 bytes.
///
/// | offset | size | field          | meaning |
/// |-------:|-----:|----------------|---------|
/// |      0 |    1 | reason         |         |
/// |      1 |    4 | code1          |         |
/// |      5 |    4 | code2          |         |
/// |      9 |    4 | code3          |         |
/// |     13 |    1 | stacktraceSize | 0...4   |
/// |     14 |   16 | stack          | 4 words |
public struct RebootReason: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 30

    /// The cause.
    public var reason: RebootCause
    /// Meaning set by the cause.
    public var code1: UInt32
    /// Meaning set by the cause.
    public var code2: UInt32
    /// Meaning set by the cause.
    public var code3: UInt32
    /// Valid entries of the stack, 0...4.
    public var stacktraceSize: UInt8
    /// Return addresses, always four.
    public var stack: PackedList<UInt32, 16>

    /// A value from its fields.
    public init(
        reason: RebootCause,
        code1: UInt32 = 0,
        code2: UInt32 = 0,
        code3: UInt32 = 0,
        stacktraceSize: UInt8 = 0,
        stack: PackedList<UInt32, 16> = PackedList(repeatElement(0, count: 4))
    ) {
        self.reason = reason
        self.code1 = code1
        self.code2 = code2
        self.code3 = code3
        self.stacktraceSize = stacktraceSize
        self.stack = stack
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        reason = RebootCause(rawValue: try reader.read())
        code1 = try reader.read()
        code2 = try reader.read()
        code3 = try reader.read()
        stacktraceSize = try reader.read()
        stack = try PackedList(from: &reader, byteCount: 16)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(reason.rawValue)
        try writer.write(code1)
        try writer.write(code2)
        try writer.write(code3)
        try writer.write(stacktraceSize)
        try stack.encode(into: &writer)
    }
}
