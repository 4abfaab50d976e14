import ByteCoding
import MeshWire
import TestSupport
import Testing

@Suite
struct ClusterKeyTests {
    private func key(_ rank: UInt32, _ cluster: UInt32) -> ClusterKey {
        ClusterKey(rank: rank, cluster: ClusterID(rawValue: cluster))
    }

    @Test
    func rankComesFirstAndBothAreUnsigned() {
        let values: [UInt32] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]
        let ascending = values.flatMap { rank in values.map { key(rank, $0) } }
        for (left, lower) in ascending.enumerated() {
            for (right, upper) in ascending.enumerated() {
                #expect((lower < upper) == (left < right))
                #expect((lower == upper) == (left == right))
            }
        }
        #expect(ascending.shuffled().sorted() == ascending)
    }

    @Test
    func keysCompareAsOneNumber() {
        var generator = SplitMix.announced("keysCompareAsOneNumber")
        for _ in 0..<10_000 {
            // Ranks of two bits, so that equal ones are met.
            let left = key(UInt32(generator.below(4)), UInt32(truncatingIfNeeded: generator.next()))
            let right = key(UInt32(generator.below(4)), UInt32(truncatingIfNeeded: generator.next()))
            #expect((left < right) == (number(left) < number(right)))
        }
    }

    private func number(_ key: ClusterKey) -> UInt64 { UInt64(key.rank) << 32 | UInt64(key.cluster.rawValue) }

    @Test
    func clusterComesFirstInTheBytes() throws {
        let expected = try bytes("05000300 07000000")
        #expect(try key(7, 0x0003_0005).encoded(as: InlineBytes<8>.self).array == expected)
        #expect(try ClusterKey(bytes: expected) == key(7, 0x0003_0005))
        for length in 0..<ClusterKey.encodedSize {
            #expect(throws: CodingError.self) { try ClusterKey(bytes: Array(expected.prefix(length))) }
        }
    }

    @Test
    func descriptionHasEightDigits() {
        #expect(key(7, 0x0003_0005).description == "(7, 0x00030005)")
        #expect(key(0, 0).description == "(0, 0x00000000)")
        #expect(key(.max, 0xABCD_EF01).description == "(4294967295, 0xABCDEF01)")
    }
}
