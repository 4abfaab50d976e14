import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// The checks on CLUSTER_WELCOME, in their order (protocol §7.3).
@Suite struct WelcomeTests {
    /// A node in a cluster of six that ignores everybody but nodes 1 and 3, and a fresh link to it.
    private func choosy(mode: PreferredMode = .ignored) throws -> (NodeHarness, LinkID) {
        var stored = PersistentState()
        stored.preferredPartners = [NodeID(1), NodeID(3)]
        stored.preferredMode = mode
        var harness = NodeHarness(2, stored: stored) { $0.liveReportLevel = 105 }
        _ = try harness.join(1, size: 5)
        let link = harness.linkUp(from: 9)
        harness.forget()
        return (harness, link)
    }

    private func expectRefusal(
        _ harness: NodeHarness,
        of link: LinkID,
        _ failure: HandshakeFailure,
        _ reason: DisconnectReason
    ) {
        #expect(harness.closed == [link])
        #expect(harness.removals == [reason])
        #expect(harness.traces.contains { $0.event == .handshakeRefused(partner: NodeID(9), failure) })
        #expect(harness.sent.contains { $0.hex.hasPrefix("350200000003000169" + "00000000" + "0\(failure.rawValue)") })
        #expect(harness.sent(ClusterAck1.self, on: link).isEmpty)
        #expect(harness.node.clusterSize == 6)
        #expect(harness.node.meshEdgeCount == 1)
    }

    @Test func tooShortIsIgnored() throws {
        var (harness, link) = try choosy()
        try harness.receive("140900317509001581" + "6400" + "0b00" + "ffff", on: link)
        #expect(harness.closed == [])
        #expect(harness.traces.contains { $0.event == .malformed(link: link, type: .clusterWelcome) })
        harness.wait(5000)
        #expect(harness.removals == [.handshakeTimeout])
    }

    @Test func sameClusterComesFirst() throws {
        var (harness, link) = try choosy()
        let own = harness.node.clusterID
        try harness.welcome(from: 9, cluster: own, size: 1, network: NetworkID(12), on: link)
        expectRefusal(harness, of: link, .sameCluster, .sameCluster)
    }

    @Test func smallerClusterComesSecond() throws {
        var (harness, link) = try choosy()
        try harness.welcome(from: 9, size: 5, network: NetworkID(12), on: link)
        expectRefusal(harness, of: link, .wrongDirection, .wrongDirection)
    }

    @Test func otherNetworkComesThird() throws {
        var (harness, link) = try choosy()
        try harness.welcome(from: 9, network: NetworkID(12), on: link)
        expectRefusal(harness, of: link, .networkMismatch, .networkMismatch)
    }

    @Test func nodeThatIsNotPreferredComesFourth() throws {
        var (harness, link) = try choosy()
        try harness.welcome(from: 9, on: link)
        expectRefusal(harness, of: link, .unpreferred, .unpreferred)
    }

    @Test func penaltyDoesNotRefuse() throws {
        var (harness, link) = try choosy(mode: .penalty)
        try harness.welcome(from: 9, on: link)
        #expect(harness.sent(ClusterAck1.self, on: link).count == 1)
    }

    @Test(arguments: [Int16(6), 7])
    func clusterThatIsNotSmallerIsYieldedTo(size: Int16) throws {
        var (harness, _) = try choosy()
        let link = harness.linkUp(from: 3)
        try harness.welcome(from: 3, size: size, on: link)
        #expect(harness.sent(beginning: "15", on: link) == ["1502000300ffff00"])
        #expect(harness.removals == [.iAmSmaller])
        #expect(harness.node.clusterSize == 1)
    }

    @Test func oldFormWithoutANetworkIsAccepted() throws {
        var (harness, _) = try choosy()
        let link = harness.linkUp(from: 3)
        try harness.welcome(from: 3, network: nil, on: link)
        #expect(harness.sent(ClusterAck1.self, on: link).count == 1)
    }

    @Test func centralDoesNothingAboutASmallerPartner() throws {
        var harness = NodeHarness(2)
        _ = try harness.takeIn(4)
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.prepare(link)
        harness.forget()
        try harness.welcome(from: 3, size: 1, on: link)
        #expect(harness.closed == [])
        #expect(harness.traces.contains { $0.event == .handshakeRefused(partner: NodeID(3), .wrongDirection) })
        #expect(harness.sent(ClusterAck1.self, on: link).isEmpty)
    }
}
