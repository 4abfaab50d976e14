import ByteCoding
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// How a node takes part in a change of the clustering mode of its network.
@Suite struct ClusteringChangeTests {
    private static let start: UInt32 = 1_700_000_000

    /// A node in the cluster of node 1, which tells it the time unless it shall not know it.
    private func joined(
        timeIsSet: Bool = true,
        stored: PersistentState = PersistentState()
    ) throws -> (NodeHarness, LinkID) {
        var harness = NodeHarness(2, stored: stored)
        let link = try harness.join(1)
        if timeIsSet { try setTime(&harness, link) }
        harness.forget()
        return (harness, link)
    }

    private func setTime(_ harness: inout NodeHarness, _ link: LinkID, _ seconds: UInt32 = start) throws {
        try harness.receive(UpdateTimestamp(sender: NodeID(1), receiver: NodeID(2), time: seconds), on: link)
    }

    /// set_config of the clustering module from node 1.
    private func request(
        _ mode: ClusteringChange.Mode,
        at time: UInt32,
        version: UInt8 = 1,
        to receiver: NodeID = .broadcast
    ) throws -> ModuleMessage {
        let change = ClusteringChange(version: version, mode: mode, at: time)
        return ModuleMessage(
            sender: NodeID(1),
            receiver: receiver,
            requestHandle: 7,
            content: .configuration(ClusteringChange.module, .setConfig(try change.encoded()))
        )
    }

    private func answer(_ code: UInt8) -> [String] {
        let digits = String(code, radix: 16)
        return ["3202000100f001ffff0701\(digits.count < 2 ? "0" : "")\(digits)"]
    }

    private func changes(_ harness: NodeHarness) -> [UInt64] {
        harness.traces.compactMap { if case .clusteringChanged = $0.event { $0.uptime } else { nil } }
    }

    @Test func theBytesAreThoseOfTheTable() throws {
        let bytes: MessageBytes = try request(.graft, at: 0x6553_F164).encoded()
        #expect(bytes.description == "3201000000f001ffff0700010164f15365")
        #expect(try ModuleMessage(bytes: bytes) == request(.graft, at: 0x6553_F164))
    }

    @Test func theChangeComesAtItsTimeAndDropsTheLinks() throws {
        var (harness, link) = try joined()
        let classicTiming = harness.node.configuration.timing.connectTimeout
        try harness.receive(try request(.graft, at: Self.start + 60), on: link)
        #expect(harness.take(on: link) == answer(0))
        #expect(harness.stored.plannedClustering == PlannedClustering(mode: .graft, at: Self.start + 60))
        #expect(harness.persistCount == 1)
        let before = harness.uptime
        harness.wait(59_700)
        #expect(harness.node.configuration.clustering == .classic)
        #expect(harness.node.meshEdgeCount == 1)
        harness.wait(700)
        #expect(harness.node.configuration.clustering == .graft)
        #expect(harness.node.configuration.timing.connectTimeout < classicTiming)
        let changedAt = try #require(changes(harness).first)
        #expect((59_800...60_200).contains(changedAt - before), "\(changedAt - before)")
        #expect(changes(harness).count == 1)
        #expect(harness.node.linkCount == 0)
        #expect(harness.commands.contains(.disconnect(link: link, reason: .remoteUserTerminated)))
        #expect(harness.stored.clustering == .graft && harness.stored.plannedClustering == nil)
        #expect(harness.node.clusterSize == 1 && harness.node.clusterKey.rank == 1 && harness.node.isRoot)
        // The time is not forgotten, and what is on air is that of the new mode.
        #expect(harness.node.networkTime(at: harness.now).isSet)
        harness.wait(1000)
        let beacons = harness.commands.compactMap { command -> AdvertisingData? in
            if case .advertise(let data, _, _, _) = command { data } else { nil }
        }
        #expect(beacons.contains { (try? GraftMe(bytes: $0)) != nil })
        // A restart keeps the mode, though the configuration still says classic.
        harness.start()
        #expect(harness.node.configuration.clustering == .graft)
    }

    @Test func thereIsAWayBack() throws {
        var stored = PersistentState()
        stored.clustering = .graft
        var harness = NodeHarness(2, stored: stored)
        #expect(harness.node.configuration.clustering == .graft)
        let generation = try #require(harness.stored.graftGeneration)
        let change = ClusteringChange(mode: .classic, at: 0)
        let message = ModuleMessage(
            sender: NodeID(2),
            receiver: NodeID(2),
            content: .configuration(ClusteringChange.module, .setConfig(try change.encoded()))
        )
        harness.give(.request(.send(try message.encoded())))
        #expect(harness.node.configuration.clustering == .classic)
        #expect(harness.stored.clustering == .classic && harness.stored.plannedClustering == nil)
        #expect(harness.stored.graftGeneration == generation)
        #expect(harness.delivered.last == "3202000200f001ffff000100")
        // It links as classic nodes do.
        _ = try harness.join(1)
        #expect(harness.node.clusterSize == 11)
    }

    @Test func withoutTheTimeItIsRefused() throws {
        var (harness, link) = try joined(timeIsSet: false)
        try harness.receive(try request(.graft, at: Self.start + 60), on: link)
        #expect(harness.take(on: link) == answer(200))
        #expect(harness.stored.plannedClustering == nil)
    }

    @Test(arguments: [0, 1, 1_000_000] as [UInt32])
    func aTimeThatHasPassedIsRefused(ago: UInt32) throws {
        var (harness, link) = try joined()
        try harness.receive(try request(.graft, at: Self.start - ago), on: link)
        #expect(harness.take(on: link) == answer(201))
        harness.wait(5000)
        #expect(harness.node.configuration.clustering == .classic)
    }

    @Test func atOnceIsForOneNodeOnly() throws {
        var (harness, link) = try joined()
        try harness.receive(try request(.graft, at: 0), on: link)
        #expect(harness.take(on: link) == answer(202))
        #expect(harness.node.configuration.clustering == .classic)
        try harness.receive(try request(.graft, at: 0, to: NodeID(2)), on: link)
        #expect(harness.node.configuration.clustering == .graft)
    }

    @Test func whatIsNotUnderstoodIsRefused() throws {
        var (harness, link) = try joined()
        let bad = [
            try request(.graft, at: Self.start + 60, version: 2),
            try request(ClusteringChange.Mode(rawValue: 2), at: Self.start + 60),
            ModuleMessage(
                sender: NodeID(1),
                receiver: .broadcast,
                requestHandle: 7,
                content: .configuration(ClusteringChange.module, .setConfig(InlineBytes([1, 1, 0, 0, 0])))
            ),
        ]
        for message in bad {
            try harness.receive(message, on: link)
            #expect(harness.take(on: link) == answer(52))
        }
        #expect(harness.stored.plannedClustering == nil && harness.persistCount == 0)
    }

    @Test func aWithdrawnChangeDoesNotCome() throws {
        var (harness, link) = try joined()
        try harness.receive(try request(.graft, at: Self.start + 60), on: link)
        harness.wait(30_000)
        try harness.receive(try request(.none, at: 0), on: link)
        #expect(harness.take(on: link).suffix(1) == answer(0)[...])
        #expect(harness.stored.plannedClustering == nil)
        harness.wait(60_000)
        #expect(harness.node.configuration.clustering == .classic)
        #expect(harness.node.meshEdgeCount == 1)
    }

    @Test func aNewPlanReplacesTheOldOne() throws {
        var (harness, link) = try joined()
        try harness.receive(try request(.graft, at: Self.start + 30), on: link)
        try harness.receive(try request(.graft, at: Self.start + 90), on: link)
        harness.wait(60_000)
        #expect(harness.node.configuration.clustering == .classic)
        harness.wait(31_000)
        #expect(harness.node.configuration.clustering == .graft)
    }

    @Test func aRestartBeforeTheTimeDoesNotForgetIt() throws {
        var (harness, link) = try joined()
        try harness.receive(try request(.graft, at: Self.start + 60), on: link)
        harness.wait(10_000)
        harness.start()
        // Without the time nothing is due.
        harness.wait(20_000)
        #expect(harness.node.configuration.clustering == .classic)
        let next = try harness.join(1)
        try setTime(&harness, next, Self.start + 30)
        harness.wait(29_000)
        #expect(harness.node.configuration.clustering == .classic)
        harness.wait(1_500)
        #expect(harness.node.configuration.clustering == .graft)
        #expect(harness.node.linkCount == 0)
    }

    @Test(arguments: [(0, true), (60, true), (61, false), (3600, false)] as [(UInt32, Bool)])
    func whoLearnsTheTimeLateChangesOnlyWithinAMinute(late: UInt32, changes: Bool) throws {
        var stored = PersistentState()
        stored.plannedClustering = PlannedClustering(mode: .graft, at: Self.start)
        var (harness, link) = try joined(timeIsSet: false, stored: stored)
        harness.wait(5000)
        #expect(harness.node.configuration.clustering == .classic)
        try setTime(&harness, link, Self.start + late)
        harness.wait(400)
        #expect(harness.node.configuration.clustering == (changes ? .graft : .classic))
        #expect(harness.stored.plannedClustering == nil)
        #expect(harness.stored.clustering == (changes ? .graft : nil))
        #expect(harness.node.meshEdgeCount == (changes ? 0 : 1))
    }

    @Test func aPlanForTheModeThatItHasDropsNothing() throws {
        var (harness, link) = try joined()
        try harness.receive(try request(.classic, at: Self.start + 10), on: link)
        #expect(harness.take(on: link) == answer(0))
        harness.wait(11_000)
        #expect(harness.stored.clustering == .classic && harness.stored.plannedClustering == nil)
        #expect(harness.node.meshEdgeCount == 1)
    }

    @Test func theTimeMayBeCorrectedMeanwhile() throws {
        var (harness, link) = try joined()
        try harness.receive(try request(.graft, at: Self.start + 3600), on: link)
        harness.wait(1000)
        try setTime(&harness, link, Self.start + 3590)
        harness.wait(8000)
        #expect(harness.node.configuration.clustering == .classic)
        harness.wait(2500)
        #expect(harness.node.configuration.clustering == .graft)
    }
}
