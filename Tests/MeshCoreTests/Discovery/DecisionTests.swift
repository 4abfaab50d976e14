import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Choosing a partner: period, order, connect calls (protocol §4.2, §4.5, §4.6).
@Suite struct DecisionTests {
    private func connected(_ harness: NodeHarness) -> [Address] { harness.connects.map(\.address) }

    // MARK: - Period

    @Test func decisionComesEveryTwoSecondsOrOneTickLater() {
        var harness = NodeHarness(2)
        harness.wait(60_000)
        let times = harness.traces.compactMap { traced -> UInt64? in
            if case .decision = traced.event { traced.uptime } else { nil }
        }
        let periods = zip([0] + times, times).map { $1 - $0 }
        #expect(Set(periods) == [2000, 2200])
    }

    // MARK: - Order

    @Test func highestCentralScoreIsConnectedTo() throws {
        var harness = NodeHarness(2)
        try harness.hear(3, freeIn: 1, freeOut: 3, rssi: -40)
        try harness.hear(4, freeIn: 2, freeOut: 2, rssi: -80)
        try harness.hear(5, freeIn: 2, freeOut: 1, rssi: -40)
        harness.wait(2200)
        #expect(connected(harness) == [NodeHarness.address(of: 4)])
        #expect(harness.decisions == [.connectAsCentral])
        let scored = harness.traces.contains {
            $0.event == .decision(.connectAsCentral, partner: NodeID(4), score: 20_220)
        }
        #expect(scored)
    }

    @Test func firstOfEqualsIsConnectedTo() throws {
        var harness = NodeHarness(2)
        for id in [UInt16(9), 3, 4] {
            try harness.hear(id)
        }
        harness.wait(2200)
        #expect(connected(harness) == [NodeHarness.address(of: 9)])
    }

    @Test func smallerNodeWaitsForTheBiggestCluster() throws {
        var harness = NodeHarness(2)
        try harness.hear(3, size: 3)
        try harness.hear(4, size: 4, rssi: -85)
        harness.wait(2200)
        #expect(harness.connects.isEmpty)
        let waits = harness.traces.contains {
            $0.event == .decision(.waitAsPeripheral, partner: NodeID(4), score: 40_315)
        }
        #expect(waits)
    }

    @Test func withoutNeighboursNobodyIsFound() {
        var harness = NodeHarness(2)
        harness.wait(2200)
        #expect(harness.decisions == [.noNodesFound])
    }

    @Test func withoutAFreeWayOutTheNodeWaits() throws {
        var harness = NodeHarness(2) { $0.meshOutLinks = 1 }
        _ = try harness.takeIn(3)
        harness.forget()
        try harness.hear(4, size: 2)
        harness.wait(2200)
        #expect(harness.decisions == [.waitAsPeripheral])
        #expect(harness.connects.isEmpty)
    }

    @Test func decisionsAreReportedAtTheirLevel() throws {
        var harness = NodeHarness(2) { $0.liveReportLevel = 151 }
        let link = try harness.join(1)
        harness.forget()
        try harness.hear(3)
        harness.wait(2200)
        #expect(harness.sent(beginning: "3502000000030001" + "97", on: link) == ["3502000000030001970100000003000000"])
    }

    // MARK: - Connect calls

    @Test func connectHasTheParametersOfAMeshLink() throws {
        var harness = NodeHarness(2)
        let connect = try harness.connect(to: 3)
        #expect(connect.parameters == ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100))
        #expect(connect.scan == ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 37_500))
        #expect(connect.timeoutMicroseconds == 2_000_000)
    }

    @Test func leafIsConnectedToWithALongInterval() throws {
        var harness = NodeHarness(2)
        try harness.hear(3, freeIn: 1, freeOut: 0, deviceType: .leaf)
        harness.wait(2200)
        #expect(harness.connects.map(\.parameters.interval) == [72])
    }

    @Test func failedAttemptLeavesNothingBehindButTheLossCounter() throws {
        var harness = NodeHarness(2)
        let connect = try harness.connect(to: 3)
        #expect(harness.node.linkViews.map(\.state) == [.connecting])
        harness.give(.radio(.connectFailed(token: connect.token, reason: .failedToEstablish)))
        #expect(harness.node.linkCount == 0)
        #expect(harness.removals == [.connectTimeout])
        #expect(harness.node.connectionLossCounter == 1)
        #expect(harness.node.clusterID == ClusterID(rawValue: 0x1235_0002), "the last object is gone")
    }

    @Test func addressInUseIsRefused() throws {
        var harness = NodeHarness(2)
        _ = harness.linkUp(from: 3)
        try harness.hear(3)
        harness.wait(2200)
        #expect(harness.decisions == [.connectAsCentral], "reported although the call is refused")
        #expect(harness.traces.contains { $0.event == .connectRefused(node: NodeID(3), .addressInUse) })
        #expect(harness.connects.isEmpty)
    }

    @Test func secondAttemptIsRefusedWhileOneIsPending() throws {
        var harness = NodeHarness(2)
        _ = try harness.connect(to: 3)
        harness.forget()
        try harness.hear(4, rssi: -40)
        harness.wait(2200)
        #expect(harness.traces.contains { $0.event == .connectRefused(node: NodeID(4), .attemptPending) })
        #expect(harness.connects.isEmpty)
    }

    @Test func sixthConnectionObjectIsRefused() throws {
        var harness = NodeHarness(2)
        _ = try harness.takeIn(3)
        _ = try harness.takeIn(4)
        harness.forget()
        for id in [UInt16(11), 12, 13] {
            _ = harness.linkUp(from: id)
        }
        #expect(harness.node.linkCount == 5)
        try harness.hear(5)
        harness.wait(2200)
        #expect(harness.traces.contains { $0.event == .connectRefused(node: NodeID(5), .noFreeSlot) })
    }

    @Test func radioThatFailedIsNotAsked() throws {
        var harness = NodeHarness(2)
        try harness.hear(3)
        harness.give(.radio(.failed(.commandDisallowed)))
        harness.forget()
        harness.wait(2200)
        #expect(harness.traces.contains { $0.event == .connectRefused(node: NodeID(3), .radioNotReady) })
        #expect(harness.connects.isEmpty)
    }

    // MARK: - Acknowledging a bigger cluster

    private func advertisedAck(_ harness: NodeHarness) throws -> ClusterID {
        let joinMes = harness.commands.compactMap {
            if case .advertise(let data, _, _, _) = $0 { try? JoinMe(bytes: data) } else { nil }
        }
        return try #require(joinMes.last).ackField
    }

    /// A node whose single way in is taken, in a cluster of eleven.
    private func occupied(seed: UInt64 = 2, age: UInt64) throws -> NodeHarness {
        var harness = NodeHarness(2, seed: seed) {
            $0.meshInLinks = 1
            $0.accessBroadcast = false
        }
        _ = try harness.join(1)
        harness.wait(age)
        harness.forget()
        return harness
    }

    @Test func nodeWithOneWayInAcknowledgesABiggerCluster() throws {
        var harness = try occupied(age: 0)
        try harness.hear(3, size: 20)
        harness.wait(2200)
        #expect(try advertisedAck(harness) == NodeHarness.cluster(of: 3))
        #expect(harness.node.linkCount == 1, "its link is too young to be dropped")
    }

    @Test func nodeWithTwoWaysInAcknowledgesNobody() throws {
        var harness = NodeHarness(2) { $0.accessBroadcast = false }
        _ = try harness.join(1)
        harness.wait(6000)
        try harness.hear(3, size: 20)
        harness.wait(2200)
        #expect(harness.decisions.last == .waitAsPeripheral)
        #expect(try advertisedAck(harness) == .none)
        #expect(harness.node.meshEdgeCount == 1)
    }

    @Test func acknowledgementEndsWithTheCandidate() throws {
        var harness = try occupied(age: 0)
        try harness.hear(3, size: 20, rssi: -60)
        harness.wait(2200)
        try harness.hear(3, size: 20, rssi: -90)
        harness.wait(2200)
        #expect(try advertisedAck(harness) == .none)
    }

    @Test func nodeDissolvesForABiggerCluster() throws {
        var harness = try occupied(age: 5000)
        try harness.hear(3, size: 20)
        harness.wait(2200)
        #expect(harness.node.linkCount == 0)
        #expect(harness.node.clusterSize == 1)
        #expect(harness.node.clusterID.rawValue & 0xFFFF == 2)
        #expect(harness.removals == [.shouldWaitAsPeripheral])
        #expect(try advertisedAck(harness) == NodeHarness.cluster(of: 3))
    }

    @Test func nodeWithAFreeWayInDoesNotDissolve() throws {
        var harness = NodeHarness(2) { $0.meshInLinks = 1 }
        _ = try harness.takeIn(3)
        harness.wait(6000)
        try harness.hear(4, size: 20)
        harness.wait(2200)
        #expect(harness.decisions.last == .waitAsPeripheral)
        #expect(harness.node.meshEdgeCount == 1)
    }

    @Test func nodeDissolvesForAnEqualClusterOnceInFourDecisions() throws {
        var dissolved = 0
        for seed in UInt64(1)...80 {
            var harness = try occupied(seed: seed, age: 5000)
            // Full, so that it cannot be connected to.
            try harness.hear(3, size: 11, freeIn: 0)
            let before = harness.decisions.count
            while harness.decisions.count == before {
                harness.wait(200)
            }
            dissolved += harness.node.linkCount == 0 ? 1 : 0
        }
        #expect((10...30).contains(dissolved), "of 80, 20 expected; seeds 1...80")
    }
}
