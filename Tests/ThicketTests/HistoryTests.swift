import ArgumentParser
import Glibc
import MeshControl
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshHistory
@testable import thicket

/// `thicket history`.
@Suite struct HistoryTests {
    private static let start: Int64 = 1_795_716_000_000
    private static let hour: Int64 = 3_600_000

    /// A recording of one night: two boots, four ends of links, a clock that jumps.
    private static func contents() throws -> HistoryReader.Contents {
        var template = Array("/tmp/thicket-history-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        let path = folder + "/h.sqlite"
        defer {
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            rmdir(folder)
        }
        try record(path)
        return try HistoryReader(path: path).contents()
    }

    private static func record(_ path: String) throws {
        var store = HistoryStore(path: path)
        var recorder = HistoryRecorder(node: NodeID(7), network: NetworkID(11), version: "0.1.0")
        func at(_ milliseconds: Int64, clockBehind: Int64 = 0) -> HistoryMoment {
            HistoryMoment(
                wall: start + milliseconds - clockBehind,
                steady: Instant(microseconds: UInt64(milliseconds + 10_000) * 1000)
            )
        }
        func cluster(_ size: Int16, _ moment: HistoryMoment) {
            recorder.cluster(ClusterID(rawValue: 65543), size: size, expected: 3, at: moment)
        }
        func link(_ partner: UInt16, _ moment: HistoryMoment) {
            recorder.note(
                .handshakeDone(
                    partner: NodeID(partner),
                    winner: true,
                    cluster: ClusterID(rawValue: 65543),
                    clusterSize: 3
                ),
                at: moment
            )
        }
        func remove(_ partner: UInt16, _ reason: DisconnectReason, _ moment: HistoryMoment) {
            recorder.note(
                .connectionRemoved(
                    partner: NodeID(partner),
                    reason: reason,
                    wasHandshaked: true,
                    heldMasterBit: false
                ),
                at: moment
            )
        }
        // The first boot begins with a clock that is an hour behind.
        recorder.boot(reason: 0, at: at(0, clockBehind: hour))
        link(1999, at(4000, clockBehind: hour))
        cluster(3, at(8200, clockBehind: hour))
        recorder.note(.reestablishing(partner: NodeID(1999), .connectionTimeout), at: at(hour))
        recorder.note(.reestablished(partner: NodeID(1999)), at: at(hour + 1200))
        recorder.note(.reestablishing(partner: NodeID(1999), HCIStatus(rawValue: 0x22)), at: at(2 * hour))
        remove(1999, .reconnectTimeout, at(2 * hour + 10_000))
        cluster(1, at(2 * hour + 10_000))
        recorder.live(at: at(2 * hour + 20_000))
        // Cut off; the machine is down for an hour.
        try store.write(recorder.take())
        recorder.boot(reason: 0, at: HistoryMoment(wall: start + 3 * hour, steady: Instant(microseconds: 5_000_000)))
        func later(_ milliseconds: Int64) -> HistoryMoment {
            HistoryMoment(
                wall: start + 3 * hour + milliseconds,
                steady: Instant(microseconds: UInt64(milliseconds + 5000) * 1000)
            )
        }
        link(4, later(2000))
        remove(4, .iAmSmaller, later(3000))
        link(1999, later(4000))
        cluster(3, later(40_500))
        recorder.live(at: later(hour))
        try store.write(recorder.take())
    }

    @Test func theSummaryIsForPeople() throws {
        let contents = try Self.contents()
        let lines = HistoryText.lines(HistorySummary(contents, since: nil), contents, path: "/tmp/h.sqlite")
        #expect(
            lines == [
                "node        7 of network 11, /tmp/h.sqlite",
                "recorded    2026-11-26T18:00:00Z to 2026-11-26T22:00:00Z",
                "up          75.13 %: 3 h 0 min, 2 boots, 1 of them cut off",
                "links       2 lost, 1 of them re-established; 1 closed by a node",
                "formations  2 of 2, median 24.3 s, longest 40.5 s",
                "clock       jumped 1 time",
                "",
                "partner lost  back  after       closed lost because",
                "4       0     0     -           1",
                "1999    2     1     1.2 s       0      hci34 1, notHeard 1",
                "",
                "booted at (UTC)        up         ended         booted for  version",
                "2026-11-26T18:00:00Z~  2 h 0 min  machine down  start       0.1.0",
                "2026-11-26T21:00:00Z   1 h 0 min  open          start       0.1.0",
                "~ set right: the clock jumped later in the same boot",
            ]
        )
    }

    @Test func rowsAreForPeople() throws {
        let contents = try Self.contents()
        #expect(
            HistoryText.lines(.losses, contents) == [
                "lost at (UTC)         partner  age          then                reason",
                "2026-11-26T19:00:00Z  1999     59 min 56 s  back after 1.2 s    notHeard",
                "2026-11-26T20:00:00Z  1999     1 h 59 min   removed after 10 s  hci34",
                "2026-11-26T21:00:03Z  4        1 s          closed              iAmSmaller",
                "2026-11-26T19:00:00Z  the clock jumped by 1 h 0 min, boot 1",
            ]
        )
        #expect(
            HistoryText.lines(.formations, contents).prefix(3) == [
                "alone at (UTC)         since  took    nodes   ended",
                "2026-11-26T18:00:00Z~  boot   8.2 s   3 of 3  full",
                "2026-11-26T21:00:00Z   boot   40.5 s  3 of 3  full",
            ]
        )
        #expect(HistoryText.lines(.clusters, contents)[1] == "2026-11-26T18:00:08Z~  65543    3")
        #expect(HistoryText.lines(.days, contents)[1].hasPrefix("2026-11-26  3 h 0 min  3           2"))
        for part in HistoryPart.allCases {
            #expect(HistoryText.lines(part, contents).allSatisfy { $0.count <= 80 })
            #expect(HistoryText.lines(part, .init()) == ["no \(part.rawValue) are recorded for that time"])
        }
    }

    @Test func theSummaryFitsTheTerminalWhateverIsInIt() {
        let time = RecordedTime(at: Self.start, correction: 1, uptime: 0)
        let reasons = [
            "tooManySendRetries", "invalidHandshakePacket", "mtuUpgradeFailed", "neverEstablished", "hci255",
        ]
        let losses = reasons.map {
            LossRow(
                boot: 5000,
                time: time,
                partner: 1999,
                reason: $0,
                isWanted: false,
                age: 400 * 86_400_000,
                outcome: "removed",
                after: 3_599_999
            )
        }
        let boot = BootRow(
            boot: 5000,
            began: time,
            last: Self.start + 399 * 86_400_000,
            up: 399 * 86_400_000,
            end: .machineDown,
            reason: 255,
            version: "10.10.10",
            node: 1999,
            network: 65280
        )
        let contents = HistoryReader.Contents(boots: [boot], losses: losses)
        let path = "/var/lib/thicket/" + String(repeating: "x", count: 40)
        let lines = HistoryText.lines(HistorySummary(contents, since: nil), contents, path: path)
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines)")
        #expect(HistoryText.lines(.losses, contents).allSatisfy { $0.count <= 80 })
    }

    @Test func jsonHasOneObjectForEachRow() throws {
        let contents = try Self.contents()
        let losses = HistoryJSON.objects(.losses, contents).map(\.line)
        #expect(losses.count == 4)
        #expect(
            losses[0]
                == #"{"schema":1,"kind":"history_loss","boot":1,"at":"2026-11-26T19:00:00Z","clock_correction_s":0,"#
                + #""uptime_s":3600,"partner":1999,"reason":"notHeard","wanted":false,"age_s":3596,"#
                + #""outcome":"reestablished","after_s":1.2}"#
        )
        #expect(losses[3].hasPrefix(#"{"schema":1,"kind":"history_clock_jump","boot":1,"#))
        #expect(losses[3].hasSuffix(#","by_s":3600}"#))
        let summary = HistoryJSON.summary(HistorySummary(contents, since: nil), path: "/h").map(\.line)
        #expect(summary.count == 3)
        #expect(
            summary[0].hasPrefix(
                #"{"schema":1,"kind":"history","file":"/h","node":7,"network":11,"from":"2026-11-26T18:00:00Z","#
                    + #""to":"2026-11-26T22:00:00Z","up_s":10820,"up_share":0.751389,"boots":2,"boots_cut_off":1,"#
            )
        )
        #expect(summary[2].hasSuffix(#""reasons":{"hci34":1,"notHeard":1}}"#))
        for part in HistoryPart.allCases {
            let kind = #"{"schema":1,"kind":"history_"#
            #expect(HistoryJSON.objects(part, contents).allSatisfy { $0.line.hasPrefix(kind) })
        }
    }

    @Test func aSummaryMayBeginInTheMiddleOfABoot() throws {
        let contents = try Self.contents()
        let summary = HistorySummary(contents, since: Self.start + Self.hour)
        #expect(summary.from == Self.start + Self.hour)
        #expect(summary.up == 2 * Self.hour + 20_000)
    }

    @Test(
        arguments: [
            ("2026-11-26T18:00:00Z", 1_795_716_000_000), ("90min", 999_994_600_000), ("12h", 999_956_800_000),
            ("7d", 999_395_200_000), ("0d", 1_000_000_000_000), ("", nil), ("7", nil), ("d", nil), ("-1d", nil),
            ("7w", nil), ("2026-11-26", nil), ("100001d", nil), ("2026-13-26T18:00:00Z", nil),
        ] as [(String, Int64?)]
    )
    func timesAreDatesOrSoLongAgo(text: String, milliseconds: Int64?) {
        #expect(History.milliseconds(text, now: 1_000_000_000) == milliseconds)
    }

    @Test func spansHaveTwoUnits() {
        let spans: [(Int64, String)] = [
            (0, "0 ms"), (999, "999 ms"), (1000, "1 s"), (12_345, "12.3 s"), (59_999, "59.9 s"), (65_000, "1 min 5 s"),
            (7_200_000, "2 h 0 min"), (526_800_000, "6 d 2 h"), (-65_000, "-1 min 5 s"),
        ]
        for (milliseconds, text) in spans { #expect(HistoryText.span(milliseconds) == text) }
    }

    @Test(arguments: [
        ["--file", "a", "--config", "b"], ["--file", "a", "--node", "b"], ["--config", "a", "--node", "b"],
        ["--since", "yesterday"], ["--losses", "--boots"],
    ])
    func contradictionsAreRefused(options: [String]) {
        #expect(throws: (any Error).self) { try History.parse(options) }
    }

    @Test func aFileThatIsNoHistoryIsBadInput() throws {
        let run = try Shell.run("\(try Shell.thicket()) history --file /nowhere/h.sqlite 2>&1")
        #expect(run.exitCode == 65)
        #expect(run.lines == ["error: /nowhere/h.sqlite: unable to open database file"])
    }
}
