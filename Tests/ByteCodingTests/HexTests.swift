import ByteCoding
import Testing

@Suite
struct HexTests {
    @Test
    func everyByteComesBack() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(Hex.decode(Hex.encode(bytes).uppercased()) == bytes)
        #expect(Hex.encode(0x0123_4567_89AB_CDEF as UInt64) == "0123456789abcdef")
    }

    @Test(arguments: ["0", "0g", "0 ", "000", "é"])
    func otherTextIsRefused(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
