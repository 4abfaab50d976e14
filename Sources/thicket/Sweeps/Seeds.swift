/// The seeds of a sweep, in order; the greatest range does not overflow.
struct Seeds: Equatable, Sendable {
    private let range: ClosedRange<UInt64>
    private let shard: Shard

    /// All seeds of a range, or those of them that one of several machines runs.
    init(_ range: ClosedRange<UInt64>, shard: Shard = .whole) {
        self.range = range
        self.shard = shard
    }

    /// The lowest seed; nil if the shard has none.
    var first: UInt64? { seed(range.lowerBound, plus: shard.index - 1) }

    /// The seed behind a seed; nil if there is none.
    func next(after seed: UInt64) -> UInt64? { self.seed(seed, plus: shard.count) }

    /// How many seeds there are; the greatest number if there is one more than it.
    var count: UInt64 {
        guard let first else { return 0 }
        let (count, isTooBig) = ((range.upperBound - first) / shard.count).addingReportingOverflow(1)
        return isTooBig ? .max : count
    }

    private func seed(_ seed: UInt64, plus steps: UInt64) -> UInt64? {
        range.upperBound - seed >= steps ? seed + steps : nil
    }
}

/// One of several parts of a sweep, which may run on different machines: every `count`-th seed.
///
/// Neighbouring seeds are dealt to different parts, so that a part that is cut short is a sample of the whole range.
struct Shard: Equatable, Sendable {
    /// Everything.
    static let whole = Shard(index: 1, count: 1)
    /// The most parts.
    static let countMax: UInt64 = 100_000

    /// Which part, 1...count.
    let index: UInt64
    /// How many parts there are.
    let count: UInt64
}
