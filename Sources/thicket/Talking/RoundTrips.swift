/// Times from requests to their answers, and how many were lost.
struct RoundTrips {
    /// Times kept for median and percentile; of more, the latest.
    private static let kept = 10_000

    /// Requests sent.
    var sent = 0
    /// Answers that came again.
    var duplicates = 0
    /// Requests that were answered.
    private(set) var received = 0
    private(set) var least: UInt64?
    private(set) var greatest: UInt64?
    private var latest: [UInt64] = []

    /// An answer came after so many microseconds.
    mutating func add(_ microseconds: UInt64) {
        least = min(least ?? microseconds, microseconds)
        greatest = max(greatest ?? microseconds, microseconds)
        if latest.count < Self.kept {
            latest.append(microseconds)
        } else {
            latest[received % Self.kept] = microseconds
        }
        received += 1
    }

    /// Requests without an answer.
    var lost: Int { max(0, sent - received) }
    /// The share of them in percent; 0 if nothing was sent.
    var lossPercent: Double { sent == 0 ? 0 : Double(lost) * 100 / Double(sent) }

    /// A percentile in microseconds, by linear interpolation; nil if nothing came.
    func percentile(_ percent: Double) -> Double? {
        guard !latest.isEmpty else { return nil }
        return Distribution.percentile(percent, of: latest.map { Double($0) }.sorted())
    }
}
