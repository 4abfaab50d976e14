public import ByteCoding

/// The scan response of the MeshAccess broadcast: the serial number as shortened local name (protocol §10.10).
///
/// | offset | size | field  | meaning              |
/// |-------:|-----:|--------|----------------------|
/// |      0 |    1 | length | of what follows      |
/// |      1 |    1 | 08     | shortened local name |
/// |      2 |  ... | name   |                      |
public struct ShortenedLocalName: WireMessage {
    /// AD type of a shortened local name.
    public static let dataType: UInt8 = 0x08

    /// The name, in UTF-8.
    public var name: InlineBytes<29>

    /// The name that a device advertises.
    public init(_ serialNumber: SerialNumber) {
        name = InlineBytes(serialNumber.text.utf8)
    }

    /// Decodes the fields in the order of the table.
    ///
    /// - Throws: `CodingError/invalidField(_:value:)` if it is another AD structure.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let length = try reader.read(UInt8.self)
        guard length >= 1 else { throw .invalidField("length", value: UInt64(length)) }
        let type = try reader.read(UInt8.self)
        guard type == Self.dataType else { throw .invalidField("dataType", value: UInt64(type)) }
        name = try reader.readBytes(Int(length) - 1)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(UInt8(name.count + 1))
        try writer.write(Self.dataType)
        try writer.write(name)
    }
}
