import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshSimulator

/// Timeline and expectations of scenarios.
@Suite struct ScenarioRunTests {
    /// Four nodes beside each other, and what a test adds.
    private static func scenario(_ rest: String) throws -> ScenarioFile {
        try ScenarioFile(
            yaml: """
                question: Does it work?
                duration: 100s
                radio: reference
                nodes: { positions: [[0, 0], [5, 0], [0, 5], [5, 5]] }
                \(rest)
                """,
            file: "four.yaml"
        )
    }

    private static func finished(_ rest: String, seed: UInt64 = 1) throws -> ScenarioRun {
        var run = try ScenarioRun(scenario(rest), seed: seed)
        run.run(until: run.end)
        return run
    }

    // MARK: - Expectations

    @Test func anExpectationIsDecidedInTheStepThatDecidesIt() throws {
        var run = try ScenarioRun(Self.scenario("expect: [{ formed_by: 60s }, { always: [no_loops] }]"))
        #expect(run.verdicts.map(\.outcome) == [.undecided, .undecided])
        while run.formedAt == nil, !run.isOver { run.step() }
        let formedAt = try #require(run.formedAt)
        #expect(run.now == formedAt.advanced(byMicroseconds: 50_000))
        #expect(run.verdicts.map(\.outcome) == [.passed(at: formedAt), .undecided])
        #expect(!run.isPassed)
        run.run(until: run.end)
        #expect(run.verdicts.map(\.outcome) == [.passed(at: formedAt), .passed(at: run.end)])
        #expect(run.isPassed && run.isOver)
    }

    @Test func formationIsThatOfAFormationRun() throws {
        let scenario = try Self.scenario("expect: [{ formed_by: 60s }]")
        var run = try ScenarioRun(scenario, seed: 5)
        while run.formedAt == nil, !run.isOver { run.step() }
        let formation = FormationRun(
            placement: try Placement(scenario, seed: 5),
            seed: 5,
            limit: Instant(microseconds: 100_000_000),
            options: Simulation.Options(scenario)
        )
        #expect(run.formedAt == formation.formedAt)
        #expect(run.simulation.digest.value == formation.digest)
        #expect(run.linksUntilFormed == formation.linksMade)
        #expect(run.treeDiameter == formation.treeDiameter)
    }

    @Test func whatComesTooLateFailsAtItsDeadlineAndTheRunGoesOn() throws {
        var run = try ScenarioRun(Self.scenario("expect: [{ formed_by: 1s }]"))
        run.run(until: Instant(microseconds: 1_000_000))
        #expect(run.verdicts[0].outcome == .undecided)
        run.step()
        guard case .failed(let failure) = run.verdicts[0].outcome else {
            Issue.record("\(run.verdicts[0])")
            return
        }
        #expect(failure.at == Instant(microseconds: 1_000_000))
        #expect(failure.nodes.count == 3)
        #expect(failure.finding == "4 clusters of 1, 1, 1, 1 nodes")
        #expect(!run.isOver)
        run.run(until: run.end)
        #expect(run.formedAt != nil)
        #expect(!run.isPassed)
    }

    @Test func nothingIsHealedByLinksThatNobodyMissesYet() throws {
        // 1 and 2 are the only bridge: for a second after the block, everybody still counts everybody.
        let yaml = """
            question: Is it?
            duration: 60s
            radio: reference
            nodes: { positions: [[0, 0], [20, 0]] }
            timeline: [{ at: 40s, block_link: [1, 2] }]
            expect: [{ formed_by: 40s }, { healed_within: 10s, after: 40s }]
            """
        var run = try ScenarioRun(ScenarioFile(yaml: yaml, file: "two.yaml"))
        run.run(until: run.end)
        #expect(run.verdicts.map(\.passed) == [true, false])
        #expect(run.verdicts[1].decidedAt == Instant(microseconds: 50_000_000))
    }

    @Test func aNetworkWithoutPowerIsNoCluster() throws {
        let run = try Self.finished(
            "timeline: [{ at: 0s, power_off: [all] }]\nexpect: [{ formed_by: 100s }]"
        )
        #expect(run.formedAt == nil)
        guard case .failed(let failure) = run.verdicts[0].outcome else {
            Issue.record("\(run.verdicts[0])")
            return
        }
        #expect(failure.finding == "no node is on")
    }

    @Test func aScenarioThatExpectsNothingPasses() throws {
        let run = try Self.finished("")
        #expect(run.verdicts.isEmpty)
        #expect(run.isPassed)
    }

    @Test func theNetworkKeyIsThatOfTheScenario() throws {
        let own = try Self.finished("network: { key: 0123456789abcdef0123456789abcdef }")
        let stock = try Self.finished("network: { key: 22222222222222222222222222222222 }")
        #expect(own.formedAt == stock.formedAt)
        #expect(own.simulation.digest != stock.simulation.digest)
        #expect(try stock.simulation.digest == Self.finished("").simulation.digest)
    }

    // MARK: - Timeline

    @Test func theTimelineTellsWhatItDoes() throws {
        var run = try Self.finished(
            """
            timeline:
              - { at: 40s, power_off: [2, 3] }
              - { at: 40s, power_off: [2] }
              - { at: 60s, power_on: [all] }
              - { at: 70s, reboot: [all] }
              - { at: 80s, block_link: [1, 4] }
              - { at: 80.01s, unblock_link: [1, 4] }
            """
        )
        let told = run.takeOccurrences().filter { !$0.nodes.isEmpty || $0.text.hasPrefix("no node") }
        #expect(
            told == [
                ScenarioOccurrence(at: Self.seconds(40), nodes: [1, 2], text: "nodes 2, 3 lose power"),
                ScenarioOccurrence(at: Self.seconds(40), nodes: [], text: "no node loses power"),
                ScenarioOccurrence(at: Self.seconds(60), nodes: [1, 2], text: "nodes 2, 3 are switched on"),
                ScenarioOccurrence(at: Self.seconds(70), nodes: [0, 1, 2, 3], text: "all 4 nodes restart"),
                ScenarioOccurrence(
                    at: Self.seconds(80),
                    nodes: [0, 3],
                    text: "nothing passes between nodes 1 and 4 any more"
                ),
                // Things happen on the boundaries of steps.
                ScenarioOccurrence(
                    at: Instant(microseconds: 80_050_000),
                    nodes: [0, 3],
                    text: "nodes 1 and 4 can hear each other again"
                ),
            ]
        )
        #expect(run.takeOccurrences().isEmpty)
        #expect(run.simulation.poweredCount == 4)
    }

    @Test func theBestConnectedIsChosenWhenItsTimeComes() throws {
        var run = try ScenarioRun(Self.scenario("timeline: [{ at: 40s, power_off: best_connected }]"))
        run.run(until: Self.seconds(40))
        let best = run.simulation.bestConnected
        run.step()
        #expect(run.simulation.isPowered.firstIndex(of: false) == best)
        #expect(run.simulation.poweredCount == 3)
    }

    private static func seconds(_ seconds: UInt64) -> Instant { Instant(microseconds: seconds * 1_000_000) }
}
