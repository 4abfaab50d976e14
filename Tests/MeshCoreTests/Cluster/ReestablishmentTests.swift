import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Transparent recovery of a broken link (protocol §8.5).
@Suite struct ReestablishmentTests {
    /// A node that was taken in by node 1 and took in node 3, long enough ago.
    private func aged(_ milliseconds: UInt64 = 11_000) throws -> (harness: NodeHarness, up: LinkID, down: LinkID) {
        var harness = NodeHarness(2) { $0.liveReportLevel = 0 }
        let up = try harness.join(1)
        let down = try harness.takeIn(3)
        harness.wait(milliseconds)
        harness.forget()
        return (harness, up, down)
    }

    private func reconnect(from id: UInt16) -> Reconnect { Reconnect(sender: NodeID(id), receiver: NodeID(2)) }

    private func skipped(_ harness: NodeHarness) -> [UInt8] {
        harness.traces.compactMap { if case .reestablishmentSkipped(_, let rules) = $0.event { rules } else { nil } }
    }

    // MARK: - Conditions

    @Test(arguments: [HCIStatus.connectionTimeout, .failedToEstablish])
    func oldLinkIsKept(reason: HCIStatus) throws {
        var (harness, up, _) = try aged()
        let cluster = harness.node.clusterID
        harness.lose(up, reason: reason)
        #expect(try harness.view(of: 1).state == .reestablishing)
        #expect(harness.removals == [])
        #expect(harness.node.clusterID == cluster)
        #expect(harness.node.clusterSize == 12)
        #expect(harness.sent == [], "the network does not notice")
        #expect(harness.traces.contains { $0.event == .reestablishing(partner: NodeID(1), reason) })
    }

    @Test(
        arguments: [(HCIStatus.remoteUserTerminated, UInt8(8)), (.localHostTerminated, UInt8(4))]
            as [(HCIStatus, UInt8)]
    )
    func linkClosedOnPurposeIsNotKept(reason: HCIStatus, rule: UInt8) throws {
        var (harness, up, _) = try aged()
        harness.lose(up, reason: reason)
        #expect(skipped(harness) == [rule])
        #expect(harness.removals.first == .linkLost)
    }

    /// What was corrupted is lost, and the partner takes it for sent: the two would not be where they were.
    @Test func linkThatCarriedSomethingCorruptedIsNotKept() throws {
        var (harness, up, _) = try aged()
        harness.lose(up, reason: .micFailure)
        #expect(skipped(harness) == [32])
        #expect(harness.removals.first == .linkLost)
    }

    /// What the radio had acknowledged and not told yet is lost in the same way.
    @Test(arguments: [HCIStatus.connectionTimeout, .hardwareFailure])
    func noLinkOfARadioThatFailedIsKept(status: HCIStatus) throws {
        var (harness, up, down) = try aged()
        harness.give(.radio(.failed(status)))
        #expect(skipped(harness).contains(64))
        #expect(harness.node.linkCount == 0)
        #expect(harness.node.clusterSize == 1)
        for (link, partner) in [(up, UInt16(1)), (down, 3)] {
            let end = TraceEvent.linkDown(link: link, address: NodeHarness.address(of: partner), .hardwareFailure)
            #expect(harness.traces.contains { $0.event == end })
        }
    }

    /// Over a link that was lost before, nothing can have come that was not told.
    @Test func linkThatWasLostBeforeTheRadioFailedIsKept() throws {
        var (harness, up, _) = try aged()
        harness.lose(up)
        harness.give(.radio(.failed(.hardwareFailure)))
        #expect(try harness.view(of: 1).state == .reestablishing)
    }

    @Test func youngLinkIsNotKept() throws {
        var harness = NodeHarness(2)
        let link = try harness.join(1)
        harness.wait(10_000)
        harness.lose(link)
        #expect(skipped(harness) == [16])
        #expect(harness.removals == [.linkLost])
        var older = NodeHarness(2)
        let other = try older.join(1)
        older.wait(10_200)
        older.lose(other)
        #expect(skipped(older) == [])
    }

    @Test func linkWithoutAHandshakeIsNotKept() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.prepare(link)
        harness.lose(link)
        #expect(skipped(harness).map { $0 & 2 } == [2])
        #expect(harness.node.linkCount == 0)
    }

    // MARK: - Former central

    @Test func centralConnectsAgainAtOnce() throws {
        var (harness, _, down) = try aged()
        harness.lose(down)
        let connect = try #require(harness.connects.first)
        #expect(connect.address == NodeHarness.address(of: 3))
        #expect(connect.parameters == ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100))
        #expect(connect.timeoutMicroseconds == 10_000_000)
    }

    @Test func centralReconnectsAfterEncryptionAndMTU() throws {
        var (harness, _, down) = try aged()
        harness.lose(down)
        let back = harness.linkUp(try #require(harness.connects.first))
        #expect(harness.commands.last { $0 == .encrypt(link: back, key: Key128(repeating: 0x22)) } != nil)
        #expect(try harness.view(of: back).state == .reestablishingHandshake)
        harness.give(.radio(.encrypted(link: back, status: .success)))
        #expect(harness.writes.isEmpty)
        #expect(harness.commands.contains(.exchangeMTU(link: back, mtu: 63)))
        harness.give(.radio(.mtu(link: back, value: 63)))
        let reconnect = NodeHarness.Write(link: back, hex: "1802000300", kind: .command)
        #expect(harness.writes == [reconnect])
        #expect(try harness.view(of: back).state == .reestablishingHandshake)
        try harness.receive(self.reconnect(from: 3), on: back)
        #expect(harness.writes.prefix(2) == [reconnect, reconnect], "the second is harmless")
        #expect(try harness.view(of: back).state == .handshakeDone)
        #expect(harness.traces.contains { $0.event == .reestablished(partner: NodeID(3)) })
    }

    @Test func centralTriesAgainAtTheNextTick() throws {
        var (harness, _, down) = try aged()
        harness.lose(down)
        let first = try #require(harness.connects.first)
        harness.wait(1100)
        harness.give(.radio(.connectFailed(token: first.token, reason: .failedToEstablish)))
        #expect(harness.connects.count == 1)
        harness.wait(200)
        #expect(harness.connects.count == 2)
        #expect(harness.removals == [])
    }

    @Test func centralWaitsForAnAttemptThatIsPending() throws {
        var (harness, _, down) = try aged()
        let other = try harness.connect(to: 5)
        harness.forget()
        harness.lose(down)
        harness.wait(1000)
        #expect(harness.connects.isEmpty)
        harness.give(.radio(.connectFailed(token: other.token, reason: .failedToEstablish)))
        harness.wait(200)
        #expect(harness.connects.map(\.address) == [NodeHarness.address(of: 3)])
    }

    // MARK: - Former peripheral

    @Test func peripheralAnswersReconnect() throws {
        var (harness, up, _) = try aged()
        harness.lose(up)
        let back = harness.linkUp(from: 1)
        #expect(try harness.view(of: back).state == .reestablishingHandshake)
        harness.give(.radio(.keyRequested(link: back)))
        harness.give(.radio(.encrypted(link: back, status: .success)))
        harness.give(.radio(.mtu(link: back, value: 63)))
        #expect(harness.writes.isEmpty)
        try harness.receive(reconnect(from: 1), on: back)
        #expect(harness.writes.first == NodeHarness.Write(link: back, hex: "1802000100", kind: .command))
        #expect(try harness.view(of: back).state == .handshakeDone)
    }

    @Test func linkFromAnotherAddressIsAnotherLink() throws {
        var (harness, up, _) = try aged()
        harness.lose(up)
        let stranger = harness.newLink()
        let address = Address(value: NodeHarness.address(of: 1).value, kind: .public)
        harness.linkUp(stranger, token: .incoming, role: .peripheral, to: address)
        #expect(try harness.view(of: stranger).kind == .resolver)
        #expect(try harness.view(of: 1).state == .reestablishing)
    }

    @Test func reconnectOfAStrangerIsIgnored() throws {
        var (harness, up, _) = try aged()
        harness.lose(up)
        let back = harness.linkUp(from: 1)
        try harness.receive(reconnect(from: 9), on: back)
        #expect(try harness.view(of: back).state == .reestablishingHandshake)
        #expect(harness.writes.isEmpty)
        let ignored = TraceEvent.unexpected(link: back, type: .reconnect)
        #expect(harness.traces.contains { $0.event == ignored })
    }

    @Test func reconnectOnANewLinkIsIgnored() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(from: 1)
        try harness.receive(reconnect(from: 1), on: link)
        #expect(harness.writes.isEmpty)
        #expect(try harness.view(of: link).state == .connected)
        harness.wait(5000)
        #expect(harness.closed == [link], "by the time-out of the handshake")
    }

    @Test func clusterIsAsBefore() throws {
        var (harness, up, down) = try aged()
        let cluster = harness.node.clusterID
        harness.lose(up)
        harness.wait(5000)
        let back = harness.linkUp(from: 1)
        try harness.receive(reconnect(from: 1), on: back)
        harness.wait(20_000)
        #expect(harness.node.clusterID == cluster)
        #expect(harness.node.clusterSize == 12)
        #expect(harness.node.connectionLossCounter == 0)
        #expect(harness.removals == [])
        let view = try harness.view(of: back)
        #expect(!view.masterBit)
        #expect(view.connectedSize == 10)
        #expect(harness.sent(ClusterInfoUpdate.self, on: down).isEmpty)
        #expect(harness.sent(ClusterInfoUpdate.self, on: back).isEmpty)
    }

    @Test func messagesWaitForTheReturn() throws {
        var (harness, up, down) = try aged()
        harness.lose(up)
        try harness.receive("5003000100aa", on: down)
        try harness.update(from: 3, change: 1, counter: 1, on: down)
        try harness.update(from: 3, change: 1, counter: 0, on: down)
        let back = harness.linkUp(from: 1)
        #expect(harness.sent == [])
        try harness.receive(reconnect(from: 1), on: back)
        #expect(harness.sent(beginning: "50", on: back) == ["5003000100aa"])
        #expect(harness.sent(ClusterInfoUpdate.self, on: back).map(\.sizeChange) == [2])
    }

    // MARK: - Window

    @Test func linkThatDoesNotReturnIsRemovedAfterTenSeconds() throws {
        var (harness, _, down) = try aged()
        harness.lose(down)
        harness.wait(9800)
        #expect(harness.removals == [])
        harness.wait(200)
        #expect(harness.removals == [.reconnectTimeout])
        #expect(harness.commands.contains(.cancelConnect))
        #expect(harness.node.clusterSize == 11, "this end held the bit")
    }

    @Test func secondLossDoesNotRestartTheWindow() throws {
        var (harness, up, _) = try aged()
        harness.lose(up)
        harness.wait(6000)
        let back = harness.linkUp(from: 1)
        harness.wait(2000)
        harness.lose(back)
        #expect(try harness.view(of: 1).state == .reestablishing)
        harness.wait(1800)
        #expect(harness.removals == [])
        harness.wait(200)
        #expect(harness.removals.first == .reconnectTimeout)
    }

    @Test func lossAfterASuccessHasAWindowOfItsOwn() throws {
        var (harness, up, _) = try aged()
        harness.lose(up)
        harness.wait(6000)
        let back = harness.linkUp(from: 1)
        try harness.receive(reconnect(from: 1), on: back)
        harness.wait(1000)
        harness.lose(back)
        harness.wait(9800)
        #expect(harness.removals == [])
        harness.wait(200)
        #expect(harness.removals.first == .reconnectTimeout)
    }

    /// The partner may be done with the re-establishment already, and has sent what is lost now.
    @Test func returnedLinkThatCarriedSomethingCorruptedIsRemoved() throws {
        var (harness, _, down) = try aged()
        harness.lose(down)
        let back = harness.linkUp(try #require(harness.connects.first))
        harness.prepare(back)
        harness.lose(back, reason: .micFailure)
        #expect(skipped(harness) == [32])
        #expect(harness.removals == [.linkLost])
        #expect(harness.node.clusterSize == 11, "this end held the bit")
    }

    @Test func returnedLinkWithoutReconnectIsRemovedWithTheWindow() throws {
        var (harness, up, _) = try aged()
        harness.lose(up)
        harness.wait(4000)
        let back = harness.linkUp(from: 1)
        harness.wait(5800)
        #expect(harness.closed == [])
        harness.wait(200)
        #expect(harness.closed.contains(back))
        #expect(harness.removals.first == .reconnectTimeout)
    }

    @Test func partnerThatForgotAndClosesEndsIt() throws {
        var (harness, _, down) = try aged()
        harness.lose(down)
        let back = harness.linkUp(try #require(harness.connects.first))
        harness.prepare(back)
        harness.wait(5000)
        harness.lose(back, reason: .remoteUserTerminated)
        #expect(harness.removals == [.linkLost])
        #expect(harness.node.clusterSize == 11)
    }

    // MARK: - WELCOME on the returned link

    @Test func welcomeOnTheReturnedLinkIsAFirstHandshake() throws {
        var (harness, up, down) = try aged()
        try harness.update(from: 1, change: 1, counter: 1, on: up)
        harness.forget()
        harness.lose(up)
        harness.wait(7000)
        let back = harness.linkUp(from: 1)
        let cluster = ClusterID(rawValue: 0x9999_0001)
        try harness.welcome(from: 1, cluster: cluster, size: 20, on: back)
        #expect(harness.sent(ClusterAck1.self, on: back).count == 1)
        #expect(harness.closed == [down])
        #expect(harness.removals == [.iAmSmaller])
        #expect(harness.node.clusterSize == 1)
        harness.wait(4000)
        #expect(try harness.view(of: back).state == .handshaking, "it has five seconds of its own")
        try harness.acknowledge2(from: 1, cluster: cluster, size: 21, on: back)
        #expect(harness.node.clusterSize == 21)
        #expect(harness.node.clusterID == cluster)
        try harness.update(from: 1, change: 1, counter: 1, on: back)
        #expect(harness.node.clusterSize == 22, "its counters began anew")
    }

    @Test func smallerWelcomeOnTheReturnedLinkIsRefused() throws {
        var (harness, up, _) = try aged()
        harness.lose(up)
        let back = harness.linkUp(from: 1)
        try harness.welcome(from: 1, cluster: ClusterID(rawValue: 0x9999_0001), size: 1, on: back)
        #expect(harness.removals.first == .wrongDirection)
        #expect(harness.closed.contains(back))
    }
}
