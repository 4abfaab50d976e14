import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Scores and exclusions of candidates, and the buffer that holds them (protocol §4.1, §4.3, §4.4, §4.7).
@Suite struct CandidateTests {
    private func judgement(
        _ prepare: (inout NodeHarness) throws -> Void
    ) throws -> NodeHarness.Judgement {
        var harness = NodeHarness(2)
        try prepare(&harness)
        return try harness.judgement(of: 3)
    }

    private func stored(_ preferred: [UInt16], _ mode: PreferredMode) -> PersistentState {
        var stored = PersistentState()
        stored.preferredPartners = preferred.map { NodeID($0) }
        stored.preferredMode = mode
        return stored
    }

    // MARK: - Scores

    @Test func equalClusterIsUsableBothWays() throws {
        let judgement = try judgement { try $0.hear(3, freeIn: 2, freeOut: 3, rssi: -60) }
        #expect(judgement.central == .score(20_340))
        #expect(judgement.peripheral == .score(10_340))
    }

    @Test func biggerClusterHasToConnect() throws {
        let judgement = try judgement { try $0.hear(3, size: 4, freeOut: 3, rssi: -60) }
        #expect(judgement.central == .refused(.bigger))
        #expect(judgement.peripheral == .score(40_340))
    }

    @Test func smallerClusterIsConnectedTo() throws {
        let judgement = try judgement {
            _ = try $0.join(1)
            try $0.hear(3, size: 4, freeIn: 1, freeOut: 0, rssi: -85)
        }
        #expect(judgement.central == .score(10_015))
        #expect(judgement.peripheral == .refused(.smaller))
    }

    // MARK: - Exclusions

    @Test func packetIsUsableForTenSeconds() throws {
        var harness = NodeHarness(2)
        // Full, so that nothing happens to it.
        try harness.hear(3, size: 2, freeIn: 0)
        var last = (usable: UInt64(0), refused: UInt64.max)
        harness.wait(13_000)
        for traced in harness.traces {
            guard case .candidate(let judgement) = traced.event,
                case .scores(_, let peripheral) = judgement.verdict
            else { continue }
            let age = judgement.age
            #expect((peripheral == .refused(.tooOld)) == (age > 100))
            if age > 100 {
                last.refused = min(last.refused, traced.uptime)
            } else {
                last.usable = max(last.usable, traced.uptime)
            }
        }
        #expect(last.usable >= 8000 && last.usable <= 10_000)
        #expect(last.refused > 10_000)
    }

    @Test func candidateHeardBeforeItsClusterBecameTheOwnIsRefused() throws {
        let judgement = try judgement {
            try $0.hear(3, cluster: NodeHarness.winningCluster(of: 1), size: 10)
            _ = try $0.join(1)
        }
        #expect(judgement.central == .refused(.sameCluster))
        #expect(judgement.peripheral == .refused(.sameCluster))
    }

    @Test func fullCandidateIsOnlyWaitedFor() throws {
        let judgement = try judgement { try $0.hear(3, freeIn: 0, freeOut: 0) }
        #expect(judgement.central == .refused(.noFreeIn))
        #expect(judgement.peripheral == .score(10_040), "it may free a way out")
    }

    @Test func candidateThatAcknowledgesAnotherClusterIsLeftToIt() throws {
        let other = try judgement { try $0.hear(3, ackField: NodeHarness.cluster(of: 9)) }
        #expect(other.central == .refused(.acknowledgesOther))
        #expect(other.peripheral == .score(10_340))
        let own = try judgement { try $0.hear(3, ackField: $0.node.clusterID) }
        #expect(own.central == .score(20_340))
    }

    @Test func partnerOfALinkIsRefused() throws {
        let judgement = try judgement {
            _ = try $0.takeIn(3)
            try $0.hear(3)
        }
        #expect(judgement.central == .refused(.alreadyLinked))
    }

    @Test(arguments: [(Int8(-85), false), (-86, true)])
    func weakSignalIsRefused(rssi: Int8, refused: Bool) throws {
        let judgement = try judgement { try $0.hear(3, rssi: rssi) }
        #expect((judgement.central == .refused(.tooWeak)) == refused)
        #expect((judgement.peripheral == .refused(.tooWeak)) == refused)
    }

    @Test func exclusionHasAnEffectOnTheDecision() throws {
        var harness = NodeHarness(2)
        try harness.hear(3, rssi: -86)
        try harness.hear(4, freeIn: 1, rssi: -85)
        harness.wait(2200)
        #expect(harness.connects.map(\.address) == [NodeHarness.address(of: 4)])
    }

    // MARK: - Attempts

    /// When attempts are made on a neighbour that is always heard and never answers.
    private func attempts(during milliseconds: UInt64) throws -> [UInt64] {
        var harness = NodeHarness(2)
        while harness.uptime < milliseconds {
            try harness.hear(3)
            harness.wait(200)
            if let connect = harness.connects.last, harness.node.linkCount > 0 {
                harness.give(.radio(.connectFailed(token: connect.token, reason: .failedToEstablish)))
            }
        }
        return harness.traces.compactMap { if case .connecting = $0.event { $0.uptime } else { nil } }
    }

    @Test func afterSixAttemptsCandidateIsLeftAloneForAsManySeconds() throws {
        let times = try attempts(during: 60_000)
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(gaps.prefix(5).allSatisfy { $0 <= 2200 })
        for (index, gap) in gaps.dropFirst(5).enumerated() {
            let ban = UInt64(index + 6) * 1000
            #expect(gap >= ban && gap <= ban + 2200, "after \(index + 6) attempts")
        }
        #expect(gaps.count > 8)
    }

    @Test func attemptsSaturate() throws {
        let times = try attempts(during: 300_000)
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(gaps.count > 22)
        #expect(gaps.allSatisfy { $0 <= 23_200 })
    }

    // MARK: - Preferred partners

    @Test func othersPayATenthWhenOnlyPenalised() throws {
        var harness = NodeHarness(2, stored: stored([9], .penalty))
        try harness.hear(3)
        let judgement = try harness.judgement(of: 3)
        #expect(judgement == NodeHarness.Judgement(central: .score(2034), peripheral: .score(1034)))
    }

    @Test func penaltyLeavesAtLeastOne() throws {
        var harness = NodeHarness(2, stored: stored([9], .penalty)) { $0.rssiThreshold = -100 }
        // Nobody says so of itself, but it can be heard: a cluster of no nodes, full, at the edge of hearing.
        try harness.hear(3, size: 1, freeIn: 0, freeOut: 0, rssi: -100)
        #expect(try harness.judgement(of: 3).peripheral == .score(1000))
        let view = ScoringView(
            cluster: ClusterID(rawValue: 1),
            clusterSize: 0,
            deviceType: .static,
            now: 0,
            rssiThreshold: -100,
            preferred: PartnerList([NodeID(9)])
        )
        let joinMe = JoinMe(
            network: NetworkID(11),
            sender: NodeID(3),
            cluster: ClusterID(rawValue: 2),
            clusterSize: 0,
            freeIn: 0,
            freeOut: 0,
            meshWriteHandle: 1
        )
        let entry = JoinMeEntry(
            joinMe: joinMe,
            address: NodeHarness.address(of: 3),
            connectable: true,
            rssi: -95,
            receivedAt: 0
        )
        #expect(view.peripheral(entry) == .score(1))
    }

    @Test func othersAreRefusedWhenIgnored() throws {
        var harness = NodeHarness(2, stored: stored([9], .ignored))
        try harness.hear(3)
        try harness.hear(9, freeIn: 1, rssi: -85)
        let judgement = try harness.judgement(of: 3)
        let refused = ScoreOutcome.refused(.notPreferred)
        #expect(judgement == NodeHarness.Judgement(central: refused, peripheral: refused))
        #expect(harness.connects.map(\.address) == [NodeHarness.address(of: 9)])
    }

    @Test func withoutAListEverybodyIsPreferred() throws {
        var harness = NodeHarness(2, stored: stored([], .ignored))
        try harness.hear(3)
        #expect(try harness.judgement(of: 3).central == .score(20_340))
    }

    // MARK: - Buffer

    private func buffered(_ harness: NodeHarness) -> [UInt16] {
        harness.node.classic.joinMeBuffer.entries.map { $0?.joinMe.sender.rawValue ?? 0 }
    }

    @Test func senderKeepsItsEntry() throws {
        var harness = NodeHarness(2)
        for id in [UInt16(3), 4, 3] {
            try harness.hear(id, rssi: id == 3 ? -70 : -60)
        }
        #expect(buffered(harness).prefix(3) == [3, 4, 0])
    }

    @Test func handshakeEmptiesTheEntryAndTheNextSenderTakesIt() throws {
        var harness = NodeHarness(2)
        try harness.hear(3)
        try harness.hear(4, freeIn: 0)
        _ = try harness.takeIn(3)
        #expect(buffered(harness).prefix(2) == [0, 4])
        try harness.hear(5, freeIn: 0)
        #expect(buffered(harness).prefix(2) == [5, 4])
    }

    @Test func fullBufferGivesUpTheOldestOfTheOwnClusterFirst() throws {
        var harness = NodeHarness(2)
        let own = NodeHarness.winningCluster(of: 1)
        for id in UInt16(11)...20 {
            try harness.hear(id, cluster: (14...16).contains(id) ? own : nil, size: 10)
            harness.wait(200)
        }
        try harness.hear(14, cluster: own, size: 10)
        _ = try harness.join(1)
        try harness.hear(31, size: 1)
        #expect(buffered(harness) == [11, 12, 13, 14, 31, 16, 17, 18, 19, 20])
    }

    @Test func fullBufferGivesUpTheLowestScoreAsCentralForABigPacket() throws {
        var harness = NodeHarness(2)
        for id in UInt16(11)...20 {
            try harness.hear(id, size: 1, rssi: id == 15 ? -84 : -60)
        }
        try harness.hear(31, size: 1)
        #expect(buffered(harness)[4] == 31)
        // Bigger ones score nothing as central: the first of them goes.
        try harness.hear(13, size: 9)
        try harness.hear(17, size: 9)
        try harness.hear(32, size: 1)
        #expect(buffered(harness)[2] == 32)
    }

    @Test func fullBufferGivesUpTheLowestScoreAsPeripheralForASmallPacket() throws {
        var harness = NodeHarness(2)
        _ = try harness.join(1)
        for id in UInt16(11)...20 {
            try harness.hear(id, size: id == 18 ? 12 : 13)
        }
        try harness.hear(31, size: 5)
        #expect(buffered(harness)[7] == 31)
    }

    @Test func ownClusterNeverRefreshesTheBuffer() throws {
        var harness = NodeHarness(2)
        let own = NodeHarness.winningCluster(of: 1)
        try harness.hear(3, cluster: own, size: 10, rssi: -70)
        _ = try harness.join(1)
        try harness.hear(3, cluster: own, size: 11, rssi: -50)
        try harness.hear(4, cluster: own, size: 11)
        #expect(buffered(harness).prefix(2) == [3, 0])
        #expect(harness.node.classic.joinMeBuffer.entries[0]?.rssi == -70)
    }

    @Test func packetWithoutASenderIsNoCandidate() throws {
        var harness = NodeHarness(2)
        try harness.hear(0)
        try harness.hear(3, freeIn: 1)
        harness.wait(2200)
        #expect(buffered(harness).prefix(2) == [3, 0])
        #expect(harness.connects.map(\.address) == [NodeHarness.address(of: 3)])
    }

    @Test func packetOfAnotherKindIsIgnored() throws {
        var harness = NodeHarness(2)
        try harness.hear(3)
        let data: AdvertisingData = try JoinMe(
            network: NetworkID(12),
            sender: NodeID(4),
            cluster: NodeHarness.cluster(of: 4),
            clusterSize: 1,
            freeIn: 2,
            freeOut: 3,
            meshWriteHandle: 11
        ).encoded()
        let address = NodeHarness.address(of: 4)
        harness.give(.radio(.advertisement(address: address, rssi: -50, connectable: true, data: data)))
        harness.give(
            .radio(.advertisement(address: address, rssi: -50, connectable: true, data: AdvertisingData([2, 1, 6])))
        )
        #expect(buffered(harness).prefix(2) == [3, 0])
    }
}
