public import ByteCoding

/// Outcome of an enrolment or a removal (protocol §10.5, AR 5/0 and 5/1).
///
/// Little-endian, 5 bytes.
///
/// | offset | size | field        | meaning |
/// |-------:|-----:|--------------|---------|
/// |      0 |    4 | serialNumber |         |
/// |      4 |    1 | code         |         |
public struct EnrollmentResult: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 5

    /// The device.
    public var serialNumber: SerialNumber
    /// The outcome.
    public var code: EnrollmentCode

    /// A value from its fields.
    public init(
        serialNumber: SerialNumber,
        code: EnrollmentCode
    ) {
        self.serialNumber = serialNumber
        self.code = code
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        serialNumber = try SerialNumber(from: &reader)
        code = EnrollmentCode(rawValue: try reader.read())
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try serialNumber.encode(into: &writer)
        try writer.write(code.rawValue)
    }
}
