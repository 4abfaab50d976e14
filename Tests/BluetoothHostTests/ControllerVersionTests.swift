import BluetoothHost
import ByteCoding
import Testing

/// What controllers say of themselves.
@Suite struct ControllerVersionTests {
    /// Version 4.0 and link layer 4.0 of Cambridge Silicon Radio, revision and subversion 0x22BB.
    private static let bytes: [UInt8] = [6, 0xBB, 0x22, 6, 10, 0, 0xBB, 0x22]

    @Test func fieldsAreInTheirOrder() throws {
        let version = try ControllerVersion(bytes: Self.bytes)
        #expect(version.version == 6)
        #expect(version.revision == 0x22BB)
        #expect(version.linkVersion == 6)
        #expect(version.manufacturer == 10)
        #expect(version.subversion == 0x22BB)
        #expect(version.description == "Bluetooth 4.0, Cambridge Silicon Radio")
        #expect(try version.encoded(as: InlineBytes<8>.self).array == Self.bytes)
        for count in 0..<8 {
            #expect(throws: CodingError.self) { try ControllerVersion(bytes: Array(Self.bytes.prefix(count))) }
        }
    }

    @Test(
        arguments: [
            (6, 2, "Bluetooth 4.0, Intel"), (8, 15, "Bluetooth 4.2, Broadcom"),
            (9, 13, "Bluetooth 5.0, Texas Instruments"),
            (10, 93, "Bluetooth 5.1, Realtek"), (11, 29, "Bluetooth 5.2, Qualcomm"),
            (12, 70, "Bluetooth 5.3, MediaTek"),
            (13, 89, "Bluetooth 5.4, Nordic"), (14, 305, "Bluetooth 6.0, Cypress"),
            (15, 0xFFFF, "Bluetooth version 15, manufacturer 65535"), (5, 0, "Bluetooth version 5, manufacturer 0"),
            (0, 1, "Bluetooth version 0, manufacturer 1"), (255, 3, "Bluetooth version 255, manufacturer 3"),
        ] as [(UInt8, UInt16, String)]
    )
    func itIsPutInWords(version: UInt8, manufacturer: UInt16, text: String) throws {
        let low = UInt8(manufacturer & 0xFF)
        let high = UInt8(manufacturer >> 8)
        let value = try ControllerVersion(bytes: [version, 0, 0, 0, low, high, 0, 0])
        #expect(value.description == text)
    }
}
