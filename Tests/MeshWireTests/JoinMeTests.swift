import ByteCoding
import MeshWire
import Testing

@Suite
struct JoinMeTests {
    @Test
    func recordedAdvertisementsRoundTrip() throws {
        let cases = try Vectors.cases("join_me_advertising")
        #expect(!cases.isEmpty)
        for entry in cases {
            let expected = try bytes(try #require(entry["hex"]?.text))
            let advertisement = try JoinMe(bytes: expected)
            #expect(try advertisement.encoded(as: InlineBytes<31>.self).array == expected)
            let decoded = try #require(entry["decoded"])
            #expect(decoded["networkId"]?.number == Int(advertisement.network.rawValue))
            #expect(decoded["sender"]?.number == Int(advertisement.sender.rawValue))
            #expect(decoded["clusterId"]?.number == Int(advertisement.cluster.rawValue))
            #expect(decoded["clusterSize"]?.number == Int(advertisement.clusterSize))
            #expect(decoded["freeMeshInConnections"]?.number == Int(advertisement.freeIn))
            #expect(decoded["freeMeshOutConnections"]?.number == Int(advertisement.freeOut))
            #expect(decoded["batteryRuntime"]?.number == Int(advertisement.battery))
            #expect(decoded["txPower"]?.number == Int(advertisement.txPower))
            #expect(decoded["deviceType"]?.number == Int(advertisement.deviceType.rawValue))
            #expect(decoded["hopsToSink"]?.number == Int(UInt16(bitPattern: advertisement.hopsToSink)))
            #expect(decoded["meshWriteHandle"]?.number == Int(advertisement.meshWriteHandle))
            #expect(decoded["ackField"]?.number == Int(advertisement.ackField.rawValue))
        }
    }

    @Test
    func prefixesAndLongerOnesThrow() throws {
        let whole = try bytes("0201061BFF4D02F00B000105000500CDAB03001A1E0401FFFF0E0000000000")
        for length in 0..<whole.count {
            #expect(throws: CodingError.self) { try JoinMe(bytes: Array(whole.prefix(length))) }
        }
        #expect(throws: CodingError.trailingBytes(count: 1)) { try JoinMe(bytes: whole + [0]) }
    }

    @Test
    func bitFlipsBehindTheStructureAreKeptOrThrow() throws {
        let whole = try bytes("0201061BFF4D02F00B000105000500CDAB03001A1E0401FFFF0E0000000000")
        for bit in 5 * 8..<whole.count * 8 {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let advertisement = try? JoinMe(bytes: flipped) else {
                #expect([5, 6, 7, 10].contains(bit / 8))
                continue
            }
            #expect(try advertisement.encoded(as: InlineBytes<31>.self).array == flipped)
        }
    }
}
