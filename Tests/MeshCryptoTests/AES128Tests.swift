import ByteCoding
import MeshCrypto
import RadioPort
import Testing

@Suite struct AES128Tests {
    /// FIPS 197 appendix C.1 and the key expansion example of appendix B.
    @Test(arguments: [
        (
            "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
            "69c4e0d86a7b0430d8cdb78070b4c55a"
        ),
        (
            "2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734",
            "3925841d02dc09fbdc118597196a0b32"
        ),
    ])
    func enciphersThePublishedExamples(key: String, block: String, result: String) throws {
        let key = try #require(Hex.decode(key).flatMap(Key128.init))
        let block = try #require(Hex.decode(block).flatMap(Key128.init))
        #expect(Hex.encode(AES128.cipher(key, block).bytes) == result)
    }

    @Test func theArgumentsAreLeftAlone() {
        let key = Key128(repeating: 1)
        let block = Key128(repeating: 2)
        #expect(AES128.encrypt(block, key: key) == AES128.encrypt(block, key: key))
        #expect(key == Key128(repeating: 1))
        #expect(block == Key128(repeating: 2))
    }
}

@Suite struct SystemRandomTests {
    @Test func fillsTheWholeBuffer() {
        var seen: Set<[UInt8]> = []
        for _ in 0..<64 {
            let bytes = SystemRandom.bytes(as: InlineBytes<16>.self)
            #expect(bytes.count == 16)
            seen.insert(bytes.array)
        }
        // 128 random bits do not repeat in 64 draws.
        #expect(seen.count == 64)
    }

    @Test func seedsDiffer() {
        #expect(Set((0..<64).map { _ in SystemRandom.seed() }).count == 64)
    }
}
