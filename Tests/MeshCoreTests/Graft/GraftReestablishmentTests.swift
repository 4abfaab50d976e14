import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// A link of the tree that broke comes back if both ends still hold it, and only then (graft §7).
@Suite struct GraftReestablishmentTests {
    /// The nonce of links on which node 9 or 3 is central.
    private static let up: UInt32 = 0x1009
    private static let down: UInt32 = 0x1003

    /// A member under node 9, with child 3 as peripheral and child 4 as central; old enough to be kept.
    private func aged() throws -> (harness: NodeHarness, up: LinkID, down: LinkID, other: LinkID, nonce: UInt32) {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.takeChild(3)
        let other = try harness.fetchChild(4)
        let nonce = try harness.nonce(on: other)
        harness.wait(1500)
        harness.forget()
        return (harness, up, down, other, nonce)
    }

    private func back(from id: UInt16, _ harness: inout NodeHarness) -> LinkID {
        let link = harness.linkUp(from: id)
        harness.give(.radio(.mtu(link: link, value: 63)))
        return link
    }

    // MARK: - Coming back

    @Test func linkOfTheTreeIsKept() throws {
        var (harness, up, _, _, _) = try aged()
        harness.lose(up)
        #expect(try harness.view(of: 9).state == .reestablishing)
        #expect(try harness.view(of: 9).relation == .parent)
        #expect(harness.node.clusterSize == 13)
        #expect(harness.sent.isEmpty, "the network does not notice")
        harness.checkInvariants()
    }

    @Test func peripheralAnswersWithTheNonce() throws {
        var (harness, up, _, _, _) = try aged()
        harness.lose(up)
        let link = back(from: 9, &harness)
        #expect(harness.sent.isEmpty)
        try harness.reconnect(from: 9, nonce: Self.up, on: link)
        #expect(harness.sent(beginning: "2e", on: link) == ["2e0200090009100000"])
        #expect(try harness.view(of: link).state == .handshakeDone)
        #expect(harness.relation(on: link) == .parent)
        #expect(harness.traces.contains { $0.event == .reestablished(partner: NodeID(9)) })
    }

    @Test func centralConnectsAgainAndSaysTheNonce() throws {
        var (harness, _, _, other, nonce) = try aged()
        harness.lose(other)
        let connect = try #require(harness.connects.first)
        #expect(connect.timeoutMicroseconds == 1_000_000)
        let link = harness.linkUp(connect)
        harness.prepare(link)
        #expect(harness.sent(GraftReconnect.self, on: link).map(\.nonce) == [nonce])
        #expect(try harness.view(of: link).state == .reestablishingHandshake)
        try harness.reconnect(from: 4, nonce: nonce, on: link)
        #expect(try harness.view(of: link).state == .handshakeDone)
        #expect(harness.relation(on: link) == .child)
    }

    @Test func peripheralCallsLoudly() throws {
        var (harness, up, _, _, _) = try aged()
        harness.lose(up)
        let intervals = harness.commands.compactMap {
            if case .advertise(_, _, _, let interval) = $0 { interval } else { nil }
        }
        #expect(intervals.last == 20_000)
    }

    @Test func everythingQueuedComesInOrder() throws {
        var (harness, up, down, _, _) = try aged()
        harness.lose(up)
        try harness.request(from: 3, on: down)
        try harness.receive("5003000900aa", on: down)
        try harness.receive("5003000900bb", on: down)
        try harness.tell(from: 3, behind: 8, on: down)
        #expect(harness.said(on: up) == [])
        #expect(harness.sent(beginning: "50", on: up) == [])
        let link = back(from: 9, &harness)
        try harness.reconnect(from: 9, nonce: Self.up, on: link)
        let types = harness.sent.filter { $0.link == link }.map { String($0.hex.prefix(2)) }
        #expect(types == ["2e", "2c", "50", "50", "2a"])
        #expect(harness.sent(beginning: "50", on: link) == ["5003000900aa", "5003000900bb"])
        #expect(harness.sent(GraftUpdate.self, on: link).map(\.branch.behind) == [10])
    }

    @Test func updateIsSentAgainWhateverWasTold() throws {
        var (harness, up, _, other, nonce) = try aged()
        harness.lose(up)
        let first = back(from: 9, &harness)
        try harness.reconnect(from: 9, nonce: Self.up, on: first)
        #expect(harness.said(on: first) == [.graftReconnect, .graftUpdate])
        #expect(harness.sent(GraftUpdate.self, on: first).map(\.isKeyValid) == [false])
        harness.lose(other)
        let second = harness.linkUp(try #require(harness.connects.first))
        harness.prepare(second)
        try harness.reconnect(from: 4, nonce: nonce, on: second)
        #expect(harness.said(on: second).last == .graftUpdate)
        #expect(harness.sent(GraftUpdate.self, on: second).map(\.key) == [NodeHarness.greater(9)])
    }

    @Test func whatTheRadioHadNotSentIsSentAgain() throws {
        var (harness, up, down, _, _) = try aged()
        harness.confirmsWrites = false
        try harness.receive("5003000900aa", on: down)
        #expect(harness.sent(beginning: "50", on: up) == ["5003000900aa"])
        harness.confirmsWrites = true
        harness.lose(up)
        let link = back(from: 9, &harness)
        try harness.reconnect(from: 9, nonce: Self.up, on: link)
        #expect(harness.sent(beginning: "50", on: link) == ["5003000900aa"])
    }

    @Test func roleOnItsWayComesWithTheLink() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(3)
        _ = try harness.takeChild(4)
        harness.wait(1500)
        harness.lose(down)
        harness.forget()
        harness.wait(100)
        let link = back(from: 3, &harness)
        try harness.reconnect(from: 3, nonce: Self.down, on: link)
        try harness.request(from: 3, on: link)
        #expect(harness.relation(on: link) == .parent)
        harness.wait(1500)
        harness.lose(link)
        let again = back(from: 3, &harness)
        try harness.reconnect(from: 3, nonce: Self.down, on: again)
        #expect(harness.relation(on: again) == .parent)
        try harness.giveRole(from: 3, key: harness.key, on: again)
        #expect(harness.relation(on: again) == .child)
        harness.checkInvariants()
    }

    @Test func roleIsNotGivenOverALinkThatIsDown() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.takeChild(3)
        let other = try harness.fetchChild(4)
        try harness.request(from: 3, on: down)
        try harness.request(from: 4, on: other)
        harness.wait(1500)
        harness.lose(down)
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        #expect(harness.said(on: other).contains(.graftRole), "whose link is up comes first")
        #expect(try harness.view(of: 3).relation == .child)
        harness.checkInvariants()
    }

    // MARK: - Not coming back

    @Test func windowIsOneSecond() throws {
        var (harness, up, _, _, _) = try aged()
        let lost = harness.uptime
        harness.lose(up)
        harness.wait(800)
        #expect(harness.removals == [])
        harness.wait(400)
        #expect(harness.removals.first == .reconnectTimeout)
        #expect(harness.uptime - lost <= 1200)
        #expect(harness.key.cluster == NodeHarness.own(2, count: 1).cluster)
    }

    @Test func youngLinkIsNotKept() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        harness.wait(900)
        harness.lose(up)
        #expect(harness.removals == [.linkLost])
        #expect(harness.key == NodeHarness.own(2, count: 1))
    }

    @Test(arguments: [Self.up + 1, 0, Self.down, .max])
    func wrongNonceEndsIt(nonce: UInt32) throws {
        var (harness, up, _, _, _) = try aged()
        harness.lose(up)
        let link = back(from: 9, &harness)
        try harness.reconnect(from: 9, nonce: nonce, on: link)
        #expect(harness.closed == [link], "at once")
        #expect(harness.removals.first == .reconnectError)
        #expect(harness.node.linkViews.allSatisfy { $0.partner != NodeID(9) })
        harness.checkInvariants()
    }

    @Test func reconnectOfAnotherSenderEndsIt() throws {
        var (harness, up, _, _, _) = try aged()
        harness.lose(up)
        let link = back(from: 9, &harness)
        try harness.reconnect(from: 8, nonce: Self.up, on: link)
        #expect(harness.closed == [link])
        #expect(harness.removals.first == .reconnectError)
    }

    @Test func nonceOfAnEarlierLinkEndsIt() throws {
        var harness = NodeHarness(grafting: 2)
        let first = try harness.meet(3, key: NodeHarness.smaller(3), nonce: 0x1000)
        try harness.concede(from: 3, to: harness.key, on: first)
        harness.lose(first, reason: .remoteUserTerminated)
        let second = try harness.meet(3, key: NodeHarness.smaller(3), nonce: 0x2000)
        try harness.concede(from: 3, to: harness.key, on: second)
        harness.wait(1500)
        harness.lose(second)
        harness.forget()
        let link = back(from: 3, &harness)
        try harness.reconnect(from: 3, nonce: 0x1003, on: link)
        #expect(harness.closed == [link])
        #expect(harness.node.clusterSize == 1)
    }

    @Test func reconnectOnAFreshLinkEndsIt() throws {
        var harness = NodeHarness(grafting: 2)
        let link = back(from: 3, &harness)
        try harness.reconnect(from: 3, nonce: 7, on: link)
        #expect(harness.closed == [link], "the partner is to know at once")
        #expect(harness.removals == [.reconnectError])
        #expect(harness.unexpected == [.graftReconnect])
    }

    @Test func reconnectOnAnEngagedLinkEndsIt() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.reconnect(from: 3, nonce: Self.down, on: link)
        #expect(harness.closed == [link])
    }

    @Test func reconnectOnALinkThatIsUpIsIgnored() throws {
        var (harness, up, _, _, _) = try aged()
        try harness.reconnect(from: 9, nonce: Self.up, on: up)
        #expect(harness.unexpected == [.graftReconnect])
        #expect(harness.relation(on: up) == .parent)
        #expect(harness.sent.isEmpty)
    }

    @Test func partnerThatClosesEndsIt() throws {
        var (harness, _, _, other, _) = try aged()
        harness.lose(other)
        let link = harness.linkUp(try #require(harness.connects.first))
        harness.prepare(link)
        harness.lose(link, reason: .remoteUserTerminated)
        #expect(harness.removals == [.linkLost], "it does not have the link any more")
        #expect(harness.node.clusterSize == 12)
    }

    @Test func nothingCountsBeforeReconnect() throws {
        var (harness, up, _, _, _) = try aged()
        harness.lose(up)
        let link = back(from: 9, &harness)
        let key = NodeHarness.greater(9, rank: 99)
        try harness.tell(from: 9, key: key, behind: 50, on: link)
        try harness.giveRole(from: 9, key: key, on: link)
        try harness.request(from: 9, on: link)
        try harness.concede(from: 9, to: NodeHarness.smaller(9), on: link)
        try harness.knock(from: 9, on: link)
        #expect(harness.key == NodeHarness.greater(9))
        #expect(harness.node.clusterSize == 13)
        #expect(try harness.view(of: 9).relation == .parent)
        #expect(harness.unexpected == [.graftUpdate, .graftRole, .graftRequest, .graftConcede, .graftKnock])
        try harness.reconnect(from: 9, nonce: Self.up, on: link)
        #expect(try harness.view(of: link).state == .handshakeDone)
    }

    // MARK: - Somebody new

    @Test func helloOnTheReturnedLinkBeginsAnew() throws {
        var (harness, up, down, _, _) = try aged()
        harness.lose(up)
        let link = back(from: 9, &harness)
        // Node 9 has rebooted.
        try harness.hello(from: 9, key: NodeHarness.smaller(9), nonce: 0x7777, on: link)
        #expect(harness.removals == [.linkLost])
        #expect(harness.relation(on: link) == .engaged)
        #expect(harness.isRoot)
        #expect(harness.key.cluster == NodeHarness.own(2, count: 1).cluster)
        #expect(harness.relation(on: down) == .child)
        #expect(harness.said(on: link) == [.graftHello])
        try harness.concede(from: 9, to: harness.key, on: link)
        #expect(harness.relation(on: link) == .child)
        #expect(harness.node.clusterSize == 4)
        harness.checkInvariants()
    }

    @Test func helloOfAnotherOnTheReturnedLinkBeginsAnew() throws {
        var (harness, _, down, _, _) = try aged()
        harness.lose(down)
        let link = back(from: 3, &harness)
        try harness.hello(from: 7, key: NodeHarness.smaller(7), nonce: 0x7777, on: link)
        #expect(try harness.view(of: link).partner == NodeID(7))
        #expect(harness.relation(on: link) == .engaged)
        #expect(harness.node.clusterSize == 12)
    }

    @Test func loneNodeAndItsRebootedParentMeetAgain() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        harness.wait(1500)
        harness.lose(up)
        let link = back(from: 9, &harness)
        try harness.hello(from: 9, key: NodeHarness.greater(9, rank: 1), nonce: 0x7777, on: link)
        #expect(harness.key == NodeHarness.own(2, count: 1), "alone: every other link went first")
        #expect(harness.relation(on: link) == .conceded)
        try harness.tell(from: 9, key: NodeHarness.greater(9, rank: 1), behind: 1, on: link)
        #expect(harness.node.clusterSize == 2)
    }

    @Test func oldLinkOfAPartnerThatComesOnANewOneIsLostFirst() throws {
        var (harness, up, down, _, _) = try aged()
        // Node 9 comes from another address, or its loss was not noticed yet.
        let link = harness.newLink()
        let address = Address(value: 0xC000_0000_0999, kind: .random)
        harness.linkUp(link, token: .incoming, role: .peripheral, to: address)
        harness.give(.radio(.encrypted(link: link, status: .success)))
        try harness.hello(from: 9, key: NodeHarness.smaller(9), nonce: 0x7777, on: link)
        #expect(harness.closed == [up])
        #expect(harness.removals == [.linkLost])
        #expect(harness.relation(on: down) == .child)
        #expect(harness.isRoot)
        #expect(harness.relation(on: link) == .engaged)
        harness.checkInvariants()
    }

    @Test func attemptTowardsAPartnerThatComesItselfIsGivenUp() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
        harness.wait(400)
        #expect(harness.connects.count == 1)
        let link = harness.newLink()
        let address = Address(value: 0xC000_0000_0333, kind: .random)
        harness.linkUp(link, token: .incoming, role: .peripheral, to: address)
        harness.give(.radio(.encrypted(link: link, status: .success)))
        try harness.hello(from: 3, key: NodeHarness.greater(3), nonce: 7, on: link)
        #expect(harness.commands.contains(.cancelConnect))
        #expect(harness.relation(on: link) == .conceded)
        #expect(harness.node.linkCount == 1)
    }
}
