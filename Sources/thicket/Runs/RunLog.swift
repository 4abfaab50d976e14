import MeshConfiguration
import MeshControl
import MeshCore
import MeshSimulator
import MeshWire
import RadioPort

/// Everything of a run that is worth a line, in the order of time: what clusters and the timeline did, and expectations as they
/// are decided.
struct RunLog {
    /// One line.
    struct Entry: Equatable {
        var at: Instant
        /// The nodes concerned, by index.
        var nodes: [Int]
        var text: String
    }

    private var isDecided: [Bool] = []

    /// What came since this was last asked; `traces` is what the nodes thought meanwhile.
    mutating func entries(of run: inout ScenarioRun, traces: Simulation.Traces) -> [Entry] {
        var entries = traces.compactMap { Self.graft($0.event, at: $0.at, node: $0.node, in: run) }
        entries += run.takeOccurrences().map { Entry(at: $0.at, nodes: $0.nodes, text: $0.text) }
        if isDecided.isEmpty { isDecided = run.verdicts.map { _ in false } }
        for (index, verdict) in run.verdicts.enumerated() where !isDecided[index] {
            guard let passed = verdict.passed, let at = verdict.decidedAt else { continue }
            isDecided[index] = true
            entries.append(
                Entry(
                    at: at,
                    nodes: verdict.failure?.nodes ?? [],
                    text: (passed ? "passed: " : "FAILED: ") + verdict.expectation.label
                )
            )
        }
        return entries
    }

    /// A cluster that hung itself under a node, told once, by the node that took it.
    private static func graft(_ event: TraceEvent, at: Instant, node: Int, in run: ScenarioRun) -> Entry? {
        let sites = run.simulation.placement.sites
        guard case .grafted(let under, let partner, _, _, let nodes) = event, under == sites[node].id
        else { return nil }
        let who = nodes == 1 ? "node \(partner) hangs itself" : "\(nodes) nodes hang themselves"
        let root = sites.firstIndex { $0.id == partner && $0.network == sites[node].network }
        return Entry(
            at: at,
            nodes: [node] + (root.map { [$0] } ?? []),
            text: "\(who) under node \(run.name(of: node))"
        )
    }
}

extension RunLog.Entry {
    /// The entry for people.
    var line: String { DecimalText.right(DecimalText.fixed(at.seconds, 2), 9) + " s  " + text }
}

extension ScenarioVerdict {
    /// Why it does not hold, nil if it does or is open.
    var failure: Failure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }
}

extension Expectation {
    /// The expectation as in the file, in one line.
    var label: String {
        switch self {
        case .formedBy(let microseconds): "\(name) \(DecimalText.seconds(microseconds))s"
        case .deliveredAtLeast(let percent): "delivered_at_least \(DecimalText.fixed(percent, 1)) %"
        case .healedWithin(let microseconds, let after):
            "\(name) \(DecimalText.seconds(microseconds))s after \(DecimalText.seconds(after))s"
        case .messagesDelivered(let percent, let kind):
            "\(name) \(DecimalText.fixed(percent, 1)) %" + (kind.map { " of \($0.rawValue)" } ?? "")
        case .latencyWithin(let microseconds, let percent, let kind):
            "\(name) \(DecimalText.seconds(microseconds))s for \(DecimalText.fixed(percent, 1)) %"
                + (kind.map { " of \($0.rawValue)" } ?? "")
        case .clusters(let count, let at): "\(name) \(count) at \(DecimalText.seconds(at))s"
        case .neverLinked(let nodes): "\(name) " + nodes.map(\.description).joined(separator: ", ")
        case .linksLostAtMost(let most): "\(name) \(most)"
        case .currentAtMost(let microamperes): "\(name) \(DecimalText.fixed(microamperes, 0))"
        case .always(let invariants): "\(name) " + invariants.map(\.rawValue).joined(separator: ", ")
        }
    }
}
