import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

/// A cluster makes a node of another its parent (graft §5.2, §9).
@Suite struct GraftConcedeTests {
    // MARK: - Conceding

    @Test func leafJoins() throws {
        var harness = NodeHarness(grafting: 2)
        let greater = NodeHarness.greater(3)
        let link = try harness.meet(3, key: greater)
        let concede = try #require(harness.sent(GraftConcede.self, on: link).first)
        #expect(concede.sender == NodeID(2))
        #expect(concede.receiver == NodeID(3))
        #expect(concede.key == greater, "the key that was offered")
        #expect(concede.branch == GraftBranch(behind: 1, height: 0, alternatives: 0, hopsToSink: -1))
        #expect(harness.key == NodeHarness.own(2), "unchanged until the parent has answered")
        #expect(harness.node.clusterSize == 1)
        #expect(!harness.isRoot)
        try harness.tell(from: 3, key: greater, behind: 3, height: 1, on: link)
        #expect(harness.relation(on: link) == .parent)
        #expect(harness.key == greater)
        #expect(harness.node.clusterSize == 4)
        #expect(try harness.view(of: link).state == .handshakeDone)
        #expect(try !harness.view(of: link).masterBit)
        #expect(harness.persistCount == 1, "a key that is not its own is not stored")
    }

    @Test func concedeHasTheBytesOfTheSpecification() throws {
        var harness = NodeHarness(grafting: 9)
        _ = try harness.takeChild(21)
        _ = try harness.takeChild(22, behind: 2, height: 1)
        harness.forget()
        let link = try harness.approach(5, key: ClusterKey(rank: 7, cluster: ClusterID(rawValue: 0x0003_0005)))
        try harness.hello(from: 5, key: ClusterKey(rank: 7, cluster: ClusterID(rawValue: 0x0003_0005)), on: link)
        #expect(harness.sent(beginning: "29", on: link) == ["29090005000500030007000000040002" + "00ffff"])
    }

    @Test func partnerThatDoesNotAnswerIsLeftUnderTheOldKey() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(4)
        let key = harness.key
        let link = try harness.meet(3, key: NodeHarness.greater(3))
        #expect(harness.relation(on: link) == .conceded)
        harness.wait(2800)
        #expect(harness.closed == [link])
        #expect(harness.isRoot)
        #expect(harness.key == key)
        #expect(harness.relation(on: down) == .child)
        harness.checkInvariants()
    }

    @Test(arguments: [HCIStatus.connectionTimeout, .remoteUserTerminated])
    func concededLinkThatDiesIsForgotten(reason: HCIStatus) throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(4)
        let key = harness.key
        let link = try harness.meet(3, key: NodeHarness.greater(3))
        harness.wait(1200)
        harness.forget()
        harness.lose(link, reason: reason)
        #expect(harness.removals == [.linkLost], "it is not kept, whatever became of the concession")
        #expect(harness.isRoot)
        #expect(harness.key == key)
        #expect(harness.relation(on: down) == .child)
        #expect(harness.said(on: down) == [], "nothing has changed below")
    }

    @Test func requestThatCameWhileConcedingIsServedIfNothingComesOfIt() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(4)
        let link = try harness.meet(3, key: NodeHarness.greater(3))
        try harness.request(from: 4, on: down)
        harness.forget()
        harness.lose(link)
        #expect(harness.said(on: down) == [.graftRole])
        #expect(harness.relation(on: down) == .parent)
    }

    @Test func concededNodeAsksNobody() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(4)
        let link = try harness.meet(3, key: NodeHarness.greater(3))
        harness.forget()
        try harness.request(from: 4, on: down)
        #expect(harness.said(on: link) == [])
        #expect(harness.said(on: down) == [])
        try harness.tell(from: 3, key: NodeHarness.greater(3), behind: 3, on: link)
        #expect(harness.said(on: link).contains(.graftRequest), "now the request goes on")
    }

    @Test func oneConcessionAtATime() throws {
        var harness = NodeHarness(grafting: 2)
        let first = try harness.meet(3, key: NodeHarness.greater(3))
        let second = try harness.meet(4, key: NodeHarness.greater(4))
        #expect(harness.relation(on: first) == .conceded)
        #expect(harness.relation(on: second) == .engaged)
        #expect(harness.said(on: second) == [.graftHello])
        harness.checkInvariants()
    }

    @Test func concedingClusterKeepsItsLinksAndPassesTheKeyOn() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(4)
        let other = try harness.fetchChild(5)
        harness.wait(300)
        let greater = NodeHarness.greater(3)
        let link = try harness.approach(3, key: greater)
        try harness.hello(from: 3, key: greater, on: link)
        harness.forget()
        try harness.tell(from: 3, key: greater, behind: 60, height: 4, on: link)
        for child in [down, other] {
            let updates = harness.sent(GraftUpdate.self, on: child)
            #expect(updates.map(\.key) == [greater])
            #expect(updates.map(\.isKeyValid) == [true])
            #expect(updates.map(\.branch.behind) == [62])
            #expect(updates.map(\.branch.height) == [5])
        }
        #expect(harness.closed == [])
        #expect(harness.node.clusterSize == 63)
    }

    // MARK: - Accepting

    @Test func childIsToldTheKeyAtOnce() throws {
        var harness = NodeHarness(grafting: 5)
        let link = try harness.meet(9, key: NodeHarness.smaller(9))
        harness.forget()
        try harness.concede(from: 9, to: NodeHarness.own(5), behind: 4, height: 1, on: link)
        // Deeper on that side: the role follows, behind the update.
        #expect(harness.said(on: link).first == .graftUpdate)
        let update = try #require(harness.sent(GraftUpdate.self, on: link).first)
        #expect(update.isKeyValid)
        #expect(update.key.cluster == NodeHarness.own(5).cluster)
        #expect(update.branch == GraftBranch(behind: 1, height: 0, alternatives: 0, hopsToSink: -1))
        #expect(harness.node.clusterSize == 5)
    }

    @Test func updateHasTheBytesOfTheSpecification() throws {
        var harness = NodeHarness(grafting: 5)
        let key = ClusterKey(rank: 7, cluster: ClusterID(rawValue: 0x0003_0005))
        _ = try harness.graft(under: 8, key: key, behind: 12, height: 3)
        let link = try harness.takeChild(9)
        #expect(harness.sent(beginning: "2a", on: link) == ["2a05000900010500030007000000" + "0d000400ffff"])
    }

    @Test func memberAcceptsWithoutBeingRoot() throws {
        var harness = NodeHarness(grafting: 2)
        let greater = NodeHarness.greater(9)
        let up = try harness.graft(under: 9, key: greater, behind: 10, height: 2)
        harness.forget()
        let link = try harness.takeChild(3, behind: 40, height: 7)
        #expect(harness.sent(GraftUpdate.self, on: link).map(\.key) == [greater])
        #expect(harness.sent(GraftUpdate.self, on: link).map(\.branch.behind) == [11])
        let told = harness.sent(GraftUpdate.self, on: up)
        #expect(told.map(\.branch.behind) == [41])
        #expect(told.map(\.branch.height) == [8])
        #expect(told.map(\.isKeyValid) == [false])
        #expect(harness.node.clusterSize == 51)
    }

    @Test func memberAcceptsWhileItWaitsForItsOwnParent() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(4, key: NodeHarness.smaller(4))
        let up = try harness.meet(3, key: NodeHarness.greater(3))
        #expect(harness.relation(on: up) == .conceded)
        try harness.concede(from: 4, to: NodeHarness.own(2), on: link)
        #expect(harness.relation(on: link) == .child)
        #expect(harness.sent(GraftUpdate.self, on: link).map(\.key) == [NodeHarness.own(2)])
        try harness.tell(from: 3, key: NodeHarness.greater(3), behind: 5, on: up)
        #expect(harness.sent(GraftUpdate.self, on: link).last?.key == NodeHarness.greater(3))
        #expect(
            harness.sent(GraftUpdate.self, on: up).last?.branch.behind == 2,
            "the child came later than the concession"
        )
    }

    @Test func concessionToAKeyOfThePastIsTaken() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        let before = harness.key
        _ = try harness.graft(under: 9, key: NodeHarness.greater(9))
        try harness.concede(from: 3, to: before, on: link)
        #expect(harness.relation(on: link) == .child)
    }

    @Test func concessionToAGreaterKeyThanTheOwnIsRefused() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        let key = ClusterKey(rank: 1, cluster: ClusterID(rawValue: harness.key.cluster.rawValue + 1))
        try harness.concede(from: 3, to: key, on: link)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.graftViolation])
        #expect(harness.unexpected == [.graftConcede])
        #expect(harness.node.clusterSize == 1)
    }

    @Test func concessionWithoutASlotIsRefused() throws {
        var harness = NodeHarness(grafting: 2) { $0.meshInLinks = 1 }
        let first = try harness.meet(3, key: NodeHarness.smaller(3))
        let second = try harness.meet(4, key: NodeHarness.smaller(4))
        try harness.concede(from: 3, to: NodeHarness.own(2), on: first)
        try harness.concede(from: 4, to: NodeHarness.own(2), on: second)
        #expect(harness.closed == [second])
        #expect(harness.removals == [.noSpot])
        #expect(harness.node.clusterSize == 2)
        harness.checkInvariants()
    }

    @Test func peripheralMayConcedeWithoutAHello() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.approach(3, key: NodeHarness.smaller(3), calls: true)
        try harness.concede(from: 3, to: harness.key, on: link)
        #expect(harness.relation(on: link) == .child)
        #expect(try harness.view(of: link).partner == NodeID(3))
    }

    @Test func concessionBeforeAnyHelloMeansNothing() throws {
        var harness = NodeHarness(grafting: 2)
        let link = harness.linkUp(from: 3)
        try harness.concede(from: 3, to: NodeHarness.smaller(3), on: link)
        #expect(harness.unexpected == [.graftConcede])
        #expect(harness.relation(on: link) == .engaged)
        #expect(harness.node.clusterSize == 1)
    }

    @Test func rootRaisesItsRankToTheSize() throws {
        var harness = NodeHarness(grafting: 2)
        let first = try harness.takeChild(3)
        #expect(harness.key == NodeHarness.own(2, rank: 2))
        _ = try harness.takeChild(4)
        #expect(harness.key == NodeHarness.own(2, rank: 3))
        #expect(harness.sent(GraftUpdate.self, on: first).last?.key == NodeHarness.own(2, rank: 3))
        try harness.tell(from: 3, behind: 30, height: 0, on: first)
        #expect(harness.key == NodeHarness.own(2, rank: 32))
    }

    // MARK: - Traces

    @Test func bothEndsTraceTheGraft() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(4)
        let accepted = TraceEvent.grafted(
            under: NodeID(2),
            partner: NodeID(4),
            ownKey: NodeHarness.own(2),
            partnerKey: NodeHarness.smaller(4),
            nodes: 1
        )
        #expect(harness.traces.contains { $0.event == accepted })
        _ = down
        _ = try harness.meet(3, key: NodeHarness.greater(3))
        let conceded = TraceEvent.grafted(
            under: NodeID(3),
            partner: NodeID(3),
            ownKey: NodeHarness.own(2, rank: 2),
            partnerKey: NodeHarness.greater(3),
            nodes: 2
        )
        #expect(harness.traces.contains { $0.event == conceded })
    }
}
