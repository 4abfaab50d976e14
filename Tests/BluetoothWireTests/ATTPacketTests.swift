import BluetoothWire
import ByteCoding
import Testing

@Suite struct ATTPacketTests {
    static let cases: [(String, ATTPacket)] = [
        ("01 08 0100 0a", .error(request: 8, handle: 1, code: ATTPacket.ErrorCode.attributeNotFound)),
        ("02 3f00", .exchangeMTURequest(63)),
        ("03 1700", .exchangeMTUResponse(23)),
        ("04 0e00 ffff", .findInformationRequest(first: 14, last: 0xFFFF)),
        (
            "06 0100 ffff 0028 0018",
            .findByTypeValueRequest(first: 1, last: 0xFFFF, type: 0x2800, value: ATTPacket.Value([0x00, 0x18]))
        ),
        ("08 0100 ffff 0328", .readByTypeRequest(first: 1, last: 0xFFFF, type: ATTPacket.Value([0x03, 0x28]))),
        ("0a 0300", .readRequest(3)),
        ("0c 0300 1600", .readBlobRequest(handle: 3, offset: 22)),
        ("10 0100 ffff 0028", .readByGroupTypeRequest(first: 1, last: 0xFFFF, type: ATTPacket.Value([0x00, 0x28]))),
        // The example of protocol §5.8: CLUSTER_WELCOME to handle 0x000E.
        ("12 0e00 14050031 75", .writeRequest(handle: 14, value: ATTPacket.Value([0x14, 0x05, 0x00, 0x31, 0x75]))),
        ("13", .writeResponse),
        ("52 0e00 18", .writeCommand(handle: 14, value: ATTPacket.Value([0x18]))),
        ("1b 1400 01", .notification(handle: 20, value: ATTPacket.Value([1]))),
        ("1d 1400", .indication(handle: 20, value: ATTPacket.Value())),
        ("1e", .confirmation),
        ("09 0700", .other(opcode: 9, body: ATTPacket.Value([7, 0]))),
    ]

    @Test(arguments: cases)
    func packetHasTheBytesOfItsTable(hex: String, packet: ATTPacket) throws {
        let bytes = try EventTests.bytes(hex)
        #expect(try ATTPacket(bytes: bytes) == packet)
        #expect(try packet.encoded(as: InlineBytes<515>.self).array == bytes)
        #expect(packet.opcode == bytes[0])
    }

    @Test func typesAreShortOrLongUUIDs() throws {
        for count in 0...20 where count != 2 && count != 16 {
            let bytes = [0x08, 1, 0, 0xFF, 0xFF] + [UInt8](repeating: 7, count: count)
            #expect(throws: CodingError.self) { try ATTPacket(bytes: bytes) }
        }
    }

    @Test(arguments: [
        (
            "1207 0800 0600 0c00 0000 6400",
            SignallingPacket(
                identifier: 7,
                .parameterUpdateRequest(intervalMin: 6, intervalMax: 12, latency: 0, supervisionTimeout: 100)
            )
        ),
        ("1307 0200 0100", SignallingPacket(identifier: 7, .parameterUpdateResponse(1))),
        ("0109 0200 0000", SignallingPacket(identifier: 9, .commandReject(reason: 0))),
        ("1403 0200 aabb", SignallingPacket(identifier: 3, .other(code: 0x14, data: InlineBytes([0xAA, 0xBB])))),
    ])
    func signallingHasTheBytesOfItsTable(hex: String, packet: SignallingPacket) throws {
        let bytes = try EventTests.bytes(hex)
        #expect(try SignallingPacket(bytes: bytes) == packet)
        #expect(try packet.encoded(as: InlineBytes<70>.self).array == bytes)
        var wrong = bytes
        wrong[2] &+= 1
        #expect(throws: CodingError.self) { try SignallingPacket(bytes: wrong) }
    }
}
