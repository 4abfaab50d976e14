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
        let scenario = subject.scenario(file: "swarm-\(subject.seed)")
        var options = Simulation.Options(scenario)
        options.configuration.graft.plantedFaults = planted
        var run = try ScenarioRun(scenario, options: options)
        var healedAt: Instant?
        while !run.isOver, !isInterrupted() {
            run.step()
            _ = run.takeOccurrences()
            if healedAt == nil { healedAt = run.verdicts[0].passed == true ? run.now : nil }
            if let healedAt, run.now.microseconds(since: healedAt) >= Self.aftermath { break }
        }
        turns = run.simulation.turns
        digest = run.simulation.digest.value
        if let violation = run.simulation.violation {
            outcome = .failed(kind: violation.invariant.rawValue, at: violation.at, text: violation.text)
        } else if let healedAt {
            outcome = .healed(microseconds: healedAt.microseconds - subject.healAt)
        } else if !run.isOver {
            outcome = .interrupted
        } else if subject.network.clustering == .classic, run.simulation.isKnownStuck {
            outcome = .knownStuck
        } else if case .failed(let failure) = run.verdicts[0].outcome {
            outcome = .failed(kind: run.verdicts[0].expectation.name, at: failure.at, text: failure.finding)
        } else {
            outcome = .interrupted
        }
    }

    /// What is wrong, nil if nothing is.
    public var failureKind: String? {
        if case .failed(let kind, _, _) = outcome { kind } else { nil }
    }
}

extension Simulation {
    /// Whether classic nodes are stuck as the reference firmware is known to be.
    ///
    /// Outside the biggest cluster there are only single nodes. All that such a node hears well enough have no free out-link, so
    /// that they cannot be its central, but a free in-link, so that its emergency disconnect is refused; and a single node may
    /// not be the central of a bigger cluster.
    var isKnownStuck: Bool {
        let clusters = clusters
        guard clusters.count > 1 else { return false }
        return clusters.dropFirst().allSatisfy { cluster in
            guard cluster.nodes.count == 1, let single = cluster.nodes.first else { return false }
            let heard = nodes.indices.filter { other in
                guard other != single, isPowered[other], let rssi = air.rssi(of: other, at: single) else {
                    return false
                }
                return rssi >= options.configuration.rssiThreshold
            }
            return !heard.isEmpty
                && heard.allSatisfy { other in
                    let mesh = nodes[other].linkViews.filter { $0.kind == .mesh }
                    let outgoing = mesh.count { $0.role == .central }
                    return outgoing >= Int(options.configuration.meshOutLinks)
                        && mesh.count - outgoing < Int(options.configuration.meshInLinks)
                }
        }
    }
}
