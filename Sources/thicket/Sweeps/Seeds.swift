/// The seeds of a sweep, in order; the greatest range does not overflow.
struct Seeds: Equatable, Sendable {
    private let range: ClosedRange<UInt64>

    init(_ range: ClosedRange<UInt64>) {
        self.range = range
    }

    /// The lowest seed.
    var first: UInt64 { range.lowerBound }

    /// The seed behind a seed; nil if there is none.
    func next(after seed: UInt64) -> UInt64? { seed < range.upperBound ? seed + 1 : nil }

    /// How many seeds there are; the greatest number if there is one more than it.
    var count: UInt64 {
        let (count, isTooBig) = (range.upperBound - range.lowerBound).addingReportingOverflow(1)
        return isTooBig ? .max : count
    }
}
