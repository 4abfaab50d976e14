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

    @Test func theGreatestRangeDoesNotOverflow() {
        let all = Seeds(0...UInt64.max)
        #expect(all.count == .max)
        #expect(all.next(after: .max) == nil)
    }
}
