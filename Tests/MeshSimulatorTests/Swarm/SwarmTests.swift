import MeshConfiguration
import MeshCore
import Testing

@testable import MeshSimulator

@Suite struct SwarmTests {
    @Test func aSeedGivesOneCaseAndOneDigest() throws {
        let one = SwarmCase(drawnFrom: 7, radio: .reference, clustering: nil)
        #expect(one == SwarmCase(drawnFrom: 7, radio: .reference, clustering: nil))
        #expect(try SwarmRun(one).digest == SwarmRun(one).digest)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func aWrittenCaseIsReadAsItWas(seed: UInt64) throws {
        let drawn = SwarmCase(drawnFrom: seed, radio: seed % 2 == 0 ? .ble : .reference, clustering: nil)
        let read = try ScenarioFile(yaml: drawn.yaml, file: "swarm-\(seed)")
        var expected = drawn.scenario(file: "swarm-\(seed)")
        expected.nodesLine = read.nodesLine
        #expect(read == expected)
    }

    /// A swarm must be able to fail: rules that are broken on purpose are found and made small.
    @Test(
        arguments: [
            (.keepsHandedOverRole, "one_master_bit"), (.miscountsLostLinks, "sizes_consistent"),
            (.routesBack, "no_duplicates"),
        ] as [(PlantedFaults, String)]
    )
    func aPlantedBugIsFoundAndShrunk(planted: PlantedFaults, kind: String) throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            let drawn = SwarmCase(drawnFrom: seed, radio: .reference, clustering: .classic, nodesMax: 12)
            let run = try SwarmRun(drawn, planted: planted)
            guard run.failureKind == kind else { continue }
            let small = SwarmShrinker(run, planted: planted, runs: 60).best
            print(
                "\(kind): seed \(seed), \(small.subject.layout.nodes.count) nodes, \(small.subject.faults.count) faults"
            )
            #expect(small.failureKind == kind)
            #expect(small.subject.layout.nodes.count <= 4)
            #expect(small.subject.faults.count <= 2)
            return
        }
        Issue.record("\(kind) was not found in 40 seeds")
    }

    /// A short swarm: fixed seeds and fresh ones.
    @Test(arguments: ClusteringMode.allCases) func aShortSwarmFindsNothing(clustering: ClusteringMode) throws {
        let fresh = UInt64.random(in: 1...UInt64(UInt32.max))
        print("fresh seed \(fresh), \(clustering.rawValue)")
        for seed in Array(1...4) + [fresh] {
            let drawn = SwarmCase(drawnFrom: seed, radio: .reference, clustering: clustering)
            let run = try SwarmRun(drawn)
            #expect(run.failureKind == nil, "seed \(seed): \(run.outcome)\n\(drawn.yaml)")
        }
    }
}
