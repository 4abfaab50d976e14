import FoundationEssentials
import MeshConfiguration
import Testing

@testable import thicket

/// `thicket sim run`, from the outside.
@Suite struct RunCommandTests {
    private struct Result: Decodable {
        struct Expectation: Decodable {
            var expect: String
            var passed: Bool
            var at_s: Double?
        }

        var schema: Int
        var kind: String
        var passed: Bool
        var formed_s: Double?
        var expectations: [Expectation]
        var digest: String
    }

    private struct Trace: Decodable {
        struct Nothing: Decodable {}

        var schema: Int
        var kind: String
        var at_s: Double
        var node: Int
        var event: String
        var fields: Nothing
    }

    /// Runs a scenario of two nodes that an expectation is added to.
    private static func run(expecting expectation: String, options: String) throws -> Shell.Result {
        try withScenario("nodes: { positions: [[0, 0], [5, 0]] }\nexpect: [\(expectation)]") { file in
            try Shell.run("\(try Shell.thicket()) sim run \(file) \(options)")
        }
    }

    private static func withScenario<Value>(
        _ text: String,
        duration: String = "60s",
        _ body: (String) throws -> Value
    ) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.path + "/thicket-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/pair.yaml"
        try Data("question: Do two nodes meet?\nduration: \(duration)\n\(text)\n".utf8).write(to: URL(filePath: file))
        return try body(file)
    }

    @Test func aPassedRunExitsWithZeroAndEndsWithItsResult() throws {
        let run = try Self.run(expecting: "{ formed_by: 60s }", options: "--json")
        #expect(run.exitCode == 0)
        let last = try #require(run.lines.last)
        let result = try JSONDecoder().decode(Result.self, from: Data(last.utf8))
        #expect(result.schema == 1 && result.kind == "result" && result.passed)
        #expect(result.expectations.map(\.expect) == ["formed_by"])
        #expect(result.expectations.map(\.at_s) == [result.formed_s])
        #expect(result.digest.utf8.count == 16)
        // The keys of the contract, in its order, and no others.
        let keys = try
            #/^\{"schema":1,"kind":"result","passed":true,"formed_s":[0-9.]+,"expectations":\[\{"expect":"formed_by","passed":true,"at_s":[0-9.]+\}\],"digest":"[0-9a-f]{16}"\}$/#
            .wholeMatch(in: last)
        #expect(keys != nil, "\(last)")
    }

    @Test func aFailedExpectationExitsWithOneAndTellsHowToSeeItAgain() throws {
        try Self.withScenario("nodes: { positions: [[0, 0], [5, 0]] }\nexpect: [{ formed_by: 1s }]") { file in
            let run = try Shell.run("\(try Shell.thicket()) sim run \(file) --seed 7")
            #expect(run.exitCode == 1)
            #expect(
                run.lines.contains {
                    $0.hasPrefix("FAILED     formed_by 1s: 2 clusters of 1, 1 nodes (seed 7, at 1 s,")
                }
            )
            #expect(run.lines.last == "replay     thicket sim run \(file) --seed 7")

            let json = try Shell.run("\(try Shell.thicket()) sim run \(file) --seed 7 --json 2>&1")
            #expect(json.exitCode == 1)
            #expect(json.lines.contains("replay: thicket sim run \(file) --seed 7"))
            #expect(json.lines.last?.contains(#""passed":false,"at_s":1}"#) == true)
        }
    }

    @Test func aPipeGetsPlainLines() throws {
        let run = try Self.run(expecting: "{ formed_by: 60s }, { always: [no_loops] }", options: "2>&1")
        #expect(run.exitCode == 0)
        #expect(!run.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(run.lines.contains { $0.hasSuffix("s  2 clusters, largest 1 of 2") })
        #expect(run.lines.contains { $0.hasSuffix("s  one cluster of 2 nodes") })
        #expect(run.lines.contains { $0.hasSuffix("s  passed: formed_by 60s") })
    }

    @Test func aTerminalGetsAPictureThatIsRedrawnInPlace() throws {
        try Self.withScenario("nodes: { positions: [[0, 0], [5, 0]] }", duration: "5s") { file in
            let command = "\(try Shell.thicket()) sim run \(file)"
            let run = try Shell.run("LC_ALL=C TERM=xterm NO_COLOR=1 script -qec '\(command)' /dev/null")
            #expect(run.exitCode == 0)
            // Up over the lines of the last picture, and nothing but that and clearing.
            #expect(run.output.contains(/\u{1B}\[[0-9]+A\r/))
            #expect(!run.output.contains(/\u{1B}(?!\[([0-9]+A|K|J))/))
            #expect(run.lines.contains { $0.hasPrefix("pair, seed 1") && $0.contains("5.0 s of 5 s") })
            #expect(run.lines.last?.hasPrefix("digest     ") == true, "\(run.lines.suffix(3))")
        }
    }

    @Test func everyGraftIsToldOnceInEveryView() throws {
        let hall = "nodes: { positions: [[0, 0], [5, 0], [0, 5], [5, 5], [2, 2], [9, 0]] }"
        try Self.withScenario(hall, duration: "20s") { file in
            let command = "\(try Shell.thicket()) sim run \(file) --clustering graft"
            let graft = #/ (node \d hangs itself|\d nodes hang themselves) under node \d/#
            // Nothing is lost, so five of six clusters give up their own name, each once.
            let plain = try Shell.run(command)
            #expect(plain.lines.count { $0.contains(graft) } == 5, "\(plain.output)")
            let json = try Shell.run("\(command) --json")
            let events = json.lines.filter { $0.contains(/"kind":"event".* under node \d","nodes":\[\d,\d\]/) }
            #expect(events.count == 5, "\(json.output)")
            let picture = try Shell.run("LC_ALL=C TERM=xterm NO_COLOR=1 script -qec '\(command)' /dev/null")
            #expect(picture.output.contains(graft), "\(picture.output)")
            let classic = try Shell.run("\(try Shell.thicket()) sim run \(file)")
            #expect(!classic.output.contains(graft))
        }
    }

    @Test func anInterruptedRunTellsItsFiguresSoFar() throws {
        try Self.withScenario("nodes: { positions: [[0, 0], [5, 0]] }\nexpect: [{ formed_by: 60s }]") { file in
            let command = "\(try Shell.thicket()) sim run \(file) --realtime --json"
            // Not before the program watches for it: on a busy machine that takes a while.
            let run = try Shell.run(
                """
                \(command) & pid=$!
                until grep -q '^Name:.*thicket$' /proc/$pid/status && grep -q 'SigCgt:.*[2367abef]$' /proc/$pid/status
                do sleep 0.05; done
                sleep 0.5; kill -INT $pid; wait $pid
                """
            )
            #expect(run.exitCode == 1)
            let last = try #require(run.lines.last)
            #expect(last.contains(#""expectations":[{"expect":"formed_by","passed":false,"at_s":null}]"#), "\(last)")
            #expect(last.hasSuffix(#","interrupted":true}"#), "\(last)")
        }
    }

    @Test func sameSeedSameLines() throws {
        let runs = try (0..<2).map { _ in
            try Self.run(expecting: "{ formed_by: 60s }", options: "--json --seed 3")
        }
        #expect(runs[0].output == runs[1].output)
        #expect(try Self.run(expecting: "{ formed_by: 60s }", options: "--json --seed 4").output != runs[0].output)
    }

    @Test func tracingWritesObjectsAndDoesNotChangeTheRun() throws {
        try Self.withScenario("nodes: { positions: [[0, 0], [5, 0]] }") { file in
            let quiet = try Shell.run("\(try Shell.thicket()) sim run \(file) --json")
            let traced = try Shell.run("\(try Shell.thicket()) sim run \(file) --json --trace \(file).jsonl")
            #expect(quiet.output == traced.output)
            let text = try #require(String(validating: Data(contentsOf: URL(filePath: file + ".jsonl")), as: UTF8.self))
            let traces = try text.split(separator: "\n").map {
                try JSONDecoder().decode(Trace.self, from: Data($0.utf8))
            }
            #expect(traces.contains { $0.event == "handshakeDone" && $0.node == 2 })
            #expect(traces.allSatisfy { $0.schema == 1 && $0.kind == "trace" })
            #expect(traces.map(\.at_s) == traces.map(\.at_s).sorted())
        }
    }

    @Test func aLayoutThatCannotBeDrawnIsABadFile() throws {
        try Self.withScenario("area: { width_m: 9000, height_m: 9000 }\nnodes: { count: 3 }") { file in
            let run = try Shell.run("\(try Shell.thicket()) sim run \(file) 2>&1")
            #expect(run.exitCode == 65)
            #expect(
                run.lines == [
                    "error: \(file):4: key 'nodes': impossible layout: random did not connect 3 nodes in 1000 draws; "
                        + "allowed: more nodes or a smaller area"
                ]
            )
        }
    }

    @Test func aTraceThatCannotBeWrittenIsAUsageError() throws {
        let run = try Self.run(expecting: "", options: "--trace /nowhere/at/all 2>&1")
        #expect(run.exitCode == 64)
        #expect(run.lines.first == "Error: --trace /nowhere/at/all: No such file or directory")
    }

    @Test func replayCommandsSurviveAShell() {
        let plain = ReplayCommand(scenario: "a/b-1.yaml", seed: 7, radio: nil)
        #expect(plain.text == "thicket sim run a/b-1.yaml --seed 7")
        let odd = ReplayCommand(scenario: "my 'hall'.yaml", seed: 7, radio: .reference)
        #expect(odd.text == #"thicket sim run 'my '\''hall'\''.yaml' --seed 7 --radio reference"#)
    }
}
