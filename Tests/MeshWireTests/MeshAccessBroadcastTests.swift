import ByteCoding
import MeshWire
import Testing

@Suite
struct MeshAccessBroadcastTests {
    let example = "020106 030312FE 171612FE 0300 0B00 09 68C92800 000000 01 000000 00000000"

    @Test
    func olderFormIsEightBytesShorter() throws {
        let old = Array(try bytes("020106 030312FE 0F1612FE 0800 0B00 E9 68C92800 030000"))
        let advertisement = try MeshAccessBroadcast(bytes: old)
        #expect(advertisement.tail == nil)
        #expect(advertisement.isEmergency)
        #expect(advertisement.reservedBits == 7)
        #expect(advertisement.modules.array == [3, 0, 0])
        #expect(try advertisement.encoded(as: InlineBytes<31>.self).array == old)
    }

    @Test
    func prefixesThrow() throws {
        let whole = try bytes(example)
        for length in 0..<whole.count {
            #expect(throws: CodingError.self) { try MeshAccessBroadcast(bytes: Array(whole.prefix(length))) }
        }
    }

    @Test
    func bitFlipsThrowOrAreKept() throws {
        let whole = try bytes(example)
        for bit in 0..<whole.count * 8 {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let advertisement = try? MeshAccessBroadcast(bytes: flipped) else {
                #expect(bit / 8 < 13)
                continue
            }
            #expect(try advertisement.encoded(as: InlineBytes<31>.self).array == flipped)
        }
    }

    /// The short way tells the same as the whole decoder, of every prefix and every flipped bit.
    @Test
    func theShortWayAgreesWithTheDecoder() throws {
        let whole = try bytes(example)
        var packets = (0...whole.count).map { Array(whole.prefix($0)) }
        for bit in 0..<whole.count * 8 {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            packets.append(flipped)
        }
        var short = Array(whole.prefix(23))
        short[7] = 0x0F
        packets.append(short)
        for packet in packets {
            let device = MeshAccessBroadcast.device(in: InlineBytes(packet))
            let decoded = try? MeshAccessBroadcast(bytes: packet)
            #expect(device?.serialNumber == decoded?.serialNumber)
            #expect(device?.isEnrolled == decoded?.isEnrolled)
        }
    }

    @Test
    func joinMeIsNoBroadcast() throws {
        let joinMe = try bytes("0201061BFF4D02F00B000105000500CDAB03001A1E0401FFFF0E0000000000")
        #expect(throws: CodingError.self) { try MeshAccessBroadcast(bytes: joinMe) }
    }

    @Test
    func localNameMustBeOfItsType() throws {
        #expect(throws: CodingError.self) { try ShortenedLocalName(bytes: try bytes("0609464D424242")) }
        #expect(throws: CodingError.self) { try ShortenedLocalName(bytes: try bytes("00")) }
        #expect(throws: CodingError.self) { try ShortenedLocalName(bytes: try bytes("0608464D")) }
    }
}
