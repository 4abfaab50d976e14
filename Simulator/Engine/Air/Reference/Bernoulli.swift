import MeshCore

/// Draws 64 independent chances of one probability at a time.
///
/// A chance comes true if a random number of 20 binary digits is below the probability. 64 such numbers are drawn a digit at a
/// time, from the last one that the probability has to the first; the words are *looked at* the other way round. There the
/// first digit that differs decides, so that after each word half of what was open is decided, and the words that nothing
/// depends on are passed over without being computed. Exact to 2^-20, integers only.
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

    /// One bit per draw, set with the probability; only those of `wanted` are told.
    @inline(__always)
    func draw64(_ random: inout SeededGenerator, among wanted: UInt64) -> UInt64 {
        if numerator >> UInt32(Self.digits) != 0 { return wanted }
        var open = wanted
        var hits: UInt64 = 0
        var digit = Self.digits
        while open != 0, digit > firstDigit {
            digit -= 1
            let bits = random.word(after: digit - firstDigit)
            if numerator >> UInt32(digit) & 1 == 1 {
                hits |= open & bits
                open &= ~bits
            } else {
                open &= bits
            }
        }
        random.skip(max(0, Self.digits - firstDigit))
        return hits
    }
}
