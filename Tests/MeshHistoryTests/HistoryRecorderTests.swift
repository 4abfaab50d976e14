import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshHistory

/// What becomes of what a node tells.
@Suite struct HistoryRecorderTests {
    private static let wall: Int64 = 1_700_000_000_000

    /// A recorder with a clock that tests turn.
    private struct Bench {
        var recorder = HistoryRecorder(node: NodeID(7), network: NetworkID(11), version: "1")
        /// Of both clocks, in milliseconds.
        var time: Int64 = 5000
        var wallAhead: Int64 = 0

        var now: HistoryMoment {
            HistoryMoment(wall: wall + wallAhead + time, steady: Instant(microseconds: UInt64(time) * 1000))
        }

        /// Boots five seconds after the machine did.
        init() {
            recorder.boot(reason: 0, at: now)
            _ = recorder.take()
        }

        mutating func note(_ event: TraceEvent, after milliseconds: Int64 = 0) {
            time += milliseconds
            recorder.note(event, at: now)
        }

        mutating func cluster(_ size: Int16, expected: UInt16 = 0, after milliseconds: Int64) {
            time += milliseconds
            recorder.cluster(ClusterID(rawValue: 9), size: size, expected: expected, at: now)
        }

        mutating func tick(after milliseconds: Int64) {
            time += milliseconds
            recorder.tick(at: now)
        }

        mutating func link(_ partner: UInt16, after milliseconds: Int64 = 0) {
            note(
                .handshakeDone(
                    partner: NodeID(partner),
                    winner: true,
                    cluster: ClusterID(rawValue: 9),
                    clusterSize: 2
                ),
                after: milliseconds
            )
        }

        mutating func remove(_ partner: UInt16, _ reason: DisconnectReason, after milliseconds: Int64 = 0) {
            note(
                .connectionRemoved(
                    partner: NodeID(partner),
                    reason: reason,
                    wasHandshaked: true,
                    heldMasterBit: false
                ),
                after: milliseconds
            )
        }

        mutating func losses() -> [HistoryLoss] {
            recorder.take().compactMap { if case .lost(let loss) = $0 { loss } else { nil } }
        }

        mutating func formations() -> [HistoryFormation] {
            recorder.take().compactMap { if case .formed(let formation) = $0 { formation } else { nil } }
        }
    }

    // MARK: - Links

    @Test func aLinkThatComesBackIsALossThatWasResolved() {
        var bench = Bench()
        bench.link(3)
        _ = bench.recorder.take()
        bench.note(.reestablishing(partner: NodeID(3), .connectionTimeout), after: 60_000)
        bench.note(.reestablished(partner: NodeID(3)), after: 1200)
        let changes = bench.recorder.take()
        let time = HistoryTime(wall: Self.wall + 65_000, uptime: 60_000)
        let loss = HistoryRecorderTests.loss(1, time, 3, "notHeard", isWanted: false, age: 60_000, nil)
        #expect(changes == [.lost(loss), .resolved(number: 1, .reestablished, afterMilliseconds: 1200)])
        // Its age goes on: it is the same link.
        bench.remove(3, .iAmSmaller, after: 800)
        let later = HistoryTime(wall: Self.wall + 67_000, uptime: 62_000)
        #expect(bench.losses() == [Self.loss(2, later, 3, "iAmSmaller", isWanted: true, age: 62_000, .removed)])
    }

    @Test func aLinkThatDoesNotComeBackIsOneLossNotTwo() {
        var bench = Bench()
        bench.link(3)
        bench.note(.reestablishing(partner: NodeID(3), .connectionTimeout), after: 60_000)
        bench.remove(3, .reconnectTimeout, after: 10_000)
        let changes = bench.recorder.take()
        #expect(changes.last == .resolved(number: 1, .removed, afterMilliseconds: 10_000))
        #expect(changes.count { if case .lost = $0 { true } else { false } } == 1)
    }

    @Test func theRadioTellsMoreThanLinkLost() {
        var bench = Bench()
        let address = Address(value: 0xC0_00_00_00_00_01, kind: .random)
        for (status, name, isWanted) in [
            (HCIStatus.connectionTimeout, "notHeard", false), (.remoteUserTerminated, "closedByPartner", true),
            (.micFailure, "wrongKey", false), (.hardwareFailure, "radioFailed", false),
            (HCIStatus(rawValue: 0x22), "hci34", false),
        ] {
            bench.link(3)
            bench.note(.linkDown(link: LinkID(rawValue: 1), address: address, status), after: 1000)
            bench.note(.reestablishmentSkipped(partner: NodeID(3), rules: 16))
            bench.remove(3, .linkLost)
            let loss = bench.losses().first
            #expect(loss?.reason == name && loss?.isWanted == isWanted && loss?.ageMilliseconds == 1000)
        }
        // What the radio said of another link before does not count.
        bench.link(3)
        bench.note(.linkDown(link: LinkID(rawValue: 1), address: address, .micFailure))
        bench.note(.masterBit(partner: NodeID(3), held: true))
        bench.remove(3, .linkLost)
        #expect(bench.losses().first?.reason == "linkLost")
    }

    @Test func linksThatNeverFinishedAreNoLosses() {
        var bench = Bench()
        bench.note(
            .connectionRemoved(
                partner: NodeID(3),
                reason: .handshakeTimeout,
                wasHandshaked: false,
                heldMasterBit: false
            )
        )
        #expect(bench.recorder.take() == [])
    }

    // MARK: - Clusters

    @Test func aClusterOfAllEnrolledNodesIsFormedAtOnce() {
        var bench = Bench()
        bench.cluster(2, expected: 3, after: 1000)
        bench.cluster(3, expected: 3, after: 500)
        #expect(bench.formations() == [Self.formation(.boot, at: 0, took: 1500, 3, of: 3, .full)])
        // A node that goes and comes back makes no new one.
        bench.cluster(2, expected: 3, after: 500)
        bench.cluster(3, expected: 3, after: 500)
        #expect(bench.formations() == [])
        bench.cluster(1, expected: 3, after: 500)
        bench.cluster(3, expected: 3, after: 700)
        #expect(bench.formations() == [Self.formation(.alone, at: 3000, took: 700, 3, of: 3, .full)])
    }

    @Test func aClusterThatStopsGrowingIsFormedWhenItDid() {
        var bench = Bench()
        bench.cluster(2, after: 1000)
        bench.tick(after: 29_999)
        bench.cluster(4, after: 0)
        #expect(bench.recorder.nextDeadline == Instant(microseconds: 65_999_000))
        bench.tick(after: 29_999)
        #expect(bench.formations() == [])
        bench.tick(after: 1)
        #expect(bench.formations() == [Self.formation(.boot, at: 0, took: 30_999, 4, of: nil, .settled)])
        #expect(bench.recorder.nextDeadline == nil)
    }

    @Test func aNodeThatStaysAloneNeverSettles() {
        var bench = Bench()
        bench.cluster(2, after: 1000)
        bench.cluster(1, after: 1000)
        bench.tick(after: 100_000)
        #expect(bench.formations() == [])
        bench.recorder.end(.stopped, at: bench.now)
        #expect(bench.formations() == [Self.formation(.boot, at: 0, took: 102_000, 1, of: nil, .unfinished)])
    }

    @Test func onlyChangesOfTheClusterAreRows() {
        var bench = Bench()
        bench.cluster(2, after: 1000)
        bench.cluster(2, after: 1000)
        bench.cluster(2, expected: 5, after: 1000)
        let rows = bench.recorder.take()
        #expect(rows == [.cluster(id: 9, size: 2, HistoryTime(wall: Self.wall + 6000, uptime: 1000))])
    }

    // MARK: - Time

    @Test func aClockThatJumpsIsTold() {
        var bench = Bench()
        bench.tick(after: 1000)
        bench.wallAhead = 1999
        bench.tick(after: 1000)
        #expect(bench.recorder.take() == [])
        bench.wallAhead += 86_400_000
        bench.tick(after: 1000)
        let time = HistoryTime(wall: Self.wall + 8000 + bench.wallAhead, uptime: 3000)
        #expect(bench.recorder.take() == [.clockJumped(byMilliseconds: 86_400_000, time)])
        bench.wallAhead -= 3000
        bench.tick(after: 0)
        let back = HistoryTime(wall: Self.wall + 8000 + bench.wallAhead, uptime: 3000)
        #expect(bench.recorder.take() == [.clockJumped(byMilliseconds: -3000, back)])
    }

    @Test func nothingIsRecordedOutsideOfABoot() {
        var recorder = HistoryRecorder(node: NodeID(7), network: NetworkID(11), version: "1")
        let moment = HistoryMoment(wall: 0, steady: .zero)
        recorder.note(.reestablishing(partner: NodeID(1), .connectionTimeout), at: moment)
        recorder.cluster(ClusterID(rawValue: 1), size: 3, expected: 3, at: moment)
        recorder.live(at: moment)
        recorder.end(.stopped, at: moment)
        #expect(recorder.waiting == [] && recorder.nextDeadline == nil)
    }

    // MARK: - Bounds

    @Test func whatWaitsIsBoundedAndKeepsTheBoot() {
        var recorder = HistoryRecorder(node: NodeID(7), network: NetworkID(11), version: "1")
        let moment = HistoryMoment(wall: 0, steady: .zero)
        recorder.boot(reason: 0, at: moment)
        for size in 1...HistoryRecorder.waitingLimit + 4 {
            recorder.cluster(ClusterID(rawValue: UInt32(size)), size: 1, expected: 0, at: moment)
        }
        #expect(recorder.waiting.count == HistoryRecorder.waitingLimit)
        #expect(recorder.thrownAway == 5)
        let all = recorder.take()
        #expect(all.first == .booted(HistoryBoot(wall: 0, machine: 0, reason: 0, version: "1", node: 7, network: 11)))
        #expect(all[1] == .cluster(id: 6, size: 1, HistoryTime(wall: 0, uptime: 0)))
        recorder.live(at: moment)
        recorder.putBack(all)
        #expect(recorder.waiting.count == HistoryRecorder.waitingLimit && recorder.thrownAway == 6)
        #expect(recorder.waiting.last == .alive(HistoryTime(wall: 0, uptime: 0)))
    }

    // MARK: - Rows

    private static func loss(
        _ number: Int64,
        _ time: HistoryTime,
        _ partner: UInt16,
        _ reason: String,
        isWanted: Bool,
        age: Int64,
        _ outcome: HistoryOutcome?
    ) -> HistoryLoss {
        HistoryLoss(
            number: number,
            time: time,
            partner: partner,
            reason: reason,
            isWanted: isWanted,
            ageMilliseconds: age,
            outcome: outcome
        )
    }

    private static func formation(
        _ cause: HistoryFormation.Cause,
        at uptime: Int64,
        took: Int64,
        _ size: Int,
        of expected: Int?,
        _ outcome: HistoryFormation.Outcome
    ) -> HistoryFormation {
        HistoryFormation(
            time: HistoryTime(wall: wall + 5000 + uptime, uptime: uptime),
            cause: cause,
            durationMilliseconds: took,
            size: size,
            expected: expected,
            outcome: outcome
        )
    }
}
