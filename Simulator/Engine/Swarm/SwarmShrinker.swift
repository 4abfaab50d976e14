import MeshConfiguration
package import MeshCore
import MeshWire
import RadioPort

/// Makes a failing case smaller as long as it fails in the same way.
///
/// Faults go first, then nodes, both in halves, quarters and so on down to one; then the time until all is healed is cut. Each
/// step is tried again until nothing more goes.
package struct SwarmShrinker {
    /// The smallest failing run so far.
    package private(set) var best: SwarmRun
    private let kind: String
    private let planted: PlantedFaults
    private var runsLeft: Int
    private let isInterrupted: () -> Bool

    /// Shrinks a failing run in at most so many runs.
    package init(
        _ run: SwarmRun,
        planted: PlantedFaults = [],
        runs: Int = 300,
        isInterrupted: @escaping () -> Bool = { false }
    ) {
        best = run
        kind = run.failureKind ?? ""
        self.planted = planted
        runsLeft = runs
        self.isInterrupted = isInterrupted
        guard run.failureKind != nil else { return }
        var goesOn = true
        while goesOn, runsLeft > 0, !isInterrupted() {
            let before = best.subject
            dropFaults()
            dropNodes()
            cutTime()
            goesOn = best.subject != before
        }
    }

    /// Takes a smaller case if it fails alike.
    private mutating func attempt(_ smaller: SwarmCase) -> Bool {
        guard runsLeft > 0, !isInterrupted() else { return false }
        runsLeft -= 1
        guard let run = try? SwarmRun(smaller, planted: planted, isInterrupted: isInterrupted),
            run.failureKind == kind
        else { return false }
        best = run
        return true
    }

    private mutating func dropFaults() {
        var size = best.subject.faults.count
        while size > 0 {
            var start = 0
            while start < best.subject.faults.count {
                var smaller = best.subject
                smaller.faults.removeSubrange(start..<min(start + size, smaller.faults.count))
                if !attempt(smaller) { start += size }
            }
            size /= 2
        }
    }

    private mutating func dropNodes() {
        var size = best.subject.layout.nodes.count / 2
        while size > 0 {
            var start = 0
            while start < best.subject.layout.nodes.count {
                let nodes = best.subject.layout.nodes
                let removed = Set(nodes[start..<min(start + size, nodes.count)].map(\.id))
                if nodes.count - removed.count < 2 || !attempt(best.subject.removing(removed)) { start += size }
            }
            size /= 2
        }
    }

    private mutating func cutTime() {
        guard case .failed(let kind, let at, _) = best.outcome else { return }
        var smaller = best.subject
        if kind != "healed_within" {
            // Nothing behind the violation matters.
            smaller.healAt = min(smaller.healAt, at.microseconds / 1_000_000 * 1_000_000 + 1_000_000)
            smaller.bound = 1_000_000
        } else {
            smaller.healAt = smaller.healAt / 2_000_000 * 1_000_000
        }
        if smaller != best.subject { _ = attempt(smaller) }
    }
}
