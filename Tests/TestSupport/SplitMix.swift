import FoundationEssentials

/// A small generator of numbers for tests, the same on every machine (SplitMix64).
public struct SplitMix: RandomNumberGenerator, Sendable {
    /// What the stream began with.
    public let seed: UInt64
    private var state: UInt64

    /// The stream of a seed.
    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// Seeded from `THICKET_SEED`, else from the system; the seed is printed, so that a failure can be repeated.
    public static func announced(_ test: String) -> SplitMix {
        let given = ProcessInfo.processInfo.environment["THICKET_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): THICKET_SEED=\(seed)")
        return SplitMix(seed: seed)
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A number in 0..<`bound`; the bias of the remainder does not matter to a test.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// So many bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// At most so many bytes.
    public mutating func bytes(atMost count: Int) -> [UInt8] { bytes(below(count + 1)) }
}
