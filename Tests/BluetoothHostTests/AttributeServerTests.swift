import BluetoothHost
import BluetoothWire
import ByteCoding
import RadioPort
import TestSupport
import Testing

@Suite struct AttributeServerTests {
    private static let codes = ATTPacket.ErrorCode.self

    private func ask(_ server: inout AttributeServer, _ hex: String) throws -> String {
        let bytes = try #require(Hex.decode(hex.replacing(" ", with: "")))
        guard let reply = server.receive(bytes).reply else { return "" }
        return try reply.encoded(as: InlineBytes<515>.self).description
    }

    @Test func servicesAreFoundAsGroups() throws {
        var server = AttributeServer(mtuMax: 63)
        // At the first MTU a long service fills an answer alone, as entries of one answer have one size.
        try same(ask(&server, "10 0100 ffff 0028"), "11060100070000" + "18")
        try same(ask(&server, "10 0800 ffff 0028"), "11140c000f0023d1bcea5f782315deef121200000000")
        try same(ask(&server, "10 1000 ffff 0028"), "1114100015005818" + "05a0070cfd933c42ceac01000000")
        try same(ask(&server, "10 1600 ffff 0028"), "0110" + "1600" + "0a")
    }

    @Test func thereAreNoSecondaryServices() throws {
        var server = AttributeServer(mtuMax: 63)
        try same(ask(&server, "10 0100 ffff 0128"), "0110" + "0100" + "0a")
        try same(ask(&server, "10 0100 ffff 0328"), "0110" + "0100" + "10")
    }

    @Test func meshServiceIsFoundByItsUUID() throws {
        var server = AttributeServer(mtuMax: 63)
        let uuid = "23d1bcea5f782315deef121200000000"
        try same(ask(&server, "06 0100 ffff 0028" + uuid), "070c000f00")
        try same(ask(&server, "06 0100 ffff 0028 1234"), "010601000a")
    }

    @Test func characteristicsAndTheirConfigurationAreFound() throws {
        var server = AttributeServer(mtuMax: 63)
        try same(ask(&server, "08 0c00 0f00 0328"), "09150d001e0e0023d1bcea5f782315deef121224150000")
        // The long form of a short type is the same type.
        let long = "fb349b5f80000080001000000328" + "0000"
        try same(ask(&server, "08 0c00 0f00" + long), "09150d001e0e0023d1bcea5f782315deef121224150000")
        try same(ask(&server, "04 1500 ffff"), "050115000229")
        try same(ask(&server, "04 0f00 0f00"), "05010f000229")
    }

    @Test func deviceNameAndParametersAreThoseOfTheProtocol() throws {
        var server = AttributeServer(mtuMax: 63)
        try same(ask(&server, "0a 0300"), "0b" + Hex.encode(Array("FRUITY".utf8)))
        try same(ask(&server, "0a 0500"), "0b8000")
        try same(ask(&server, "0a 0700"), "0b0c000c0000006400")
        try same(ask(&server, "0c 0300 0400"), "0d" + Hex.encode(Array("TY".utf8)))
        try same(ask(&server, "0c 0300 0700"), "010c030007")
        try same(ask(&server, "12 0300 41"), "0112030003")
    }

    @Test func mtuIsTheSmallerOfBothAndNeverBelowTheLeast() throws {
        var server = AttributeServer(mtuMax: 63)
        same(server.receive([0x02, 0xF7, 0x00]).mtu, 63)
        same(server.receive([0x02, 0x05, 0x00]).mtu, 23)
        try same(ask(&server, "02 1700"), "033f00")
    }

    @Test func meshValueNeedsAnEncryptedLinkForRequests() throws {
        var server = AttributeServer(mtuMax: 63)
        try same(ask(&server, "12 0e00 1405"), "01120e000f")
        try same(ask(&server, "0a 0e00"), "010a0e000f")
        // A command cannot be refused; the node judges what came.
        let command = server.receive([0x52, 0x0E, 0x00, 0x19])
        #expect(command.reply == nil && command.write?.isRequest == false)
        server.isEncrypted = true
        let request = server.receive([0x12, 0x0E, 0x00, 0x14, 0x05])
        #expect(request.reply == .writeResponse)
        #expect(request.write?.handle == AttributeDatabase.handles.meshValue.rawValue)
        #expect(request.write?.value.array == [0x14, 0x05])
        try same(ask(&server, "0a 0e00"), "0b")
        try same(ask(&server, "12 0e00" + String(repeating: "00", count: 101)), "01120e000d")
    }

    @Test func clientConfigurationIsKept() throws {
        var server = AttributeServer(mtuMax: 63)
        let reaction = server.receive([0x12, 0x15, 0x00, 0x01, 0x00])
        #expect(reaction.write?.handle == AttributeDatabase.handles.accessConfiguration.rawValue)
        try same(ask(&server, "0a 1500"), "0b0100")
    }

    @Test func whatIsWrongIsRefusedAndCommandsNeverAre() throws {
        var server = AttributeServer(mtuMax: 63)
        try same(ask(&server, "0a 6300"), "010a630001")
        try same(ask(&server, "08 0000 ffff 0328"), "0108000001")
        try same(ask(&server, "04 0500 0400"), "0104050001")
        try same(ask(&server, "0a 03"), "010a000004")
        try same(ask(&server, "16 0e00 0000 01"), "0116000006")
        try same(ask(&server, "52 0e"), "")
        try same(ask(&server, "d2 0e00 00"), "")
        same(server.receive([]), AttributeServer(mtuMax: 63).emptyReaction)
    }

    @Test(arguments: [11 as UInt64, 12, 13])
    func noPacketGetsMoreThanOneFittingAnswer(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var server = AttributeServer(mtuMax: 63)
        for _ in 0..<30_000 {
            var bytes = random.bytes(atMost: 24)
            if !bytes.isEmpty, random.below(2) == 0 {
                bytes[0] = [0x02, 0x04, 0x06, 0x08, 0x0A, 0x0C, 0x10, 0x12, 0x52][random.below(9)]
                if bytes.count > 2 { bytes[2] = 0 }
            }
            let mtu = server.mtu
            guard let reply = server.receive(bytes).reply else { continue }
            #expect(bytes[0] & 0x40 == 0, "seed \(seed): a command was answered")
            let size = try reply.encoded(as: InlineBytes<515>.self).count
            #expect(size <= Int(mtu), "seed \(seed): an answer of \(size) bytes to \(Hex.encode(bytes))")
        }
    }
}

extension AttributeServer {
    /// What a server does about something that is no packet.
    fileprivate var emptyReaction: Reaction {
        var server = self
        return server.receive([0x52])
    }
}
