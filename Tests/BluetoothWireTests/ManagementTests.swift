import BluetoothWire
import ByteCoding
import TestSupport
import Testing

/// Packets of the kernel's management interface; the bytes follow the "Bluetooth Management API" of BlueZ.
@Suite struct ManagementTests {
    private typealias Buffer = InlineBytes<1030>

    @Test(arguments: [
        (ManagementPacket(ManagementCommand.readIndexList), "0300ffff0000"),
        (ManagementPacket(ManagementCommand.readInfo, adapter: 1), "040001000000"),
        (ManagementPacket(ManagementCommand.setPowered, adapter: 0x0102, .init([1])), "05000201010001"),
        // Index Added, and Command Complete of Read Controller Index List with the adapters 0 and 2.
        (ManagementPacket(ManagementEvent.indexAdded, adapter: 3), "040003000000"),
        (ManagementPacket(ManagementEvent.indexRemoved, adapter: 3), "050003000000"),
        (
            ManagementPacket(ManagementEvent.commandComplete, .init([3, 0, 0, 2, 0, 0, 0, 2, 0])),
            "0100ffff0900030000020000000200"
        ),
    ])
    func packetsAreAsDocumented(packet: ManagementPacket, hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(try packet.encoded(as: Buffer.self).array == bytes)
        #expect(try ManagementPacket(bytes: bytes) == packet)
        // What follows a packet is left alone.
        #expect(try ManagementPacket(bytes: bytes + [7, 7]) == packet)
        for count in 0..<bytes.count {
            #expect(throws: CodingError.self, "\(count) bytes") {
                try ManagementPacket(bytes: Array(bytes.prefix(count)))
            }
        }
    }

    @Test func parametersEndAt1024Bytes() throws {
        let longest = ManagementPacket(7, adapter: 0, .init([UInt8](repeating: 5, count: 1024)))
        let bytes = try longest.encoded(as: Buffer.self).array
        #expect(bytes.count == 1030)
        #expect(try ManagementPacket(bytes: bytes) == longest)
        // Length 1025.
        let tooLong = [7, 0, 0, 0, 1, 4] + [UInt8](repeating: 5, count: 1025)
        #expect(throws: CodingError.self) { try ManagementPacket(bytes: tooLong) }
        #expect(throws: CodingError.overflow(capacity: 1029)) { try longest.encoded(as: InlineBytes<1029>.self) }
    }

    @Test(arguments: [
        (ManagementReply(to: ManagementCommand.setPowered, .success, .init([1, 2, 0, 0])), "05000001020000"),
        (ManagementReply(to: ManagementCommand.setPowered, .permissionDenied), "050014"),
        (ManagementReply(to: ManagementCommand.readInfo, .invalidIndex), "040011"),
    ])
    func repliesAreAsDocumented(reply: ManagementReply, hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(try reply.encoded(as: Buffer.self).array == bytes)
        #expect(try ManagementReply(bytes: bytes) == reply)
        for count in 0..<3 {
            #expect(throws: CodingError.self, "\(count) bytes") {
                try ManagementReply(bytes: Array(bytes.prefix(count)))
            }
        }
    }

    /// Status codes of the documentation.
    @Test(
        arguments: [
            (0x00, "done"), (0x01, "the kernel does not know the command"), (0x0A, "the adapter is busy"),
            (0x11, "no such adapter"), (0x12, "blocked by rfkill"), (0x14, "permission denied"),
            (0x0B, "management status 11"), (0xFF, "management status 255"),
        ] as [(UInt8, String)]
    )
    func everyStatusHasAText(status: UInt8, text: String) {
        #expect(ManagementStatus(rawValue: status).text == text)
    }

    /// Read Controller Information of an adapter 00:1A:7D:DA:71:13 of version 4.0, made by 10.
    private static let information: [UInt8] =
        [0x13, 0x71, 0xDA, 0x7D, 0x1A, 0x00, 6, 10, 0] + [0xFF, 0x3E, 0, 0] + [0xD1, 0x0A, 0, 0]

    @Test func informationTellsAddressVersionAndSettings() throws {
        let names = [UInt8](repeating: 0x41, count: 3 + 249 + 11)
        let information = try AdapterInformation(bytes: Self.information + names)
        #expect(information.address == 0x00_1A_7D_DA_71_13)
        #expect(information.version == 6)
        #expect(information.manufacturer == 10)
        #expect(information.supported == 0x3EFF)
        #expect(information.current == 0x0AD1)
        #expect(information.isPowered)
        #expect(information.supportsLowEnergy)
        #expect(try information.encoded(as: InlineBytes<17>.self).array == Self.information)
        for count in 0..<Self.information.count {
            #expect(throws: CodingError.self, "\(count) bytes") {
                try AdapterInformation(bytes: Array(Self.information.prefix(count)))
            }
        }
    }

    @Test func settingsAreSingleBits() throws {
        var information = try AdapterInformation(bytes: [UInt8](repeating: 0, count: 17))
        for bit in 0..<32 as Range<UInt32> {
            information.supported = 1 << bit
            information.current = 1 << bit
            #expect(information.isPowered == (bit == 0), "bit \(bit)")
            #expect(information.supportsLowEnergy == (bit == 9), "bit \(bit)")
        }
    }

    @Test func everyFlippedBitIsDecodedOrThrows() throws {
        let packet = ManagementPacket(ManagementEvent.commandComplete, adapter: 1, .init([4, 0, 0] + Self.information))
        let bytes = try packet.encoded(as: Buffer.self).array
        for bit in 0..<8 * bytes.count {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let other = try? ManagementPacket(bytes: changed) else { continue }
            #expect(other != packet, "bit \(bit)")
        }
    }

    @Test func randomBytesNeverTrap() throws {
        var random = SplitMix.announced("ManagementTests.randomBytesNeverTrap")
        for _ in 0..<5000 {
            var bytes = random.bytes(atMost: 64)
            // Short lengths, so that most packets are whole.
            if bytes.count >= 6, random.below(4) > 0 {
                bytes[4] = UInt8(random.below(64))
                bytes[5] = 0
            }
            if let packet = try? ManagementPacket(bytes: bytes) {
                let again = try packet.encoded(as: Buffer.self).array
                #expect(again == Array(bytes.prefix(again.count)), "seed \(random.seed)")
            }
            if let reply = try? ManagementReply(bytes: bytes) {
                #expect(try reply.encoded(as: Buffer.self).array == bytes, "seed \(random.seed)")
            }
            _ = try? AdapterInformation(bytes: bytes)
        }
    }
}
