import ArgumentParser
import ByteCoding
import MeshWire
import TestSupport
import Testing

@testable import MeshControl
@testable import thicket

/// What can be set at nodes, their groups, times and enrolment; the way through a mesh is tried end to end.
@Suite struct SettingsTests {
    @Test func everySettingHasAKeyOfItsOwn() {
        for setting in NodeSetting.all { #expect(NodeSetting(key: setting.key) == setting) }
        #expect(NodeSetting(key: "modules.") == nil)
        // One can be got, or set, or both.
        for setting in NodeSetting.all { #expect(setting.whyUntold == nil || setting.whyFixed == nil) }
    }

    @Test func anUnknownSettingIsAnsweredWithTheClosest() {
        do {
            _ = try ConfigSet.setting("report.statu")
            Issue.record("accepted")
        } catch {
            let message = (error as? ValidationError)?.message ?? ""
            #expect(message.hasPrefix("there is no setting 'report.statu'; is 'reports.status' meant?"))
        }
    }

    // MARK: - Values

    private static func change(_ key: String, _ value: String) throws -> ConfigSet.Change {
        try ConfigSet.parse(["7", key, value]).change()
    }

    @Test(
        arguments: [
            ("modules.io", "off", .module(.io, isOn: false)),
            ("modules.status", "on", .module(.statusReporter, isOn: true)),
            ("reports.status", "60", .report(.status, interval: 600)),
            ("reports.time", "0.1", .report(.time, interval: 1)),
            ("reports.device_info", "6553.5", .report(.deviceInfo, interval: 65_535)),
            ("reports.nearby", "0", .report(.nearby, interval: 0)), ("reports.live", "150", .liveReports(level: 150)),
            ("enrolled_nodes", "2000", .enrolledNodes(2000)),
        ] as [(String, String, ConfigSet.Change)]
    )
    func valuesAreRead(key: String, value: String, change: ConfigSet.Change) throws {
        #expect(try Self.change(key, value) == change)
    }

    @Test(arguments: [
        ("modules.io", "maybe"), ("modules.node", "on"), ("reports.status", "6553.6"), ("reports.status", "nan"),
        ("reports.status", "soon"), ("reports.live", "256"), ("enrolled_nodes", "2001"), ("preferred", "0"),
        ("network", "5"),
        ("groups", "21001"), ("sink", "true"),
    ])
    func otherValuesAreRefused(key: String, value: String) {
        #expect(throws: (any Error).self) { try Self.change(key, value) }
    }

    @Test func preferredPartnersAreAListOfAtMostEight() throws {
        let some = try #require(Preferred("3,7"))
        #expect(some == Preferred("3,7"))
        #expect(some.partners == [NodeID(3), NodeID(7)])
        #expect(some.mode == .penalty)
        #expect(some.request.count == 2)
        #expect(some.request.partners.count == 8)
        #expect(try #require(Preferred("only 12")).mode == .ignored)
        #expect(Preferred("none")?.partners.isEmpty == true)
        #expect(Preferred("1,2,3,4,5,6,7,8") != nil)
        for text in ["", "only", "only ", "3,", ",3", "3, 7", "2000", "1,2,3,4,5,6,7,8,9", "None"] {
            #expect(Preferred(text) == nil, "\(text)")
        }
    }

    @Test(
        arguments: [
            ("7", .node(MeshNode(argument: "7"))), ("7.yaml", .file("7.yaml")), ("/etc/a", .file("/etc/a")),
            ("0", nil), ("2000", nil),
        ] as [(String, SideCase?)]
    )
    func aSideIsANodeOrAFile(text: String, side: SideCase?) {
        switch (ConfigDiff.Side(argument: text), side) {
        case (.node(let node), .node(let expected)): #expect(node == expected)
        case (.file(let path), .file(let expected)): #expect(path == expected)
        case (nil, nil): break
        case let (found, expected):
            Issue.record("\(text): \(String(describing: found)), not \(String(describing: expected))")
        }
    }

    enum SideCase: Sendable {
        case node(MeshNode?)
        case file(String)
    }

    @Test(
        arguments: [(0, "+00:00"), (60, "+01:00"), (-210, "-03:30"), (845, "+14:05"), (.min, "-546:08")]
            as [(Int16, String)]
    )
    func offsetsOfLocalTime(minutes: Int16, text: String) {
        #expect(UTCTime.offsetText(minutes) == text)
    }

    @Test(arguments: ["21001", "21999"]) func groupsAreOfOneRange(text: String) throws {
        #expect("\(try Group.read(text))" == text)
    }

    @Test(arguments: ["21000", "22000", "20001", "7", "-1", "hall"]) func otherGroupsAreRefused(text: String) {
        #expect(throws: ValidationError.self) { try Group.read(text) }
    }

    @Test(arguments: [
        ["enroll"], ["enroll", "FMBBC"], ["enroll", "FMBBC", "--as", "3"], ["enroll", "AAAAA", "--remove"],
        ["enroll", "FMBBC", "FMBBD", "--remove"], ["enroll", "--list"], ["enroll", "FMBBC", "--list", "--remove"],
        ["enroll", "FMBBC", "--remove", "--timeout", "0"], ["enroll", "FMBBC", "--remove", "--by", "2000"],
    ])
    func enrolmentsThatLackSomethingAreRefused(words: [String]) {
        #expect(throws: (any Error).self) { try Thicket.parseAsRoot(words) }
    }

    // MARK: - Time

    private static func answer(
        _ node: UInt16,
        _ time: UInt32,
        state: UInt8,
        master: Bool = false
    ) throws -> MessageBytes {
        let result = GetTimeResult(time: time, offset: 60, syncState: state, isTimeMaster: master)
        return try ModuleMessage(sender: NodeID(node), receiver: NodeID(1), content: .node(.getTimeResult(result)))
            .encoded()
    }

    @Test func theTimeOfEveryNodeIsTold() throws {
        let status = try #require(ControlAnswer(#"{"kind":"status","expected_size":2,"cluster_size":2}"#))
        var survey = TimeSurvey(expected: ExpectedNodes(status))
        survey.take(try Self.answer(7, 1_700_000_010, state: 2), clock: 1_700_000_008)
        #expect(!survey.isDone)
        // The answer to the question that is asked again counts no more.
        survey.take(try Self.answer(7, 1_700_000_011, state: 2), clock: 1_700_000_000)
        survey.take(try Self.answer(1, 1_700_000_010, state: 2, master: true), clock: 1_700_000_010)
        #expect(survey.passed)
        #expect(
            survey.lines == [
                "node  time                  offset s  local   state",
                "1     2023-11-14T22:13:30Z  0         +01:00  set, was set here",
                "7     2023-11-14T22:13:30Z  +2        +01:00  set",
            ]
        )
        #expect(
            survey.objects.map(\.line) == [
                #"{"schema":1,"kind":"time","node":1,"network_time":1700000010,"offset_s":0,"local_offset_min":60,"#
                    + #""state":"set","master":true}"#,
                #"{"schema":1,"kind":"time","node":7,"network_time":1700000010,"offset_s":2,"local_offset_min":60,"#
                    + #""state":"set","master":false}"#,
                #"{"schema":1,"kind":"summary","answers":2,"expected":2,"counted_by":"enrolled","passed":true}"#,
            ]
        )
    }

    @Test func aNodeThatDoesNotKnowTheTimeIsNoPass() throws {
        let status = try #require(ControlAnswer(#"{"kind":"status","expected_size":null,"cluster_size":2}"#))
        var survey = TimeSurvey(expected: ExpectedNodes(status))
        survey.take(try Self.answer(3, 50, state: 0), clock: 1_700_000_000)
        #expect(survey.lines.last == "1 of 2 nodes of the cluster answer")
        #expect(survey.lines[1].contains("not set"))
        survey.take(try Self.answer(1, 1_700_000_000, state: 2), clock: 1_700_000_000)
        #expect(survey.isDone)
        #expect(!survey.passed)
    }
}
