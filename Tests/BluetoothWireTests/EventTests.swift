import BluetoothWire
import ByteCoding
import TestSupport
import Testing

@Suite struct EventTests {
    static let connection = ConnectionHandle(rawValue: 0x0040)

    static let cases: [(String, HCIEvent)] = [
        ("0504 00 4000 13", .disconnectionComplete(status: 0, connection: connection, reason: 0x13)),
        ("0804 06 4000 00", .encryptionChange(status: 6, connection: connection, enabled: false)),
        ("5905 00 4000 01 10", .encryptionChange(status: 0, connection: connection, enabled: true)),
        ("3003 00 4000", .encryptionKeyRefresh(status: 0, connection: connection)),
        (
            "0e04 01 030c 00",
            .commandComplete(credits: 1, opcode: .reset, parameters: InlineBytes([0]))
        ),
        ("0e03 05 0000", .commandComplete(credits: 5, opcode: .none, parameters: InlineBytes())),
        ("0f04 0c 01 0d20", .commandStatus(status: 0x0C, credits: 1, opcode: .leCreateConnection)),
        ("1001 42", .hardwareError(code: 0x42)),
        ("1a01 01", .dataBufferOverflow(linkType: 1)),
        (
            "1309 02 4000 0100 4100 0300",
            .packetsCompleted([
                CompletedPackets(connection: connection, count: 1),
                CompletedPackets(connection: ConnectionHandle(rawValue: 0x41), count: 3),
            ])
        ),
        ("3e13 01 00 4000 01 01 0700000000c0 0c00 0000 6400 01", .connectionComplete(complete)),
        (
            "3e1f 0a 00 4000 01 01 0700000000c0 000000000000 000000000000 0c00 0000 6400 01",
            .connectionComplete(complete)
        ),
        (
            "3e0f 02 01 00 01 0700000000c0 03 020106 c4",
            .advertisingReports([
                AdvertisingReport(
                    type: 0,
                    address: CommandTests.peer,
                    data: InlineBytes([2, 1, 6]),
                    rssi: -60
                )
            ])
        ),
        (
            "3e0a 03 00 4000 1800 0000 6400",
            .connectionUpdateComplete(
                status: 0,
                connection: connection,
                interval: 24,
                latency: 0,
                supervisionTimeout: 100
            )
        ),
        ("3e0c 04 00 4000 2100000000000000", .remoteFeatures(status: 0, connection: connection, features: 0x21)),
        (
            "3e0d 05 4000 0000000000000000 0000",
            .longTermKeyRequest(connection: connection, random: 0, diversifier: 0)
        ),
        (
            "3e0b 06 4000 0600 0c00 0000 6400",
            .remoteParameterRequest(
                connection: connection,
                intervalMin: 6,
                intervalMax: 12,
                latency: 0,
                supervisionTimeout: 100
            )
        ),
        (
            "3e0b 07 4000 fb00 4808 1b00 4801",
            .dataLengthChange(connection: connection, transmitBytes: 251, receiveBytes: 27)
        ),
        ("ff02 aabb", .unknown(code: 0xFF, parameters: InlineBytes([0xAA, 0xBB]))),
        ("3e02 77 01", .unknown(code: 0x3E, parameters: InlineBytes([0x77, 0x01]))),
    ]

    static let complete = ConnectionComplete(
        status: 0,
        connection: connection,
        isCentral: false,
        peer: CommandTests.peer,
        interval: 12,
        latency: 0,
        supervisionTimeout: 100
    )

    static func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex.replacing(" ", with: ""))) }

    @Test(arguments: cases)
    func eventIsReadFromTheBytesOfItsTable(hex: String, event: HCIEvent) throws {
        #expect(try HCIEvent(bytes: Self.bytes(hex)[...]) == event)
    }

    @Test(arguments: cases)
    func everyShorterPrefixThrows(hex: String, event: HCIEvent) throws {
        let bytes = try Self.bytes(hex)
        for count in 0..<bytes.count {
            #expect(throws: CodingError.self) { try HCIEvent(bytes: bytes[..<count]) }
        }
    }

    /// Cut inside, with a length that fits: known events need all of their parameters.
    @Test(arguments: cases)
    func shortParametersThrowOrAreAnotherEvent(hex: String, event: HCIEvent) throws {
        let bytes = try Self.bytes(hex)
        for count in 2..<bytes.count {
            var short = Array(bytes[..<count])
            short[1] = UInt8(count - 2)
            let decoded = try? HCIEvent(bytes: short[...])
            #expect(decoded != event)
        }
    }

    @Test(arguments: [1 as UInt64, 2, 3])
    func randomBytesNeverTrap(seed: UInt64) {
        var random = SplitMix(seed: seed)
        for _ in 0..<20_000 {
            let bytes = random.bytes(atMost: 60)
            _ = try? HCIEvent(bytes: bytes[...])
            _ = try? HCICommand(bytes: bytes)
            _ = try? ATTPacket(bytes: bytes)
            _ = try? SignallingPacket(bytes: bytes)
            var event = [0x3E, UInt8(bytes.count)] + bytes
            _ = try? HCIEvent(bytes: event[...])
            event[0] = 0x13
            _ = try? HCIEvent(bytes: event[...])
        }
    }
}
