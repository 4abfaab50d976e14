import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Partners with which it came to nothing are left alone for a while (graft §6.1, §6.6).
@Suite struct GraftBanTests {
    /// Milliseconds until the node connects, hearing a neighbour every 0.02 s; nil if it does not.
    private func untilConnect(
        _ harness: inout NodeHarness,
        to id: UInt16 = 3,
        key: ClusterKey = NodeHarness.greater(3),
        within milliseconds: UInt64 = 70_000
    ) throws -> UInt64? {
        let start = harness.uptime
        let before = harness.connects.count
        while harness.uptime - start < milliseconds {
            try harness.hear(graftMeOf: id, key: key)
            harness.wait(20)
            if harness.connects.count > before { return harness.uptime - start }
        }
        return nil
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func banGrowsWithTheFailures(seed: UInt64) throws {
        var harness = NodeHarness(grafting: 2, seed: seed)
        _ = try untilConnect(&harness)
        for failures in UInt64(1)...10 {
            let token = try #require(harness.connects.last).token
            harness.give(.radio(.connectFailed(token: token, reason: .failedToEstablish)))
            let measured = try untilConnect(&harness)
            let pause = try #require(measured)
            let times = min(failures, 8)
            // 0.02 s of the test, up to 0.05 s of jitter, and the time of collecting begins anew.
            #expect(200 * times...600 * times + 430 ~= pause, "seed \(seed), failure \(failures)")
        }
    }

    @Test func attemptsGrowLongerForWhoIsHardToCatch() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try untilConnect(&harness)
        for _ in 0..<4 {
            let token = try #require(harness.connects.last).token
            harness.give(.radio(.connectFailed(token: token, reason: .failedToEstablish)))
            _ = try untilConnect(&harness)
        }
        #expect(harness.connects.map(\.timeoutMicroseconds) == [800_000, 1_600_000, 2_400_000, 2_400_000, 2_400_000])
    }

    @Test func othersAreTriedMeanwhile() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try untilConnect(&harness)
        try harness.hear(graftMeOf: 4, key: NodeHarness.greater(4), eccentricity: 9)
        let token = try #require(harness.connects.last).token
        harness.give(.radio(.connectFailed(token: token, reason: .failedToEstablish)))
        harness.wait(100)
        #expect(harness.connectedTo == [NodeHarness.address(of: 3), NodeHarness.address(of: 4)])
    }

    @Test func successForgetsTheFailures() throws {
        var harness = NodeHarness(grafting: 2)
        _ = try untilConnect(&harness)
        for _ in 0..<4 {
            let token = try #require(harness.connects.last).token
            harness.give(.radio(.connectFailed(token: token, reason: .failedToEstablish)))
            _ = try untilConnect(&harness)
        }
        #expect(harness.node.graft.neighbours.entries.map(\.failures) == [4])
        let link = harness.linkUp(try #require(harness.connects.last))
        harness.prepare(link)
        try harness.hello(from: 3, key: NodeHarness.greater(3), on: link)
        #expect(harness.node.graft.neighbours.entries.map(\.failures) == [0])
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func failedEngagementIsPausedForOneToThreeSeconds(seed: UInt64) throws {
        var harness = NodeHarness(grafting: 2, seed: seed)
        let link = try harness.approach(3, key: NodeHarness.greater(3))
        try harness.hello(from: 3, key: NodeHarness.greater(3), isFull: true, on: link)
        #expect(harness.removals == [.noSpot])
        let measured = try untilConnect(&harness)
        let pause = try #require(measured)
        #expect(1000...3450 ~= pause, "seed \(seed)")
    }

    @Test func engagementsThatEndAreTraced() throws {
        var harness = NodeHarness(grafting: 2)
        let link = try harness.meet(3, key: NodeHarness.smaller(3))
        harness.lose(link)
        let ended = TraceEvent.engagementEnded(partner: NodeID(3), .linkLost)
        #expect(harness.traces.contains { $0.event == ended })
    }

    // MARK: - Another version

    @Test(arguments: [false, true])
    func otherVersionIsBannedForAMinute(isCentral: Bool) throws {
        var harness = NodeHarness(grafting: 2)
        let link: LinkID
        if isCentral {
            link = try harness.approach(3, key: NodeHarness.greater(3))
        } else {
            try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
            link = harness.linkUp(from: 3)
        }
        try harness.hello(from: 3, key: NodeHarness.greater(3), version: 2, nonce: 7, on: link)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.graftVersion])
        let measured = try untilConnect(&harness)
        let pause = try #require(measured)
        #expect(60_000...60_500 ~= pause)
    }

    @Test(arguments: [UInt8(0), 2, 255])
    func everyOtherVersionIsRefusedWhateverFollows(version: UInt8) throws {
        for tail in ["", "00", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"] {
            var harness = NodeHarness(grafting: 2)
            let link = harness.linkUp(from: 3)
            let hex = String(version, radix: 16)
            try harness.receive("2803003175" + (hex.count == 1 ? "0" : "") + hex + tail, on: link)
            #expect(harness.closed == [link])
            #expect(harness.removals == [.graftVersion])
        }
    }

    @Test func otherNetworkIsRefused() throws {
        var harness = NodeHarness(grafting: 2)
        let link = harness.linkUp(from: 3)
        try harness.hello(from: 3, key: NodeHarness.greater(3), network: NetworkID(12), nonce: 7, on: link)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.networkMismatch])
        #expect(harness.isRoot)
    }
}
