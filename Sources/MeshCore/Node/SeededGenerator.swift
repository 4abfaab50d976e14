/// A small seeded random stream (SplitMix64: a Weyl sequence through a 64-bit finaliser).
///
/// One 64-bit word of state, full period 2^64, the same numbers on every machine. Not for keys or nonces.
@frozen
public struct SeededGenerator: Sendable {
    @usableFromInline var state: UInt64

    /// The stream of a seed; neighbouring seeds give unrelated streams.
    @inlinable
    public init(seed: UInt64) {
        state = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
    }

    /// A separate stream of the same seed, so that adding one consumer does not reshuffle the others.
    @inlinable
    public init(seed: UInt64, stream: UInt64) {
        self.init(seed: seed ^ Self.mix(stream &+ 0xD1B5_4A32_D192_ED03))
    }

    /// The next 64 random bits.
    @inlinable
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// The word that comes after `count` others; it stays in the stream.
    @inlinable
    public func word(after count: Int) -> UInt64 {
        Self.mix(state &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(truncatingIfNeeded: count &+ 1))
    }

    /// Passes over the next `count` words.
    @inlinable
    public mutating func skip(_ count: Int) {
        state &+= 0x9E37_79B9_7F4A_7C15 &* UInt64(truncatingIfNeeded: count)
    }

    /// A uniform number in 0..<`bound`, without bias; `bound` must be positive.
    @inlinable
    public mutating func uniform(below bound: UInt32) -> UInt32 {
        precondition(bound > 0)
        var product = UInt64(UInt32(truncatingIfNeeded: next())) &* UInt64(bound)
        if UInt32(truncatingIfNeeded: product) < bound {
            let threshold = (0 &- bound) % bound
            while UInt32(truncatingIfNeeded: product) < threshold {
                product = UInt64(UInt32(truncatingIfNeeded: next())) &* UInt64(bound)
            }
        }
        return UInt32(truncatingIfNeeded: product >> 32)
    }

    /// True with probability `numerator / denominator`.
    @inlinable
    public mutating func chance(_ numerator: UInt32, in denominator: UInt32) -> Bool {
        uniform(below: denominator) < numerator
    }

    @inlinable
    static func mix(_ value: UInt64) -> UInt64 {
        var word = value
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
