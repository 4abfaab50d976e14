import MeshCore
public import RadioPort

/// From power-on of all nodes to one cluster.
public struct FormationRun: Sendable {
    /// The seed of the run.
    public var seed: UInt64
    /// Nodes of all networks together.
    public var nodes: Int
    /// The first instant at which every node has the same cluster id and counts all nodes; nil if it did not come.
    public var formedAt: Instant?
    /// Successful link-layer connections of any kind until then.
    public var linksMade: Int
    /// Longest path over handshaked links at that instant, in hops; nil if not formed.
    public var treeDiameter: Int?
    /// Digest of all outputs until then.
    public var digest: UInt64
    /// Simulated time that was run.
    public var simulated: Instant
    /// What went wrong, if invariants were checked.
    public var violation: Violation?

    /// Whether the run was given up half-way.
    public var wasInterrupted: Bool

    /// Runs a placement until formed, at most to `limit`; `isInterrupted` is asked before every step.
    public init(
        placement: Placement,
        seed: UInt64,
        limit: Instant,
        options: Simulation.Options = Simulation.Options(),
        isInterrupted: () -> Bool = { false }
    ) {
        var simulation = Simulation(placement: placement, seed: seed, options: options)
        formedAt = simulation.runUntilFormed(limit: limit, isInterrupted: isInterrupted)
        wasInterrupted = formedAt == nil && isInterrupted()
        self.seed = seed
        nodes = simulation.count
        linksMade = simulation.linksMade
        treeDiameter = formedAt == nil ? nil : simulation.tree.diameter
        digest = simulation.digest.value
        simulated = simulation.now
        violation = simulation.violation
    }
}
