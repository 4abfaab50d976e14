import ArgumentParser
import ByteCoding
import MeshWire
import Testing

@testable import MeshControl
@testable import thicket

/// The verb that changes the clustering mode of a mesh; its way through daemons is tried in the lab.
@Suite struct ConfigClusteringTests {
    private static func expected(_ count: Int, isEnrolled: Bool = true) throws -> ExpectedNodes {
        let (enrolled, cluster) = isEnrolled ? ("\(count)", 1) : ("null", count)
        let line = #"{"kind":"status","expected_size":\#(enrolled),"cluster_size":\#(cluster)}"#
        return ExpectedNodes(try #require(ControlAnswer(line)))
    }

    // MARK: - Asking

    /// What a node sends when it is asked for its capabilities.
    private static func capabilities(of node: UInt16, graft: String?, isWhole: Bool = true) throws -> [MessageBytes] {
        var entries = [
            CapabilityEntry(index: 0, type: .software, manufacturer: "T", model: "Thicket node", revision: "0.1"),
            CapabilityEntry(index: 1, type: .property, manufacturer: "T", model: "Mesh protocol", revision: "1"),
        ]
        if let graft {
            let entry = CapabilityEntry(
                index: 2,
                type: .software,
                manufacturer: "T",
                model: "thicket.graft",
                revision: graft
            )
            entries.append(entry)
        }
        let amount = UInt32(entries.count)
        if !isWhole { entries.remove(at: 1) }
        let contents = entries.map { Capability.Content.entry($0) } + [.end(amount: amount)]
        return try contents.map {
            try Capability(sender: NodeID(node), receiver: .broadcast, content: $0).encoded()
        }
    }

    @Test func allNodesThatAreEnrolledMustBeAble() throws {
        var survey = GraftSurvey(expected: try Self.expected(3))
        for node in [7, 1999] as [UInt16] {
            for message in try Self.capabilities(of: node, graft: "1") { survey.take(message) }
            #expect(!survey.passed && !survey.isDone)
        }
        #expect(
            survey.lines(waited: 15) == [
                "node   graft   program", "7      yes     Thicket node 0.1", "1999   yes     Thicket node 0.1",
                "2 of 3 enrolled nodes can graft, 1 did not say so within 15 s",
            ]
        )
        for message in try Self.capabilities(of: 8, graft: "1") { survey.take(message) }
        #expect(survey.passed && survey.isDone)
        #expect(survey.lines(waited: 15).last == "all 3 enrolled nodes can graft")
        #expect(
            survey.objects().map(\.line) == [
                #"{"schema":1,"kind":"node","node":7,"graft":true,"program":"Thicket node 0.1"}"#,
                #"{"schema":1,"kind":"node","node":8,"graft":true,"program":"Thicket node 0.1"}"#,
                #"{"schema":1,"kind":"node","node":1999,"graft":true,"program":"Thicket node 0.1"}"#,
                #"{"schema":1,"kind":"check","expected":3,"counted_by":"enrolled","answered":3,"able":3,"passed":true}"#,
            ]
        )
    }

    @Test func aNodeThatCannotIsNamed() throws {
        var survey = GraftSurvey(expected: try Self.expected(2, isEnrolled: false))
        for message in try Self.capabilities(of: 7, graft: "1") { survey.take(message) }
        for message in try Self.capabilities(of: 9, graft: nil) { survey.take(message) }
        #expect(!survey.passed && survey.isDone)
        #expect(
            survey.lines(waited: 15).suffix(2) == [
                "9      no      Thicket node 0.1", "1 of 2 nodes of the cluster can graft, 1 cannot",
            ]
        )
        #expect(survey.objects()[1].line.contains(#""graft":false"#))
    }

    @Test func anotherVersionWillNotDo() throws {
        var survey = GraftSurvey(expected: try Self.expected(1))
        for message in try Self.capabilities(of: 7, graft: "2") { survey.take(message) }
        #expect(!survey.passed && survey.isDone)
    }

    @Test func anEntryThatWasLostIsNoAnswer() throws {
        var survey = GraftSurvey(expected: try Self.expected(1))
        for message in try Self.capabilities(of: 7, graft: nil, isWhole: false) { survey.take(message) }
        #expect(survey.answers[7]?.can == nil && !survey.isDone && !survey.passed)
        #expect(survey.lines(waited: 3)[1] == "7      unknown Thicket node 0.1")
        #expect(survey.objects()[0].line.contains(#""graft":null"#))
    }

    @Test func oneMoreThanEnrolledThatCannotSpoilsIt() throws {
        var survey = GraftSurvey(expected: try Self.expected(1))
        for message in try Self.capabilities(of: 7, graft: "1") { survey.take(message) }
        for message in try Self.capabilities(of: 9, graft: nil) { survey.take(message) }
        #expect(!survey.passed)
    }

    @Test func whatIsNoAnswerIsPassedOver() throws {
        var survey = GraftSurvey(expected: try Self.expected(1))
        survey.take(try GraftSurvey.request.encoded())
        survey.take(MessageBytes([33, 7, 0, 0, 0]))
        survey.take(MessageBytes([51, 7, 0, 0, 0, 1]))
        #expect(survey.answers.isEmpty)
    }

    // MARK: - Changing

    @Test func answersToTheRequestAreCounted() throws {
        var vote = ClusteringVote(expected: try Self.expected(3), handle: 9)
        func answer(_ node: UInt16, _ code: ModuleConfigCode, handle: UInt8 = 9) throws {
            let message = ModuleMessage(
                sender: NodeID(node),
                receiver: NodeID(1),
                requestHandle: handle,
                content: .configuration(ClusteringChange.module, .setConfigResult(code))
            )
            vote.take(try message.encoded())
        }
        try answer(1, .ok)
        try answer(1, .ok)
        try answer(2, .ok)
        try answer(3, .ok, handle: 8)
        vote.take(try vote.request(ClusteringChange(mode: .graft, at: 5)).encoded())
        #expect(vote.acceptedCount == 2 && !vote.isDone && !vote.passed && vote.refusals.isEmpty)
        try answer(3, .timeNotSet)
        #expect(vote.isDone && !vote.passed)
        #expect(vote.refusals == ["node 3: does not know the time"])
        #expect(
            vote.objects().last?.line == #"{"schema":1,"kind":"answer","node":3,"accepted":false,"code":200}"#
        )
        try answer(3, .ok)
        #expect(vote.passed)
    }

    @Test(
        arguments: [
            (["--check"], true), (["--cancel"], true), (["graft", "--in", "60"], true),
            (["classic", "--at", "2026-11-26T18:00:00Z"], true), (["graft", "--local"], true),
            (["graft", "--at", "1700000000"], true), ([], false), (["graft"], false), (["tidy", "--in", "60"], false),
            (["graft", "--in", "60", "--at", "1700000000"], false), (["graft", "--check"], false),
            (["--check", "--cancel"], false), (["--check", "--in", "60"], false), (["graft", "--in", "-1"], false),
            (["graft", "--at", "tomorrow"], false), (["--check", "--wait", "0"], false), (["--local"], false),
        ] as [([String], Bool)]
    )
    func onlyWhatMakesSenseIsTaken(arguments: [String], isTaken: Bool) {
        let command = try? ConfigClustering.parse(arguments)
        #expect((command != nil) == isTaken)
    }

    @Test(
        arguments: [
            ("2026-11-26T18:00:00Z", 1_795_716_000), ("1970-01-01T00:00:00Z", 0), ("2106-02-07T06:28:15Z", UInt32.max),
            ("2028-02-29T23:59:59Z", 1_835_481_599), ("2027-02-29T00:00:00Z", nil), ("2026-11-26T24:00:00Z", nil),
            ("2026-11-26 18:00:00", nil), ("2106-02-07T06:28:16Z", nil), ("1969-12-31T23:59:59Z", nil), ("", nil),
            ("1700000000", 1_700_000_000), ("4294967296", nil), ("2026-11-26T18:00:00Z ", nil),
        ] as [(String, UInt32?)]
    )
    func timesAreReadAsTheyAreWritten(text: String, seconds: UInt32?) {
        #expect(UTCTime.seconds(text) == seconds)
        if let seconds, text.contains("T") { #expect(UTCTime.text(seconds) == text) }
    }
}
