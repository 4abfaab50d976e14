import ArgumentParser
import FoundationEssentials
import LinuxSystem
import MeshCapture
import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshControl
@testable import thicket

/// `thicket replay` and `thicket sim run --record`, from the outside, and the lines of `thicket record`.
@Suite struct ReplayCommandTests {
    private static let scenario = """
        question: Do two nodes meet?
        duration: 20s
        radio: reference
        nodes: { positions: [[0, 0], [5, 0]] }
        timeline: [{ at: 10s, reboot: [2] }]
        """

    /// Hands over a folder with the recordings of both nodes, `1.rec` and `2.rec`.
    private static func withRecordings(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/thicket-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(scenario.utf8).write(to: URL(filePath: folder + "/pair.yaml"))
        let run = try Shell.run(
            "cd \(folder) && \(Shell.thicket()) sim run pair.yaml --record 1=1.rec --record 2=2.rec --json 2>&1"
        )
        try #require(run.exitCode == 0, "\(run.output)")
        try body(folder)
    }

    private static func replay(_ folder: String, _ options: String) throws -> Shell.Result {
        try Shell.run("cd \(folder) && \(Shell.thicket()) replay \(options) 2>&1")
    }

    private static func bytes(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: path))) }

    private static func answers(_ result: Shell.Result) throws -> [ControlAnswer] {
        try result.lines.map { try #require(ControlAnswer($0), "\($0)") }
    }

    @Test func aRecordedNodeAnswersTheSame() throws {
        try Self.withRecordings { folder in
            for node in 1...2 {
                let run = try Self.replay(folder, "\(node).rec --json")
                #expect(run.exitCode == 0)
                let answers = try Self.answers(run)
                #expect(answers.map(\.kind) == ["recording", "result", "state", "link"])
                #expect(answers[0].text("node") == "\(node)" && answers[0].text("began_at") == "-")
                #expect(answers[1].text("identical") == "true" && answers[1].text("end") == "stopped")
                #expect(answers[1].text("inputs") == answers[1].text("proven_inputs"))
                #expect(answers[1].text("difference") == "-" && answers[1].text("unusable_bytes") == "0")
                #expect(answers[2].text("cluster_size") == "2" && answers[2].text("up") == "true")
                #expect(answers[3].text("partner") == "\(3 - node)")
            }
        }
    }

    /// The keys of the contract, in its order, and no others.
    @Test func theKeysOfEachObject() throws {
        try Self.withRecordings { folder in
            func keys(_ line: String) -> [String] {
                line.matches(of: #/"([a-z_]+)":(?=[^}]*)/#).map { String($0.output.1) }
            }
            let lines = try Self.replay(folder, "2.rec --json --until 1").lines
            #expect(
                keys(lines[0]) == [
                    "schema", "kind", "node", "network", "version", "began_at", "seed", "clustering", "has_keys",
                    "bytes",
                ]
            )
            #expect(
                keys(lines[1]).prefix(11) == [
                    "schema", "kind", "identical", "inputs", "span_s", "checkpoints", "proven_inputs", "proven_s",
                    "difference", "end", "unusable_bytes",
                ]
            )
            #expect(
                keys(lines[2]) == [
                    "schema", "kind", "at_s", "up", "cluster", "cluster_size", "clustering", "rank", "root", "links_in",
                    "links_out", "master_bits",
                ]
            )
        }
    }

    @Test func untilStopsEarlierAndExplainTellsWhatWasDecided() throws {
        try Self.withRecordings { folder in
            let early = try Self.replay(folder, "2.rec --until 0.1")
            #expect(early.exitCode == 0)
            #expect(
                early.lines.contains {
                    $0.hasPrefix("state     at 0.1 s: cluster ") && $0.hasSuffix(", 1 nodes, classic")
                }
            )
            #expect(early.lines.last == "no links")
            let explained = try Self.replay(folder, "2.rec --explain")
            let joining = /s  (Node 1 joined cluster|This node joined cluster \d+ of node 1)/
            #expect(explained.lines.contains { $0.contains(joining) })
            #expect(explained.lines.contains { $0.hasPrefix("identical all ") })
            let json = try Self.answers(Self.replay(folder, "2.rec --explain --json"))
            let decisions = json.filter { $0.kind == "why" }
            #expect(decisions.contains { $0.text("rule") == "handshake_done" && $0.text("node") == "1" })
            #expect(decisions.allSatisfy { $0.text("sentence").hasSuffix(".") })
            #expect(Set(json.map(\.kind)) == ["recording", "why", "event", "result", "state", "link"])
        }
    }

    @Test func peopleGetLinesOf80Columns() throws {
        try Self.withRecordings { folder in
            let run = try Self.replay(folder, "1.rec")
            #expect(run.lines.allSatisfy { $0.count <= 80 }, "\(run.output)")
            let titled = run.output.split(separator: "\n").filter { $0.first?.isLetter == true }
            let titles = titled.prefix(5).map { $0.prefix { $0 != " " } }
            #expect(titles == ["recorded", "inputs", "identical", "end", "state"])
        }
    }

    // MARK: - Bad input

    @Test func aCutFileIsReplayedAsFarAsItGoes() throws {
        try Self.withRecordings { folder in
            let bytes = try Self.bytes(folder + "/1.rec")
            try Data(bytes.dropLast(3)).write(to: URL(filePath: folder + "/cut.rec"))
            let run = try Self.replay(folder, "cut.rec")
            #expect(run.exitCode == 65)
            #expect(
                run.output.contains(/identical [1-9][0-9]* inputs to [0-9.]+ s, [0-9]+ checkpoints/),
                "\(run.output)"
            )
            #expect(run.output.contains(/end +none: cut short: [0-9]+ bytes from byte [0-9]+ on are/), "\(run.output)")
            let json = try Self.answers(Self.replay(folder, "cut.rec --json"))
            #expect(json[1].text("end") == "cutShort" && json[1].text("identical") == "true")
        }
    }

    @Test func whatIsNoRecordingIsOneLine() throws {
        try Self.withRecordings { folder in
            var bytes = try Self.bytes(folder + "/1.rec")
            bytes[8] = 9
            try Data(bytes).write(to: URL(filePath: folder + "/newer.rec"))
            try Data(bytes.prefix(100)).write(to: URL(filePath: folder + "/short.rec"))
            bytes[8] = 2
            try Data(bytes.prefix(100)).write(to: URL(filePath: folder + "/short.rec"))
            for (file, problem) in [
                ("pair.yaml", "not a recording"), ("nowhere", "open: No such file or directory"),
                (
                    "newer.rec",
                    "a recording of format 9, this program reads 2; replay it with the version that recorded it"
                ),
                ("short.rec", "cut short before the first input: nothing can be replayed"),
            ] {
                let run = try Self.replay(folder, file)
                #expect(run.exitCode == 65)
                #expect(run.lines == ["error: \(file): \(problem)"])
            }
        }
    }

    @Test func aRecordingWithoutKeysNeedsTheConfigurationOfItsNode() throws {
        try Self.withRecordings { folder in
            let identity = Identity(node: NodeID(7), keys: NodeKeys(network: Key128(repeating: 0xAB), node: .unset))
            let header = RecordingHeader(
                program: "0.0.9",
                beganAt: 1_764_190_800,
                identity: identity,
                configuration: Configuration(),
                seed: 1,
                includesKeys: false
            )
            let recorder = try Recorder(header, in: FileRing(path: folder + "/7.rec"), limit: 100_000)
            // What no node answers with: nothing.
            recorder.take(.started(boot: BootRecord()), at: .zero, outputs: [])
            recorder.take(
                .radio(
                    .ready(
                        address: Address(value: 7, kind: .public),
                        capabilities: RadioCapabilities(
                            linksAsCentral: 3,
                            linksAsPeripheral: 3,
                            dualRole: true,
                            advertiseWhileLinked: true,
                            linkEncryption: true,
                            dataLength: true,
                            extendedAdvertising: false,
                            mtuMax: 63
                        ),
                        handles: ServiceHandles(
                            meshValue: AttributeHandle(rawValue: 1),
                            accessReceive: AttributeHandle(rawValue: 2),
                            accessTransmit: AttributeHandle(rawValue: 3),
                            accessConfiguration: AttributeHandle(rawValue: 4)
                        )
                    )
                ),
                at: Instant(microseconds: 250_000),
                outputs: []
            )
            recorder.end(.stopped)
            for (name, key) in [("right", "ab"), ("wrong", "ac")] {
                let yaml = "node: 7\nkey: \"\(String(repeating: key, count: 16))\"\n"
                try Data(yaml.utf8).write(to: URL(filePath: "\(folder)/\(name).yaml"))
            }
            let without = try Self.replay(folder, "7.rec")
            #expect(without.exitCode == 64)
            #expect(without.lines.first == "Error: 7.rec: the recording leaves the keys out; give --config NODE.yaml")
            let wrong = try Self.replay(folder, "7.rec --config wrong.yaml")
            #expect(wrong.exitCode == 65)
            #expect(wrong.lines == ["error: 7.rec: recorded with other keys than these"])
            // It is opened, and a node that answers is told from one that did not.
            let right = try Self.replay(folder, "7.rec --config right.yaml")
            #expect(right.exitCode == 1)
            #expect(right.output.contains("node 7 of network 11, on 2025-11-26T21:00:00Z by version 0.0.9"))
            #expect(right.output.contains("differs   at input 2 (ready), 0.25 s; 0 checkpoints before it agree"))
            #expect(right.output.contains("version   0.0.9 recorded, 0.1.0 replays: it may be meant to differ"))
            let json = try Self.answers(Self.replay(folder, "7.rec --config right.yaml --json"))
            #expect(json[1].line.contains(#""difference":{"input":2,"kind":"ready","at_s":0.25}"#))
        }
    }

    @Test(arguments: [
        ("7", "'7' is not NODE=FILE, such as 7=node-7.recording"),
        ("0=x", "'0=x' is not NODE=FILE, such as 7=node-7.recording"),
        ("7=", "'7=' is not NODE=FILE, such as 7=node-7.recording"),
    ])
    func nodesToRecordAreGivenWithTheirFile(option: String, problem: String) throws {
        do {
            _ = try NodeRecording(option: option)
            Issue.record("accepted")
        } catch {
            #expect("\(error)" == problem)
        }
        #expect(try NodeRecording(option: "7=a=b").path == "a=b")
    }

    @Test func onlyNodesThatAreThereAreRecorded() throws {
        try Self.withRecordings { folder in
            for (options, problem) in [
                ("--record 3=x", "--record 3=x: there is no node 3"),
                ("--record 1=x --record 1=y", "--record 1=y: node 1 twice"),
                ("--record 1=/nowhere/x", "--record 1=/nowhere/x: No such file or directory"),
            ] {
                let run = try Shell.run("cd \(folder) && \(Shell.thicket()) sim run pair.yaml \(options) 2>&1")
                #expect(run.exitCode == 64)
                #expect(run.lines.first == "Error: \(problem)")
            }
        }
    }

    // MARK: - record

    @Test(arguments: [
        (#""state":"off","path":null"#, ["recording no"]),
        (#""state":"waiting","path":null"#, ["recording no; the next start of the node begins one"]),
        (
            #""state":"recording","path":"/var/lib/thicket/node-7.recording","inputs":12,"bytes":800"#,
            ["recording yes", "file      /var/lib/thicket/node-7.recording, 12 inputs, 800 bytes"]
        ),
        (
            #""state":"failed","reason":"write: No space left on device","path":null"#,
            ["recording no, it failed: write: No space left on device"]
        ),
    ])
    func recordTellsHowItIs(fields: String, lines: [String]) throws {
        let answer = try #require(ControlAnswer(#"{"schema":1,"kind":"record",\#(fields)}"#))
        #expect(Record.lines(answer) == lines)
    }

    @Test func restartGoesWithOn() throws {
        #expect(throws: (any Error).self) { try Record.parse(["off", "--restart"]) }
        #expect(throws: (any Error).self) { try Record.parse(["--restart"]) }
        #expect(try Record.parse(["on", "--restart"]).restart)
        #expect(try Record.parse([]).wish == .status)
    }
}
