import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

/// A link is lost for good: who goes on under which key (graft §2.1, §5.2 "lost L", §9).
@Suite struct GraftLossTests {
    private func splits(_ harness: NodeHarness) -> [ClusterKey] {
        harness.traces.compactMap { if case .split(_, let key, _) = $0.event { key } else { nil } }
    }

    // MARK: - A child

    @Test func lastChildLostLeavesAFreshClusterOfOne() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(3)
        harness.forget()
        harness.lose(down)
        #expect(harness.key == NodeHarness.own(2, count: 1))
        #expect(harness.node.clusterSize == 1)
        #expect(harness.node.linkCount == 0)
        #expect(harness.isRoot)
    }

    @Test func lowKeyIsTakenOnlyAfterEveryLinkIsGone() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(3)
        let engaged = try harness.meet(4, key: NodeHarness.smaller(4))
        harness.forget()
        harness.lose(down)
        #expect(harness.closed == [engaged], "its partner holds a greater offer")
        #expect(harness.removals == [.linkLost, .startedOver])
        #expect(harness.key == NodeHarness.own(2, count: 1))
        #expect(harness.node.linkCount == 0)
        #expect(harness.sent.isEmpty)
    }

    @Test func attemptGoesWithTheLastMember() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(3)
        try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4))
        harness.wait(500)
        #expect(harness.connects.count == 1)
        harness.lose(down, reason: .remoteUserTerminated)
        #expect(harness.commands.contains(.cancelConnect))
        #expect(harness.removals.contains(.startedOver))
        #expect(harness.node.linkViews.allSatisfy { $0.relation == .engaged }, "it may begin another")
        #expect(harness.key == NodeHarness.own(2, count: 1))
    }

    @Test func smallPartLostRaisesTheRankByTwo() throws {
        var harness = NodeHarness(grafting: 2)
        let first = try harness.takeChild(3, behind: 2, height: 0)
        let second = try harness.takeChild(4, behind: 4, height: 0)
        #expect(harness.key == NodeHarness.own(2, rank: 7))
        harness.forget()
        harness.lose(first)
        #expect(harness.key == NodeHarness.own(2, rank: 9))
        #expect(harness.node.clusterSize == 5)
        #expect(harness.sent(GraftUpdate.self, on: second).map(\.key) == [harness.key])
        #expect(harness.sent(GraftUpdate.self, on: second).map(\.branch.behind) == [1])
    }

    @Test func bigPartLostLeavesTheRank() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try harness.takeChild(3, behind: 2, height: 0)
        let second = try harness.takeChild(4, behind: 4, height: 0)
        harness.lose(second)
        #expect(harness.key == NodeHarness.own(2, rank: 7))
        #expect(harness.node.clusterSize == 3)
    }

    @Test func memberThatLosesAChildTellsItsParent() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.takeChild(3, behind: 5, height: 2)
        harness.forget()
        harness.lose(down)
        #expect(harness.key == NodeHarness.greater(9), "no key of its own")
        let alone = GraftBranch(behind: 1, height: 0, alternatives: 0, hopsToSink: -1)
        #expect(harness.sent(GraftUpdate.self, on: up).map(\.branch) == [alone])
        #expect(splits(harness) == [])
    }

    @Test func nodeThatConcededKeepsItsKeyWithoutItsLastChild() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(3)
        let link = try harness.meet(4, key: NodeHarness.greater(4))
        let key = harness.key
        harness.lose(down, reason: .remoteUserTerminated)
        #expect(harness.relation(on: link) == .conceded)
        #expect(harness.key == key, "the parent to be counts on it")
        harness.checkInvariants()
    }

    // MARK: - The parent

    @Test func leafThatLosesItsParentStartsOver() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let engaged = try harness.meet(4, key: NodeHarness.smaller(4))
        harness.forget()
        harness.lose(up)
        #expect(harness.key == NodeHarness.own(2, count: 1))
        #expect(harness.closed == [engaged])
        #expect(harness.node.clusterSize == 1)
        #expect(splits(harness) == [], "nobody to go on with")
    }

    @Test func smallerPartGoesOnWithTheNextRank() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9, rank: 40), behind: 35, height: 3)
        let down = try harness.takeChild(3, behind: 4, height: 0)
        harness.forget()
        harness.lose(up)
        let key = NodeHarness.own(2, rank: 41, count: 1)
        #expect(harness.key == key)
        #expect(harness.node.clusterSize == 5)
        #expect(harness.closed == [], "every link is kept")
        #expect(harness.sent(GraftUpdate.self, on: down).map(\.key) == [key])
        #expect(harness.sent(GraftUpdate.self, on: down).map(\.branch.behind) == [1])
        #expect(splits(harness) == [key])
    }

    @Test(arguments: [(Int16(4), UInt32(41)), (5, 41), (6, 43), (30, 43)] as [(Int16, UInt32)])
    func partOfMoreThanHalfGoesThreeRanksUp(below: Int16, rank: UInt32) throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9, rank: 40), behind: 6, height: 0)
        _ = try harness.takeChild(3, behind: below, height: 0)
        harness.lose(up)
        #expect(harness.key == NodeHarness.own(2, rank: rank, count: 1))
    }

    @Test func partThatIsCutOffShowsItsKeyToEngagedPartners() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9), behind: 10, height: 0)
        _ = try harness.takeChild(3)
        let engaged = try harness.meet(4, key: NodeHarness.greater(9), isRoot: false)
        #expect(harness.closed == [engaged], "of the own cluster")
        let other = try harness.meet(5, key: NodeHarness.smaller(5))
        harness.forget()
        harness.lose(up)
        #expect(harness.sent(GraftHello.self, on: other).map(\.key) == [harness.key])
        #expect(harness.sent(GraftHello.self, on: other).map(\.isRoot) == [true])
    }

    @Test func requestThatWasLostWithTheParentIsForgotten() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.takeChild(3)
        // Asks for its own sake, then finds nobody any more.
        try harness.hear(graftMeOf: 7, key: NodeHarness.greater(7, rank: 90))
        harness.wait(900)
        #expect(harness.said(on: up).contains(.graftRequest))
        harness.wait(2000)
        harness.lose(up, reason: .remoteUserTerminated)
        #expect(harness.relation(on: down) == .child)
        let next = try harness.graft(under: 8, key: NodeHarness.greater(8, rank: 99))
        harness.forget()
        try harness.request(from: 3, on: down)
        #expect(harness.said(on: next) == [.graftRequest])
    }

    @Test func requestOfAChildIsServedByTheNewRoot() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.takeChild(3)
        try harness.request(from: 3, on: down)
        #expect(harness.said(on: up).contains(.graftRequest))
        harness.forget()
        harness.lose(up)
        #expect(harness.said(on: down).contains(.graftRole), "the request is served by the new root")
    }

    @Test func roleOnItsWayIsLostWithTheLink() throws {
        // Root r = 2 gives the role to c = 3 and loses the link.
        var root = NodeHarness(grafting: 2)
        let toChild = try root.takeChild(3, behind: 3, height: 0)
        _ = try root.takeChild(4, behind: 3, height: 0)
        let before = root.key
        try root.request(from: 3, on: toChild)
        #expect(root.relation(on: toChild) == .parent)
        root.lose(toChild)
        #expect(root.isRoot)
        #expect(root.key == NodeHarness.own(2, rank: before.rank + 3, count: 1))
        #expect(root.key.cluster != before.cluster)

        // c never got it: its parent is lost all the same.
        var child = NodeHarness(grafting: 3)
        let toRoot = try child.graft(under: 2, key: before, behind: 4, height: 1)
        _ = try child.takeChild(5, behind: 2, height: 0)
        child.lose(toRoot)
        #expect(child.key > before)
        #expect(child.key.cluster != root.key.cluster)
    }

    // MARK: - Everything

    @Test func radioThatFailsLeavesAClusterOfOne() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try harness.graft(under: 9, key: NodeHarness.greater(9))
        _ = try harness.takeChild(3)
        _ = try harness.meet(4, key: NodeHarness.smaller(4))
        harness.give(.radio(.failed(.connectionTimeout)))
        harness.wait(2000)
        #expect(harness.node.linkCount == 0)
        #expect(harness.key.rank == 1)
        #expect(harness.node.clusterSize == 1)
        harness.checkInvariants()
    }

    @Test func localRequestDropsTheTree() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try harness.graft(under: 9, key: NodeHarness.greater(9))
        _ = try harness.takeChild(3)
        harness.give(.request(.disconnect(nil)))
        #expect(harness.node.linkCount == 0)
        #expect(harness.key.rank == 1)
        harness.checkInvariants()
    }
}
