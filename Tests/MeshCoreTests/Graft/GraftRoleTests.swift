import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

/// The role of the root travels to whoever can use it, in turn (graft §5.2, §6.4).
@Suite struct GraftRoleTests {
    /// A member of a cluster under node 9, with nothing below it.
    private func member(_ id: UInt16 = 2) throws -> (harness: NodeHarness, up: LinkID) {
        var harness = NodeHarness(grafting: id)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        harness.forget()
        return (harness, up)
    }

    /// A root with two children of one hop each.
    private func root() throws -> (harness: NodeHarness, first: LinkID, second: LinkID) {
        var harness = NodeHarness(grafting: 2)
        let first = try harness.takeChild(3)
        let second = try harness.takeChild(4)
        harness.forget()
        return (harness, first, second)
    }

    private func handovers(_ harness: NodeHarness) -> [NodeID] {
        harness.traces.compactMap { if case .role(NodeID(2), let to, _) = $0.event { to } else { nil } }
    }

    // MARK: - Asking

    @Test func memberThatHearsAGreaterClusterAsks() throws {
        var (harness, up) = try member()
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3, rank: 60))
        harness.wait(1900)
        #expect(harness.said(on: up) == [.graftRequest])
        #expect(harness.sent(beginning: "2c", on: up) == ["2c02000900ff"])
        #expect(harness.connects.isEmpty, "not before the role has come")
    }

    @Test func farEndOfATreeAsksLater() throws {
        var times: [UInt64] = []
        for height in [UInt8(0), 3] {
            var harness = NodeHarness(grafting: 2)
            let up = try harness.graft(under: 9, key: NodeHarness.greater(9), behind: 10, height: height)
            harness.wait(6000)
            harness.forget()
            let start = harness.uptime
            try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3, rank: 60))
            for _ in 0..<190 where !harness.said(on: up).contains(.graftRequest) {
                harness.wait(10)
            }
            times.append(harness.uptime - start)
        }
        #expect(450...510 ~= times[0], "0.3 s and a hop of 0.15 s")
        #expect(900...960 ~= times[1], "0.3 s and four hops")
    }

    @Test func memberAsksOnce() throws {
        var (harness, up) = try member()
        for _ in 0..<20 {
            try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3, rank: 60))
            harness.wait(300)
        }
        #expect(harness.said(on: up) == [.graftRequest])
    }

    @Test func requestOfAChildGoesOn() throws {
        var (harness, up) = try member()
        let down = try harness.takeChild(3)
        let other = try harness.fetchChild(4)
        harness.forget()
        try harness.request(from: 3, on: down)
        #expect(harness.said(on: up) == [.graftRequest])
        try harness.request(from: 4, on: other)
        try harness.request(from: 3, on: down)
        #expect(harness.said(on: up) == [.graftRequest], "one is enough for all")
    }

    @Test func requestOfTheParentIsIgnored() throws {
        var (harness, up) = try member()
        try harness.request(from: 9, on: up)
        #expect(harness.unexpected == [.graftRequest])
        #expect(harness.sent.isEmpty)
        #expect(harness.relation(on: up) == .parent)
    }

    // MARK: - Taking back

    /// The costs of the requests sent on a link: 254 takes one back.
    private func costs(_ harness: NodeHarness, on link: LinkID) -> [UInt8] {
        harness.sent(GraftRequest.self, on: link).map(\.cost)
    }

    @Test func requestIsTakenBackWhenTheGreaterClusterIsTheOwn() throws {
        var (harness, up) = try member()
        let greater = NodeHarness.greater(3, rank: 60)
        try harness.hear(graftMeOf: 3, key: greater)
        harness.wait(1900)
        // The cluster was joined by somebody else, or by the parent's.
        try harness.tell(from: 9, key: greater, behind: 30, on: up)
        try harness.hear(graftMeOf: 3, key: greater)
        #expect(costs(harness, on: up) == [255, 254])
        #expect(harness.traces.contains { $0.event == .roleWithdrawn(of: NodeID(9)) })
        harness.wait(11_000)
        #expect(costs(harness, on: up) == [255, 254], "once")
        try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4, rank: 90))
        harness.wait(1900)
        #expect(costs(harness, on: up) == [255, 254, 255], "another one is a reason to ask again")
    }

    @Test func requestIsTakenBackWhenNeighbourJoinsTheOwnCluster() throws {
        var (harness, up) = try member()
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3, rank: 60))
        harness.wait(1900)
        #expect(costs(harness, on: up) == [255])
        try harness.hear(graftMeOf: 3, key: harness.key)
        #expect(costs(harness, on: up) == [255, 254], "not only when time is over")
    }

    @Test func requestStandsWhileTheGreaterClusterWasHeardNotLongAgo() throws {
        var (harness, up) = try member()
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3, rank: 60))
        harness.wait(9000)
        #expect(costs(harness, on: up) == [255], "a faint neighbour is heard now and then only")
        harness.wait(12_000)
        #expect(costs(harness, on: up) == [255, 254], "GraftPolicy.alternativeAge")
    }

    @Test func requestThatTheLastChildTookBackIsTakenBackAbove() throws {
        var (harness, up) = try member()
        let first = try harness.takeChild(3)
        let second = try harness.fetchChild(4)
        harness.forget()
        try harness.request(from: 3, on: first)
        try harness.request(from: 4, on: second)
        try harness.withdraw(from: 3, on: first)
        #expect(costs(harness, on: up) == [255], "the other child waits yet")
        try harness.withdraw(from: 4, on: second)
        #expect(costs(harness, on: up) == [255, 254])
        #expect(harness.unexpected == [])
    }

    @Test func roleDoesNotGoWhereTheRequestWasTakenBack() throws {
        var (harness, up) = try member()
        let first = try harness.takeChild(3)
        let second = try harness.fetchChild(4)
        try harness.request(from: 3, on: first)
        try harness.request(from: 4, on: second)
        try harness.withdraw(from: 3, on: first)
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        #expect(handovers(harness) == [NodeID(4)])
        harness.checkInvariants()
    }

    @Test func roleThatCrossesWhatTakesItBackIsKept() throws {
        var (harness, up) = try member()
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3, rank: 60))
        harness.wait(1900)
        try harness.hear(graftMeOf: 3, key: harness.key)
        #expect(costs(harness, on: up) == [255, 254])
        try harness.giveRole(from: 9, key: harness.key, on: up)
        try harness.request(from: 9, on: up)
        #expect(handovers(harness) == [NodeID(9)], "who gave it has use for it")
        #expect(harness.unexpected == [])
    }

    @Test func whatIsTakenBackTooLateIsIgnored() throws {
        var (harness, first, second) = try root()
        try harness.request(from: 3, on: first)
        try harness.request(from: 4, on: second)
        harness.forget()
        try harness.withdraw(from: 3, on: first)
        #expect(harness.relation(on: first) == .parent, "the role is on its way")
        #expect(harness.sent.isEmpty)
        try harness.giveRole(from: 3, key: harness.key, on: first)
        #expect(handovers(harness) == [NodeID(4)])
        harness.checkInvariants()
    }

    @Test func holdBeginsAnewWithWhoAsksNext() throws {
        var (harness, first, second) = try root()
        try harness.hear(graftMeOf: 7, key: NodeHarness.greater(7))
        harness.prepare(harness.linkUp(try waitForConnect(&harness)))
        harness.forget()
        try harness.request(from: 3, on: first)
        harness.wait(1500)
        try harness.withdraw(from: 3, on: first)
        try harness.request(from: 4, on: second)
        harness.wait(800)
        #expect(harness.said(on: second) == [], "GraftPolicy.roleHold has not passed for it")
    }

    // MARK: - Giving

    @Test func rootGivesTheRoleToWhoAsks() throws {
        var (harness, first, second) = try root()
        let key = harness.key
        try harness.request(from: 3, on: first)
        #expect(harness.said(on: first) == [.graftRole])
        #expect(harness.sent(GraftRole.self, on: first).map(\.key) == [key])
        #expect(harness.sent(GraftRole.self, on: first).map(\.receiver) == [NodeID(3)])
        #expect(harness.relation(on: first) == .parent)
        #expect(harness.relation(on: second) == .child)
        #expect(!harness.isRoot)
        #expect(harness.traces.contains { $0.event == .role(from: NodeID(2), to: NodeID(3), wasAsked: true) })
        harness.checkInvariants()
    }

    @Test func roleIsFollowedByTheNextRequest() throws {
        var (harness, first, second) = try root()
        try harness.hear(graftMeOf: 7, key: NodeHarness.greater(7))
        // The root wants the role itself: requests wait.
        try harness.request(from: 3, on: first)
        try harness.request(from: 4, on: second)
        #expect(harness.said(on: first) == [])
        harness.wait(100)
        // Nobody to concede to any more.
        harness.give(.request(.discovery(running: true)))
        let link = harness.linkUp(try waitForConnect(&harness))
        harness.lose(link)
        harness.wait(2500)
        #expect(harness.said(on: first) == [.graftRole, .graftRequest], "first come, first served")
        #expect(harness.relation(on: second) == .child)
        harness.forget()
        try harness.giveRole(from: 3, key: harness.key, on: first)
        #expect(harness.said(on: second) == [.graftRole])
    }

    private func waitForConnect(_ harness: inout NodeHarness) throws -> NodeHarness.Connect {
        for _ in 0..<18 where harness.connects.isEmpty {
            harness.wait(100)
        }
        return try #require(harness.connects.last)
    }

    @Test func requestThatWaitsIsForgottenWithItsLink() throws {
        var (harness, up) = try member()
        let down = try harness.takeChild(3)
        let other = try harness.fetchChild(4)
        try harness.request(from: 3, on: down)
        try harness.request(from: 4, on: other)
        harness.lose(down, reason: .remoteUserTerminated)
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        #expect(harness.said(on: other) == [.graftRole])
        #expect(handovers(harness) == [NodeID(4)])
    }

    @Test func newLinkInTheSlotOfOneThatAskedHasNotAsked() throws {
        var (harness, up) = try member()
        let down = try harness.takeChild(3)
        try harness.request(from: 3, on: down)
        harness.lose(down, reason: .remoteUserTerminated)
        let next = try harness.takeChild(4)
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        #expect(harness.said(on: next) == [])
        #expect(harness.isRoot)
    }

    @Test func requestsAreServedInTheOrderOfArrival() throws {
        var (harness, up) = try member()
        let first = try harness.takeChild(3)
        let second = try harness.fetchChild(4)
        let third = try harness.fetchChild(5)
        try harness.request(from: 5, on: third)
        try harness.request(from: 3, on: first)
        try harness.request(from: 4, on: second)
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        try harness.giveRole(from: 5, key: harness.key, on: third)
        try harness.giveRole(from: 3, key: harness.key, on: first)
        #expect(handovers(harness) == [NodeID(5), NodeID(3), NodeID(4)])
        harness.checkInvariants()
    }

    @Test func parentThatAsksAfterItGaveTheRoleWaitsBehindTheOthers() throws {
        var (harness, up) = try member()
        let down = try harness.takeChild(3)
        try harness.request(from: 3, on: down)
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        try harness.request(from: 9, on: up)
        #expect(harness.relation(on: down) == .parent)
        #expect(harness.relation(on: up) == .child)
        #expect(harness.said(on: down) == [.graftRole, .graftRequest])
    }

    // MARK: - Using

    @Test func roleIsUsedBeforeItIsGivenOn() throws {
        var (harness, up) = try member()
        let down = try harness.takeChild(3)
        try harness.hear(graftMeOf: 7, key: NodeHarness.greater(7, rank: 60))
        harness.wait(1000)
        try harness.request(from: 3, on: down)
        try harness.hear(graftMeOf: 7, key: NodeHarness.greater(7, rank: 60))
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        #expect(harness.connectedTo == [NodeHarness.address(of: 7)], "without another time of collecting")
        #expect(harness.said(on: down) == [])
        harness.wait(500)
        #expect(harness.said(on: down) == [])
    }

    @Test func roleIsNotHeldForEver() throws {
        var (harness, first, _) = try root()
        try harness.hear(graftMeOf: 7, key: NodeHarness.greater(7))
        let connect = try waitForConnect(&harness)
        let link = harness.linkUp(connect)
        harness.prepare(link)
        harness.forget()
        // The partner says nothing.
        try harness.request(from: 3, on: first)
        harness.wait(1900)
        #expect(harness.said(on: first) == [])
        harness.wait(200)
        #expect(harness.said(on: first) == [.graftRole], "GraftPolicy.roleHold")
    }

    @Test func concedingEndsTheHoldAndPassesTheRequestOn() throws {
        var (harness, first, _) = try root()
        try harness.hear(graftMeOf: 7, key: NodeHarness.greater(7))
        let link = harness.linkUp(try waitForConnect(&harness))
        harness.prepare(link)
        try harness.request(from: 3, on: first)
        try harness.hello(from: 7, key: NodeHarness.greater(7), on: link)
        harness.forget()
        try harness.tell(from: 7, key: NodeHarness.greater(7), behind: 60, height: 3, on: link)
        #expect(harness.said(on: link).contains(.graftRequest))
        #expect(!harness.said(on: first).contains(.graftRole))
    }

    @Test func offerOnAnEngagedLinkIsTakenWhenTheRoleComes() throws {
        var (harness, up) = try member()
        let link = try harness.approach(3, key: NodeHarness.smaller(3), calls: true)
        let greater = NodeHarness.greater(3, rank: 60)
        try harness.hello(from: 3, key: greater, on: link)
        #expect(harness.said(on: up) == [.graftRequest])
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        #expect(harness.said(on: link) == [.graftConcede])
        #expect(harness.sent(GraftConcede.self, on: link).map(\.branch.behind) == [11])
    }

    @Test func roleThatCameAndWasUsedMayBeAskedForAgain() throws {
        var (harness, up) = try member()
        let down = try harness.takeChild(3)
        let link = try harness.approach(4, key: NodeHarness.smaller(4), calls: true)
        let greater = NodeHarness.greater(4, rank: 60)
        try harness.hello(from: 4, key: greater, on: link)
        #expect(harness.said(on: up).contains(.graftRequest))
        try harness.giveRole(from: 9, key: harness.key, on: up)
        try harness.tell(from: 4, key: greater, behind: 20, on: link)
        #expect(harness.relation(on: link) == .parent)
        harness.forget()
        try harness.request(from: 3, on: down)
        #expect(harness.said(on: link) == [.graftRequest])
    }

    // MARK: - Receiving

    @Test func roleMakesTheNodeTheRoot() throws {
        var (harness, up) = try member()
        let key = NodeHarness.greater(9, rank: 55)
        try harness.giveRole(from: 9, key: key, on: up)
        #expect(harness.isRoot)
        #expect(harness.relation(on: up) == .child)
        #expect(try harness.view(of: up).masterBit)
        #expect(harness.key == key)
        #expect(harness.node.clusterSize == 11)
        harness.checkInvariants()
    }

    @Test func roleFromAChildIsAViolation() throws {
        var (harness, up) = try member()
        let down = try harness.takeChild(3)
        harness.forget()
        try harness.giveRole(from: 3, key: NodeHarness.greater(3, rank: 99), on: down)
        #expect(harness.closed == [down])
        #expect(harness.removals == [.graftViolation])
        #expect(harness.unexpected == [.graftRole])
        #expect(harness.relation(on: up) == .parent)
        #expect(harness.key == NodeHarness.greater(9))
    }

    @Test func roleFromAParentThatHasNotAnsweredIsAViolation() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.greater(3))
        try harness.giveRole(from: 3, key: NodeHarness.greater(3), on: link)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.graftViolation])
        #expect(harness.key == NodeHarness.own(2))
    }

    @Test func roleOnAnEngagedLinkIsAViolation() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.giveRole(from: 3, key: NodeHarness.greater(3), on: link)
        #expect(harness.closed == [link])
        #expect(harness.unexpected == [.graftRole])
        #expect(harness.key == NodeHarness.own(2))
    }

    // MARK: - Drift

    @Test(arguments: [(UInt8(0), false), (1, true), (4, true)] as [(UInt8, Bool)])
    func roleDriftsToTheDeeperSide(height: UInt8, drifts: Bool) throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.concede(from: 3, to: harness.key, behind: 9, height: height, on: link)
        #expect(harness.relation(on: link) == (drifts ? .parent : .child))
        #expect(handovers(harness) == (drifts ? [NodeID(3)] : []))
        harness.checkInvariants()
    }

    @Test(arguments: [(UInt8(2), UInt8(1), false), (3, 1, true), (1, 3, true)] as [(UInt8, UInt8, Bool)])
    func roleStaysWhereTheTreeIsBalanced(first: UInt8, second: UInt8, drifts: Bool) throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9), behind: 5, height: first)
        let down = try harness.takeChild(3, behind: 5, height: second)
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        #expect(harness.isRoot != drifts)
        let deeper = first > second ? up : down
        #expect(harness.relation(on: deeper) == (drifts ? .parent : .child))
    }

    @Test func driftIsNoAnswer() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.concede(
            from: 3,
            to: harness.key,
            behind: 9,
            height: 2,
            on: try #require(harness.node.linkViews.first?.link)
        )
        #expect(harness.traces.contains { $0.event == .role(from: NodeID(2), to: NodeID(3), wasAsked: false) })
    }

    @Test func childIsToldTheKeyBeforeTheRole() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        harness.forget()
        try harness.concede(from: 3, to: harness.key, behind: 9, height: 2, on: link)
        #expect(harness.said(on: link) == [.graftUpdate, .graftUpdate, .graftRole])
        let last = try #require(harness.sent(GraftUpdate.self, on: link).last)
        #expect(last.key == NodeHarness.own(2, rank: 10), "the rank of the size")
        #expect(harness.sent(GraftRole.self, on: link).map(\.key) == [last.key])
    }

    @Test func rootThatWantsTheRoleKeepsIt() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 7, key: NodeHarness.greater(7))
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.concede(from: 3, to: harness.key, behind: 9, height: 2, on: link)
        #expect(harness.isRoot)
    }

    @Test func parentByHandoverIsToldNoKey() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.concede(from: 3, to: harness.key, behind: 9, height: 2, on: link)
        harness.forget()
        _ = try harness.takeChild(4)
        let told = harness.sent(GraftUpdate.self, on: link)
        #expect(told.map(\.isKeyValid) == [false])
        #expect(told.map(\.branch.behind) == [2])
    }
}
