import ByteCoding
import MeshConfiguration
import MeshCore
import RadioPort
import Testing

@testable import MeshSimulator

/// Whole meshes on the `ble` radio.
@Suite struct LowEnergyRunTests {
    private static func run(
        _ seed: UInt64,
        nodes: Int = 12,
        clustering: ClusteringMode = .classic,
        checks: Bool = false,
        settings: LowEnergySettings = LowEnergySettings()
    ) throws -> FormationRun {
        var options = Simulation.Options()
        options.radio = .ble
        options.lowEnergy = settings
        options.configuration = Configuration(clustering: clustering)
        options.checksInvariants = checks
        return FormationRun(
            placement: try Placement(.dense, nodes: nodes, seed: seed),
            seed: seed,
            limit: Instant(microseconds: 120_000_000),
            options: options
        )
    }

    // MARK: - Determinism

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func sameSeedGivesTheSameDigest(seed: UInt64) throws {
        #expect(try Self.run(seed).digest == Self.run(seed).digest)
    }

    @Test func otherSeedsGiveOtherDigests() throws {
        let digests = try (1...5 as ClosedRange<UInt64>).map { try Self.run($0).digest }
        #expect(Set(digests).count == 5)
    }

    /// A snapshot: the same on every machine, in debug and in release.
    private static let pinnedDigest: UInt64 = 0xF5C5_B840_4611_354C

    @Test func digestIsThatOfTheSnapshot() throws {
        let digest = try Self.run(1).digest
        #expect(digest == Self.pinnedDigest, "digest is now 0x\(Hex.encode(digest))")
    }

    @Test func watchingDoesNotChangeWhatHappens() throws {
        let plain = try Self.run(3)
        let watched = try Self.run(3, checks: true)
        #expect(watched.violation == nil)
        #expect(watched.digest == plain.digest)
    }

    /// What happens between two radios does not depend on a third that neither hears.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func aRadioFarAwayChangesNothing(seed: UInt64) throws {
        var settings = LowEnergySettings()
        // At the edge of reach, so that chance decides.
        settings.sensitivity = -78
        settings.shadowing = 0
        settings.asymmetry = 0
        var benches = [
            AirBench([(0, 0), (11, 0)], seed: seed, settings: settings),
            AirBench([(0, 0), (11, 0), (5_000, 0)], seed: seed, settings: settings),
        ]
        for index in benches.indices {
            benches[index].advertise(1, every: 100_000)
            benches[index].scan(0, every: 75_000, window: 37_500)
            if index == 1 {
                benches[index].advertise(2, every: 20_000)
                benches[index].scan(2, every: 75_000, window: 37_500)
            }
            benches[index].run(for: 20)
        }
        let times = benches.map { $0.reports(of: 1, at: 0) }
        #expect(times[0] == times[1], "seed \(seed)")
        #expect(times[0].count > 10 && times[0].count < 150)
    }

    // MARK: - Meshes

    @Test(arguments: ClusteringMode.allCases, 1...3 as ClosedRange<UInt64>)
    func nodesFindTogetherAndNothingForbiddenHappens(clustering: ClusteringMode, seed: UInt64) throws {
        let run = try Self.run(seed, clustering: clustering, checks: true)
        #expect(run.formedAt != nil, "seed \(seed)")
        #expect(run.violation == nil, "seed \(seed): \(run.violation.map(\.description) ?? "")")
        #expect(run.treeDiameter ?? 0 > 1)
    }

    @Test(arguments: [ControllerProfile.bcm43438, .bcm43455, .rtl8761b])
    func nodesWithRealControllersFindTogether(controller: ControllerProfile) throws {
        var settings = LowEnergySettings()
        settings.controller = controller
        let run = try Self.run(1, clustering: .graft, checks: true, settings: settings)
        #expect(run.formedAt != nil && run.violation == nil)
    }

    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func aMeshSurvivesControllersThatFail(seed: UInt64) throws {
        var settings = LowEnergySettings()
        settings.failures.connectFailsPercent = 10
        settings.failures.silentAfterMicroseconds = 60_000_000
        let run = try Self.run(seed, nodes: 6, clustering: .graft, checks: true, settings: settings)
        #expect(run.formedAt != nil, "seed \(seed)")
        #expect(run.violation == nil, "seed \(seed): \(run.violation.map(\.description) ?? "")")
    }

    /// A lost link, a reboot and a power cut: the same faults as on the reference radio.
    @Test(arguments: [RecoveryEvent.reboot, .linkLoss, .linkBlock, .off])
    func meshesHeal(event: RecoveryEvent) throws {
        var options = Simulation.Options()
        options.radio = .ble
        options.checksInvariants = true
        let run = RecoveryRun(
            placement: try Placement(.dense, nodes: 8, seed: 2),
            seed: 2,
            event: event,
            limit: Instant(microseconds: 120_000_000),
            options: options
        )
        #expect(run.recoveredAt != nil, "seed 2")
        #expect(run.violation == nil, "seed 2: \(run.violation.map(\.description) ?? "")")
    }

    /// The scenario of the library: without the spread of intervals links keep being lost, with it they hold.
    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func spreadIntervalsKeepLinksFromStarving(seed: UInt64) throws {
        func setUps(spread: Int) throws -> Int {
            let scenario = try ScenarioFile(
                yaml: """
                    question: Do links hold whose clocks drift over each other?
                    duration: 150s
                    radio: { profile: ble, clock_ppm: 150, interval_spread: \(spread) }
                    nodes: { count: 6, placement: dense }
                    network: { clustering: graft }
                    """,
                file: "shading.yaml"
            )
            var run = try ScenarioRun(scenario, seed: seed)
            run.run(until: run.end)
            return run.simulation.linksMade - (run.linksUntilFormed ?? 0)
        }
        let (starving, spread) = (try setUps(spread: 0), try setUps(spread: 8))
        #expect(starving > 3 && spread <= starving / 3, "seed \(seed): \(starving) and \(spread) set-ups after forming")
    }

    /// Signal strengths of links follow a node that moves, and jammed channels take every link down.
    @Test func timelinesMoveNodesAndJamChannels() throws {
        let scenario = try ScenarioFile(
            yaml: """
                question: Does the air do what the timeline says?
                duration: 60s
                radio: { profile: ble, shadowing_db: 0, asymmetry_db: 0 }
                nodes: { positions: [[0, 0], [5, 0]] }
                timeline:
                  - { at: 20s, move: { node: 2, to: [20, 0] } }
                  - { at: 30s, jam: { for: 5s } }
                """,
            file: "moving.yaml"
        )
        var run = try ScenarioRun(scenario, seed: 1)
        run.run(until: Instant(microseconds: 19_000_000))
        #expect(run.simulation.tree.edges.map(\.rssi) == [-69])
        run.run(until: Instant(microseconds: 25_000_000))
        #expect(run.simulation.tree.edges.map(\.rssi) == [-82])
        run.run(until: Instant(microseconds: 34_000_000))
        #expect(run.simulation.tree.edges.isEmpty)
        run.run(until: run.end)
        #expect(run.simulation.tree.edges.count == 1)
        #expect(run.takeOccurrences().contains { $0.text == "somebody jams all channels" })
    }

    // MARK: - Scenario files

    @Test func everyLevelOfTheRadioArrives() throws {
        let scenario = try ScenarioFile(
            yaml: """
                question: Are all keys read?
                radio:
                  profile: ble
                  environment: dense_office
                  rssi_at_1m_dbm: -50
                  fading_db: 3
                  asymmetry_db: 1
                  channel_spread_db: 2
                  sensitivity_dbm: -92
                  slope_db: 0.5
                  walls: [{ from: [0, 1], to: [2, 3], loss_db: 4 }]
                  collisions: false
                  capture_db: 6
                  shared_radio: false
                  clock_ppm: 50
                  interval_spread: 4
                  boot_spread: 2s
                  controller: csr8510
                  wifi: [{ channel: 11, busy: 30, burst: 2ms, level_dbm: -70 }]
                  failures: { connect_fails: 1, stuck_advertising: 2.5, silent_after: 1h }
                nodes: { count: 2 }
                """,
            file: "levels.yaml"
        )
        #expect(scenario.radio == .ble)
        var expected = LowEnergySettings()
        expected.exponent = 4.3
        expected.shadowing = 8
        expected.rssiAtOneMetre = -50
        expected.fading = 3
        expected.asymmetry = 1
        expected.channelSpread = 2
        expected.sensitivity = -92
        expected.slope = 0.5
        expected.walls = [RadioWall(Segment(fromX: 0, fromY: 1, toX: 2, toY: 3), lossDecibels: 4)]
        expected.collisions = false
        expected.capture = 6
        expected.sharedRadio = false
        expected.clockPPM = 50
        expected.intervalSpread = 4
        expected.bootSpreadMicroseconds = 2_000_000
        expected.controller = .csr8510
        expected.wifi = [WiFiInterference(channel: 11, busyPercent: 30, burstMicroseconds: 2_000, levelDBm: -70)]
        expected.failures.connectFailsPercent = 1
        expected.failures.stuckAdvertisingPercent = 2.5
        expected.failures.silentAfterMicroseconds = 3_600_000_000
        #expect(scenario.lowEnergy == expected)
    }
}
