import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

/// What partners tell each other of the tree: a state, whenever it is not what was told (graft §4.2, §5.2 "UPDATE on L").
@Suite struct GraftUpdateTests {
    private func member() throws -> (harness: NodeHarness, up: LinkID, first: LinkID, second: LinkID) {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9), behind: 10, height: 2)
        let first = try harness.takeChild(3)
        let second = try harness.fetchChild(4)
        harness.wait(300)
        harness.forget()
        return (harness, up, first, second)
    }

    @Test func keyOfTheParentGoesDown() throws {
        var (harness, up, first, second) = try member()
        let key = NodeHarness.greater(8, rank: 90)
        try harness.tell(from: 9, key: key, behind: 10, height: 2, on: up)
        for link in [first, second] {
            #expect(harness.sent(GraftUpdate.self, on: link).map(\.key) == [key])
            #expect(harness.sent(GraftUpdate.self, on: link).map(\.isKeyValid) == [true])
        }
        #expect(harness.said(on: up) == [])
        #expect(harness.key == key)
    }

    @Test func sizesGoWhereTheyAreNews() throws {
        var (harness, up, first, second) = try member()
        try harness.tell(from: 3, behind: 7, height: 1, on: first)
        #expect(harness.node.clusterSize == 19)
        #expect(harness.said(on: first) == [], "its own news")
        #expect(harness.sent(GraftUpdate.self, on: up).map(\.branch.behind) == [9])
        #expect(harness.sent(GraftUpdate.self, on: up).map(\.branch.height) == [2])
        #expect(harness.sent(GraftUpdate.self, on: second).map(\.branch.behind) == [18])
        #expect(harness.sent(GraftUpdate.self, on: second).map(\.branch.height) == [3])
    }

    @Test func updateIsAStateNotADifference() throws {
        var (harness, up, first, _) = try member()
        for _ in 0..<3 {
            try harness.tell(from: 3, behind: 7, on: first)
        }
        #expect(harness.node.clusterSize == 19)
        #expect(harness.said(on: up) == [.graftUpdate])
    }

    @Test func heightAloneIsNews() throws {
        var (harness, up, first, _) = try member()
        try harness.tell(from: 3, behind: 1, height: 6, on: first)
        #expect(harness.sent(GraftUpdate.self, on: up).map(\.branch.height) == [7])
        #expect(harness.node.clusterSize == 13)
    }

    @Test func heightSaturates() throws {
        var (harness, up, first, _) = try member()
        try harness.tell(from: 3, behind: 1, height: 255, on: first)
        #expect(harness.sent(GraftUpdate.self, on: up).map(\.branch.height) == [254])
        #expect(!harness.isRoot)
    }

    @Test func hopsToTheSinkAreNews() throws {
        var (harness, up, first, second) = try member()
        try harness.tell(from: 3, behind: 1, hopsToSink: 2, on: first)
        #expect(try harness.view(of: first).hopsToSink == 3)
        #expect(harness.sent(GraftUpdate.self, on: up).map(\.branch.hopsToSink) == [3])
        #expect(harness.sent(GraftUpdate.self, on: second).map(\.branch.hopsToSink) == [3])
        #expect(harness.said(on: first) == [], "without this link there is no sink")
    }

    @Test func alternativesTravelWithTheRest() throws {
        var (harness, up, first, _) = try member()
        try harness.hear(graftMeOf: 7, key: NodeHarness.smaller(7))
        try harness.hear(graftMeOf: 8, key: NodeHarness.greater(9), freeIn: 0, freeOut: 1, isRoot: false)
        try harness.hear(graftMeOf: 10, key: NodeHarness.greater(9), freeIn: 0, freeOut: 0, isRoot: false)
        try harness.hear(graftMeOf: 11, key: NodeHarness.greater(9), rssi: -90)
        #expect(harness.said(on: up) == [], "no news on their own")
        try harness.tell(from: 3, behind: 2, on: first)
        #expect(harness.sent(GraftUpdate.self, on: up).map(\.branch.alternatives) == [2])
    }

    @Test func alternativesSaturateAtFifteen() throws {
        var (harness, up, first, _) = try member()
        for id in UInt16(20)..<40 {
            try harness.hear(graftMeOf: id, key: NodeHarness.greater(9), isRoot: false)
        }
        try harness.tell(from: 3, behind: 2, on: first)
        #expect(harness.sent(GraftUpdate.self, on: up).map(\.branch.alternatives) == [15])
    }

    @Test func idleLinkIsToldAgainAfterHalfAMinute() throws {
        var (harness, up, first, second) = try member()
        harness.wait(29_000)
        #expect(harness.said(on: up) == [])
        harness.wait(1000)
        for link in [up, first, second] {
            #expect(harness.said(on: link) == [.graftUpdate])
        }
        harness.wait(30_000)
        #expect(harness.said(on: up) == [.graftUpdate, .graftUpdate])
    }

    @Test func onlyTheLatestStateWaitsForTheRadio() throws {
        var (harness, up, first, _) = try member()
        harness.confirmsWrites = false
        for size in Int16(2)...40 {
            try harness.tell(from: 3, behind: size, on: first)
        }
        let told = harness.sent(GraftUpdate.self, on: up).count
        #expect(told == Limits.commandsInFlight + 1 || told == Limits.commandsInFlight)
        harness.confirmsWrites = true
        for _ in 0..<8 {
            harness.give(.radio(.sent(link: up, count: 1)))
        }
        let updates = harness.sent(GraftUpdate.self, on: up)
        #expect(updates.count <= told + 2, "one that waited, one with the rest")
        #expect(updates.last?.branch.behind == 42)
    }

    // MARK: - Nonsense

    @Test(arguments: [Int16.min, -5, 0])
    func branchHasAtLeastOneNode(behind: Int16) throws {
        var (harness, _, first, _) = try member()
        try harness.tell(from: 3, behind: behind, on: first)
        #expect(harness.node.clusterSize == 13)
        harness.checkInvariants()
    }

    @Test func sizesSaturate() throws {
        var (harness, up, first, second) = try member()
        try harness.tell(from: 3, behind: .max, on: first)
        try harness.tell(from: 4, behind: .max, on: second)
        try harness.tell(from: 9, key: harness.key, behind: .max, on: up)
        #expect(harness.node.clusterSize == .max)
        #expect(harness.sent(GraftUpdate.self, on: up).last?.branch.behind == .max)
        try harness.tell(from: 3, behind: 1, on: first)
        try harness.tell(from: 4, behind: 1, on: second)
        try harness.tell(from: 9, key: harness.key, behind: 10, on: up)
        #expect(harness.node.clusterSize == 13, "nothing of it is left")
        harness.checkInvariants()
    }

    @Test func negativeHopsAreUnknown() throws {
        var (harness, _, first, _) = try member()
        try harness.tell(from: 3, behind: 1, hopsToSink: -100, on: first)
        #expect(try harness.view(of: first).hopsToSink == -1)
        try harness.tell(from: 3, behind: 1, hopsToSink: .max, on: first)
        #expect(try harness.view(of: first).hopsToSink == .max)
    }

    @Test func updateOfAStrangerIsIgnored() throws {
        var (harness, up, first, _) = try member()
        try harness.tell(from: 5, key: NodeHarness.greater(5, rank: 99), behind: 100, on: up)
        try harness.tell(from: 9, key: NodeHarness.greater(9, rank: 99), behind: 100, on: first)
        #expect(harness.unexpected == [.graftUpdate, .graftUpdate])
        #expect(harness.node.clusterSize == 13)
        #expect(harness.key == NodeHarness.greater(9))
    }

    @Test func updateOnAnEngagedLinkIsIgnored() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.tell(from: 3, key: NodeHarness.greater(3), behind: 100, on: link)
        #expect(harness.unexpected == [.graftUpdate])
        #expect(harness.node.clusterSize == 1)
        #expect(harness.key == NodeHarness.own(2))
        #expect(harness.relation(on: link) == .engaged)
    }
}
