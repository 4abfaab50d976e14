/// Chance as a function: what is drawn depends on who, to whom and when, and on nothing drawn before.
///
/// So every direction of every pair has a stream of its own without holding any memory, a node more does not reshuffle the
/// rest, and something that is only looked at later comes out as if it had been looked at in time.
struct AirDraws: Sendable {
    /// What is drawn: separate streams of one pair.
    enum Purpose: UInt64 {
        case shadowing = 1
        case asymmetry
        case channel
        case fading
        case reception
        case interference
        case advertisingDelay
        case scanChannel
        case clock
        case hop
        case boot
        case hostDelay
        case interval
        case connectFailure
        case stuckAdvertising
        case silence
        case entropy
    }

    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    /// 64 random bits for a purpose, from up to two parties and a count or time.
    @inline(__always)
    func word(_ purpose: Purpose, _ one: Int, _ other: Int = 0, at moment: UInt64 = 0) -> UInt64 {
        // Multiples of different odd numbers keep the arguments apart, the finaliser makes the sum unrecognisable.
        let who = UInt64(truncatingIfNeeded: one) << 32 | UInt64(truncatingIfNeeded: other)
        let what = moment &* 0x9E37_79B9_7F4A_7C15 &+ purpose.rawValue &* 0xA24B_AED4_963E_E407
        return Self.mix(seed &+ who &* 0xD1B5_4A32_D192_ED03 &+ what)
    }

    /// A number in 0..<bound; the bias is below 2^-32 times the bound.
    @inline(__always)
    static func uniform(_ word: UInt64, below bound: UInt64) -> UInt64 {
        guard bound >> 32 == 0 else { return word % bound }
        return ((word >> 32) &* bound) >> 32
    }

    /// A normal deviate of a standard deviation, in its unit; at most 3.46 deviations off.
    ///
    /// The sum of four uniform numbers, in integers.
    @inline(__always)
    static func normal(_ word: UInt64, deviation: Int) -> Int {
        let sum = (word & 0xFFFF) &+ (word >> 16 & 0xFFFF) &+ (word >> 32 & 0xFFFF) &+ word >> 48
        // Four uniform numbers of 16 bits have a deviation of 65536 / sqrt 3.
        return (Int(truncatingIfNeeded: sum) &- 131_070) &* deviation / 37_837
    }

    /// Rounds of multiplication and shift, those of SplitMix64 behind another: every bit of the input changes half of the output's.
    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        var word = value
        word = (word ^ (word >> 32)) &* 0xD6E8_FEB8_6659_FD93
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
