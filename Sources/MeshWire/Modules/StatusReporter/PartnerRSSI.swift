public import ByteCoding

/// A node and how well it is heard (protocol §10.1).
///
/// Little-endian, 3 bytes.
///
/// | offset | size | field   | meaning |
/// |-------:|-----:|---------|---------|
/// |      0 |    2 | partner |         |
/// |      2 |    1 | rssi    | dBm     |
public struct PartnerRSSI: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 3

    /// The node; 0 if the entry is unused.
    public var partner: NodeID
    /// Mean signal strength in dBm.
    public var rssi: Int8

    /// A value from its fields.
    public init(
        partner: NodeID,
        rssi: Int8
    ) {
        self.partner = partner
        self.rssi = rssi
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        partner = NodeID(try reader.read())
        rssi = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(partner.rawValue)
        try writer.write(rssi)
    }
}
