public import ByteCoding

/// What a controller says of itself (Core 5.4 Vol 4 Part E 7.4.1).
///
/// | offset | size | field          |
/// |-------:|-----:|----------------|
/// |      0 |    1 | HCI version    |
/// |      1 |    2 | HCI revision   |
/// |      3 |    1 | LMP version    |
/// |      4 |    2 | manufacturer   |
/// |      6 |    2 | LMP subversion |
public struct ControllerVersion: WireMessage, CustomStringConvertible {
    /// Version of the HCI specification, 6 for 4.0 (Assigned Numbers 2.1).
    public var version: UInt8
    /// Revision, for the manufacturer to explain.
    public var revision: UInt16
    /// Version of the link layer.
    public var linkVersion: UInt8
    /// Company identifier (Assigned Numbers 7.1).
    public var manufacturer: UInt16
    /// Revision of the link layer, for the manufacturer to explain.
    public var subversion: UInt16

    /// Decodes the eight bytes behind the status.
    public init(from reader: inout ByteReader) throws(CodingError) {
        version = try reader.read()
        revision = try reader.read()
        linkVersion = try reader.read()
        manufacturer = try reader.read()
        subversion = try reader.read()
    }

    /// Appends the eight bytes.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(version)
        try writer.write(revision)
        try writer.write(linkVersion)
        try writer.write(manufacturer)
        try writer.write(subversion)
    }

    private static let versions = ["4.0", "4.1", "4.2", "5.0", "5.1", "5.2", "5.3", "5.4", "6.0"]

    /// Makers of the chips that small machines have.
    private static let makers: [UInt16: String] = [
        2: "Intel", 10: "Cambridge Silicon Radio", 13: "Texas Instruments", 15: "Broadcom", 29: "Qualcomm",
        70: "MediaTek", 89: "Nordic", 93: "Realtek", 305: "Cypress",
    ]

    /// Version and maker in words.
    public var description: String { Self.words(version: version, manufacturer: manufacturer) }

    /// What the two numbers mean.
    ///
    /// - Parameters:
    ///   - version: of the HCI specification.
    ///   - manufacturer: company identifier.
    /// - Returns: such as `Bluetooth 5.0, Cypress`.
    public static func words(version: UInt8, manufacturer: UInt16) -> String {
        let index = Int(version) - 6
        let name = versions.indices.contains(index) ? versions[index] : "version \(version)"
        return "Bluetooth \(name), \(makers[manufacturer] ?? "manufacturer \(manufacturer)")"
    }
}
