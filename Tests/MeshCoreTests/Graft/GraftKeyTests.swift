import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

/// Keys are unique over restarts and never fall while anybody may know a greater one (graft §2.1).
@Suite struct GraftKeyTests {
    // MARK: - Generations

    @Test func bootGivesRankOneAndAFreshID() {
        let harness = NodeHarness(grafting: 2)
        #expect(harness.key == ClusterKey(rank: 1, cluster: ClusterID(rawValue: 0x0300_0002)))
        #expect(harness.node.clusterSize == 1)
        #expect(harness.isRoot)
    }

    @Test func bootReservesABlock() {
        let harness = NodeHarness(grafting: 2)
        #expect(harness.stored.graftGeneration == 0x0400)
        #expect(harness.persistCount == 1)
    }

    @Test func rebootTakesTheNextBlock() {
        var harness = NodeHarness(grafting: 2)
        harness.start()
        #expect(harness.key == ClusterKey(rank: 1, cluster: ClusterID(rawValue: 0x0400_0002)))
        #expect(harness.stored.graftGeneration == 0x0500)
    }

    @Test func withoutAStoredStateTheFirstGenerationIsRandom() {
        var generations: Set<UInt32> = []
        for seed in UInt64(1)...8 {
            let harness = NodeHarness(grafting: 2, generation: nil, seed: seed)
            #expect(harness.key.cluster.rawValue & 0xFFFF == 2)
            generations.insert(harness.key.cluster.rawValue >> 16)
        }
        #expect(generations.count == 8)
    }

    @Test func oneWriteReserves256IDs() throws {
        var harness = NodeHarness(grafting: 2)
        var seen: Set<ClusterID> = [harness.key.cluster]
        harness.forget()
        for count in 1...600 {
            let link = try harness.takeChild(3)
            harness.lose(link)
            seen.insert(harness.key.cluster)
            #expect(harness.persistCount == (count + 1) / 256)
            let reserved = try #require(harness.stored.graftGeneration)
            #expect(UInt32(reserved) > harness.key.cluster.rawValue >> 16, "a restart repeats nothing")
        }
        #expect(seen.count == 601)
    }

    @Test func generationsWrap() throws {
        var harness = NodeHarness(grafting: 2, generation: 0xFFFF)
        #expect(harness.key.cluster.rawValue == 0xFFFF_0002)
        #expect(harness.stored.graftGeneration == 0x00FF)
        let link = try harness.takeChild(3)
        harness.lose(link)
        #expect(harness.key.cluster.rawValue == 0x0000_0002)
    }

    // MARK: - Never falling

    @Test func lesserKeyOfTheParentIsNotTaken() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        harness.forget()
        try harness.tell(from: 9, key: NodeHarness.greater(9, rank: 49), behind: 20, height: 2, on: up)
        #expect(harness.key == NodeHarness.greater(9))
        #expect(harness.unexpected == [.graftUpdate])
        #expect(harness.node.clusterSize == 21, "what lies behind the link is believed")
    }

    @Test func sameKeyAgainIsNothingNew() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        harness.forget()
        try harness.tell(from: 9, key: NodeHarness.greater(9), behind: 10, height: 1, on: up)
        #expect(harness.unexpected == [])
        #expect(harness.sent.isEmpty)
    }

    @Test func keyOfAChildIsNotTaken() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(3)
        let key = harness.key
        try harness.tell(from: 3, key: NodeHarness.greater(3, rank: 99), behind: 1, on: down)
        #expect(harness.key == key)
        harness.checkInvariants()
    }

    @Test func keyThatIsNotValidIsNotTaken() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let branch = GraftBranch(behind: 4, height: 0, alternatives: 0, hopsToSink: -1)
        let update = GraftUpdate(
            sender: NodeID(9),
            receiver: NodeID(2),
            key: NodeHarness.greater(9, rank: 99),
            isKeyValid: false,
            branch: branch
        )
        try harness.receive(update, on: up)
        #expect(harness.key == NodeHarness.greater(9))
        #expect(harness.node.clusterSize == 5)
    }

    @Test func firstAnswerMustShowAGreaterKey() throws {
        for key in [nil, NodeHarness.own(2), NodeHarness.smaller(3)] {
            var harness = NodeHarness(grafting: 2)
            let link = try harness.meet(3, key: NodeHarness.greater(3))
            try harness.tell(from: 3, key: key, behind: 4, on: link)
            #expect(harness.closed == [link])
            #expect(harness.removals == [.graftViolation])
            #expect(harness.isRoot)
            #expect(harness.key == NodeHarness.own(2))
        }
    }

    @Test func answerMayShowAnotherKeyThanTheOffer() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.greater(3))
        try harness.tell(from: 3, key: NodeHarness.greater(8, rank: 70), behind: 4, on: link)
        #expect(harness.relation(on: link) == .parent)
        #expect(harness.key == NodeHarness.greater(8, rank: 70))
    }

    @Test func memberDoesNotRaiseTheRank() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try harness.graft(under: 9, key: NodeHarness.greater(9, rank: 11))
        _ = try harness.takeChild(3, behind: 50, height: 0)
        #expect(harness.key == NodeHarness.greater(9, rank: 11))
    }

    @Test func rankDoesNotFallWithTheSize() throws {
        var harness = NodeHarness(grafting: 2)
        let down = try harness.takeChild(3, behind: 30, height: 0)
        #expect(harness.key.rank == 31)
        try harness.tell(from: 3, behind: 2, on: down)
        #expect(harness.key.rank == 31)
        #expect(harness.node.clusterSize == 3)
    }

    // MARK: - The end of the ranks

    @Test(arguments: [UInt32.max, UInt32.max - 15])
    func rankBeyondTheLastIsNotConcededTo(rank: UInt32) throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.greater(3, rank: rank))
        #expect(harness.closed == [link])
        #expect(harness.isRoot)
        #expect(harness.key == NodeHarness.own(2))
    }

    @Test func lastRankIsConcededTo() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.greater(3, rank: UInt32.max - 16))
        #expect(harness.relation(on: link) == .conceded)
    }

    @Test func keyStillRisesWhereTheRanksEnd() throws {
        var harness = NodeHarness(grafting: 2)
        let last = ClusterKey(rank: UInt32.max - 16, cluster: ClusterID(rawValue: 0xFFFF_0009))
        let up = try harness.graft(under: 9, key: last, behind: 1)
        _ = try harness.takeChild(3, behind: 30)
        let small = try harness.fetchChild(4)
        harness.lose(up)
        #expect(harness.key > last, "else stale members below would lure the new root")
        let before = harness.key
        harness.lose(small)
        #expect(harness.node.clusterSize == 31)
        #expect(harness.key >= before)
    }

    @Test(arguments: [false, true])
    func parentWithARankBeyondTheLastIsLeft(isRole: Bool) throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.takeChild(3)
        harness.forget()
        let key = NodeHarness.greater(9, rank: UInt32.max)
        if isRole {
            try harness.giveRole(from: 9, key: key, on: up)
        } else {
            try harness.tell(from: 9, key: key, behind: 10, on: up)
        }
        #expect(harness.closed == [up])
        #expect(harness.removals == [.graftViolation])
        #expect(harness.key.rank < 100)
        #expect(harness.relation(on: down) == .child)
        harness.checkInvariants()
    }
}
