import Testing

@testable import RadioHCI

/// The order in which a controller is brought back.
@Suite struct RecoveryLadderTests {
    private static func steps(_ ladder: inout RecoveryLadder, _ count: Int, isGone: Bool) -> [RecoveryLadder.Step] {
        (0..<count).map { _ in ladder.next(transportIsGone: isGone) }
    }

    private static let waits: [RecoveryLadder.Step] =
        [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .backOff($0 * 1_000_000) }

    @Test func aSilentControllerGetsEveryStep() {
        var ladder = RecoveryLadder()
        let steps = Self.steps(&ladder, 12, isGone: false)
        #expect(steps == [.stopScan, .reopen, .powerCycle] + Self.waits)
    }

    @Test func aTransportThatIsGoneIsOpenedAgainFirst() {
        var ladder = RecoveryLadder()
        let steps = Self.steps(&ladder, 11, isGone: true)
        #expect(steps == [.reopen, .powerCycle] + Self.waits)
    }

    @Test func aTransportLostLaterSkipsNothingThatIsLeft() {
        var ladder = RecoveryLadder()
        var steps = Self.steps(&ladder, 1, isGone: false)
        steps += Self.steps(&ladder, 3, isGone: true)
        #expect(steps == [.stopScan, .reopen, .powerCycle, .backOff(1_000_000)])
    }

    @Test func goodServiceBeginsAnew() {
        var ladder = RecoveryLadder()
        _ = Self.steps(&ladder, 9, isGone: true)
        ladder.begin()
        #expect(ladder == RecoveryLadder())
        let steps = Self.steps(&ladder, 4, isGone: false)
        #expect(steps == [.stopScan, .reopen, .powerCycle, .backOff(1_000_000)])
    }

    @Test func waitsStayAMinuteForEver() {
        var ladder = RecoveryLadder()
        _ = Self.steps(&ladder, 100_000, isGone: true)
        let next = ladder.next(transportIsGone: true)
        #expect(next == .backOff(RecoveryLadder.longestWait))
        #expect(RecoveryLadder.longestWait == 60_000_000)
    }
}
