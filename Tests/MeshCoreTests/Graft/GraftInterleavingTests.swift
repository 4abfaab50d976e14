import ByteCoding
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// Real nodes on an air on which anything happens in any order: no cycle, one root, one master bit, and in the end one cluster.
@Suite struct GraftInterleavingTests {
    private static func air(seed: UInt64) -> GraftAir {
        let count = seed % 2 == 0 ? 3 : 4
        func fewSlots(_ index: Int, _ configuration: inout Configuration) {
            configuration.meshInLinks = 1
            configuration.meshOutLinks = 1 + UInt8(seed / 8 % 2)
        }
        switch seed % 8 {
        // Everybody hears everybody, with few slots.
        case 0, 1: return GraftAir(count: count, seed: seed, configure: fewSlots)
        // A line.
        case 2, 3: return GraftAir(count: count, seed: seed, hears: { abs($0 - $1) == 1 })
        // Three that hear each other, and one that hears only one of them, with few slots.
        case 5, 7:
            let pairs: [Set<Int>] = [[0, 1], [0, 2], [1, 2], [1, 3]]
            return GraftAir(count: 4, seed: seed, hears: { pairs.contains([$0, $1]) }, configure: fewSlots)
        // Everybody hears everybody, with room for all.
        default: return GraftAir(count: 4, seed: seed)
        }
    }

    /// Lets an air go its way; nil if a rule was broken, which is told.
    private func wander(_ air: inout GraftAir, seed: UInt64, steps: Int, faults: Bool = true) -> Bool {
        var last: [GraftAir.Step] = []
        for count in 0..<steps {
            let step = air.draw(faults: faults)
            air.take(step)
            last.append(step)
            if last.count > 12 { last.removeFirst() }
            if let violation = air.violation {
                Issue.record("seed \(seed), step \(count): \(violation) after \(last)")
                return false
            }
        }
        return true
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func treesStayTrees(seed: UInt64) {
        var air = Self.air(seed: seed)
        guard wander(&air, seed: seed, steps: 1200) else { return }
        // Faults are over: it heals.
        var rounds = 0
        while !air.isOneCluster, rounds < 3000 {
            air.settle()
            rounds += 1
            if let violation = air.violation {
                Issue.record("seed \(seed), round \(rounds) of healing: \(violation)")
                return
            }
        }
        let sizes = air.nodes.map(\.clusterSize)
        #expect(air.isOneCluster, "seed \(seed): sizes \(sizes) a minute after the last fault")
    }

    /// Lines, and nodes with room for all: nobody needs to make room.
    @Test(arguments: [203, 204, 211, 212, 219, 220, 227, 228, 235, 236] as [UInt64])
    func withoutFaultsNothingIsLost(seed: UInt64) {
        var air = Self.air(seed: seed)
        guard wander(&air, seed: seed, steps: 1500, faults: false) else { return }
        for _ in 0..<1500 where !air.isOneCluster && air.violation == nil {
            air.settle()
        }
        #expect(air.violation == nil, "seed \(seed)")
        #expect(air.isOneCluster, "seed \(seed)")
        #expect(air.tally.splits == 0, "seed \(seed)")
    }

    @Test func everythingHappens() {
        var all = GraftAir.Tally()
        for seed in UInt64(301)...312 {
            var air = Self.air(seed: seed)
            _ = wander(&air, seed: seed, steps: 1200)
            all.grafts += air.tally.grafts
            all.splits += air.tally.splits
            all.handovers += air.tally.handovers
            all.returns += air.tally.returns
        }
        #expect(all.grafts > 100)
        #expect(all.splits > 10)
        #expect(all.handovers > 30)
        #expect(all.returns > 0)
    }

    @Test func sameSeedGivesTheSameRun() {
        var first = Self.air(seed: 7)
        var second = Self.air(seed: 7)
        _ = wander(&first, seed: 7, steps: 600)
        _ = wander(&second, seed: 7, steps: 600)
        #expect(first.tally == second.tally)
        #expect(first.now == second.now)
        #expect(first.nodes.map(\.clusterKey) == second.nodes.map(\.clusterKey))
    }

    // MARK: - The checks find what they are for

    @Test(
        arguments: [
            .anyNodeConcedes, .concedesToAnyKey, .cutOffPartKeepsKey, .keepsHandedOverRole, .freshKeyIsLow,
        ] as [PlantedFaults]
    )
    func brokenRuleIsFound(fault: PlantedFaults) {
        for seed in UInt64(1)...60 {
            var air = GraftAir(count: 4, seed: seed, configure: { $1.graft.plantedFaults = fault })
            for _ in 0..<1200 {
                air.take(air.draw(faults: true))
                if air.violation != nil { return }
            }
        }
        Issue.record("no seed finds it")
    }
}
