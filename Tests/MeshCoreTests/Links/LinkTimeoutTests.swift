import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// What ends a link that does not get on (protocol §2.5, §5.8, §7.6), and what is told of it (§10.1).
@Suite struct LinkTimeoutTests {
    // MARK: - Handshake

    @Test func unansweredWelcomeEndsTheLinkAfterFiveSeconds() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.wait(3000)
        harness.prepare(link)
        harness.wait(4800)
        #expect(harness.closed == [], "the clock began anew with WELCOME")
        harness.wait(200)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.handshakeTimeout])
        #expect(harness.node.connectionLossCounter == 1)
    }

    @Test func linkThatIsNeverEncryptedEndsAfterFiveSeconds() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.wait(4800)
        #expect(harness.closed == [])
        harness.wait(200)
        #expect(harness.closed == [link])
    }

    @Test func receivedWelcomeDoesNotRestartTheClock() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(from: 1)
        harness.wait(3000)
        try harness.welcome(from: 1, on: link)
        harness.wait(1800)
        #expect(harness.closed == [])
        harness.wait(200)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.handshakeTimeout])
    }

    @Test func handshakeIsNotTimedOutDuringAConnectAttempt() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(from: 1)
        harness.wait(3000)
        let connect = try harness.connect(to: 3)
        harness.wait(3000)
        #expect(harness.closed == [])
        harness.give(.radio(.connectFailed(token: connect.token, reason: .failedToEstablish)))
        harness.wait(200)
        #expect(harness.closed == [link])
    }

    @Test func connectAttemptsHoldATimeoutOffForTenSecondsAtMost() throws {
        var harness = NodeHarness(2)
        let first = try harness.takeIn(3)
        let second = try harness.takeIn(4)
        harness.wait(11_000)
        let stuck = harness.linkUp(from: 1)
        let begin = harness.uptime
        harness.forget()
        // Two re-establishments whose attempts follow each other without a break.
        harness.wait(4000)
        harness.lose(first)
        harness.wait(7000)
        harness.lose(second)
        harness.wait(begin + 14_800 - harness.uptime)
        #expect(!harness.closed.contains(stuck))
        harness.wait(400)
        #expect(harness.closed == [stuck])
        #expect(harness.removals == [.reconnectTimeout, .pendingTimeout])
    }

    // MARK: - Connect attempt

    @Test func attemptThatTheRadioNeverAnswersIsGivenUpAfterTenSeconds() throws {
        var harness = NodeHarness(2)
        _ = try harness.connect(to: 3)
        harness.forget()
        harness.wait(10_000)
        #expect(harness.removals == [])
        harness.wait(200)
        #expect(harness.removals == [.pendingTimeout])
        #expect(harness.commands.contains(.cancelConnect))
        #expect(harness.node.linkCount == 0)
        _ = try harness.connect(to: 3)
    }

    // MARK: - Write request

    @Test func unansweredRequestOfAWinnerEndsTheLinkAfterThirtySeconds() throws {
        var harness = NodeHarness(2)
        harness.confirmsWrites = false
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.prepare(link)
        harness.give(.radio(.writeConfirmed(link: link)))
        try harness.acknowledge1(from: 3, on: link)
        #expect(try harness.view(of: link).state == .handshakeDone)
        harness.wait(29_800)
        #expect(harness.closed == [])
        harness.wait(200)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.requestTimeout])
    }

    @Test func answeredRequestIsForgotten() throws {
        var harness = NodeHarness(2)
        _ = try harness.takeIn(3)
        harness.wait(40_000)
        #expect(harness.removals == [])
    }

    // MARK: - Live reports

    /// Live reports sent on a link: type and extras.
    private func reports(_ harness: NodeHarness, on link: LinkID) -> [String] {
        harness.sent(beginning: "3502000000030001", on: link).map { String($0.dropFirst(16)) }
    }

    @Test func lossIsReportedAsLostByTheRadioAndThenByTheMesh() throws {
        var harness = NodeHarness(2)
        let witness = try harness.takeIn(3)
        let link = try harness.takeIn(4)
        harness.forget()
        harness.lose(link)
        #expect(
            reports(harness, on: witness) == [
                "34" + "04000000" + "08000000",
                "33" + "04000000" + "03000000",
            ]
        )
    }

    @Test func ownRemovalIsReportedByTheMeshAndThenByTheRadio() throws {
        var harness = NodeHarness(2)
        let witness = try harness.takeIn(3)
        _ = try harness.takeIn(4)
        harness.forget()
        harness.give(.request(.disconnect(NodeID(4))))
        #expect(
            reports(harness, on: witness) == [
                "33" + "04000000" + "0d000000",
                "34" + "04000000" + "16000000",
            ]
        )
    }

    @Test func unfinishedHandshakeIsLostForTheRadioOnly() throws {
        var harness = NodeHarness(2)
        let witness = try harness.takeIn(3)
        let link = harness.linkUp(try harness.connect(to: 4))
        harness.forget()
        harness.lose(link, reason: .failedToEstablish)
        #expect(reports(harness, on: witness) == ["34" + "04000000" + "3e000000"])
    }
}
