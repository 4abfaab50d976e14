import ByteCoding
import MeshWire
import Testing

@Suite
struct CRCTests {
    @Test
    func recordedChecksums() throws {
        let cases = try Vectors.cases("crc")
        #expect(!cases.isEmpty)
        for entry in cases {
            let data = try bytes(try #require(entry["data"]?.text))
            #expect(entry["crc8"]?.number == Int(CRC.crc8(data)))
            #expect(entry["crc16"]?.number == Int(CRC.crc16(data)))
            #expect(entry["crc32"]?.number == Int(CRC.crc32(data)))
            guard let chained = entry["chained"], let split = chained["splitAt"]?.number else { continue }
            let first = (CRC.crc16(data.prefix(split)), CRC.crc32(data.prefix(split)))
            #expect(chained["crc16First"]?.number == Int(first.0))
            #expect(chained["crc32First"]?.number == Int(first.1))
            let rest = data.dropFirst(split)
            #expect(chained["crc16Chained"]?.number == Int(CRC.crc16(rest, continuing: first.0)))
            #expect(chained["crc32Chained"]?.number == Int(CRC.crc32(rest, continuing: first.1)))
        }
    }

    @Test
    func documentedCommandLine() {
        #expect(CRC.crc32("action this status get_status".utf8) == 3_968_018_817)
    }
}
