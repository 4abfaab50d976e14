/// The seeds of a sweep, or the share of them that one machine of several runs.
struct Seeds: Equatable, Sendable {
    /// A share: of every `count` seeds in a row, the one at `index`.
    struct Shard: Equatable, Sendable {
        /// 0 and less than ``count``.
        var index: UInt64
        /// At least 1.
        var count: UInt64

        /// All seeds.
        static let whole = Shard(index: 0, count: 1)
    }

    private let range: ClosedRange<UInt64>
    private let shard: Shard

    init(_ range: ClosedRange<UInt64>, shard: Shard = .whole) {
        precondition(shard.index < shard.count)
        self.range = range
        self.shard = shard
    }

    /// The lowest seed; nil if the share is empty.
    var first: UInt64? { seed(range.lowerBound, plus: shard.index) }

    /// The seed behind a seed; nil if there is none.
    func next(after seed: UInt64) -> UInt64? { self.seed(seed, plus: shard.count) }

    /// How many seeds there are; the greatest number if there is one more than it.
    var count: UInt64 {
        guard let first else { return 0 }
        let (count, isTooBig) = ((range.upperBound - first) / shard.count).addingReportingOverflow(1)
        return isTooBig ? .max : count
    }

    private func seed(_ seed: UInt64, plus step: UInt64) -> UInt64? {
        let (sum, isTooBig) = seed.addingReportingOverflow(step)
        return isTooBig || sum > range.upperBound ? nil : sum
    }
}
