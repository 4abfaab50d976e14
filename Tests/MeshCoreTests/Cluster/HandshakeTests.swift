import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// The cluster handshake and what happens beside it (protocol §7.2-§7.4).
@Suite struct HandshakeTests {
    private func changes(_ harness: NodeHarness, on link: LinkID) -> [Int16] {
        harness.sent(ClusterInfoUpdate.self, on: link).map(\.sizeChange)
    }

    private func sizesAddUp(_ node: Node) -> Bool {
        let behind = (0..<node.linkCount).map { node.linkView($0) }.filter(\.isMeshEdge).map { Int($0.connectedSize) }
        return Int(node.clusterSize) == 1 + behind.reduce(0, +)
    }

    // MARK: - Completion

    @Test func winnerKeepsItsClusterAndCountsOneMore() throws {
        var harness = NodeHarness(2)
        let cluster = harness.node.clusterID
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.prepare(link)
        try harness.acknowledge1(from: 3, hopsToSink: 0, on: link)
        #expect(harness.node.clusterID == cluster)
        #expect(harness.node.clusterSize == 2)
        let view = try harness.view(of: link)
        #expect(view.masterBit)
        #expect(view.connectedSize == 1)
        #expect(view.hopsToSink == 1)
        #expect(view.partner == NodeID(3))
        #expect(harness.sent(beginning: "16", on: link) == ["1602000300" + "02003412" + "0200" + "ffff"])
        let done = TraceEvent.handshakeDone(partner: NodeID(3), winner: true, cluster: cluster, clusterSize: 2)
        #expect(harness.traces.contains { $0.event == done })
    }

    @Test func loserTakesOverClusterAndSize() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(from: 1)
        try harness.welcome(from: 1, on: link)
        let alone = harness.node.clusterID
        #expect(harness.node.clusterSize == 1)
        try harness.acknowledge2(from: 1, size: 11, hopsToSink: 4, on: link)
        #expect(harness.node.clusterID == NodeHarness.winningCluster(of: 1))
        #expect(alone != harness.node.clusterID)
        #expect(harness.node.clusterSize == 11)
        let view = try harness.view(of: link)
        #expect(!view.masterBit)
        #expect(view.connectedSize == 10)
        #expect(view.hopsToSink == 5)
        #expect(sizesAddUp(harness.node))
    }

    @Test func yieldingDropsAllOtherLinksAndMakesANewCluster() throws {
        var harness = NodeHarness(2)
        let first = try harness.takeIn(3)
        let second = try harness.takeIn(4)
        let link = harness.linkUp(from: 1)
        harness.forget()
        try harness.welcome(from: 1, on: link)
        #expect(Set(harness.closed) == [first, second])
        #expect(harness.removals == [.iAmSmaller, .iAmSmaller])
        #expect(harness.node.clusterSize == 1)
        #expect(harness.node.clusterID == ClusterID(rawValue: 0x1236_0002), "two objects were removed")
        #expect(harness.sent(ClusterAck1.self, on: link).count == 1)
        try harness.acknowledge2(from: 1, on: link)
        #expect(sizesAddUp(harness.node))
    }

    @Test func firstAcknowledgementOfASinkSaysSo() throws {
        var harness = NodeHarness(2, deviceType: .sink)
        let link = harness.linkUp(from: 1)
        try harness.welcome(from: 1, on: link)
        #expect(harness.sent(ClusterAck1.self, on: link).map(\.hopsToSink) == [0])
    }

    // MARK: - Snapshot and pending update

    @Test func sizeThatChangedDuringTheHandshakeFollowsInAnUpdate() throws {
        var harness = NodeHarness(2)
        let other = try harness.takeIn(4)
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.prepare(link)
        #expect(harness.sent(ClusterWelcome.self, on: link).map(\.clusterSize) == [2])
        try harness.update(from: 4, change: 5, counter: 1, on: other)
        harness.forget()
        try harness.acknowledge1(from: 3, on: link)
        #expect(harness.sent(ClusterAck2.self, on: link).map(\.clusterSize) == [3], "of the snapshot")
        #expect(changes(harness, on: link) == [5])
        #expect(harness.node.clusterSize == 8)
        #expect(changes(harness, on: other) == [1])
        #expect(sizesAddUp(harness.node))
    }

    @Test func sizeThatChangedBeforeWelcomeIsInIt() throws {
        var harness = NodeHarness(2)
        let other = try harness.takeIn(4)
        let link = harness.linkUp(try harness.connect(to: 3))
        try harness.update(from: 4, change: 5, counter: 1, on: other)
        harness.prepare(link)
        #expect(harness.sent(ClusterWelcome.self, on: link).map(\.clusterSize) == [7])
        try harness.acknowledge1(from: 3, on: link)
        #expect(changes(harness, on: link) == [])
        #expect(sizesAddUp(harness.node))
    }

    @Test func lossDuringTheHandshakeFollowsInAnUpdate() throws {
        var harness = NodeHarness(2)
        let other = try harness.takeIn(4)
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.prepare(link)
        harness.lose(other)
        try harness.acknowledge1(from: 3, on: link)
        #expect(harness.sent(ClusterAck2.self, on: link).map(\.clusterSize) == [3])
        #expect(changes(harness, on: link) == [-1])
        #expect(harness.node.clusterSize == 2)
        #expect(sizesAddUp(harness.node))
    }

    @Test func twoHandshakesAtATimeCountEachOther() throws {
        var harness = NodeHarness(2)
        let first = harness.linkUp(try harness.connect(to: 3))
        let second = harness.linkUp(try harness.connect(to: 4, rssi: -50))
        harness.prepare(first)
        harness.prepare(second)
        try harness.acknowledge1(from: 3, on: first)
        try harness.acknowledge1(from: 4, on: second)
        #expect(harness.sent(ClusterAck2.self, on: second).map(\.clusterSize) == [2])
        #expect(changes(harness, on: first) == [1])
        #expect(changes(harness, on: second) == [1])
        #expect(harness.node.clusterSize == 3)
    }

    @Test func loserForgetsWhatWasPending() throws {
        var harness = NodeHarness(2)
        let other = try harness.takeIn(4)
        let link = harness.linkUp(from: 1)
        try harness.receive("5000000000", on: link)
        try harness.update(from: 4, change: 1, counter: 1, on: other)
        try harness.welcome(from: 1, on: link)
        try harness.acknowledge2(from: 1, on: link)
        #expect(changes(harness, on: link) == [])
        #expect(sizesAddUp(harness.node))
    }

    // MARK: - Out of order

    @Test func otherMessagesDuringTheHandshakeAreIgnored() throws {
        var harness = NodeHarness(2)
        let other = try harness.takeIn(4)
        let link = harness.linkUp(from: 1)
        try harness.welcome(from: 1, size: 2, on: link)
        harness.forget()
        try harness.update(from: 1, change: 7, counter: 1, on: link)
        try harness.receive("3301000200000103", on: link)
        #expect(harness.node.clusterSize == 1)
        #expect(harness.delivered == [])
        let ignored = TraceEvent.unexpected(link: link, type: .clusterInfoUpdate)
        #expect(harness.traces.contains { $0.event == ignored })
        #expect(other != link)
    }

    @Test func repeatedAcknowledgementChangesNothing() throws {
        var harness = NodeHarness(2)
        let link = try harness.takeIn(3)
        harness.forget()
        try harness.acknowledge1(from: 3, on: link)
        try harness.acknowledge2(from: 3, size: 40, on: link)
        #expect(harness.node.clusterSize == 2)
        #expect(harness.closed == [])
        #expect(harness.sent == [])
    }

    @Test func reportsTellWinnerAndLoser() throws {
        var harness = NodeHarness(2) { $0.liveReportLevel = 106 }
        let link = try harness.join(1)
        #expect(harness.sent(beginning: "35020000000300016a", on: link) == ["35020000000300016a0100000000000000"])
        let other = try harness.takeIn(3)
        #expect(harness.sent(beginning: "35020000000300016a", on: other) == ["35020000000300016a0300000001000000"])
    }
}
