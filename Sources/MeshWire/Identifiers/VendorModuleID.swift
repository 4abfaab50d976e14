public import ByteCoding

/// Names a module of a company (protocol §1.8).
///
/// Little-endian, 4 bytes.
///
/// | offset | size | field   | meaning                             |
/// |-------:|-----:|---------|-------------------------------------|
/// |      0 |    1 | F0      | tells it from a plain module id     |
/// |      1 |    1 | subID   | 0x00 and 0xFF reserved by convention |
/// |      2 |    2 | company | Bluetooth company identifier        |
@frozen
public struct VendorModuleID: WireMessage, Hashable {
    /// Bytes of the encoded form.
    public static let encodedSize = 4
    /// First byte of every vendor module id.
    public static let prefix: UInt8 = 0xF0

    /// Number of the module within the company.
    public var subID: UInt8
    /// Bluetooth company identifier.
    public var company: UInt16

    /// An id from its fields.
    @inlinable
    public init(subID: UInt8, company: UInt16) {
        self.subID = subID
        self.company = company
    }

    /// The id whose encoded form, read as a little-endian number, is `rawValue`; nil if the first byte is not 0xF0.
    @inlinable
    public init?(rawValue: UInt32) {
        guard UInt8(truncatingIfNeeded: rawValue) == Self.prefix else { return nil }
        subID = UInt8(truncatingIfNeeded: rawValue >> 8)
        company = UInt16(truncatingIfNeeded: rawValue >> 16)
    }

    /// The encoded form as a little-endian number: 0xVVVVSSF0, as in text and JSON.
    @inlinable
    public var rawValue: UInt32 { UInt32(company) << 16 | UInt32(subID) << 8 | UInt32(Self.prefix) }

    /// Decodes the fields in the order of the table.
    ///
    /// - Throws: `CodingError/invalidField(_:value:)` if the first byte is not 0xF0.
    @inlinable
    public init(from reader: inout ByteReader) throws(CodingError) {
        let value = try reader.read(UInt32.self)
        guard let id = VendorModuleID(rawValue: value) else {
            throw .invalidField("vendorModuleID", value: UInt64(value))
        }
        self = id
    }

    /// Encodes the fields in the order of the table.
    @inlinable
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(rawValue)
    }
}
