import MeshConfiguration
import MeshSimulator
import RadioPort

/// What a sweep runs with one seed.
struct SweptSubject: Sendable {
    var placement: Placement
    var seed: UInt64
    /// How long the run has to reach its goal.
    var limit: Instant
    var options: Simulation.Options
    /// Whether the run is to be given up.
    let isInterrupted: @Sendable () -> Bool
}

/// A run of a sweep, whatever its goal.
protocol SweptRun: Sendable {
    var seed: UInt64 { get }
    var nodes: Int { get }
    var outcome: SweepRow.Outcome { get }
    var linksMade: Int { get }
    var treeDiameter: Int? { get }
    var digest: UInt64 { get }
    var simulated: Instant { get }
    var violation: Violation? { get }
    var wasInterrupted: Bool { get }
}

extension FormationRun: SweptRun {
    var outcome: SweepRow.Outcome { .formed(microseconds: formedAt?.microseconds) }
}

extension RecoveryRun: SweptRun {
    var outcome: SweepRow.Outcome {
        .recovered(event: event.rawValue, microseconds: recoveryMicroseconds, clusterChanged: clusterChanged)
    }
}

extension SweepRow {
    /// What came out of a run.
    init(_ run: some SweptRun, layout: String) {
        self.init(
            seed: run.seed,
            layout: layout,
            nodes: run.nodes,
            outcome: run.outcome,
            linksMade: run.linksMade,
            treeDiameterHops: run.treeDiameter,
            digest: run.digest,
            simulatedMicroseconds: run.simulated.microseconds
        )
    }
}
