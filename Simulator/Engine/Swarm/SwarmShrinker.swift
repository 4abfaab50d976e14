import MeshConfiguration
package import MeshCore
import MeshWire
import RadioPort

/// Makes a failing case smaller as long as it fails in the same way.
///
/// Faults go first, then nodes, both in halves, quarters and so on down to one; then what is left is made simpler and shorter.
/// All of it is tried again until nothing more goes.
package struct SwarmShrinker {
    /// The smallest failing run so far.
    package private(set) var best: SwarmRun
    private let kind: String
    private let planted: PlantedFaults
    private var runsLeft: Int
    private let isOver: () -> Bool

    /// Shrinks a failing run in at most so many runs; `isOver` is asked all the time and ends it.
    package init(
        _ run: SwarmRun,
        planted: PlantedFaults = [],
        runs: Int = 500,
        isOver: @escaping () -> Bool = { false }
    ) {
        best = run
        kind = run.failureKind ?? ""
        self.planted = planted
        runsLeft = runs
        self.isOver = isOver
        guard run.failureKind != nil else { return }
        cutTime()
        var goesOn = true
        while goesOn, runsLeft > 0, !isOver() {
            let before = best.subject
            dropFaults()
            dropNodes()
            simplify()
            shorten()
            cutTime()
            goesOn = best.subject != before
        }
    }

    /// Takes another case if it fails alike.
    @discardableResult
    private mutating func attempt(_ change: (inout SwarmCase) -> Void) -> Bool {
        var smaller = best.subject
        change(&smaller)
        guard runsLeft > 0, !isOver(), smaller != best.subject else { return false }
        runsLeft -= 1
        guard let run = try? SwarmRun(smaller, planted: planted, isInterrupted: isOver), run.failureKind == kind else {
            return false
        }
        best = run
        return true
    }

    private mutating func dropFaults() {
        var size = best.subject.faults.count
        while size > 0 {
            var start = 0
            while start < best.subject.faults.count {
                let range = start..<min(start + size, best.subject.faults.count)
                if !attempt({ $0.faults.removeSubrange(range) }) { start += size }
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
                if nodes.count - removed.count < 2 || !attempt({ $0 = $0.removing(removed) }) { start += size }
            }
            size /= 2
        }
    }

    /// What can be as usual is as usual.
    private mutating func simplify() {
        attempt { $0.traffic = nil }
        attempt { $0.neighbours = [] }
        attempt { $0.lowEnergy = LowEnergySettings() }
        attempt { $0.network.linkEncryption = true }
        attempt { $0.network.timing = .stock }
        attempt { $0.network.decision = .periodic }
    }

    /// Faults that last half as long, and as whole seconds if possible.
    private mutating func shorten() {
        for index in best.subject.faults.indices {
            while let length = best.subject.faults[index].forMicroseconds, length > 200_000,
                attempt({ $0.faults[index].forMicroseconds = length / 2 / 1000 * 1000 })
            {}
            attempt { $0.faults[index].atMicroseconds = $0.faults[index].atMicroseconds / 1_000_000 * 1_000_000 }
        }
    }

    private mutating func cutTime() {
        guard case .failed(let kind, let at, _) = best.outcome else { return }
        guard kind != "healed_within" else {
            // As long as the faults go on, and no longer.
            let end = best.subject.faults.map { $0.atMicroseconds + ($0.forMicroseconds ?? 0) }.max() ?? 0
            attempt { $0.healAt = min($0.healAt, end / 1_000_000 * 1_000_000 + 1_000_000) }
            return
        }
        // Nothing behind the violation matters; the bound stays, so that the file is a test once the mistake is mended.
        attempt { $0.healAt = min($0.healAt, at.microseconds / 1_000_000 * 1_000_000 + 1_000_000) }
    }
}
