import MeshWire
import Testing

@testable import MeshControl
@testable import thicket

/// The pictures of a mesh for people.
@Suite struct TopologyTests {
    private static func answers(_ lines: String) throws -> SurveyAnswers {
        var answers = SurveyAnswers()
        for line in lines.split(separator: "\n") { answers.take(try #require(ControlAnswer(String(line)))) }
        return answers
    }

    private static let summary =
        #"{"kind":"summary","nodes":4,"expected":4,"edges":3,"silent":0,"pending":0,"gone":0,"complete":true,"round_s":1.5}"#

    private static let chain = """
        {"kind":"node","node":1,"name":"hall","state":"own","hops":0,"uplink":null,"uplink_rssi_dbm":null,"type":"sink","heard_s":0}
        {"kind":"node","node":2,"name":null,"state":"known","hops":1,"uplink":1,"uplink_rssi_dbm":-61,"type":"static","heard_s":3.6}
        {"kind":"node","node":3,"name":null,"state":"known","hops":2,"uplink":2,"uplink_rssi_dbm":-84,"type":null,"heard_s":12}
        {"kind":"node","node":1999,"name":null,"state":"silent","hops":3,"uplink":3,"uplink_rssi_dbm":null,"type":null,"heard_s":null}
        {"kind":"edge","first":1,"second":2,"central":1,"rssi_at_first_dbm":-60,"rssi_at_second_dbm":-61}
        {"kind":"edge","first":2,"second":3,"central":2,"rssi_at_first_dbm":-80,"rssi_at_second_dbm":-84}
        {"kind":"edge","first":3,"second":1999,"central":3,"rssi_at_first_dbm":-70,"rssi_at_second_dbm":null}
        {"kind":"heard","node":1,"nodes":[2,3],"rssi_dbm":[-60,-80],"age_s":1}
        {"kind":"heard","node":2,"nodes":[1],"rssi_dbm":[-60],"age_s":1}
        {"kind":"heard","node":3,"nodes":[1999,44],"rssi_dbm":[-70,-90],"age_s":1}

        """

    @Test func theTreeStandsOnTheNodeThatAsks() throws {
        let answers = try Self.answers(Self.chain + Self.summary)
        #expect(
            TopologyLines(answers, weak: nil, hasUnicode: true).lines() == [
                "4 nodes, 3 links, 3 hops across, seen from node 1",
                "1 sink, hall",
                "└─ 2  -61 dBm",
                "   └─ 3  -84 dBm",
                "      └─ 1999  -70 dBm, silent",
            ]
        )
        let other = TopologyLines(answers, weak: nil, hasUnicode: false).lines(root: NodeID(3))
        #expect(
            other == [
                "4 nodes, 3 links, 3 hops across, seen from node 1",
                "3",
                "|- 2  -84 dBm",
                "|  `- 1 sink  -61 dBm, hall",
                "`- 1999  -70 dBm, silent",
            ]
        )
    }

    @Test func weaknessIsTold() throws {
        let answers = try Self.answers(Self.chain + Self.summary)
        let lines = TopologyLines(answers, weak: WeakPoints(answers.topology), hasUnicode: true).lines()
        #expect(
            Array(lines.dropFirst(3)) == [
                "   └─ 3  -84 dBm, cuts off 1",
                "      └─ 1999  -70 dBm, silent",
                "",
                "single points of failure: what they cut off hears nobody else",
                "node       falls off  stays off",
                "3                  1          1",
                "links without another way",
                "link       falls off  stays off",
                "3 - 1999           1          1",
                "of 2 inner nodes 1 can be healed around, of 3 links 2",
                "one more node helps most beside 3, between 1999 and 1: 1 node would no longer",
                "  hang on 3",
                "1 node told nobody whom they hear: there may be more ways than these",
                "heard, but not in the mesh: 44",
            ]
        )
    }

    @Test func aDeepTreeFitsTheTerminal() throws {
        var text = ""
        for id in 1...200 {
            text += #"{"kind":"node","node":\#(id),"state":"\#(id == 1 ? "own" : "known")","hops":\#(id - 1)}"# + "\n"
            if id > 1 { text += #"{"kind":"edge","first":\#(id - 1),"second":\#(id),"rssi_at_first_dbm":-60}"# + "\n" }
        }
        let lines = TopologyLines(try Self.answers(text), weak: nil, hasUnicode: true).lines()
        #expect(lines.allSatisfy { $0.count <= 80 })
        for id in 1...200 {
            #expect(
                lines.contains {
                    $0.hasSuffix("─ \(id)  -60 dBm") || $0.hasSuffix("─ \(id)  -60 dBm ...") || $0 == "1"
                },
                "\(id)"
            )
        }
        // Where it goes on.
        let breaks = lines.filter { $0.hasSuffix("...") }
        #expect(breaks.count == lines.count { $0.hasPrefix("... ") })
        #expect(lines.contains("... 14 under 13"))
    }

    @Test func nodesAreATable() throws {
        let answers = try Self.answers(Self.chain + Self.summary)
        let lines = Nodes.lines(answers.objects.filter { $0.kind == "node" }, of: answers)
        #expect(
            lines == [
                "node  type     hops  links  uplink  dBm   heard    state    name",
                "1     sink     0     1      -       -     0        own      hall",
                "2     static   1     2      1       -61   4        known    -",
                "3     -        2     2      2       -84   12       known    -",
                "1999  -        3     1      3       -     -        silent   -",
            ]
        )
    }

    @Test func whatIsMissingIsTold() throws {
        #expect(try Self.answers(Self.summary).isWhole)
        #expect(try Self.answers(Self.summary).note == nil)
        let part = try Self.answers(
            #"{"kind":"summary","nodes":40,"expected":50,"silent":2,"pending":5,"complete":false,"round_s":12.2}"#
        )
        #expect(!part.isWhole)
        #expect(
            part.note == "note: of 50 nodes 2 do not answer, 5 have not answered yet, 10 are not found; "
                + "asking goes on, all nodes take 13 s: repeat, or --wait longer"
        )
    }

    @Test func anUnknownNodeIsAnsweredWithTheClosest() throws {
        let topology = try Self.answers(Self.chain).topology
        #expect(try topology.node(called: "1999").id == NodeID(1999))
        #expect(try topology.node(called: "hall").id == NodeID(1))
        let words = [("199", "1999"), ("hal", "hall"), ("33", "3")]
        for (text, closest) in words {
            let error = #expect(throws: (any Error).self) { try topology.node(called: text) }
            #expect("\(error.map { "\($0)" } ?? "")".contains("the closest is '\(closest)'"), "\(text)")
        }
    }
}
