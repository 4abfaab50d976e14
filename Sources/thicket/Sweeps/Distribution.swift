import MeshControl

/// Median, percentiles, extremes and mean of some figures.
struct Distribution: Equatable {
    var median: Double
    var p10: Double
    var p90: Double
    var min: Double
    var max: Double
    var mean: Double

    /// The distribution of some figures in any order; nil if there are none.
    init?(_ figures: [Double]) {
        let sorted = figures.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        median = Self.percentile(50, of: sorted)
        p10 = Self.percentile(10, of: sorted)
        p90 = Self.percentile(90, of: sorted)
        min = first
        max = last
        mean = sorted.reduce(0, +) / Double(sorted.count)
    }

    /// The percentile by linear interpolation between the two nearest of some sorted figures (0 is the least, 100 the
    /// greatest).
    static func percentile(_ percent: Double, of sorted: [Double]) -> Double {
        precondition(!sorted.isEmpty && (0...100).contains(percent))
        let position = Double(sorted.count - 1) * percent / 100
        let below = Int(position)
        let above = Swift.min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
    }

    /// The six figures; all null where there is nothing to count.
    static func json(_ distribution: Distribution?) -> JSONValue {
        .object([
            "median": .optional(distribution?.median, JSONValue.number),
            "p10": .optional(distribution?.p10, JSONValue.number),
            "p90": .optional(distribution?.p90, JSONValue.number),
            "min": .optional(distribution?.min, JSONValue.number),
            "max": .optional(distribution?.max, JSONValue.number),
            "mean": .optional(distribution?.mean, JSONValue.number),
        ])
    }
}
