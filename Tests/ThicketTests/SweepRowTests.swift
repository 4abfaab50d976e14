import MeshControl
import Testing

@testable import thicket

/// The rows and summaries of the contract, to the letter.
@Suite struct SweepRowTests {
    private static func row(_ seed: UInt64, _ outcome: SweepRow.Outcome, hops: Int? = 6, links: Int = 51) -> SweepRow {
        SweepRow(
            seed: seed,
            layout: "random",
            nodes: 10,
            outcome: outcome,
            linksMade: links,
            treeDiameterHops: hops,
            digest: 0x0123_4567_89AB_CDEF,
            simulatedMicroseconds: 20_000_000
        )
    }

    @Test func aFormedRun() {
        #expect(
            Self.row(1, .formed(microseconds: 15_650_000)).json.line
                == #"{"schema":1,"kind":"run","seed":1,"layout":"random","nodes":10,"formed":true,"formed_s":15.65,"#
                + #""links_made":51,"tree_diameter_hops":6,"digest":"0123456789abcdef"}"#
        )
    }

    @Test func aRunThatNeverForms() {
        #expect(
            Self.row(2, .formed(microseconds: nil), hops: nil).json.line
                == #"{"schema":1,"kind":"run","seed":2,"layout":"random","nodes":10,"formed":false,"formed_s":null,"#
                + #""links_made":51,"tree_diameter_hops":null,"digest":"0123456789abcdef"}"#
        )
    }

    @Test func aRecoveredRun() {
        #expect(
            Self.row(3, .recovered(event: "reboot", microseconds: 7_800_000, clusterChanged: true)).json.line
                == #"{"schema":1,"kind":"run","seed":3,"layout":"random","nodes":10,"event":"reboot","recovered":true,"#
                + #""recovery_s":7.8,"cluster_changed":true,"links_made":51,"tree_diameter_hops":6,"#
                + #""digest":"0123456789abcdef"}"#
        )
    }

    @Test func aSummaryCountsFormedRunsOnly() {
        var summary = SweepSummary(event: nil)
        summary.add(Self.row(1, .formed(microseconds: 10_000_000), links: 40))
        summary.add(Self.row(2, .formed(microseconds: nil), hops: nil, links: 999))
        summary.add(Self.row(3, .formed(microseconds: 20_000_000), links: 60))
        #expect(!summary.isGood)
        #expect(
            summary.json(wallSeconds: 0.5, interrupted: false).line
                == #"{"schema":1,"kind":"summary","runs":3,"formed":2,"#
                + #""formed_s":{"median":15,"p10":11,"p90":19,"min":10,"max":20,"mean":15},"#
                + #""links_made":{"median":50,"p10":42,"p90":58,"min":40,"max":60,"mean":50},"#
                + #""tree_diameter_hops":{"median":6,"p10":6,"p90":6,"min":6,"max":6,"mean":6},"#
                + #""wall_s":0.5,"sim_s_per_wall_s":120}"#
        )
    }

    @Test func anInterruptedRecoverySaysSo() {
        var summary = SweepSummary(event: "off")
        summary.add(Self.row(1, .recovered(event: "off", microseconds: 18_400_000, clusterChanged: true)))
        #expect(summary.isGood)
        let line = summary.json(wallSeconds: 1, interrupted: true).line
        #expect(line.hasPrefix(#"{"schema":1,"kind":"summary","runs":1,"event":"off","recovered":1,"recovery_s":{"#))
        #expect(line.hasSuffix(#""interrupted":true}"#))
    }

    @Test func peopleSeeTheSame() {
        var summary = SweepSummary(event: nil)
        summary.add(Self.row(1, .formed(microseconds: 15_650_000)))
        #expect(
            summary.text(wallSeconds: 2, interrupted: false) == [
                "1 of 1 runs formed",
                "                median      p10      p90      min      max     mean",
                "seconds          15.65    15.65    15.65    15.65    15.65    15.65",
                "link set-ups        51       51       51       51       51       51",
                "hops across          6        6        6        6        6        6",
                "2.0 s, 10 simulated seconds per second",
            ]
        )
        #expect(
            Self.row(7, .formed(microseconds: nil), hops: nil).text
                == "seed     7      never      51 link set-ups    - hops  0123456789abcdef"
        )
    }

    @Test(arguments: [(true, "new id   "), (false, "same id  ")])
    func aRecoveredRunFitsATerminal(clusterChanged: Bool, words: String) {
        let text = Self.row(7, .recovered(event: "off", microseconds: 7_800_000, clusterChanged: clusterChanged)).text
        #expect(text == "seed     7     7.80 s      51 link set-ups    6 hops  \(words)0123456789abcdef")
        #expect(text.count <= 80)
    }
}
