import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshSimulator

/// What the timeline, strangers and messages of scenarios do.
@Suite struct ScenarioLanguageTests {
    /// Eight nodes beside each other, and what a test adds.
    private static func scenario(_ rest: String, duration: String = "100s") throws -> ScenarioFile {
        try ScenarioFile(
            yaml: """
                question: Does it work?
                duration: \(duration)
                nodes: { positions: [[0, 0], [5, 0], [0, 5], [5, 5], [10, 0], [10, 5], [0, 10], [5, 10]] }
                \(rest)
                """,
            file: "eight.yaml"
        )
    }

    private static func run(_ rest: String, seed: UInt64 = 1, until seconds: UInt64 = 100) throws -> ScenarioRun {
        var run = try ScenarioRun(scenario(rest), seed: seed)
        run.run(until: Instant(microseconds: seconds * 1_000_000))
        return run
    }

    private static func started(_ rest: String) throws -> ScenarioRun {
        try ScenarioRun(scenario(rest, duration: "160s"))
    }

    private static func off(_ run: ScenarioRun) -> [Int] {
        (0..<run.simulation.count).filter { !run.simulation.isPowered[$0] }
    }

    // MARK: - Choice, length, repetition

    @Test func nodesAreDrawnFromTheSeed() throws {
        let cut = "timeline: [{ at: 10s, power_off: { random: 3 } }]"
        var draws: Set<[Int]> = []
        for seed in UInt64(1)...6 {
            let drawn = Self.off(try Self.run(cut, seed: seed, until: 11))
            #expect(drawn.count == 3)
            #expect(try drawn == Self.off(Self.run(cut, seed: seed, until: 11)))
            draws.insert(drawn)
        }
        #expect(draws.count > 2)
    }

    @Test func aShareIsRoundedAndARectangleHoldsItsEdge() throws {
        #expect(try Self.off(Self.run("timeline: [{ at: 10s, power_off: { random: 30% } }]", until: 11)).count == 2)
        let corner = "timeline: [{ at: 10s, power_off: { within: [[10, 5], [5, 0]] } }]"
        #expect(try Self.off(Self.run(corner, until: 11)) == [1, 3, 4, 5])
    }

    @Test func whatLastsForATimeIsUndoneForTheSameNodes() throws {
        let cut = "timeline: [{ at: 10s, power_off: { random: 3 }, for: 20s, every: 40s, times: 2 }]"
        var run = try ScenarioRun(Self.scenario(cut), seed: 4)
        var counts: [Int] = []
        for second in [9, 11, 29, 31, 51, 71, 90] as [UInt64] {
            run.run(until: Instant(microseconds: second * 1_000_000))
            counts.append(Self.off(run).count)
        }
        #expect(counts == [0, 3, 3, 0, 3, 0, 0])
        let told = run.takeOccurrences().map(\.text).filter { $0.contains("power") || $0.contains("switched on") }
        #expect(told.count == 4)
        let names = told.map { $0.split(separator: " ").dropFirst().prefix(3).joined(separator: " ") }
        #expect(names[0] == names[1] && names[2] == names[3])
    }

    @Test func withoutANumberItIsRepeatedToTheEnd() throws {
        let scenario = try Self.scenario("timeline: [{ at: 10s, reboot: [1], every: 30s }]")
        #expect(scenario.timeline.map(\.atMicroseconds) == [10_000_000, 40_000_000, 70_000_000, 100_000_000])
    }

    // MARK: - Partitions and walls

    @Test func aPartitionLastsAsLongAsItShould() throws {
        let split = "timeline: [{ at: 40s, partition: [[1, 2, 3, 4], [5, 6, 7, 8]], for: 30s }]"
        var run = try ScenarioRun(Self.scenario(split, duration: "160s"))
        run.run(until: Instant(microseconds: 69_000_000))
        #expect(run.simulation.clusters.map(\.nodes.count) == [4, 4])
        run.run(until: run.end)
        #expect(run.simulation.clusters.map(\.nodes.count) == [8])
    }

    @Test func twoReasonsForOnePairMustBothBeGone() {
        var obstacles = Obstacles()
        let pair = Obstacles.Pair(1, 0)
        #expect(obstacles.block([pair]).blocked == [pair])
        let (change, pairs) = obstacles.partition([[0]], count: 3)
        #expect(change.blocked == [Obstacles.Pair(0, 2)])
        #expect(pairs.count == 2)
        #expect(obstacles.free([pair]).freed.isEmpty)
        #expect(obstacles.rejoin(nil).freed == [pair, Obstacles.Pair(0, 2)])
        #expect(obstacles.free([pair]).freed.isEmpty)
    }

    @Test func nothingPassesThroughARaisedWall() throws {
        let wall = "timeline: [{ at: 0s, raise_wall: { from: [7, -50], to: [7, 50] } }]"
        let run = try Self.run(wall, until: 60)
        #expect(run.simulation.clusters.map { $0.nodes } == [[0, 1, 2, 3, 6, 7], [4, 5]])
    }

    /// Under `ble` a wall may take some dB only; one of the radio's own can be removed like one that was raised.
    @Test(arguments: [("loss_db: 40", [6, 2]), ("loss_db: 3", [8])])
    func aRaisedWallTakesItsDecibels(loss: String, clusters: [Int]) throws {
        var run = try Self.started(
            """
            radio: { profile: ble, shadowing_db: 0, walls: [{ from: [7, -40], to: [7, 40], loss_db: 60 }] }
            timeline:
              - { at: 0s, remove_wall: { from: [7, -40], to: [7, 40] } }
              - { at: 40s, raise_wall: { from: [7, -50], to: [7, 50], \(loss) }, for: 30s }
            """
        )
        run.run(until: Instant(microseconds: 39_000_000))
        #expect(run.simulation.clusters.map(\.nodes.count) == [8])
        run.run(until: Instant(microseconds: 69_000_000))
        #expect(run.simulation.clusters.map(\.nodes.count) == clusters)
        run.run(until: run.end)
        #expect(run.simulation.clusters.map(\.nodes.count) == [8])
        let told = run.takeOccurrences().map(\.text).filter { $0.contains("wall") }
        #expect(told.count == 3 && told[1].hasPrefix("a wall that takes "))
    }

    @Test func whoStandsInNoiseIsDeafUntilItIsOver() throws {
        var run = try Self.started(
            """
            radio: { profile: ble, shadowing_db: 0 }
            timeline: [{ at: 40s, noise: { db: 40, nodes: { within: [[9, -1], [11, 6]] } }, for: 30s }]
            """
        )
        run.run(until: Instant(microseconds: 39_000_000))
        #expect(run.simulation.clusters.map(\.nodes.count) == [8])
        run.run(until: Instant(microseconds: 69_000_000))
        #expect(run.simulation.clusters.first?.nodes == [0, 1, 2, 3, 6, 7])
        run.run(until: run.end)
        #expect(run.simulation.clusters.map(\.nodes.count) == [8])
        let told = run.takeOccurrences().map(\.text).filter { $0.contains("noise") }
        #expect(
            told == ["nodes 5, 6 have 40.0 dB more noise on all channels", "nodes 5, 6 are rid of the noise"]
        )
    }

    // MARK: - Walks

    @Test func aWalkEndsWhereItShouldAtItsSpeed() {
        let site = Placement.Site(id: NodeID(1), network: NetworkID(11), x: 10, y: 0, z: 0, isSink: false)
        let path = [Walk.Point(x: 10, y: 0), Walk.Point(x: 10, y: 20)]
        let walk = Walk(nodes: [NodeID(1)], path: path, isRelative: true, speed: 2)
        let start = Instant(microseconds: 5_000_000)
        let underWay = WalkUnderWay(walk, node: 0, from: site, at: start)
        let places = [0, 2.5, 5, 10, 15, 99].map { seconds in
            underWay.place(at: start.advanced(byMicroseconds: UInt64(seconds * 1e6)))
        }
        #expect(places.map(\.x) == [10, 15, 20, 20, 20, 20])
        #expect(places.map(\.y) == [0, 0, 0, 10, 20, 20])
        #expect(!underWay.isOver(at: start.advanced(byMicroseconds: 14_900_000)))
        #expect(underWay.isOver(at: start.advanced(byMicroseconds: 15_000_000)))
    }

    @Test func whoWalksAwayIsNoLongerHeard() throws {
        let yaml = """
            question: Is it?
            duration: 120s
            radio: ble
            nodes: { positions: [[0, 0], [3, 0], [0, 3]] }
            timeline: [{ at: 60s, move: { node: 3, to: [900, 0], speed_m_s: 50 } }]
            expect: [{ formed_by: 60s }, { clusters: 2, at: 119s }]
            """
        var run = try ScenarioRun(ScenarioFile(yaml: yaml, file: "three.yaml"))
        run.run(until: run.end)
        #expect(run.isPassed, "\(run.verdicts)")
    }

    // MARK: - Strangers

    @Test func aStrangerWithAnotherKeyIsNotCountedAndNotLinked() throws {
        let key = "000102030405060708090a0b0c0d0e0f"
        let run = try Self.run(
            """
            strangers: [{ nodes: [4], key: \(key) }]
            expect: [{ formed_by: 90s }, { never_linked: [4] }]
            """
        )
        #expect(run.isPassed, "\(run.verdicts)")
        // With the right key it would be found out.
        let own = try Self.run("expect: [{ never_linked: [4] }]")
        #expect(own.verdicts[0].passed == false)
    }

    @Test func anotherNetworkIsAClusterOfItsOwn() throws {
        let run = try Self.run("strangers: [{ nodes: [2, 3], network: 12 }]\nexpect: [{ formed_by: 90s }]")
        #expect(run.isPassed)
        #expect(run.simulation.clusters.map { [$0.nodes.count, Int($0.network.rawValue)] } == [[6, 11], [2, 12]])
    }

    @Test func whoIsNotEnrolledIsSilentUntilThen() throws {
        let late = "unenrolled: [8]\ntimeline: [{ at: 50s, enrol: [8] }]"
        var run = try ScenarioRun(Self.scenario(late))
        run.run(until: Instant(microseconds: 49_000_000))
        #expect(run.formedAt != nil)
        #expect(run.simulation.clusters.map(\.nodes.count) == [7])
        run.run(until: run.end)
        #expect(run.simulation.clusters.map(\.nodes.count) == [8])
    }

    @Test func switchingAllOnDoesNotEnrolAnybody() throws {
        let late = "unenrolled: [8]\ntimeline: [{ at: 50s, power_on: all }]"
        #expect(try Self.run(late).simulation.clusters.map(\.nodes.count) == [7])
    }

    @Test func anAdversaryWastesAttemptsAndNothingElse() throws {
        let forged = """
            timeline: [{ at: 0s, adversary: { node: 4 }, for: 60s }]
            expect: [{ never_linked: [4] }, { always: [no_loops, one_master_bit] }]
            """
        let run = try Self.run(forged)
        #expect(run.isPassed, "\(run.verdicts)")
        #expect(!run.simulation.isPowered[3])
        #expect(run.simulation.linksMade > 0)
        #expect(run.simulation.clusters.map(\.nodes.count) == [7])
    }

    // MARK: - Messages

    @Test func messagesAreFollowedToTheirReceivers() throws {
        let run = try Self.run(
            """
            sinks: [1]
            messages:
              - { kind: ping, every: 10s, start: 50s }
              - { kind: report, every: 10s, start: 50s }
              - { kind: broadcast, every: 10s, from: [2], start: 50s }
              - { kind: unicast, every: 10s, from: [3], to: 4, start: 50s, until: 65s }
            timeline: [{ at: 55s, send: { from: [5], to: sink } }]
            expect:
              - { delivered_at_least: 100 }
              - { latency_within: 9s, percent: 100 }
            """
        )
        #expect(run.isPassed, "\(run.verdicts)")
        #expect(run.messages(of: .ping)?.sent == 6 * 8 - 8)
        #expect(run.messages(of: .report)?.sent == 5 * 7 + 1)
        #expect(run.messages(of: .broadcast)?.expected == 5 * 7)
        #expect(run.messages(of: .unicast)?.sent == 2)
    }

    @Test func whatCannotArriveIsMissed() throws {
        let run = try Self.run(
            """
            messages: [{ kind: unicast, every: 10s, from: [1], to: 8, start: 50s }]
            timeline: [{ at: 40s, partition: [[8]] }]
            expect: [{ delivered_at_least: 1 }]
            """
        )
        #expect(run.verdicts[0].passed == false)
        #expect(run.messages(of: .unicast)?.arrived == 0)
    }

    // MARK: - Books

    @Test func theModelOfChargeAddsUp() throws {
        var ledger = RadioLedger(isPowered: [true, false])
        let scan = ScanTiming(intervalMicroseconds: 100_000, windowMicroseconds: 10_000)
        ledger.note(.scan(scan), by: 0, at: .zero)
        ledger.note(.stopScan, by: 0, at: Instant(microseconds: 1_800_000_000))
        let figures = ledger.figures(at: Instant(microseconds: 3_600_000_000))
        // 10 uA for an hour, and a tenth of 11 mA for half an hour.
        #expect(figures.charge[RadioActivity.idle.rawValue] == 10)
        #expect(figures.charge[RadioActivity.scanning.rawValue] == 550)
        #expect(figures.onAirSeconds[RadioActivity.scanning.rawValue] == 180)
        #expect(figures.poweredSeconds == 3600)
        #expect(figures.meanMicroamperes == 560)
    }

    @Test func theBooksDoNotChangeTheRun() throws {
        let scenario = try Self.scenario("")
        var kept = try ScenarioRun(scenario, seed: 3)
        kept.run(until: kept.end)
        let options = Simulation.Options(scenario)
        var bare = Simulation(placement: try Placement(scenario, seed: 3), seed: 3, options: options)
        bare.run(until: kept.end)
        #expect(kept.simulation.digest == bare.digest)
        #expect(try #require(kept.radio).linksEstablished > 0)
    }
}
