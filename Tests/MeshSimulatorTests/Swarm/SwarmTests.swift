import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshSimulator

@Suite struct SwarmTests {
    @Test func aSeedGivesOneCaseAndOneDigest() throws {
        let one = SwarmCase(drawnFrom: 7, radio: nil, clustering: nil)
        #expect(one == SwarmCase(drawnFrom: 7, radio: nil, clustering: nil))
        #expect(try SwarmRun(one).digest == SwarmRun(one).digest)
    }

    /// What is written is what was run, so that it goes wrong in the same way.
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func aWrittenCaseIsReadAsItWas(seed: UInt64) throws {
        let drawn = SwarmCase(drawnFrom: seed, radio: nil, clustering: nil)
        let read = try ScenarioFile(yaml: drawn.yaml(), file: "swarm-\(seed)")
        var expected = drawn.scenario(file: "swarm-\(seed)")
        expected.nodesLine = read.nodesLine
        #expect(read == expected)
    }

    /// All that can be drawn is drawn.
    @Test func casesAreOfAllKinds() {
        var (actions, modes, radios): (Set<String>, Set<ClusteringMode>, Set<RadioProfile>) = ([], [], [])
        var (sealed, several, loaded, brisk, eager) = (0, 0, 0, 0, 0)
        for seed in UInt64(1)...300 {
            let drawn = SwarmCase(drawnFrom: seed, radio: nil, clustering: nil)
            modes.insert(drawn.network.clustering)
            radios.insert(drawn.radio)
            if !drawn.network.linkEncryption { sealed += 1 }
            if !drawn.neighbours.isEmpty { several += 1 }
            if drawn.traffic != nil { loaded += 1 }
            if drawn.network.timing == .brisk { brisk += 1 }
            if drawn.network.decision == .eager { eager += 1 }
            actions.formUnion(
                drawn.faults.compactMap { SwarmCase.text($0.kind).split(separator: ":").first.map(String.init) }
            )
            #expect(drawn.faults.allSatisfy { $0.atMicroseconds < drawn.healAt })
            #expect(
                drawn.scenario(file: "").timeline.allSatisfy {
                    $0.atMicroseconds + ($0.forMicroseconds ?? 0) <= drawn.healAt
                }
            )
        }
        #expect(
            actions == [
                "power_off", "reboot", "block_link", "partition", "adapter_reset", "packet_loss", "slow_host",
                "busy_stack", "repeat_data", "corrupt_data", "move",
            ]
        )
        #expect(modes.count == 2 && radios.count == 2)
        #expect([sealed, several, loaded, brisk, eager].allSatisfy { (5...200).contains($0) })
    }

    @Test func nodesGoWithTheFaultsThatConcernThemAlone() {
        var drawn = SwarmCase(drawnFrom: 1, radio: .reference, clustering: .classic)
        let ids = [1, 2, 3].map { NodeID($0) }
        drawn.layout.nodes = ids.map { Layout.Node(id: $0, xMetres: 0, yMetres: 0) }
        drawn.neighbours = [ids[2]]
        let kinds: [SwarmFault.Kind] = [
            .powerOff([ids[0], ids[2]]), .reboot([ids[2]]), .blockLink(ids[0], ids[2]), .partition([ids[2], ids[0]]),
            .disturb([ids[2]], .packetLoss(percent: 5)), .adapterReset([ids[1]]), .move(ids[2], x: 0, y: 0),
            .blockLink(ids[0], ids[1]),
        ]
        drawn.faults = kinds.map { SwarmFault($0, atMicroseconds: 0) }
        let left = drawn.removing([ids[2]])
        #expect(left.layout.nodes.map(\.id) == [ids[0], ids[1]] && left.neighbours.isEmpty)
        #expect(
            left.faults.map(\.kind) == [
                .powerOff([ids[0]]), .partition([ids[0]]), .adapterReset([ids[1]]), .blockLink(ids[0], ids[1]),
            ]
        )
    }

    @Test func nodesThatAreTooFarApartAreNotBlamed() throws {
        var drawn = SwarmCase(drawnFrom: 1, radio: .reference, clustering: .classic)
        drawn.layout.nodes = [0, 45].enumerated().map {
            Layout.Node(id: NodeID(UInt16($0 + 1)), xMetres: $1, yMetres: 0)
        }
        drawn.neighbours = []
        drawn.faults = []
        #expect(try SwarmRun(drawn).outcome == .apart)
    }

    // MARK: - Planted mistakes

    /// A mistake that a swarm must find: what it is, how it shows, and how small it is made at least.
    struct Plant: Sendable {
        var fault: PlantedFaults
        var clustering: ClusteringMode
        var kinds: Set<String>
        var nodes: Int
        var faults: Int
        /// The seeds that are tried, in a build without optimisation.
        var seeds: ClosedRange<UInt64>
    }

    static let plants = [
        Plant(
            fault: .freshKeyIsLow,
            clustering: .graft,
            kinds: ["keys_unique", "one_root", "no_loops", "keys_ordered", "one_master_bit", "healed_within"],
            nodes: 8,
            faults: 4,
            seeds: 1...60
        ),
        Plant(
            fault: .keepsScanOfLostRadio,
            clustering: .graft,
            kinds: ["healed_within"],
            nodes: 4,
            faults: 3,
            seeds: 1...40
        ),
        Plant(
            fault: .cutOffPartKeepsKey,
            clustering: .graft,
            kinds: ["keys_unique", "one_root", "no_loops", "keys_ordered", "one_master_bit", "healed_within"],
            nodes: 6,
            faults: 3,
            seeds: 1...40
        ),
        Plant(
            fault: .keepsLostLinks,
            clustering: .classic,
            kinds: ["sizes_consistent", "healed_within"],
            nodes: 5,
            faults: 3,
            seeds: 1...60
        ),
    ]

    /// A swarm must be able to fail: rules that are broken on purpose are found and made small, and what is written repeats it.
    @Test(arguments: plants.indices)
    func aPlantedMistakeIsFoundShrunkAndWritten(index: Int) throws {
        let plant = Self.plants[index]
        for seed in plant.seeds {
            let drawn = SwarmCase(drawnFrom: seed, radio: .reference, clustering: plant.clustering, nodesMax: 10)
            let run = try SwarmRun(drawn, planted: plant.fault)
            guard let kind = run.failureKind else { continue }
            #expect(plant.kinds.contains(kind))
            let small = SwarmShrinker(run, planted: plant.fault, runs: 60).best
            print(
                "\(kind): seed \(seed), \(small.subject.layout.nodes.count) nodes, \(small.subject.faults.count) faults"
            )
            #expect(small.failureKind == kind)
            #expect(small.subject.layout.nodes.count <= plant.nodes)
            #expect((1...plant.faults).contains(small.subject.faults.count))
            let written = try ScenarioFile(yaml: small.subject.yaml(), file: "small.yaml")
            #expect(try !Self.passes(written, planted: plant.fault))
            #expect(try Self.passes(written, planted: []))
            return
        }
        Issue.record("not found in the seeds \(plant.seeds)")
    }

    private static func passes(_ scenario: ScenarioFile, planted: PlantedFaults) throws -> Bool {
        var options = Simulation.Options(scenario)
        options.configuration.graft.plantedFaults = planted
        var run = try ScenarioRun(scenario, options: options)
        run.run(until: run.end)
        return run.isPassed
    }

    /// None of them shows when a network forms and nothing goes wrong: it takes the faults to find it.
    @Test(arguments: plants.indices)
    func aPlantedMistakeDoesNotShowInFormation(index: Int) throws {
        let plant = Self.plants[index]
        for seed in 1...10 as ClosedRange<UInt64> {
            var drawn = SwarmCase(drawnFrom: seed, radio: .reference, clustering: plant.clustering, nodesMax: 10)
            drawn.faults = []
            #expect(try SwarmRun(drawn, planted: plant.fault).failureKind == nil, "seed \(seed)")
        }
    }

    @Test func shrinkingEndsWhenItsTimeIsOver() throws {
        let plant = Self.plants[1]
        let runs = plant.seeds.lazy.map {
            try? SwarmRun(
                SwarmCase(drawnFrom: $0, radio: .reference, clustering: plant.clustering, nodesMax: 10),
                planted: plant.fault
            )
        }
        for case .some(let run) in runs where run.failureKind != nil {
            #expect(SwarmShrinker(run, planted: plant.fault, isOver: { true }).best.subject == run.subject)
            return
        }
        Issue.record("not found in the seeds \(plant.seeds)")
    }

    /// A few seeds of every kind; `thicket sim swarm` runs more.
    @Test(arguments: ClusteringMode.allCases) func aShortSwarmFindsNothing(clustering: ClusteringMode) throws {
        for seed in UInt64(1)...4 {
            let drawn = SwarmCase(drawnFrom: seed, radio: .reference, clustering: clustering)
            let run = try SwarmRun(drawn)
            #expect(run.failureKind == nil, "seed \(seed): \(run.outcome)\n\(drawn.yaml())")
        }
    }
}
