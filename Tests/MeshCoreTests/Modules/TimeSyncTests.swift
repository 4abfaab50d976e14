import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

@Suite struct TimeSyncTests {
    /// Node 1 with node 2 as its only partner, somewhat after power-on.
    private func master(uptime: UInt64 = 37_400) throws -> (NodeHarness, LinkID) {
        var harness = NodeHarness(1)
        let link = try harness.takeIn(2)
        try harness.receive("34020001000000060000", on: link)
        harness.wait(untilUptime: uptime)
        harness.forget()
        return (harness, link)
    }

    @Test func aTimeIsHandedOnInTwoSteps() throws {
        var (harness, link) = try master()
        harness.give(.request(.setTime(seconds: 1_560_262_597, offsetMinutes: 0)))
        harness.wait(0)
        #expect(harness.take(on: link) == ["3c0100020000c5b7ff5c0000000000000000000001000000"])
        harness.wait(100)
        try harness.receive("3c0200010001", on: link)
        harness.wait(4890)
        #expect(harness.take(on: link) == [])
        harness.wait(20)
        #expect(harness.take(on: link) == ["3c010002000200000000"])
        try harness.receive("3c0200010003", on: link)
        harness.wait(240)
        // The partner hands its time back, which changes nothing.
        try harness.receive("3c0200010000c5b7ff5c05000000a4190000000001000000", on: link)
        #expect(harness.take(on: link) == ["3c0100020001"])
        harness.wait(5000)
        try harness.receive("3c020001000200000000", on: link)
        #expect(harness.take(on: link) == ["3c0100020003"])
        harness.wait(4250)
        #expect(harness.now.microseconds == 1_000_000 + 37_400_000 + 14_500_000)
        let time = harness.node.networkTime(at: harness.now)
        #expect(
            time
                == NetworkTime(
                    seconds: 1_560_262_611,
                    cycles: 13_136,
                    offsetMinutes: 0,
                    isSet: true,
                    isTimeMaster: true
                )
        )
        harness.wait(60_000)
        #expect(harness.take(on: link) == [])
    }

    @Test func theFirstStepWaitsForTheTick() throws {
        var (harness, link) = try master(uptime: 37_550)
        harness.give(.request(.setTime(seconds: 7200, offsetMinutes: -10_000)))
        harness.wait(0)
        #expect(harness.take(on: link) == [])
        harness.wait(50)
        #expect(harness.take(on: link) == ["3c0100020000201c0000000000009a190000f0d801000000"])
    }

    @Test func aPartnerTakesTheTimeAndHandsItOnOnceItIsCorrected() throws {
        var harness = NodeHarness(2)
        let link = try harness.join(1)
        harness.wait(untilUptime: 37_450)
        harness.forget()
        try harness.receive("3c0100020000c5b7ff5c0000000000000000000001000000", on: link)
        #expect(harness.take(on: link) == ["3c0200010001"])
        #expect(harness.node.clock.syncState == 1)
        harness.wait(5000)
        #expect(harness.take(on: link) == [], "a time that awaits its correction is not handed on")
        try harness.receive("3c010002000200000000", on: link)
        #expect(harness.take(on: link) == ["3c0200010003"])
        #expect(harness.node.clock.syncState == 2)
        harness.wait(160)
        #expect(harness.take(on: link) == ["3c0200010000c5b7ff5c05000000a4190000000001000000"])
        try harness.receive("3c0100020001", on: link)
        harness.wait(5000)
        #expect(harness.take(on: link) == ["3c020001000200000000"])
        try harness.receive("3c0100020003", on: link)
        harness.wait(4100)
        harness.forget()
        try harness.receive("3301000200000008", on: link)
        #expect(harness.take(on: link).first?.hasPrefix("3402000100000008d3b7ff5c0000020") == true)
        #expect(harness.node.timers.deadline(.timeSync) == nil)
    }

    @Test func everyPartnerGetsTheSameStep() throws {
        var (harness, link) = try master()
        let other = try harness.takeIn(3)
        harness.forget()
        harness.give(.request(.setTime(seconds: 1_560_262_597, offsetMinutes: 120)))
        harness.wait(200)
        let first = harness.take(on: link).filter { $0.hasPrefix("3c") }
        let second = harness.take(on: other).filter { $0.hasPrefix("3c") }
        #expect(first.count == 1)
        #expect(second.count == 1)
        #expect(first.first?.dropFirst(12) == second.first?.dropFirst(12))
        // Only node 3 answers: node 2 gets INITIAL again.
        try harness.receive("3c0300010001", on: other)
        harness.wait(5000)
        #expect(harness.take(on: link).contains { $0.hasPrefix("3c0100020000") })
        #expect(harness.take(on: other).contains("3c010003000200000000"))
    }

    @Test func theWaitBeforeTheAirIsCorrected() throws {
        var (harness, link) = try master()
        harness.confirmsWrites = false
        harness.give(.request(.setTime(seconds: 1_560_262_597, offsetMinutes: 0)))
        harness.wait(450)
        harness.give(.radio(.sent(link: link, count: 1)))
        harness.confirmsWrites = true
        try harness.receive("3c0200010001", on: link)
        harness.forget()
        harness.wait(4600)
        // Two ticks of 6554 cycles.
        #expect(harness.take(on: link) == ["3c010002000234330000"])
    }

    @Test func aReplyOutOfTurnStartsOver() throws {
        var (harness, link) = try master()
        harness.give(.request(.setTime(seconds: 1_560_262_597, offsetMinutes: 0)))
        harness.wait(100)
        try harness.receive("3c0200010003", on: link)
        harness.forget()
        harness.wait(5000)
        #expect(harness.take(on: link).first?.hasPrefix("3c0100020000") == true)
    }

    @Test func aGreaterCounterWinsAnEqualOneDoesNot() throws {
        var (harness, link) = try master()
        harness.give(.request(.setTime(seconds: 1_560_262_597, offsetMinutes: 0)))
        harness.wait(100)
        harness.forget()
        try harness.receive("3c0200010000000000100000000000000000000001000000", on: link)
        #expect(harness.node.clock.isTimeMaster)
        try harness.receive("3c0200010000000000100000000000000000000002000000", on: link)
        #expect(!harness.node.clock.isTimeMaster)
        #expect(harness.node.clock.counter == 2)
        #expect(harness.node.networkTime(at: harness.now).seconds == 0x1000_0000)
        #expect(harness.take(on: link) == ["3c0100020001", "3c0100020001"])
    }

    @Test func updateTimestampMakesATimeMaster() throws {
        var harness = NodeHarness(2)
        let link = try harness.join(1)
        harness.forget()
        try harness.receive("1e007d000000f1536500007800", on: link)
        #expect(harness.node.networkTime(at: harness.now).seconds == 0x6553_F100)
        #expect(harness.node.networkTime(at: harness.now).offsetMinutes == 120)
        #expect(harness.node.clock.isTimeMaster)
        harness.wait(200)
        #expect(harness.take(on: link).first?.hasPrefix("3c020001000000f15365") == true)
    }

    @Test func timeOfAnotherNetworkIsTakenOnlyByNodesWithoutTime() throws {
        var harness = NodeHarness(2)
        let link = try harness.join(1)
        try harness.receive("3c010002000400f1536500000000000000007800", on: link)
        #expect(harness.node.networkTime(at: harness.now).seconds == 0x6553_F100)
        try harness.receive("3c01000200040000006600000000000000007800", on: link)
        #expect(harness.node.networkTime(at: harness.now).seconds == 0x6553_F100)
    }

    @Test func newPartnersGetTheTimeWithinATick() throws {
        var (harness, link) = try master()
        harness.give(.request(.setTime(seconds: 1_560_262_597, offsetMinutes: 0)))
        harness.wait(100)
        try harness.receive("3c0200010001", on: link)
        harness.wait(5000)
        try harness.receive("3c0200010003", on: link)
        harness.wait(10_000)
        let other = try harness.takeIn(3)
        harness.forget()
        harness.wait(200)
        #expect(harness.take(on: other).contains { $0.hasPrefix("3c0100030000") })
        #expect(harness.take(on: link) == [])
    }

    // MARK: - The clock alone

    @Test func theClockCountsTicks() {
        var clock = NetworkClock(cyclesPerTick: 6554)
        #expect(clock.seconds(at: 187) == 37)
        #expect(clock.time(at: 187).additionalTicks == 13_182)
        clock.set(seconds: 1000, offsetMinutes: -60, at: 187)
        #expect(clock.seconds(at: 187) == 1000)
        #expect(clock.seconds(at: 187 + 26) == 1005)
        #expect(clock.time(at: 187 + 26).additionalTicks == 0x19a4)
        #expect(clock.localSeconds(at: 187) == 0xFFFF_F5D8)
    }

    @Test func anEarlierTickDoesNotTrap() {
        var clock = NetworkClock(cyclesPerTick: 6554)
        clock.set(seconds: 5, offsetMinutes: 0, at: 100)
        #expect(clock.seconds(at: 3) == 5)
    }

    @Test func extremeTimesDoNotTrap() {
        var clock = NetworkClock(cyclesPerTick: UInt32.max)
        let extreme = TimeSync.Time(
            syncTime: .max,
            timeSinceSync: .max,
            additionalTicks: .max,
            offset: .min
        )
        let isAdopted = clock.adopt(extreme, counter: .max, at: .max)
        let isCorrected = clock.correct(by: .max, at: .max)
        #expect(isAdopted && isCorrected)
        _ = clock.localSeconds(at: .max)
        clock.set(seconds: .max, offsetMinutes: .max, at: 0)
        #expect(clock.counter == 0)
        _ = clock.localSeconds(at: .max)
    }
}
