import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Who holds the master bit of a link, and what follows from it at a loss (protocol §8.2, §8.3, §1.3).
@Suite struct MasterBitTests {
    private func sizesAddUp(_ node: Node) -> Bool {
        let behind = (0..<node.linkCount).map { node.linkView($0) }.filter(\.isMeshEdge).map { Int($0.connectedSize) }
        return Int(node.clusterSize) == 1 + behind.reduce(0, +)
    }

    private func updates(_ harness: NodeHarness, on link: LinkID) -> [ClusterInfoUpdate] {
        harness.sent(ClusterInfoUpdate.self, on: link)
    }

    /// A node that took in node 3 and node 4 and holds both bits.
    private func parent() throws -> (harness: NodeHarness, first: LinkID, second: LinkID) {
        var harness = NodeHarness(2) { $0.liveReportLevel = 0 }
        let first = try harness.takeIn(3)
        let second = try harness.takeIn(4)
        harness.forget()
        return (harness, first, second)
    }

    // MARK: - Handover

    @Test func bitGoesToTheSideThatIsLargerThanTheRest() throws {
        var (harness, first, second) = try parent()
        try harness.update(from: 3, change: 1, counter: 1, on: first)
        #expect(try harness.view(of: first).masterBit, "two of four are no larger part")
        harness.forget()
        try harness.update(from: 3, change: 1, counter: 0, on: first)
        #expect(try !harness.view(of: first).masterBit, "three of five are")
        #expect(try harness.view(of: second).masterBit)
        #expect(
            updates(harness, on: first) == [
                ClusterInfoUpdate(sender: NodeID(2), sizeChange: 0, hopsToSink: -1, masterBitHandover: true, counter: 0)
            ]
        )
        #expect(updates(harness, on: second).map(\.masterBitHandover) == [false])
    }

    @Test func nodeWithoutAllBitsHandsNoneOver() throws {
        var harness = NodeHarness(2)
        let up = try harness.join(1, size: 1)
        let down = try harness.takeIn(3)
        harness.forget()
        try harness.update(from: 3, change: 9, counter: 1, on: down)
        #expect(try harness.view(of: down).masterBit)
        #expect(try !harness.view(of: up).masterBit)
        #expect(!updates(harness, on: down).map(\.masterBitHandover).contains(true))
        // Its partner hands over what is now the smaller side: the bit goes through.
        try harness.update(from: 1, handover: true, counter: 1, on: up)
        #expect(try harness.view(of: up).masterBit)
        #expect(try !harness.view(of: down).masterBit)
        #expect(updates(harness, on: down).map(\.masterBitHandover) == [true])
    }

    @Test func receivedBitIsHeld() throws {
        var harness = NodeHarness(2)
        let link = try harness.join(1, size: 1)
        try harness.update(from: 1, handover: true, counter: 1, on: link)
        #expect(try harness.view(of: link).masterBit)
        #expect(harness.traces.contains { $0.event == .masterBit(partner: NodeID(1), held: true) })
    }

    @Test func lossOfAnotherPartMovesTheBit() throws {
        var (harness, first, second) = try parent()
        try harness.update(from: 3, change: 1, counter: 1, on: first)
        harness.forget()
        harness.lose(second)
        #expect(try !harness.view(of: first).masterBit, "two of three")
        let update = try #require(updates(harness, on: first).first)
        #expect(update.masterBitHandover)
        #expect(update.sizeChange == -1)
    }

    // MARK: - Loss with the bit

    @Test func sideWithTheBitKeepsTheClusterWithoutTheLostPart() throws {
        var (harness, first, second) = try parent()
        let cluster = harness.node.clusterID
        try harness.update(from: 4, change: 1, counter: 1, on: second)
        harness.forget()
        harness.lose(first)
        #expect(harness.node.clusterID == cluster)
        #expect(harness.node.clusterSize == 3)
        #expect(harness.removals == [.linkLost])
        #expect(updates(harness, on: second).map(\.sizeChange) == [-1])
        #expect(sizesAddUp(harness.node))
    }

    @Test func lossCounterGoesIntoTheNextClusterOnly() throws {
        var (harness, first, second) = try parent()
        harness.lose(first)
        #expect(harness.node.connectionLossCounter == 1)
        #expect(harness.node.clusterID == ClusterID(rawValue: 0x1234_0002))
        harness.lose(second)
        #expect(harness.node.connectionLossCounter == 2)
        #expect(harness.node.clusterID == ClusterID(rawValue: 0x1236_0002), "the last link is gone")
        #expect(harness.node.clusterSize == 1)
    }

    // MARK: - Loss without the bit

    @Test func sideWithoutTheBitDissolves() throws {
        var harness = NodeHarness(2)
        let up = try harness.join(1)
        let down = try harness.takeIn(3)
        harness.forget()
        harness.lose(up)
        #expect(harness.removals == [.linkLost, .partnerHasMasterBit])
        #expect(harness.closed == [down])
        #expect(harness.node.linkCount == 0)
        #expect(harness.node.clusterSize == 1)
        #expect(harness.node.clusterID == ClusterID(rawValue: 0x1236_0002))
        #expect(harness.traces.contains { $0.event == .dissolved(cause: .linkLost) })
    }

    @Test func bitThatIsOnItsWayIsWithNobody() throws {
        var (harness, first, second) = try parent()
        try harness.update(from: 3, change: 9, counter: 1, on: first)
        #expect(try !harness.view(of: first).masterBit)
        harness.lose(first)
        #expect(harness.closed == [second])
        #expect(harness.node.clusterSize == 1)
    }

    @Test func linkWithoutAHandshakeIsMissedByNobody() throws {
        var (harness, first, second) = try parent()
        let cluster = harness.node.clusterID
        let link = harness.linkUp(try harness.connect(to: 5))
        harness.prepare(link)
        harness.forget()
        harness.lose(link)
        #expect(harness.node.connectionLossCounter == 1)
        #expect(harness.node.clusterID == cluster)
        #expect(harness.node.clusterSize == 3)
        #expect(updates(harness, on: first).isEmpty && updates(harness, on: second).isEmpty)
    }

    @Test func handshakeThatEndsBeforeAck2LeavesNoBit() throws {
        var harness = NodeHarness(2)
        harness.confirmsWrites = false
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.prepare(link)
        try harness.acknowledge1(from: 3, on: link)
        harness.lose(link)
        let removed = TraceEvent.connectionRemoved(
            partner: NodeID(3),
            reason: .linkLost,
            wasHandshaked: false,
            heldMasterBit: true
        )
        #expect(harness.traces.contains { $0.event == removed })
        #expect(harness.node.clusterSize == 1)
    }
}
