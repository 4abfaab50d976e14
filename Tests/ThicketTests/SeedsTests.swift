import Testing

@testable import thicket

/// Which seeds a sweep runs.
@Suite struct SeedsTests {
    private static func list(_ seeds: Seeds) -> [UInt64] {
        var list: [UInt64] = []
        var seed = seeds.first
        while let known = seed, list.count < 100 {
            list.append(known)
            seed = seeds.next(after: known)
        }
        return list
    }

    @Test func wholeRangesAreCountedThrough() {
        #expect(Self.list(Seeds(3...7)) == [3, 4, 5, 6, 7])
        #expect(Seeds(3...7).count == 5)
        #expect(Self.list(Seeds(0...0)) == [0])
    }

    @Test func sharesAreDisjointAndTogetherWhole() {
        let shares = (0..<3).map { Seeds(1...10, shard: Seeds.Shard(index: $0, count: 3)) }
        #expect(shares.map(Self.list) == [[1, 4, 7, 10], [2, 5, 8], [3, 6, 9]])
        #expect(shares.map(\.count) == [4, 3, 3])
    }

    @Test func aShareMayBeEmpty() {
        let seeds = Seeds(1...2, shard: Seeds.Shard(index: 4, count: 5))
        #expect(seeds.first == nil)
        #expect(seeds.count == 0)
    }

    @Test func theGreatestRangeDoesNotOverflow() {
        let all = Seeds(0...UInt64.max)
        #expect(all.count == .max)
        #expect(all.next(after: .max) == nil)
        #expect(Seeds(0...UInt64.max, shard: Seeds.Shard(index: 6, count: 7)).next(after: .max - 3) == nil)
    }
}
