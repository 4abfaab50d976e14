import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// CLUSTER_INFO_UPDATE: sizes, counter, hops to the sink (protocol §8.1, §8.4).
@Suite struct UpdateTests {
    /// Node 2 in a cluster of twelve: node 1 took it in, it took in node 3.
    private func pair(
        deviceType: DeviceType = .static
    ) throws -> (harness: NodeHarness, up: LinkID, down: LinkID) {
        var harness = NodeHarness(2, deviceType: deviceType) { $0.liveReportLevel = 0 }
        let up = try harness.join(1)
        let down = try harness.takeIn(3)
        harness.forget()
        return (harness, up, down)
    }

    private func updates(_ harness: NodeHarness, on link: LinkID) -> [ClusterInfoUpdate] {
        harness.sent(ClusterInfoUpdate.self, on: link)
    }

    // MARK: - Size

    @Test func changeIsCountedAndPassedOnToTheOthers() throws {
        var (harness, up, down) = try pair()
        try harness.update(from: 3, change: 4, counter: 1, on: down)
        #expect(harness.node.clusterSize == 16)
        #expect(try harness.view(of: down).connectedSize == 5)
        #expect(try harness.view(of: up).connectedSize == 10)
        #expect(updates(harness, on: up).map(\.sizeChange) == [4])
        #expect(updates(harness, on: down).isEmpty)
        try harness.update(from: 1, change: -2, counter: 1, on: up)
        #expect(harness.node.clusterSize == 14)
        #expect(updates(harness, on: down).map(\.sizeChange) == [-2])
    }

    @Test func updateIsNotForwardedButMadeAnew() throws {
        var (harness, up, down) = try pair()
        try harness.update(from: 3, change: 4, counter: 1, on: down)
        #expect(harness.sent(beginning: "17", on: up) == ["1702000000000000000400ffff00"], "the second of this link")
    }

    // MARK: - Counter

    @Test func counterStartsAtOneAndFlips() throws {
        var (harness, up, down) = try pair()
        for counter in [UInt8(1), 0, 1] {
            try harness.update(from: 3, change: 1, counter: counter, on: down)
        }
        #expect(harness.node.clusterSize == 15)
        #expect(updates(harness, on: up).map(\.counter) == [0, 1, 0])
    }

    @Test func updateWithTheWrongCounterIsDiscarded() throws {
        var (harness, up, down) = try pair()
        try harness.update(from: 3, change: 1, hopsToSink: 2, handover: true, counter: 0, on: down)
        #expect(harness.node.clusterSize == 12)
        #expect(try harness.view(of: down).hopsToSink == -1)
        #expect(updates(harness, on: up).isEmpty)
        #expect(harness.traces.contains { $0.event == .counterMismatch(partner: NodeID(3)) })
        try harness.update(from: 3, change: 1, counter: 1, on: down)
        try harness.update(from: 3, change: 1, counter: 1, on: down)
        #expect(harness.node.clusterSize == 13, "a repeated one counts once")
    }

    // MARK: - Merging

    @Test func changesThatWaitForTheRadioAreMerged() throws {
        var (harness, up, down) = try pair()
        harness.confirmsWrites = false
        for _ in 0..<7 {
            try harness.send("5000000100")
        }
        for (change, counter) in [(Int16(2), UInt8(1)), (3, 0), (-1, 1), (4, 0)] {
            try harness.update(from: 3, change: change, counter: counter, on: down)
        }
        #expect(updates(harness, on: up).isEmpty)
        harness.confirmsWrites = true
        harness.give(.radio(.sent(link: up, count: 7)))
        let sent = updates(harness, on: up)
        #expect(sent.map(\.sizeChange).reduce(0, +) == 8)
        #expect(sent.count == 2, "one that waited in the queue, one for all that came later")
        #expect(sent.map(\.counter) == [0, 1])
    }

    @Test func updateWaitsForTheEndOfASplitMessage() throws {
        var (harness, up, down) = try pair()
        harness.confirmsWrites = false
        for _ in 0..<6 {
            try harness.send("5000000100")
        }
        try harness.send("5000000100" + String(repeating: "00", count: 100))
        try harness.update(from: 3, change: 2, counter: 1, on: down)
        try harness.update(from: 3, change: 3, counter: 0, on: down)
        harness.confirmsWrites = true
        harness.give(.radio(.sent(link: up, count: 7)))
        #expect(updates(harness, on: up).map(\.sizeChange) == [5])
    }

    @Test func changesThatCancelOutAreNotTold() throws {
        var (harness, up, down) = try pair()
        harness.wait(11_000)
        harness.lose(up)
        try harness.update(from: 3, change: 2, counter: 1, on: down)
        try harness.update(from: 3, change: -2, counter: 0, on: down)
        harness.forget()
        let back = harness.linkUp(from: 1)
        try harness.receive(Reconnect(sender: NodeID(1), receiver: NodeID(2)), on: back)
        #expect(updates(harness, on: back).isEmpty)
    }

    // MARK: - Hops to the sink

    @Test func hopsAreOneMoreThanThePartnersAndToldToTheOthers() throws {
        var (harness, up, down) = try pair()
        try harness.update(from: 3, hopsToSink: 2, counter: 1, on: down)
        #expect(try harness.view(of: down).hopsToSink == 3)
        #expect(updates(harness, on: up).map(\.hopsToSink) == [3])
        #expect(updates(harness, on: down).isEmpty, "not over the link that it goes by")
    }

    @Test func eachLinkIsToldTheBestWayOverTheOthers() throws {
        var (harness, up, down) = try pair()
        try harness.update(from: 3, hopsToSink: 2, counter: 1, on: down)
        harness.forget()
        try harness.update(from: 1, hopsToSink: 6, counter: 1, on: up)
        #expect(updates(harness, on: down).map(\.hopsToSink) == [7])
        #expect(updates(harness, on: up).map(\.hopsToSink) == [3])
        #expect(harness.node.hopsToSink(excluding: nil) == 3)
    }

    @Test func lostWayAloneIsNotTold() throws {
        var (harness, up, down) = try pair()
        try harness.update(from: 3, hopsToSink: 2, counter: 1, on: down)
        harness.forget()
        try harness.update(from: 3, hopsToSink: -1, counter: 0, on: down)
        #expect(try harness.view(of: down).hopsToSink == -1)
        #expect(updates(harness, on: up).isEmpty)
        try harness.update(from: 3, change: 1, counter: 1, on: down)
        #expect(updates(harness, on: up).map(\.hopsToSink) == [-1], "a change takes it along")
    }

    @Test func newPartnerIsToldTheHopsAfterTheHandshake() throws {
        var harness = NodeHarness(2) { $0.liveReportLevel = 0 }
        let sink = try harness.takeIn(3)
        try harness.update(from: 3, hopsToSink: 0, counter: 1, on: sink)
        harness.forget()
        let link = try harness.takeIn(4)
        #expect(harness.sent(ClusterWelcome.self, on: link).map(\.hopsToSink) == [1])
        #expect(harness.sent(ClusterAck2.self, on: link).map(\.hopsToSink) == [1])
        #expect(updates(harness, on: sink).map(\.hopsToSink) == [-1])
    }

    @Test func sinkIsNoHopsAwayWhateverItHears() throws {
        var (harness, up, down) = try pair(deviceType: .sink)
        try harness.update(from: 3, hopsToSink: 2, counter: 1, on: down)
        #expect(harness.node.hopsToSink(excluding: nil) == 0)
        #expect(updates(harness, on: up).isEmpty, "its hops are no reason for an update")
        try harness.update(from: 3, change: 1, hopsToSink: 2, counter: 0, on: down)
        #expect(updates(harness, on: up).map(\.hopsToSink) == [0])
    }
}
