import MeshConfiguration
package import MeshCore
public import RadioPort

/// One case of a swarm, run until it is decided.
public struct SwarmRun: Sendable {
    /// What became of it.
    public enum Outcome: Sendable, Equatable {
        /// One cluster, so long after the faults were healed.
        case healed(microseconds: UInt64)
        /// Not one cluster, in a configuration in which the classic algorithm is known to stay.
        case knownStuck
        /// Something is wrong; `kind` is the invariant or `healed_within`.
        case failed(kind: String, at: Instant, text: String)
        /// The nodes are too far apart to become one cluster: nothing was run.
        case apart
        /// Given up half-way.
        case interrupted
    }

    /// What was run.
    public let subject: SwarmCase
    /// What became of it.
    public let outcome: Outcome
    /// Turns given to nodes.
    public let turns: Int
    /// Digest of all outputs.
    public let digest: UInt64

    /// How long invariants are looked at after the nodes have become one cluster.
    private static let aftermath: UInt64 = 3_000_000

    /// Runs a case; `planted` rules are broken on purpose.
    package init(
        _ subject: SwarmCase,
        planted: PlantedFaults = [],
        isInterrupted: () -> Bool = { false }
    ) throws(PlacementError) {
        self.subject = subject
        guard try Self.isConnected(subject) else {
            (outcome, turns, digest) = (.apart, 0, 0)
            return
        }
        let scenario = subject.scenario(file: "swarm-\(subject.seed)")
        var options = Simulation.Options(scenario)
        options.configuration.graft.plantedFaults = planted
        var run = try ScenarioRun(scenario, options: options)
        var healedAt: Instant?
        while !run.isOver, !isInterrupted() {
            run.step()
            _ = run.takeOccurrences()
            if healedAt == nil, case .passed(let at) = Self.verdict(of: run) { healedAt = at }
            if let healedAt, run.now.microseconds(since: healedAt) >= Self.aftermath { break }
        }
        turns = run.simulation.turns
        digest = run.simulation.digest.value
        outcome = Self.outcome(of: run, healedAt: healedAt)
    }

    /// What became of the healing.
    private static func verdict(of run: ScenarioRun) -> ScenarioVerdict.Outcome { run.verdicts[0].outcome }

    private static func outcome(of run: ScenarioRun, healedAt: Instant?) -> Outcome {
        if let violation = run.simulation.violation {
            return .failed(kind: violation.invariant.rawValue, at: violation.at, text: violation.text)
        }
        if let healedAt, case .healedWithin(_, let after) = run.verdicts[0].expectation {
            return .healed(microseconds: healedAt.microseconds(since: Instant(microseconds: after)))
        }
        guard run.isOver, case .failed(let failure) = verdict(of: run) else { return .interrupted }
        if run.simulation.isKnownStuck { return .knownStuck }
        return .failed(kind: run.verdicts[0].expectation.name, at: failure.at, text: failure.finding)
    }

    /// What is wrong, nil if nothing is.
    public var failureKind: String? {
        if case .failed(let kind, _, _) = outcome { kind } else { nil }
    }

    /// Whether the nodes can become one cluster where they stand in the end.
    private static func isConnected(_ subject: SwarmCase) throws(PlacementError) -> Bool {
        var last = subject
        last.layout = subject.finalLayout
        let scenario = last.scenario(file: "swarm-\(subject.seed)")
        let placement = try Placement(scenario, seed: subject.seed)
        let options = Simulation.Options(scenario)
        // Under `ble` what is told of the strength goes up and down.
        let margin = subject.radio == .ble ? 3 : 0
        return Air(placement: placement, seed: subject.seed, options: options)
            .connects(placement, atLeast: Int(options.configuration.rssiThreshold) + margin)
    }
}
