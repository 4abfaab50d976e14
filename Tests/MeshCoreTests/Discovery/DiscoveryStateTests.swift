import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// The discovery state machine, event by event (protocol §3.1).
@Suite struct DiscoveryStateTests {
    private static let scanHigh = ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 7_500)
    private static let scanLow = ScanTiming(intervalMicroseconds: 250_000, windowMicroseconds: 3_000)

    /// A node in a cluster of eleven that has this many enrolled nodes stored.
    private func joined(
        enrolled: UInt16,
        configure: (inout Configuration) -> Void = { _ in }
    ) throws -> (NodeHarness, LinkID) {
        var stored = PersistentState()
        stored.enrolledNodes = enrolled
        var harness = NodeHarness(2, stored: stored, configure: configure)
        let link = try harness.join(1)
        harness.forget()
        return (harness, link)
    }

    // MARK: - States

    @Test func bootGoesHighAlone() {
        let harness = NodeHarness(2)
        #expect(harness.node.discovery == .high)
        #expect(harness.node.clusterSize == 1)
        #expect(harness.node.clusterID == ClusterID(rawValue: 0x1234_0002))
        #expect(harness.scans == [Self.scanHigh])
    }

    @Test func assetNeverMeshes() throws {
        var harness = NodeHarness(2, deviceType: .asset)
        try harness.hear(3)
        try harness.hear(4, size: 5)
        harness.wait(5000)
        #expect(harness.scans == [])
        #expect(harness.connects.isEmpty)
        #expect(harness.decisions == [])
        let advertisesJoinMe = harness.commands.contains {
            if case .advertise(let data, _, _, _) = $0 { JoinMe.isForNetwork(NetworkID(11), data) } else { false }
        }
        #expect(!advertisesJoinMe)
    }

    @Test func assetCanBeReachedByMeshAccessButNotByAMeshLink() throws {
        var harness = NodeHarness(2, deviceType: .asset)
        harness.wait(2000)
        let advertised = harness.commands.compactMap { command -> [UInt8]? in
            if case .advertise(let data, _, true, _) = command { data.array } else { nil }
        }
        #expect(advertised.map { Array($0[11...12]) } == [[3, 0]])
        let link = harness.linkUp(from: 3)
        try harness.welcome(from: 3, size: 5, on: link)
        #expect(harness.closed == [link])
    }

    @Test func loneNodeNeverLeavesHigh() throws {
        var harness = NodeHarness(2) { $0.timing.highDiscoveryTimeout = 3_000_000 }
        try harness.send("330200020000000000")
        #expect(harness.node.discovery == .high)
        harness.wait(10_000)
        #expect(harness.node.discovery == .high)
        #expect(harness.scans == [Self.scanHigh])
    }

    @Test func eachStateHasItsScan() throws {
        var (harness, link) = try joined(enrolled: 5)
        harness.wait(10_000)
        #expect(harness.scans == [Self.scanLow])
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        try harness.command(.setDiscovery(mode: 1), from: 1, on: link)
        #expect(harness.scans == [Self.scanLow, nil, Self.scanHigh])
    }

    @Test func decisionsAreTakenInEveryState() throws {
        var (harness, link) = try joined(enrolled: 0)
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        #expect(harness.node.discovery == .idle)
        _ = try harness.connect(to: 3)
    }

    // MARK: - HIGH to LOW by time

    @Test func highLastsForeverByDefault() throws {
        var (harness, _) = try joined(enrolled: 0)
        harness.wait(300_000)
        #expect(harness.node.discovery == .high)
    }

    @Test func highEndsAfterItsTimeout() throws {
        var (harness, _) = try joined(enrolled: 0) { $0.timing.highDiscoveryTimeout = 20_000_000 }
        harness.wait(19_800)
        #expect(harness.node.discovery == .high)
        harness.wait(200)
        #expect(harness.node.discovery == .low)
    }

    @Test func highRequestedAgainRestartsItsTimeout() throws {
        var (harness, link) = try joined(enrolled: 0) { $0.timing.highDiscoveryTimeout = 20_000_000 }
        harness.wait(15_000)
        try harness.command(.setDiscovery(mode: 1), from: 1, on: link)
        harness.wait(19_800)
        #expect(harness.node.discovery == .high)
        try harness.update(from: 1, counter: 1, on: link)
        harness.wait(19_800)
        #expect(harness.node.discovery == .high)
        harness.wait(400)
        #expect(harness.node.discovery == .low)
    }

    // MARK: - Cluster size against enrolled nodes

    @Test func allEnrolledNodesLeadToIdleAfterTenSeconds() throws {
        var (harness, _) = try joined(enrolled: 11)
        harness.wait(9_800)
        #expect(harness.node.discovery == .high)
        harness.wait(200)
        #expect(harness.node.discovery == .idle)
        #expect(harness.scans == [nil])
        #expect(harness.stored.enrolledNodes == 11)
    }

    @Test func moreThanEnrolledIsForgottenAndLeadsToLow() throws {
        var (harness, link) = try joined(enrolled: 10)
        harness.wait(9_800)
        #expect(harness.node.discovery == .high)
        harness.wait(200)
        #expect(harness.node.discovery == .low)
        #expect(harness.stored.enrolledNodes == 0)
        harness.wait(5000)
        #expect(harness.sent(beginning: "3302000100000007" + "0000", on: link).count == 1, "it spreads")
    }

    @Test func everySizeRestartsTheTransition() throws {
        var (harness, link) = try joined(enrolled: 11)
        harness.wait(9_000)
        try harness.update(from: 1, change: 0, counter: 1, on: link)
        harness.wait(9_800)
        #expect(harness.node.discovery == .high)
        harness.wait(200)
        #expect(harness.node.discovery == .idle)
    }

    @Test(arguments: [UInt16(0), 1, 20])
    func sizeBelowEnrolledOrNoneEnrolledGoesHighAtOnce(enrolled: UInt16) throws {
        var (harness, link) = try joined(enrolled: enrolled)
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        #expect(harness.node.discovery == .idle)
        try harness.update(from: 1, change: 1, counter: 1, on: link)
        #expect(harness.node.discovery == .high)
    }

    @Test func sizeThatFellDuringTheTransitionGoesHigh() throws {
        var (harness, link) = try joined(enrolled: 11)
        try harness.update(from: 1, change: -1, counter: 1, on: link)
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        #expect(harness.node.discovery == .idle)
        harness.wait(10_000)
        #expect(harness.node.discovery == .high)
    }

    // MARK: - Commands and updates

    @Test func discoveryIsSetByCommand() throws {
        var (harness, link) = try joined(enrolled: 0)
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        #expect(harness.node.discovery == .idle)
        try harness.command(.setDiscovery(mode: 7), from: 1, on: link)
        #expect(harness.node.discovery == .high)
    }

    @Test func updateFromTheMeshLeavesIdleAlone() throws {
        var (harness, link) = try joined(enrolled: 11)
        harness.wait(10_000)
        try harness.update(from: 1, counter: 1, on: link)
        #expect(harness.node.discovery == .idle)
    }

    @Test func updateFromTheMeshEndsLow() throws {
        var (harness, link) = try joined(enrolled: 5)
        harness.wait(10_000)
        #expect(harness.node.discovery == .low)
        try harness.update(from: 1, counter: 1, on: link)
        #expect(harness.node.discovery == .high)
    }

    @Test(arguments: [(UInt16(0), DiscoveryState.high), (11, .idle), (12, .high)])
    func enrolledNodesByCommandDecideAtOnce(enrolled: UInt16, state: DiscoveryState) throws {
        var (harness, link) = try joined(enrolled: 0)
        // From the state that is not expected.
        try harness.command(.setDiscovery(mode: state == .idle ? 1 : 0), from: 1, on: link)
        try harness.command(.setEnrolledNodes(count: enrolled), from: 1, on: link)
        #expect(harness.node.discovery == state)
        #expect(harness.stored.enrolledNodes == enrolled)
    }

    @Test(arguments: [UInt16(1), 10])
    func fewerEnrolledThanSizeByCommandAreForgottenAfterTenSeconds(enrolled: UInt16) throws {
        var (harness, link) = try joined(enrolled: 0)
        try harness.command(.setEnrolledNodes(count: enrolled), from: 1, on: link)
        harness.wait(9_800)
        #expect(harness.node.discovery == .high)
        #expect(harness.stored.enrolledNodes == enrolled)
        harness.wait(200)
        #expect(harness.node.discovery == .low)
        #expect(harness.stored.enrolledNodes == 0)
    }

    @Test func stoppedMachineIgnoresRequests() throws {
        var (harness, link) = try joined(enrolled: 0)
        harness.give(.request(.discovery(running: false)))
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        #expect(harness.node.discovery == .high)
        harness.give(.request(.discovery(running: true)))
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        #expect(harness.node.discovery == .idle)
    }

    // MARK: - Connect attempts

    @Test func connectAttemptSuspendsTheScanUntilTheNextTick() throws {
        var harness = NodeHarness(2)
        let connect = try harness.connect(to: 3)
        harness.forget()
        harness.wait(1050)
        #expect(harness.scans == [])
        harness.give(.radio(.connectFailed(token: connect.token, reason: .failedToEstablish)))
        harness.wait(140)
        #expect(harness.scans == [])
        harness.wait(10)
        #expect(harness.scans == [Self.scanHigh])
    }

    @Test func linkThatComesUpEndsTheSuspensionToo() throws {
        var harness = NodeHarness(2)
        let connect = try harness.connect(to: 3)
        harness.forget()
        harness.wait(450)
        _ = harness.linkUp(connect)
        harness.wait(150)
        #expect(harness.scans == [Self.scanHigh])
    }

    @Test func idleNodeDoesNotScanAfterAnAttempt() throws {
        var (harness, link) = try joined(enrolled: 0)
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        let connect = try harness.connect(to: 3)
        harness.forget()
        harness.give(.radio(.connectFailed(token: connect.token, reason: .failedToEstablish)))
        harness.wait(1000)
        #expect(harness.scans == [])
    }
}
