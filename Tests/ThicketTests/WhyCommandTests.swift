import ArgumentParser
import MeshWire
import RadioPort
import Testing

@testable import MeshControl
@testable import thicket

/// `why` and `neighbors` at the terminal.
@Suite struct WhyCommandTests {
    private static func answer(_ line: String) throws -> ControlAnswer { try #require(ControlAnswer(line)) }

    @Test(
        arguments: [
            ([], .summary), (["7"], .node(NodeID(7))), (["node", "7"], .node(NodeID(7))),
            (["link", "3"], .link(LinkID(rawValue: 3))), (["cluster"], .cluster),
        ] as [([String], WhyQuestion)]
    )
    func subjectsAreRead(words: [String], question: WhyQuestion) throws {
        #expect(try Why.question(words) == question)
    }

    @Test(arguments: [
        (["seven"], "'seven' is no node; a node is a number, 1...65535, or ask for link LINK or cluster"),
        (["0"], "'0' is no node; a node is a number, 1...65535, or ask for link LINK or cluster"),
        (["link", "x"], "'x' is no link; 'thicket links' lists them by number"),
        (["7", "8"], "nobody can say why '7 8'; ask for NODE, node NODE, link LINK or cluster"),
        (["cluster", "7"], "nobody can say why 'cluster 7'; ask for NODE, node NODE, link LINK or cluster"),
    ])
    func otherSubjectsAreUsageErrors(words: [String], message: String) {
        do {
            _ = try Why.question(words)
            Issue.record("accepted")
        } catch {
            #expect((error as? ValidationError)?.message == message)
            #expect(Thicket.exitCode(for: error).rawValue == 64)
        }
    }

    @Test func sentencesAreFolded() throws {
        let now = try Self.answer(
            #"{"schema":1,"kind":"why","topic":"node","rule":"too_weak","node":7,"age_s":0,"count":1,"sentence":"Node 7 is not "#
                + #"asked: its signal of -93 dBm is below the -85 dBm that a link needs; heard 0.4 s ago."}"#
        )
        #expect(
            Why.lines(now) == [
                "now           Node 7 is not asked: its signal of -93 dBm is below the -85 dBm",
                "              that a link needs; heard 0.4 s ago.",
            ]
        )
        let past = try Self.answer(
            #"{"schema":1,"kind":"why","rule":"connecting","age_s":12.34,"count":6,"sentence":"Node 7 is being connected to."}"#
        )
        #expect(Why.lines(past) == ["12.3 s ago    Node 7 is being connected to. (6 times)"])
    }

    @Test func neighboursAreATableThatFits() throws {
        let near = try Self.answer(
            #"{"schema":1,"kind":"neighbor","node":1999,"network":11,"rssi_dbm":-100,"age_s":299.95,"cluster":4294967295,"#
                + #""cluster_size":1999,"central_score":30405,"peripheral_score":19990405,"rule":"acknowledges_other"}"#
        )
        let other = try Self.answer(
            #"{"schema":1,"kind":"neighbor","node":7,"network":11,"rssi_dbm":null,"age_s":0.25,"cluster":null,"#
                + #""cluster_size":null,"central_score":null,"peripheral_score":null,"rule":"other_mode"}"#
        )
        let lines = Neighbors.lines([near, other])
        #expect(
            lines == [
                "node  dBm  age s  cluster    size central peripheral rule",
                "1999  -100 300.0  0xFFFFFFFF 1999 30405   19990405   acknowledges_other",
                "7     -    0.3    -          -    -       -          other_mode",
            ]
        )
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(Neighbors.lines([]) == ["nobody is heard who is not linked"])
    }
}
