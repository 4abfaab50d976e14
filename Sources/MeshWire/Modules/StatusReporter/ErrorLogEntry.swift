public import ByteCoding

/// One entry of the error log (protocol §10.1, AR 3/6).
///
/// Little-endian, 12 bytes.
///
/// | offset | size | field     | meaning        |
/// |-------:|-----:|-----------|----------------|
/// |      0 |    1 | errorType |                |
/// |      1 |    3 | timestamp | s, low 24 bits |
/// |      4 |    4 | extraInfo |                |
/// |      8 |    4 | errorCode |                |
public struct ErrorLogEntry: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 12

    /// What kind of error it is.
    public var errorType: ErrorType
    /// Seconds since boot or since 1970, low 24 bits.
    public var timestamp: UInt32
    /// Meaning set by the code.
    public var extraInfo: UInt32
    /// Meaning set by the type.
    public var errorCode: UInt32

    /// A value from its fields.
    public init(
        errorType: ErrorType,
        timestamp: UInt32,
        extraInfo: UInt32,
        errorCode: UInt32
    ) {
        self.errorType = errorType
        self.timestamp = timestamp
        self.extraInfo = extraInfo
        self.errorCode = errorCode
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        errorType = ErrorType(rawValue: try reader.read())
        timestamp = try reader.readUInt24()
        extraInfo = try reader.read()
        errorCode = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(errorType.rawValue)
        try writer.writeUInt24(timestamp)
        try writer.write(extraInfo)
        try writer.write(errorCode)
    }
}
