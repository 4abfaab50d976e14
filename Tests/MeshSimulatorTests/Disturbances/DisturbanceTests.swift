import ByteCoding
import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshSimulator

/// What the timeline can put between radios and nodes.
@Suite struct DisturbanceTests {
    /// Some nodes beside each other, and what a test adds.
    private static func scenario(_ rest: String, nodes: Int = 2) throws -> ScenarioFile {
        let places = (0..<nodes).map { "[\($0 * 3), 0]" }.joined(separator: ", ")
        return try ScenarioFile(
            yaml: "question: Does it work?\nduration: 100s\nnodes: { positions: [\(places)] }\n\(rest)\n",
            file: "few.yaml"
        )
    }

    /// What nodes thought until a time, and the run then.
    private static func traced(
        _ rest: String,
        nodes: Int = 2,
        until seconds: UInt64 = 100
    ) throws -> (run: ScenarioRun, traces: Simulation.Traces) {
        let scenario = try scenario(rest, nodes: nodes)
        var options = Simulation.Options(scenario)
        options.configuration.tracing = true
        options.keepsDeliveries = true
        options.keepsRadioEvents = true
        options.checksInvariants = true
        var run = try ScenarioRun(scenario, options: options)
        run.run(until: Instant(microseconds: seconds * 1_000_000))
        return (run, run.takeTraces())
    }

    private static func skipped(_ traces: Simulation.Traces) -> [UInt8] {
        traces.compactMap { if case .reestablishmentSkipped(_, let rules) = $0.event { rules } else { nil } }
    }

    private static func removals(_ traces: Simulation.Traces) -> [DisconnectReason] {
        traces.compactMap {
            if case .connectionRemoved(_, let reason, true, _) = $0.event { reason } else { nil }
        }
    }

    @Test(arguments: [RadioProfile.reference, .ble])
    func anAdapterThatFailsTakesItsLinksAlong(radio: RadioProfile) throws {
        let reset = "radio: \(radio.rawValue)\ntimeline: [{ at: 50s, adapter_reset: [1], for: 2s }]"
        var (run, _) = try Self.traced(reset, until: 49)
        #expect(run.simulation.isFormed)
        run.run(until: Instant(microseconds: 51_000_000))
        #expect(!run.simulation[0].isUp && run.simulation[0].clusterSize == 1)
        // What it acknowledged may be lost: nothing is re-established.
        #expect(Self.skipped(run.takeTraces()).last == 64)
        run.run(until: Instant(microseconds: 80_000_000))
        #expect(run.simulation[0].isUp && run.simulation.isFormed)
        #expect(run.simulation.violation == nil)
        let texts = run.takeOccurrences().map(\.text)
        #expect(texts.contains("node 1 loses its radio") && texts.contains("node 1 has its radio back"))
    }

    @Test func anAdapterIsBackAfterHalfASecondUnlessTold() throws {
        let scenario = try Self.scenario("timeline: [{ at: 50s, adapter_reset: [1] }]")
        #expect(scenario.timeline.first?.forMicroseconds == 500_000)
    }

    @Test func aNodeThatRestartsHasARadioAgain() throws {
        let (run, _) = try Self.traced(
            "timeline: [{ at: 50s, adapter_reset: [1], for: 40s }, { at: 52s, reboot: [1] }]",
            until: 70
        )
        #expect(run.simulation[0].isUp && run.simulation.isFormed)
    }

    @Test func whatIsLostIsNotHeard() throws {
        func heard(_ percent: Int) throws -> Int {
            let loss = "timeline: [{ at: 0s, packet_loss: { nodes: [1], percent: \(percent) } }]"
            var (run, _) = try Self.traced(loss, until: 60)
            return run.takeRadioEvents().count {
                if case .advertisement = $0.event { $0.node == 0 } else { false }
            }
        }
        let (all, some) = (try heard(0), try heard(80))
        #expect(all > 20)
        #expect(some * 2 < all && some > 0)
    }

    @Test func aLinkRepeatsWhatIsLost() throws {
        let (run, _) = try Self.traced(
            """
            traffic: { every: 1s, bytes: 80 }
            timeline: [{ at: 20s, packet_loss: { nodes: all, percent: 90 } }]
            expect: [{ delivered_at_least: 90 }]
            """
        )
        #expect(run.simulation.violation == nil && run.isPassed)
    }

    @Test func aSlowHostRunsNowAndThen() throws {
        var (run, _) = try Self.traced(
            """
            traffic: { every: 200ms, bytes: 20 }
            timeline: [{ at: 20s, slow_host: { nodes: [1], every: 2s }, for: 40s }]
            """
        )
        var told: Set<UInt64> = []
        for (at, node, message) in run.takeDeliveries()
        where node == 0 && message[0] == MessageType.data1.rawValue && message[1] == 2 {
            if (23_000_000..<59_000_000).contains(at.microseconds) { told.insert(at.microseconds) }
        }
        let gaps = zip(told.sorted(), told.sorted().dropFirst()).map { $1 - $0 }
        #expect(gaps.count >= 5)
        #expect(gaps.allSatisfy { $0 >= 2_000_000 })
        #expect(run.simulation.violation == nil && run.simulation.isFormed)
    }

    @Test func aBusyStackRefusesToConnect() throws {
        let busy = "timeline: [{ at: 0s, busy_stack: { nodes: all, percent: 100 } }]"
        let (run, traces) = try Self.traced(busy, until: 60)
        #expect(run.simulation.clusters.count == 2)
        let refusals = traces.count {
            if case .connectFailed(_, let reason) = $0.event { reason == .commandDisallowed } else { false }
        }
        #expect(refusals > 3)
        #expect(run.simulation.linksMade == 0)
    }

    @Test func afterABusyTimeAllIsWell() throws {
        let busy = """
            traffic: { every: 500ms, bytes: 60 }
            timeline: [{ at: 5s, busy_stack: { nodes: all, percent: 60 }, for: 40s }]
            expect: [{ healed_within: 40s, after: 45s }]
            """
        let (run, _) = try Self.traced(busy, nodes: 4)
        #expect(run.simulation.violation == nil && run.isPassed)
    }

    // MARK: - What the link layer lets through

    /// The link layer finds out, ends the link, and the node does not trust it any more.
    @Test(arguments: ["corrupt_data", "repeat_data"])
    func anEncryptedLinkEndsWithWhatIsNotThePartners(key: String) throws {
        let (run, traces) = try Self.traced(
            """
            traffic: { every: 1s, bytes: 20 }
            timeline: [{ at: 40s, \(key): { nodes: [1], percent: 100 }, for: 5s }]
            """
        )
        #expect(Self.skipped(traces).contains(32))
        #expect(run.simulation.violation == nil && run.simulation.isFormed)
    }

    /// Nobody but the node itself can find out: the check of sealed packets does, and the link is closed.
    @Test(arguments: ClusteringMode.allCases)
    func aSealedLinkIsClosedForWhatIsCorrupted(mode: ClusteringMode) throws {
        var (run, traces) = try Self.traced(
            """
            network: { clustering: \(mode.rawValue), link_encryption: false }
            traffic: { every: 500ms, bytes: 60 }
            timeline: [{ at: 40s, corrupt_data: { nodes: [1], percent: 30 }, for: 5s }]
            """
        )
        #expect(Self.removals(traces).contains(.invalidPacket))
        #expect(run.simulation.violation == nil && run.simulation.isFormed)
        let data = run.takeDeliveries().filter { $0.message[0] == MessageType.data1.rawValue }
        #expect(data.count > 50)
        #expect(
            data.allSatisfy { delivery in (9..<delivery.message.count).allSatisfy { delivery.message[$0] == 0xA5 } }
        )
    }

    @Test func aSealedLinkTakesNothingTwice() throws {
        var (run, traces) = try Self.traced(
            """
            network: { link_encryption: false }
            traffic: { every: 500ms, bytes: 20 }
            timeline: [{ at: 40s, repeat_data: { nodes: [1], percent: 30 }, for: 5s }]
            """
        )
        #expect(run.simulation.violation == nil && run.simulation.isFormed)
        #expect(traces.contains { if case .linkProtected = $0.event { true } else { false } })
        var seen: Set<[UInt8]> = []
        for delivery in run.takeDeliveries()
        where delivery.message[0] == MessageType.data1.rawValue && delivery.message[3] == UInt8(delivery.node + 1) {
            #expect(seen.insert(delivery.message.array).inserted)
        }
    }

    @Test func withoutAnyDisturbanceNothingChanges() throws {
        let calm = try Self.traced("", nodes: 4)
        let over = try Self.traced("timeline: [{ at: 99s, slow_host: { nodes: [1], every: 1s } }]", nodes: 4, until: 98)
        var early = try ScenarioRun(Self.scenario("", nodes: 4))
        early.run(until: Instant(microseconds: 98_000_000))
        #expect(over.run.simulation.now == early.now)
        #expect(calm.run.simulation.turns > early.simulation.turns)
        #expect(early.simulation.turns == over.run.simulation.turns)
    }
}
