import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Calls, knocks and the room that is made for those who found none (graft §6.2, §6.3).
@Suite struct GraftRoomTests {
    /// Hears a neighbour of a greater cluster for a time, every 0.1 s; stops when the node connects.
    private func hearFor(
        _ milliseconds: UInt64,
        _ harness: inout NodeHarness,
        key: ClusterKey = NodeHarness.greater(3),
        freeIn: UInt8,
        freeOut: UInt8,
        each: (NodeHarness) throws -> Void = { _ in }
    ) throws {
        for _ in 0..<milliseconds / 100 where harness.connects.isEmpty {
            try harness.hear(graftMeOf: 3, key: key, freeIn: freeIn, freeOut: freeOut)
            harness.wait(100)
            try each(harness)
        }
    }

    // MARK: - Calling

    @Test func rootCallsIfOnlyTheOtherWayRoundFits() throws {
        var harness = NodeHarness(grafting: 2)
        #expect(try !harness.graftMe().calls)
        try hearFor(500, &harness, freeIn: 0, freeOut: 1)
        #expect(try harness.graftMe().calls)
        #expect(harness.connects.isEmpty)
    }

    @Test func callLastsForOneAndAHalfSeconds() throws {
        // So late that the neighbour is forgotten when the call ends.
        var harness = NodeHarness(grafting: 2) { $0.graft.collecting = 600_000 }
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), freeIn: 0, freeOut: 1)
        harness.wait(700)
        #expect(try harness.graftMe().calls)
        harness.wait(1300)
        #expect(try harness.graftMe().calls)
        harness.wait(200)
        #expect(try !harness.graftMe().calls)
    }

    @Test func memberDoesNotCall() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try harness.graft(under: 9, key: NodeHarness.greater(9))
        try hearFor(1500, &harness, key: NodeHarness.greater(3, rank: 60), freeIn: 0, freeOut: 1) { harness in
            let said = try harness.graftMe()
            #expect(!said.calls)
        }
    }

    @Test func leafCalls() throws {
        var harness = NodeHarness(grafting: 2, deviceType: .leaf)
        try hearFor(500, &harness, freeIn: 2, freeOut: 1)
        let said = try harness.graftMe()
        #expect(said.calls)
        #expect(said.freeIn == 1)
        #expect(said.freeOut == 0)
        try hearFor(5000, &harness, freeIn: 2, freeOut: 1)
        #expect(harness.connects.isEmpty, "it has no way out")
    }

    // MARK: - Answering

    @Test func callIsAnsweredAtOnce() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.smaller(3), calls: true)
        harness.wait(60)
        #expect(harness.connectedTo == [NodeHarness.address(of: 3)])
    }

    @Test func memberAnswersACall() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        harness.forget()
        try harness.hear(graftMeOf: 3, key: NodeHarness.smaller(3), calls: true)
        harness.wait(60)
        #expect(harness.connectedTo == [NodeHarness.address(of: 3)])
        #expect(harness.said(on: up) == [], "the role is not needed")
    }

    @Test func callOfAGreaterClusterIsNotAnswered() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), freeIn: 0, freeOut: 0, calls: true)
        harness.wait(1500)
        #expect(harness.connects.isEmpty)
    }

    @Test func callIsNotAnsweredWithoutFittingSlots() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.smaller(3), freeIn: 0, calls: true)
        harness.wait(500)
        #expect(harness.connects.isEmpty, "no way in there")
        var full = NodeHarness(grafting: 2) { $0.meshOutLinks = 0 }
        try full.hear(graftMeOf: 3, key: NodeHarness.smaller(3), calls: true)
        full.wait(500)
        #expect(full.connects.isEmpty, "no way out here")
    }

    @Test func calledPartnerConcedes() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.approach(3, key: NodeHarness.smaller(3), calls: true)
        try harness.concede(from: 3, to: harness.key, behind: 4, on: link)
        #expect(harness.relation(on: link) == .child)
        #expect(harness.node.clusterSize == 5)
    }

    // MARK: - Knocking

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func rootKnocksAfterTwoToThreeSeconds(seed: UInt64) throws {
        var harness = NodeHarness(grafting: 2, seed: seed)
        let start = harness.uptime
        try hearFor(4000, &harness, freeIn: 0, freeOut: 0)
        #expect(harness.connectedTo == [NodeHarness.address(of: 3)])
        #expect(2000...3100 ~= harness.uptime - start, "seed \(seed)")
    }

    @Test func fittingSlotMeanwhileIsTaken() throws {
        var harness = NodeHarness(grafting: 2)
        try hearFor(1800, &harness, freeIn: 0, freeOut: 0)
        #expect(harness.connects.isEmpty)
        let start = harness.uptime
        try hearFor(500, &harness, freeIn: 1, freeOut: 0)
        #expect(harness.connects.count == 1)
        #expect(harness.uptime - start <= 100)
    }

    /// A root that connected to a full node of a greater cluster to knock there.
    private func knocker(seed: UInt64 = 2) throws -> (harness: NodeHarness, link: LinkID) {
        var harness = NodeHarness(grafting: 2, seed: seed)
        try hearFor(4000, &harness, freeIn: 0, freeOut: 0)
        let link = harness.linkUp(try #require(harness.connects.first))
        harness.prepare(link)
        harness.forget()
        return (harness, link)
    }

    @Test func fullPartnerIsKnockedAtOnce() throws {
        var (harness, link) = try knocker()
        try harness.hello(from: 3, key: NodeHarness.greater(3), isFull: true, on: link)
        #expect(harness.sent(beginning: "2d", on: link) == ["2d0200030001"])
        #expect(harness.relation(on: link) == .engaged)
        try harness.hello(from: 3, key: NodeHarness.greater(3), isFull: true, on: link)
        #expect(harness.said(on: link) == [.graftKnock], "once")
        try harness.hello(from: 3, key: NodeHarness.greater(3), isFull: false, on: link)
        #expect(harness.said(on: link).last == .graftConcede)
    }

    @Test func fullPartnerThatFreedItsSlotMeanwhileIsConcededTo() throws {
        var (harness, link) = try knocker()
        try harness.hello(from: 3, key: NodeHarness.greater(3), isFull: false, on: link)
        #expect(harness.said(on: link) == [.graftConcede])
    }

    @Test func knockThatIsNotAnsweredEndsTheEngagement() throws {
        var (harness, link) = try knocker()
        try harness.hello(from: 3, key: NodeHarness.greater(3), isFull: true, on: link)
        harness.wait(2800)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.handshakeTimeout])
    }

    @Test func rootWithoutAWayOutLetsAChildGo() throws {
        var harness = NodeHarness(grafting: 2) {
            $0.meshOutLinks = 2
            $0.meshInLinks = 0
        }
        let first = try harness.fetchChild(4)
        let second = try harness.fetchChild(5, alternatives: 2)
        harness.forget()
        try hearFor(4000, &harness, freeIn: 0, freeOut: 0)
        #expect(harness.closed == [second])
        #expect(harness.relation(on: first) == .child)
        #expect(harness.removals.first == .madeRoom)
    }

    // MARK: - Being knocked at

    /// A member with two children as peripheral, full for a third; its parent is reached as central.
    private func host(
        _ first: (behind: Int16, alternatives: UInt8),
        _ second: (behind: Int16, alternatives: UInt8),
        seed: UInt64 = 2
    ) throws -> (harness: NodeHarness, up: LinkID, first: LinkID, second: LinkID) {
        var harness = NodeHarness(grafting: 2, seed: seed)
        let greater = NodeHarness.greater(9)
        let up = try harness.approach(9, key: greater)
        try harness.hello(from: 9, key: greater, on: up)
        try harness.tell(from: 9, key: greater, behind: 10, height: 1, on: up)
        let one = try harness.takeChild(3, behind: first.behind, alternatives: first.alternatives)
        let other = try harness.takeChild(4, behind: second.behind, alternatives: second.alternatives)
        harness.forget()
        return (harness, up, one, other)
    }

    @Test func knockFreesASlotForTheKnocker() throws {
        var (harness, up, first, second) = try host((1, 1), (1, 3))
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        #expect(harness.sent(GraftHello.self, on: link).map(\.isFull) == [true])
        try harness.knock(from: 5, on: link)
        #expect(harness.closed == [second], "it hears others")
        #expect(harness.removals == [.madeRoom])
        #expect(harness.traces.contains { $0.event == .roomMade(child: NodeID(4), for: NodeID(5)) })
        #expect(harness.sent(GraftHello.self, on: link).map(\.isFull) == [true, false])
        #expect(harness.relation(on: up) == .parent)
        #expect(harness.relation(on: first) == .child)
        let said = try harness.graftMe()
        #expect(said.freeIn == 0 && said.freeOut == 0, "reserved")
        try harness.concede(from: 5, to: harness.key, behind: 2, on: link)
        #expect(harness.relation(on: link) == .child)
        #expect(harness.node.clusterSize == 14)
        #expect(try harness.graftMe().freeOut == 2, "the reservation is over")
        harness.checkInvariants()
    }

    @Test(
        arguments: [
            ((1, 0), (9, 1), 4), ((9, 2), (1, 1), 3), ((9, 1), (2, 1), 4), ((2, 1), (9, 1), 3), ((2, 3), (9, 15), 3),
            ((9, 15), (2, 3), 4),
        ] as [((Int16, UInt8), (Int16, UInt8), UInt16)]
    )
    func childThatFindsAnotherPlaceGoes(first: (Int16, UInt8), second: (Int16, UInt8), gone: UInt16) throws {
        for seed in UInt64(1)...4 {
            var (harness, _, one, other) = try host(first, second, seed: seed)
            let link = try harness.meet(5, key: NodeHarness.smaller(5))
            try harness.knock(from: 5, on: link)
            #expect(harness.closed == [gone == 3 ? one : other])
        }
    }

    @Test func slotIsKeptForThreeSeconds() throws {
        var (harness, _, _, _) = try host((1, 1), (1, 3))
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        try harness.knock(from: 5, on: link)
        harness.lose(link)
        let other = try harness.meet(6, key: NodeHarness.smaller(6))
        #expect(harness.sent(GraftHello.self, on: other).map(\.isFull) == [true], "not for others")
        try harness.concede(from: 6, to: harness.key, on: other)
        #expect(harness.closed.last == other)
        let again = try harness.meet(5, key: NodeHarness.smaller(5))
        #expect(harness.sent(GraftHello.self, on: again).map(\.isFull) == [false], "for the one who knocked")
        harness.lose(again)
        harness.wait(3000)
        #expect(try harness.graftMe().freeIn == 1)
        let late = try harness.meet(7, key: NodeHarness.smaller(7))
        #expect(harness.sent(GraftHello.self, on: late).map(\.isFull) == [false])
    }

    @Test func callOfAChildThatWasLetGoIsAnswered() throws {
        var (harness, _, _, _) = try host((1, 1), (1, 3))
        try harness.hear(graftMeOf: 4, key: NodeHarness.smaller(4))
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        try harness.knock(from: 5, on: link)
        harness.lose(link)
        harness.forget()
        let start = harness.uptime
        for _ in 0..<80 where harness.connects.isEmpty {
            try harness.hear(graftMeOf: 4, key: NodeHarness.smaller(4), calls: true)
            harness.wait(100)
        }
        #expect(harness.uptime - start <= 200)
    }

    @Test func noRoomIsMadeForAChildThatWasLetGo() throws {
        var (harness, _, _, _) = try host((1, 1), (1, 3))
        try harness.hear(graftMeOf: 4, key: NodeHarness.smaller(4))
        try harness.hear(graftMeOf: 3, key: NodeHarness.smaller(3))
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        try harness.knock(from: 5, on: link)
        try harness.concede(from: 5, to: harness.key, on: link)
        // Whichever child went: it comes back and finds no slot.
        let gone: UInt16 = harness.node.linkViews.contains { $0.partner == NodeID(4) } ? 3 : 4
        let again = try harness.meet(gone, key: NodeHarness.smaller(gone))
        let links = harness.node.linkCount
        try harness.knock(from: gone, on: again)
        #expect(harness.node.linkCount == links - 1, "its own link ends, no other")
        #expect(!harness.node.linkViews.contains { $0.link == again })
    }

    @Test func parentIsNeverLetGo() throws {
        var harness = NodeHarness(grafting: 2) { $0.meshInLinks = 1 }
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        try harness.knock(from: 5, on: link)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.noSpot])
        #expect(harness.relation(on: up) == .parent)
    }

    @Test func lastChildOfARootIsNotLetGo() throws {
        var harness = NodeHarness(grafting: 2) { $0.meshInLinks = 1 }
        let down = try harness.takeChild(3, alternatives: 3)
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        try harness.knock(from: 5, on: link)
        #expect(harness.closed == [link])
        #expect(harness.relation(on: down) == .child)
    }

    @Test func childOfTheOtherKindIsOfNoUse() throws {
        var harness = NodeHarness(grafting: 2) { $0.meshInLinks = 1 }
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.fetchChild(3, alternatives: 3)
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        try harness.knock(from: 5, on: link)
        #expect(harness.closed == [link])
        #expect(harness.relation(on: down) == .child)
        #expect(harness.relation(on: up) == .parent)
    }

    @Test func secondKnockerWaits() throws {
        var (harness, _, first, _) = try host((1, 1), (1, 3))
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        try harness.knock(from: 5, on: link)
        harness.forget()
        let other = try harness.meet(6, key: NodeHarness.smaller(6))
        try harness.knock(from: 6, on: other)
        #expect(harness.closed == [other])
        #expect(harness.relation(on: first) == .child)
        #expect(harness.relation(on: link) == .engaged)
    }

    @Test func knockWhereNobodySaidFullMeansNothing() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(3)
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        try harness.knock(from: 5, on: link)
        try harness.knock(from: 3, on: down)
        #expect(harness.unexpected == [.graftKnock, .graftKnock])
        #expect(harness.closed == [])
        #expect(harness.relation(on: down) == .child)
    }

    @Test func thirdEngagementFindsAnOpenLink() throws {
        var (harness, _, _, _) = try host((1, 1), (1, 3))
        let link = try harness.meet(5, key: NodeHarness.smaller(5))
        #expect(harness.closed == [], "one link beyond the slots is for engagements")
        let other = try harness.meet(6, key: NodeHarness.smaller(6))
        #expect(harness.closed == [other], "and no more")
        #expect(harness.relation(on: link) == .engaged)
    }
}
