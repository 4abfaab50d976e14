import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

/// A classic node that decides as soon as it could connect, and its neighbour that waits for its period (protocol §4.2).
@Suite struct EagerDecisionTests {
    private func eager(_ id: UInt16 = 2, seed: UInt64? = nil) -> NodeHarness {
        NodeHarness(id, seed: seed) { $0.decision = .eager }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func decidesWithinATenthOfASecond(seed: UInt64) throws {
        var harness = eager(seed: seed)
        harness.wait(300)
        let start = harness.uptime
        try harness.hear(3)
        #expect(harness.decisions == [], "not at once")
        harness.wait(100)
        #expect(harness.decisions == [.connectAsCentral], "seed \(seed)")
        #expect(harness.connectedTo == [NodeHarness.address(of: 3)])
        #expect(harness.uptime - start == 100)
    }

    @Test func delayVaries() throws {
        var delays: Set<UInt64> = []
        for seed in UInt64(1)...20 {
            var harness = eager(seed: seed)
            try harness.hear(3)
            harness.wait(100)
            let decided = harness.traces.first { if case .decision = $0.event { true } else { false } }
            delays.insert(try #require(decided).uptime)
        }
        #expect(delays.count > 10)
    }

    @Test func bestOfWhatIsHeardMeanwhileIsTaken() throws {
        var harness = eager()
        try harness.hear(3, freeOut: 0, rssi: -80)
        try harness.hear(4, freeOut: 3, rssi: -40)
        harness.wait(100)
        #expect(harness.connectedTo == [NodeHarness.address(of: 4)])
    }

    @Test func earlyDecisionIsNotPutOff() throws {
        var harness = eager()
        for _ in 0..<10 {
            try harness.hear(3)
            harness.wait(10)
        }
        #expect(harness.decisions == [.connectAsCentral], "every JOIN_ME would put it off for ever")
    }

    @Test func unusableJoinMeWaitsForThePeriod() throws {
        var harness = eager()
        try harness.hear(3, size: 3)
        try harness.hear(4, rssi: -90)
        try harness.hear(5, freeIn: 0)
        harness.wait(1900)
        #expect(harness.decisions == [])
        harness.wait(300)
        #expect(harness.decisions == [.waitAsPeripheral])
    }

    @Test func ownClusterWaitsForThePeriod() throws {
        var harness = eager()
        _ = try harness.join(1)
        harness.forget()
        harness.wait(200)
        let before = harness.decisions.count
        try harness.hear(3, cluster: harness.node.clusterID)
        harness.wait(150)
        #expect(harness.decisions.count == before)
    }

    @Test func nothingIsDecidedWhileAnAttemptRuns() throws {
        var harness = eager()
        try harness.hear(3)
        harness.wait(100)
        #expect(harness.connects.count == 1)
        harness.forget()
        for _ in 0..<15 {
            try harness.hear(4, rssi: -40)
            harness.wait(100)
        }
        #expect(harness.decisions == [])
        #expect(harness.connects.isEmpty)
    }

    @Test func nothingIsDecidedDuringAHandshake() throws {
        var harness = eager()
        let link = harness.linkUp(from: 5)
        try harness.welcome(from: 5, on: link)
        harness.forget()
        try harness.hear(4, rssi: -40)
        harness.wait(150)
        #expect(harness.decisions == [])
    }

    @Test func nothingIsDecidedEarlyWithoutAWayOut() throws {
        var harness = NodeHarness(2) {
            $0.decision = .eager
            $0.meshOutLinks = 0
        }
        try harness.hear(3)
        harness.wait(150)
        #expect(harness.decisions == [])
    }

    @Test func periodBeginsAnewWithAnEarlyDecision() throws {
        var harness = eager()
        try harness.hear(3, size: 1)
        harness.wait(100)
        #expect(harness.decisions.count == 1)
        let token = try #require(harness.connects.first).token
        harness.give(.radio(.connectFailed(token: token, reason: .failedToEstablish)))
        harness.wait(20_000)
        let times = harness.traces.compactMap { traced -> UInt64? in
            if case .decision = traced.event { traced.uptime } else { nil }
        }
        let periods = zip(times.dropFirst(), times.dropFirst(2)).map { $1 - $0 }
        #expect(!periods.isEmpty)
        #expect(periods.allSatisfy { $0 == 2000 || $0 == 2200 })
    }

    @Test func periodicNodeKeepsItsPeriod() throws {
        var harness = NodeHarness(2)
        for _ in 0..<300 {
            try harness.hear(3, size: 2)
            harness.wait(200)
        }
        let times = harness.traces.compactMap { traced -> UInt64? in
            if case .decision = traced.event { traced.uptime } else { nil }
        }
        let periods = zip([0] + times, times).map { $1 - $0 }
        #expect(Set(periods) == [2000, 2200])
        var usable = NodeHarness(2)
        try usable.hear(3)
        usable.wait(1900)
        #expect(usable.decisions == [])
    }
}
