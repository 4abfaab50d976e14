import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Whom a node connects to, and when (graft §6.1).
@Suite struct GraftCandidateTests {
    /// Waits for the first connect attempt, at most so long.
    private func firstConnect(_ harness: inout NodeHarness, within milliseconds: UInt64 = 1500) -> Address? {
        for _ in 0..<milliseconds / 10 where harness.connects.isEmpty {
            harness.wait(10)
        }
        return harness.connectedTo.first
    }

    // MARK: - When

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func rootCollectsForAThirdOfASecond(seed: UInt64) throws {
        var harness = NodeHarness(grafting: 2, seed: seed)
        let start = harness.uptime
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 3))
        #expect(300...360 ~= harness.uptime - start, "seed \(seed)")
    }

    @Test func whatIsHeardWhileCollectingCounts() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), eccentricity: 5)
        harness.wait(250)
        try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4), eccentricity: 2)
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 4))
    }

    @Test func healingClusterDoesNotListenForBetter() throws {
        var harness = NodeHarness(grafting: 2)
        let first = try harness.takeChild(3)
        _ = try harness.takeChild(4)
        harness.lose(first)
        harness.forget()
        let start = harness.uptime
        try harness.hear(graftMeOf: 5, key: NodeHarness.greater(5))
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 5))
        #expect(0...60 ~= harness.uptime - start)
    }

    @Test func candidateIsForgottenAfterTwoSeconds() throws {
        var harness = NodeHarness(grafting: 2) { $0.graft.collecting = 2_100_000 }
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
        harness.wait(5000)
        #expect(harness.connects.isEmpty)
    }

    @Test func nothingHappensWithoutACandidate() {
        var harness = NodeHarness(grafting: 2)
        harness.wait(60_000)
        #expect(harness.connects.isEmpty)
        #expect(harness.traces.allSatisfy { if case .decision = $0.event { false } else { true } })
    }

    // MARK: - Who

    @Test func smallerClusterIsLeftAlone() throws {
        var harness = NodeHarness(grafting: 2)
        for _ in 0..<20 {
            try harness.hear(graftMeOf: 3, key: NodeHarness.smaller(3))
            harness.wait(200)
        }
        #expect(harness.connects.isEmpty, "it is their move")
    }

    @Test func ownClusterIsLeftAlone() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try harness.graft(under: 9, key: NodeHarness.greater(9))
        for _ in 0..<20 {
            try harness.hear(graftMeOf: 3, key: NodeHarness.greater(9, rank: 99), isRoot: false)
            harness.wait(200)
        }
        #expect(harness.connects.isEmpty)
    }

    @Test func centreIsPreferred() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), eccentricity: 4, rssi: -40)
        try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4), eccentricity: 2, rssi: -80)
        try harness.hear(graftMeOf: 5, key: NodeHarness.greater(5), eccentricity: 255, rssi: -40)
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 4))
    }

    @Test func strongestOfEqualsIsPreferred() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), rssi: -70)
        try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4), rssi: -50)
        try harness.hear(graftMeOf: 5, key: NodeHarness.greater(5), rssi: -60)
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 4))
    }

    @Test func fittingSlotComesBeforeEverything() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), freeIn: 0, eccentricity: 0, rssi: -40)
        try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4), freeIn: 0, freeOut: 0, eccentricity: 0, rssi: -40)
        try harness.hear(graftMeOf: 5, key: NodeHarness.greater(5), freeIn: 1, freeOut: 0, eccentricity: 9, rssi: -84)
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 5))
    }

    @Test func memberOfAGreaterClusterWillDo() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), isRoot: false)
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 3))
    }

    @Test(arguments: [(Int8(-85), true), (-86, false)] as [(Int8, Bool)])
    func faintNeighbourIsNoCandidate(rssi: Int8, isCandidate: Bool) throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), rssi: rssi)
        let found = firstConnect(&harness)
        #expect((found != nil) == isCandidate)
    }

    @Test(arguments: [(Int8(-92), true), (-93, false)] as [(Int8, Bool)])
    func faintNeighbourIsACandidateAfterTwentySeconds(rssi: Int8, isCandidate: Bool) throws {
        var harness = NodeHarness(grafting: 2)
        harness.wait(19_000)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), rssi: rssi)
        let early = firstConnect(&harness, within: 900)
        #expect(early == nil)
        harness.wait(200)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), rssi: rssi)
        let found = firstConnect(&harness)
        #expect((found != nil) == isCandidate)
    }

    @Test func strongNeighbourEndsTheIndulgence() throws {
        var harness = NodeHarness(grafting: 2)
        harness.wait(19_000)
        // A candidate, although there is no way to it.
        try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4), freeIn: 0, freeOut: 0)
        harness.wait(5000)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), rssi: -90)
        let found = firstConnect(&harness)
        #expect(found == nil)
    }

    private func connectOnce(_ harness: inout NodeHarness) throws -> NodeHarness.Connect {
        _ = firstConnect(&harness)
        return try #require(harness.connects.last)
    }

    @Test func neighbourWithALinkIsNoCandidate() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
        let found = firstConnect(&harness)
        #expect(found == nil)
        #expect(harness.relation(on: link) == .engaged)
    }

    @Test func connectionHasTheParametersOfAMeshLink() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
        let connect = try connectOnce(&harness)
        #expect(connect.timeoutMicroseconds == 800_000)
        #expect(connect.parameters == ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100))
    }

    @Test func leafIsConnectedToWithALongInterval() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.smaller(3), calls: true, deviceType: .leaf)
        let connect = try connectOnce(&harness)
        #expect(connect.parameters.interval == 72)
    }

    @Test func oneAttemptAtATime() throws {
        var harness = NodeHarness(grafting: 2)
        for id in UInt16(3)...6 {
            try harness.hear(graftMeOf: id, key: NodeHarness.greater(id))
        }
        for _ in 0..<15 {
            harness.wait(100)
            try harness.hear(graftMeOf: 7, key: NodeHarness.smaller(7), calls: true)
        }
        #expect(harness.connects.count == 1)
    }

    @Test func oneEngagementAtATime() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try harness.approach(3, key: NodeHarness.greater(3))
        harness.forget()
        for _ in 0..<10 {
            try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4))
            try harness.hear(graftMeOf: 5, key: NodeHarness.smaller(5), calls: true)
            harness.wait(200)
        }
        #expect(harness.connects.isEmpty)
    }

    @Test func preferredPartnersAreTheOnlyCandidates() throws {
        var stored = PersistentState()
        stored.graftGeneration = NodeHarness.graftGeneration
        stored.preferredPartners = [NodeID(4)]
        stored.preferredMode = .ignored
        var harness = NodeHarness(2, stored: stored) {
            $0 = Configuration(clustering: .graft)
            $0.tracing = true
        }
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), rssi: -40)
        try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4), eccentricity: 9, rssi: -80)
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 4))
        let link = try harness.meet(3, key: NodeHarness.greater(3))
        #expect(harness.closed == [link])
        #expect(harness.removals == [.unpreferred])
    }

    // MARK: - GRAFT_ME of this node

    @Test func graftMeTellsTheState() throws {
        var harness = NodeHarness(grafting: 2)
        var said = try harness.graftMe()
        #expect(said.sender == NodeID(2))
        #expect(said.key == NodeHarness.own(2))
        #expect(said.clusterSize == 1)
        #expect(said.freeIn == 2)
        #expect(said.freeOut == 3)
        #expect(said.isRoot)
        #expect(!said.calls)
        #expect(said.eccentricity == 0)
        #expect(said.meshWriteHandle == 11)
        _ = try harness.graft(under: 9, key: NodeHarness.greater(9), behind: 10, height: 3)
        _ = try harness.fetchChild(3)
        said = try harness.graftMe()
        #expect(said.key == NodeHarness.greater(9))
        #expect(said.clusterSize == 12)
        #expect(said.freeIn == 1)
        #expect(said.freeOut == 2)
        #expect(!said.isRoot)
        #expect(said.eccentricity == 4)
    }

    @Test func advertisementIsThatOfTheSpecification() throws {
        var harness = NodeHarness(grafting: 5, generation: 0xABCD)
        _ = try harness.takeChild(3)
        _ = try harness.fetchChild(4)
        let hex = try harness.graftMe().encoded(as: AdvertisingData.self).description
        // 1 in / 2 out free and handle 11 instead of the 2 / 3 and 14 of the example.
        #expect(hex == "0201061bff4d02f00b000a0500" + "0500cdab03005101" + "0401ffff0b0003000000")
    }

    // MARK: - Forged advertisements

    @Test(arguments: [UInt16(0), 2])
    func graftMeOfNobodyAndOfOneselfIsIgnored(sender: UInt16) throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: sender, key: NodeHarness.greater(3))
        let found = firstConnect(&harness)
        #expect(found == nil)
        #expect(harness.node.graft.neighbours.entries.isEmpty)
    }

    @Test func graftMeWithTheOwnKeyIsNoCandidate() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: harness.key)
        let found = firstConnect(&harness)
        #expect(found == nil)
    }

    @Test func graftMeOfAnotherNetworkIsIgnored() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3), network: NetworkID(12))
        let found = firstConnect(&harness)
        #expect(found == nil)
        #expect(harness.node.graft.neighbours.entries.isEmpty)
    }

    @Test func graftMeWithARankBeyondTheLastIsNoCandidate() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3, rank: .max))
        let found = firstConnect(&harness)
        #expect(found == nil)
    }

    @Test func graftMeAlonePromisesNothing() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.approach(3, key: NodeHarness.greater(3, rank: 1 << 30))
        #expect(harness.key == NodeHarness.own(2))
        try harness.hello(from: 3, key: NodeHarness.smaller(3), on: link)
        #expect(harness.isRoot)
        #expect(harness.relation(on: link) == .engaged, "hello shows the true key")
    }

    @Test func everyTruncationAndBitFlipIsHarmless() throws {
        let graftMe = GraftMe(
            network: NetworkID(11),
            sender: NodeID(3),
            key: NodeHarness.greater(3),
            clusterSize: 5,
            freeIn: 2,
            freeOut: 3,
            isRoot: true,
            calls: true,
            meshWriteHandle: 11
        )
        let data: AdvertisingData = try graftMe.encoded()
        var harness = NodeHarness(grafting: 2)
        for bit in 0..<GraftMe.encodedSize * 8 {
            var bytes = data
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            hear(bytes, &harness)
        }
        for count in 0..<GraftMe.encodedSize {
            hear(AdvertisingData((0..<count).map { data[$0] }), &harness)
        }
        harness.wait(500)
        #expect(harness.node.graft.neighbours.entries.count <= Limits.neighbours)
        harness.checkInvariants()
    }

    private func hear(_ data: AdvertisingData, _ harness: inout NodeHarness) {
        let address = NodeHarness.address(of: 3)
        harness.give(.radio(.advertisement(address: address, rssi: -60, connectable: true, data: data)))
    }

    // MARK: - The table

    @Test func fullTableKeepsWhatIsWorthMost() throws {
        var harness = NodeHarness(grafting: 2) { $0.graft.collecting = 1_000_000 }
        for id in UInt16(100)..<100 + UInt16(Limits.neighbours) {
            try harness.hear(graftMeOf: id, key: NodeHarness.smaller(id))
        }
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
        #expect(harness.node.graft.neighbours.entries.count == Limits.neighbours)
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 3))
    }

    @Test func floodOfStrangersDoesNotPushOutAGreaterCluster() throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
        for id in UInt16(100)..<200 {
            try harness.hear(graftMeOf: id, key: NodeHarness.smaller(id))
        }
        let found = firstConnect(&harness)
        #expect(found == NodeHarness.address(of: 3))
    }
}
