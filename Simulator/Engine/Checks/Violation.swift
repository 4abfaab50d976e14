public import MeshConfiguration
public import RadioPort

/// Something that must never be, with the time at which it was found.
public struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// What was broken.
    public var invariant: Invariant
    /// Seed of the run.
    public var seed: UInt64
    /// Simulated time.
    public var at: Instant
    /// What is wrong, in one sentence that names the nodes.
    public var text: String

    /// Seed, time and sentence.
    public var description: String { "seed \(seed), \(at.seconds) s: \(invariant.rawValue): \(text)" }
}
