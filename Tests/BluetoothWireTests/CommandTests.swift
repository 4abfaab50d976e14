import BluetoothWire
import ByteCoding
import Testing

/// Bytes as the tables of Core 5.4 Vol 4 Part E 7 lay them out.
@Suite struct CommandTests {
    static let peer = DeviceAddress(type: 1, value: 0xC0_0000_0000_07)
    static let connection = ConnectionHandle(rawValue: 0x0040)
    static let key = InlineBytes<16>(0x10..<0x20)

    static let cases: [(HCICommand, String)] = [
        (.reset, "030c00"),
        (.leCreateConnectionCancel, "0e2000"),
        (.writeLEHostSupport, "6d0c020100"),
        (.leSetEventMask(0x7F), "0120087f00000000000000"),
        (.leSetRandomAddress(0xC0_1122_3344_55), "05200655443322 11c0"),
        (
            .leSetAdvertisingParameters(interval: 0xA0, connectable: true, ownAddressType: 1),
            "06200f a000 a000 00 01 00 000000000000 07 00"
        ),
        (
            .leSetAdvertisingParameters(interval: 0x20, connectable: false, ownAddressType: 0),
            "06200f 2000 2000 03 00 00 000000000000 07 00"
        ),
        (.leSetAdvertisingData(InlineBytes([2, 1, 6])), "08202003020106" + String(repeating: "00", count: 28)),
        (.leSetAdvertisingEnable(true), "0a200101"),
        (.leSetScanParameters(interval: 0x78, window: 0x0C, ownAddressType: 1), "0b200700 78000c000100"),
        (.leSetScanEnable(true), "0c20020100"),
        (
            .leCreateConnection(
                scanInterval: 0x78,
                scanWindow: 0x3C,
                peer: peer,
                ownAddressType: 1,
                interval: 12,
                latency: 0,
                supervisionTimeout: 100
            ),
            "0d2019 7800 3c00 00 01 0700000000c0 01 0c00 0c00 0000 6400 0000 1800"
        ),
        (.disconnect(connection, reason: 0x13), "0604034000 13"),
        (.about(connection, .readRSSI), "051402 4000"),
        (
            .leEnableEncryption(connection, key: key),
            "19201c 4000 0000000000000000 0000 101112131415161718191a1b1c1d1e1f"
        ),
        (.leLongTermKeyReply(connection, key: key), "1a2012 4000 101112131415161718191a1b1c1d1e1f"),
        (.leSetDataLength(connection, bytes: 251, time: 2120), "222006 4000 fb00 4808"),
        (
            .leConnectionUpdate(connection, interval: 12, latency: 0, supervisionTimeout: 100),
            "13200e 4000 0c00 0c00 0000 6400 0000 1800"
        ),
    ]

    @Test(arguments: cases)
    func commandHasTheBytesOfItsTable(command: HCICommand, hex: String) throws {
        let bytes: InlineBytes<80> = try command.encoded()
        #expect(bytes.description == hex.replacing(" ", with: ""))
        #expect(try HCICommand(bytes: bytes) == command)
    }
}
