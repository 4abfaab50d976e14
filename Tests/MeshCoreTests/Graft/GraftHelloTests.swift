import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

/// Two clusters show each other their keys: who is to concede, and what happens until one does (graft §5.1, §5.2).
@Suite struct GraftHelloTests {
    // MARK: - Saying hello

    @Test func centralSaysHelloFirst() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.approach(3, key: NodeHarness.greater(3))
        #expect(harness.said(on: link) == [.graftHello])
        let hello = try #require(harness.sent(GraftHello.self, on: link).first)
        #expect(hello.sender == NodeID(2))
        #expect(hello.receiver == .oneHop)
        #expect(hello.version == 1)
        #expect(hello.isRoot)
        #expect(!hello.isFull)
        #expect(!hello.isMove)
        #expect(hello.key == NodeHarness.own(2))
        #expect(hello.size == 1)
        #expect(hello.writeHandle == 11)
        #expect(hello.network == NetworkID(11))
        #expect(hello.eccentricity == 0)
        #expect(hello.hopsToSink == -1)
        #expect(hello.nonce != 0)
        #expect(try harness.view(of: link).relation == .engaged)
    }

    @Test func centralSaysNothingBeforeEncryptionAndMTU() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
        harness.wait(400)
        let link = harness.linkUp(try #require(harness.connects.first))
        harness.give(.radio(.mtu(link: link, value: 63)))
        #expect(harness.said(on: link) == [])
        harness.prepare(link)
        #expect(harness.said(on: link) == [.graftHello])
    }

    @Test func peripheralWaitsForTheHelloOfTheCentral() throws {
        var harness = NodeHarness(grafting: 2)
        let link = harness.linkUp(from: 3)
        harness.give(.radio(.mtu(link: link, value: 63)))
        harness.wait(1000)
        #expect(harness.said(on: link) == [])
        try harness.hello(from: 3, key: NodeHarness.smaller(3), nonce: 7, on: link)
        #expect(harness.said(on: link) == [.graftHello])
        #expect(try harness.nonce(on: link) == 0)
    }

    @Test func everyLinkHasItsOwnNonce() throws {
        var nonces: Set<UInt32> = []
        for seed in UInt64(1)...8 {
            var harness = NodeHarness(grafting: 2, seed: seed)
            let link = try harness.approach(3, key: NodeHarness.greater(3))
            nonces.insert(try harness.nonce(on: link))
        }
        #expect(nonces.count == 8)
    }

    // MARK: - Comparing keys

    @Test(arguments: [false, true])
    func rootConcedesToAGreaterKeyWhicheverSideItIs(isCentral: Bool) throws {
        var harness = NodeHarness(grafting: 2)
        let greater = NodeHarness.greater(3)
        let link: LinkID
        if isCentral {
            link = try harness.approach(3, key: greater)
            harness.forget()
            try harness.hello(from: 3, key: greater, on: link)
        } else {
            link = try harness.meet(3, key: greater)
        }
        #expect(harness.said(on: link) == [.graftConcede], "at once, without a hello of its own")
        #expect(harness.relation(on: link) == .conceded)
    }

    @Test(arguments: [false, true])
    func whoHasTheGreaterKeyWaitsForThePartner(isCentral: Bool) throws {
        var harness = NodeHarness(grafting: 2)
        let smaller = NodeHarness.smaller(3)
        let link: LinkID
        if isCentral {
            link = try harness.approach(3, key: smaller, calls: true)
            try harness.hello(from: 3, key: smaller, on: link)
        } else {
            link = try harness.meet(3, key: smaller)
        }
        #expect(harness.said(on: link) == [.graftHello], "one hello is enough")
        harness.wait(2000)
        #expect(harness.said(on: link) == [.graftHello])
        #expect(harness.relation(on: link) == .engaged)
    }

    @Test(arguments: [(UInt32(1), UInt32(0x0300_0003)), (2, 0)] as [(UInt32, UInt32)])
    func rankComesBeforeTheClusterID(rank: UInt32, cluster: UInt32) throws {
        var harness = NodeHarness(grafting: 2)
        let key = ClusterKey(rank: rank, cluster: ClusterID(rawValue: cluster))
        let link = try harness.meet(3, key: key)
        #expect(harness.relation(on: link) == .conceded)
    }

    @Test func keysCompareUnsigned() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: ClusterKey(rank: 1, cluster: ClusterID(rawValue: 0xFFFF_0003)))
        #expect(harness.relation(on: link) == .conceded)
    }

    @Test(arguments: [UInt32(1), 0, 99])
    func nodeOfTheOwnClusterIsLeft(rank: UInt32) throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: ClusterKey(rank: rank, cluster: harness.key.cluster))
        #expect(harness.closed == [link])
        #expect(harness.removals == [.sameCluster])
        #expect(harness.sent.isEmpty)
    }

    // MARK: - While engaged

    @Test func memberAsksForTheRoleInsteadOfConceding() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        harness.forget()
        let link = try harness.meet(3, key: NodeHarness.greater(3, rank: 60))
        #expect(harness.said(on: link) == [.graftHello])
        #expect(harness.said(on: up) == [.graftRequest])
        #expect(harness.relation(on: link) == .engaged)
        harness.forget()
        try harness.giveRole(from: 9, key: harness.key, on: up)
        #expect(harness.said(on: link) == [.graftConcede])
        #expect(harness.relation(on: link) == .conceded)
        #expect(harness.relation(on: up) == .child)
        harness.checkInvariants()
    }

    @Test func newKeyIsShownToEveryEngagedPartner() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let first = try harness.meet(3, key: NodeHarness.smaller(3))
        harness.forget()
        let key = NodeHarness.greater(9, rank: 70)
        try harness.tell(from: 9, key: key, behind: 10, height: 1, on: up)
        #expect(harness.sent(GraftHello.self, on: first).map(\.key) == [key])
        #expect(harness.said(on: up) == [], "the parent knows")
    }

    @Test func newKeyMayMakeThePartnerAMemberOfTheOwnCluster() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.hello(from: 3, key: NodeHarness.greater(8, rank: 70), isRoot: false, on: link)
        try harness.tell(from: 9, key: NodeHarness.greater(8, rank: 70), behind: 20, height: 3, on: up)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.sameCluster])
    }

    @Test func partnerThatRisesAboveTheOwnKeyIsConcededTo() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.hello(from: 3, key: NodeHarness.greater(3), on: link)
        #expect(harness.relation(on: link) == .conceded)
        #expect(harness.sent(GraftConcede.self, on: link).map(\.key) == [NodeHarness.greater(3)])
    }

    @Test(arguments: [false, true])
    func engagementEndsAfterTwoAndAHalfSeconds(isCentral: Bool) throws {
        var harness = NodeHarness(grafting: 2)
        let smaller = NodeHarness.smaller(3)
        let link =
            isCentral
            ? try harness.approach(3, key: smaller, calls: true) : try harness.meet(3, key: smaller)
        harness.wait(2200)
        #expect(harness.closed == [])
        harness.wait(600)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.handshakeTimeout])
        #expect(harness.key == NodeHarness.own(2), "an engagement is no member")
    }

    @Test func severalMayEngageAtOnce() throws {
        var harness = NodeHarness(grafting: 2)
        let first = try harness.meet(3, key: NodeHarness.smaller(3))
        let second = try harness.meet(4, key: NodeHarness.smaller(4))
        try harness.concede(from: 4, to: harness.key, on: second)
        try harness.concede(from: 3, to: NodeHarness.own(2), on: first)
        #expect(harness.relation(on: first) == .child)
        #expect(harness.relation(on: second) == .child)
        #expect(harness.node.clusterSize == 3)
        harness.checkInvariants()
    }

    // MARK: - Slots

    @Test func hasSlotIsSaid() throws {
        var harness = NodeHarness(grafting: 2) { $0.meshInLinks = 1 }
        _ = try harness.takeChild(3)
        let link = try harness.meet(4, key: NodeHarness.smaller(4))
        #expect(harness.sent(GraftHello.self, on: link).map(\.isFull) == [true])
    }

    @Test func slotThatIsTakenMeanwhileIsSaid() throws {
        var harness = NodeHarness(grafting: 2) { $0.meshInLinks = 1 }
        let first = try harness.meet(3, key: NodeHarness.smaller(3))
        let second = try harness.meet(4, key: NodeHarness.smaller(4))
        #expect(harness.sent(GraftHello.self, on: second).map(\.isFull) == [false])
        try harness.concede(from: 3, to: harness.key, on: first)
        #expect(harness.sent(GraftHello.self, on: second).last?.isFull == true)
        #expect(harness.sent(GraftHello.self, on: second).last?.key == harness.key)
    }

    @Test func smallerPartnerWithoutASlotIsLeft() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3), isFull: true)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.noSpot])
    }

    @Test func greaterPartnerWithoutASlotIsNotConcededTo() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.greater(3), isFull: true)
        #expect(harness.closed == [link], "it did not come to knock")
        #expect(harness.removals == [.noSpot])
        #expect(harness.isRoot)
    }

    @Test func nodeWithoutASlotDoesNotConcede() throws {
        var harness = NodeHarness(grafting: 2) { $0.meshInLinks = 1 }
        _ = try harness.takeChild(3)
        harness.forget()
        let link = try harness.meet(4, key: NodeHarness.greater(4))
        #expect(harness.closed == [link])
        #expect(harness.removals == [.noSpot])
        #expect(harness.isRoot)
    }

    // MARK: - Who is there

    @Test(arguments: [UInt16(0), 2])
    func helloOfNobodyAndOfOneselfIsRefused(sender: UInt16) throws {
        var harness = NodeHarness(grafting: 2)
        let link = harness.linkUp(from: 3)
        try harness.hello(from: sender, key: NodeHarness.greater(3), nonce: 7, on: link)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.wrongPartner])
        harness.checkInvariants()
    }

    @Test func partnerDoesNotChange() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.hello(from: 4, key: NodeHarness.greater(4), on: link)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.wrongPartner])
        #expect(harness.isRoot)
    }

    @Test func helloOnALinkOfTheTreeIsIgnored() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.takeChild(3)
        harness.forget()
        try harness.hello(from: 9, key: NodeHarness.greater(9, rank: 99), on: up)
        try harness.hello(from: 3, key: NodeHarness.greater(3, rank: 99), on: down)
        #expect(harness.unexpected == [.graftHello, .graftHello])
        #expect(harness.relation(on: up) == .parent)
        #expect(harness.relation(on: down) == .child)
        #expect(harness.key == NodeHarness.greater(9))
        #expect(harness.sent.isEmpty)
    }
}
