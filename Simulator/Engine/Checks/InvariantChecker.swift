import MeshCore
import ByteCoding
import MeshWire
public import RadioPort

/// Something that must never be, with the time at which it was found.
public struct Violation: Sendable, Equatable {
    /// Seed of the run.
    public var seed: UInt64
    /// Simulated time.
    public var at: Instant
    /// What is wrong, in one sentence.
    public var text: String
}
struct InvariantChecker: Sendable {
    init(nodes: Int) {}
    mutating func delivered(_ message: MessageBytes, to index: Int) {}
}
extension Simulation {
    mutating func checkInvariants(around index: Int) {}
}
