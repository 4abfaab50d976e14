import MeshCore

/// Draws 64 independent chances of one probability at a time.
///
/// Works through the binary digits of the probability from the last to the first: for a 1 the drawn bits are or-ed, for a 0
/// and-ed. Exact to 2^-20, integers only.
struct Bernoulli: Sendable {
    private static let digits = 20
    private let numerator: UInt32
    private let firstDigit: Int

    /// Probability `numerator / denominator`, at most 1.
    init(_ numerator: UInt64, _ denominator: UInt64) {
        let scaled = (min(numerator, denominator) << UInt64(Self.digits)) / max(1, denominator)
        self.numerator = UInt32(scaled)
        firstDigit = scaled == 0 ? Self.digits : Int(scaled.trailingZeroBitCount)
    }

    /// One bit per draw, set with the probability.
    func draw64(_ random: inout SeededGenerator) -> UInt64 {
        if numerator >> UInt32(Self.digits) != 0 { return ~0 }
        var mask: UInt64 = 0
        for digit in firstDigit..<Self.digits {
            let bits = random.next()
            mask = numerator >> UInt32(digit) & 1 == 1 ? mask | bits : mask & bits
        }
        return mask
    }
}
