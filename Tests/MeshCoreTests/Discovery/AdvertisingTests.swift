import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// What is on air: jobs, intervals, connectability (protocol §2.3, §2.4, §1.6).
@Suite struct AdvertisingTests {
    /// What the radio was told last.
    private struct OnAir {
        var data: AdvertisingData
        var connectable: Bool
        var interval: UInt32
        var isJoinMe: Bool { JoinMe.isForNetwork(NetworkID(11), data) }
    }

    private func onAir(_ harness: NodeHarness) throws -> OnAir {
        let all: [OnAir] = harness.commands.compactMap {
            guard case .advertise(let data, _, let connectable, let interval) = $0 else { return nil }
            return OnAir(data: data, connectable: connectable, interval: interval)
        }
        return try #require(all.last)
    }

    private func joinMe(_ harness: NodeHarness) throws -> JoinMe { try JoinMe(bytes: onAir(harness).data) }

    private func alone(_ configuration: inout Configuration) { configuration.accessBroadcast = false }

    // MARK: - Intervals

    @Test func joinMeIsTwiceAsFrequentInHigh() throws {
        var harness = NodeHarness(2, configure: alone)
        #expect(try onAir(harness).interval == 100_000)
        let link = try harness.join(1)
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        #expect(try onAir(harness).interval == 200_000)
        try harness.command(.setDiscovery(mode: 1), from: 1, on: link)
        #expect(try onAir(harness).interval == 100_000)
    }

    @Test func smallestIntervalOfTheJobsHoldsForAll() throws {
        var harness = NodeHarness(2)
        let link = try harness.join(1)
        try harness.command(.setDiscovery(mode: 0), from: 1, on: link)
        for _ in 0..<10 {
            #expect(try onAir(harness).interval == 100_000)
            harness.wait(400)
        }
    }

    // MARK: - Jobs

    @Test func jobsShareTheAdvertiserInRoundsOfTenSlots() throws {
        var harness = NodeHarness(2)
        var orders: Set<[Bool]> = []
        harness.wait(200)
        for _ in 0..<5 {
            var slots: [Bool] = []
            for _ in 0..<10 {
                slots.append(try onAir(harness).isJoinMe)
                harness.wait(400)
            }
            #expect(slots.count(where: { $0 }) == 5, "each job has five slots of a round")
            orders.insert(slots)
        }
        #expect(orders.count > 1, "the order is random")
    }

    @Test func aloneJoinMeStaysOnAir() throws {
        var harness = NodeHarness(2, configure: alone)
        harness.wait(20_000)
        #expect(harness.commands.count { if case .advertise = $0 { true } else { false } } == 1)
    }

    @Test func joinMeTellsWhatIsFree() throws {
        var harness = NodeHarness(2, configure: alone)
        #expect(try joinMe(harness).freeIn == 2)
        #expect(try joinMe(harness).freeOut == 3)
        let connect = try harness.connect(to: 3)
        #expect(try joinMe(harness).freeOut == 2, "from the start of the attempt")
        harness.give(.radio(.connectFailed(token: connect.token, reason: .failedToEstablish)))
        #expect(try joinMe(harness).freeOut == 3)
        let link = harness.linkUp(from: 1)
        #expect(try joinMe(harness).freeIn == 2, "it may be no mesh link")
        try harness.welcome(from: 1, on: link)
        #expect(try joinMe(harness).freeIn == 1)
        try harness.acknowledge2(from: 1, hopsToSink: 2, on: link)
        #expect(try joinMe(harness).clusterSize == 11)
        #expect(try joinMe(harness).cluster == NodeHarness.winningCluster(of: 1))
        #expect(try joinMe(harness).hopsToSink == 3)
        #expect(try joinMe(harness).ackField == .none)
    }

    // MARK: - After a loss

    @Test func nodeCallsLoudlyForFourSecondsAfterALossAsPeripheral() throws {
        var harness = NodeHarness(2)
        let link = try harness.join(1)
        harness.wait(untilUptime: 12_000)
        harness.lose(link)
        for _ in 0..<20 {
            #expect(try onAir(harness).interval == 20_000)
            #expect(try onAir(harness).isJoinMe, "JOIN_ME is exclusive")
            harness.wait(200)
        }
        #expect(try onAir(harness).interval == 100_000)
    }

    @Test func lossAsCentralChangesNothingOnAir() throws {
        var harness = NodeHarness(2, configure: alone)
        let link = try harness.takeIn(3)
        harness.wait(untilUptime: 15_000)
        harness.forget()
        harness.lose(link)
        #expect(!harness.commands.contains { if case .advertise = $0 { true } else { false } })
    }

    // MARK: - Connectable or not

    @Test func threeIncomingLinksMakeItNonConnectable() throws {
        var harness = NodeHarness(2, configure: alone)
        let links = [harness.linkUp(from: 11), harness.linkUp(from: 12)]
        #expect(try onAir(harness).connectable)
        let third = harness.linkUp(from: 13)
        #expect(try !onAir(harness).connectable)
        #expect(try onAir(harness).interval == 100_000)
        harness.lose(third)
        #expect(try onAir(harness).connectable)
        #expect(links.count == 2)
    }

    @Test func nonConnectableIsNeverFasterThanTheStandardAllows() throws {
        var harness = NodeHarness(2, configure: alone)
        let link = try harness.join(1)
        harness.wait(untilUptime: 12_000)
        for id in 11...13 {
            _ = harness.linkUp(from: UInt16(id))
        }
        harness.lose(link)
        #expect(try !onAir(harness).connectable)
        #expect(try onAir(harness).interval == 100_000)
    }

    @Test func advertisingBeginsAgainAfterAnIncomingLinkEndedIt() throws {
        var harness = NodeHarness(2, configure: alone)
        harness.forget()
        _ = harness.linkUp(from: 11)
        #expect(try onAir(harness).connectable)
    }

    // MARK: - LEAF

    @Test func leafOffersOneWayInAndNoneOut() throws {
        let harness = NodeHarness(2, deviceType: .leaf, configure: alone)
        #expect(try joinMe(harness).freeIn == 1)
        #expect(try joinMe(harness).freeOut == 0)
    }

    @Test func leafWithoutAFreeWayInStopsJoinMe() throws {
        var harness = NodeHarness(2, deviceType: .leaf) { $0.meshInLinks = 1 }
        _ = try harness.join(1)
        for _ in 0..<20 {
            harness.wait(400)
            #expect(try !onAir(harness).isJoinMe)
        }
        var single = NodeHarness(2, deviceType: .leaf) {
            $0.meshInLinks = 1
            $0.accessBroadcast = false
        }
        _ = try single.join(1)
        #expect(single.commands.last { $0 == .stopAdvertising } != nil)
    }

    @Test func leafNeverConnects() throws {
        var harness = NodeHarness(2, deviceType: .leaf)
        try harness.hear(3)
        #expect(try harness.judgement(of: 3).central == .refused(.leaf))
        #expect(harness.connects.isEmpty)
    }

    @Test func leafDoesNotWaitForALostLink() throws {
        var harness = NodeHarness(2, deviceType: .leaf)
        let link = try harness.join(1)
        harness.wait(untilUptime: 15_000)
        harness.lose(link)
        #expect(harness.removals == [.linkLost])
        #expect(harness.node.linkCount == 0)
    }
}
