import ByteCoding
import MeshWire
import Testing

@testable import MeshTerminal

@Suite struct TerminalTests {
    /// Lines that fail, with the error they fail with.
    static let failures: [(String, TerminalError)] = [
        ("nothing", .commandNotFound), ("action 2 nomodule get_status", .commandNotFound),
        ("action 2 status nothing", .commandNotFound), ("raw_data_light 2 0", .commandNotFound),
        ("raw_data_nothing 2 0 1", .commandNotFound), ("action 2 io led cluster 42", .commandNotFound),
        ("settime 5", .commandNotFound), ("get_status ", .commandNotFound),
        ("action 2 node set_preferred_connections other 1", .commandNotFound),
        ("action 2 node ping 256", .wrongArguments), ("action 2 node set_enrolled_nodes 2001", .wrongArguments),
        ("request_capability 0", .wrongArguments), ("rawsend 33:01", .wrongArguments),
        ("action 2 enroll basic FMBBA 3 7", .wrongArguments), ("action 2 enroll basic FMBBB 3 1", .wrongArguments),
        ("raw_data_report 2 0 1,2,3,4", .wrongArguments), ("raw_data_report 2 0 1,,2", .wrongArguments),
        ("raw_data_chunk 2 0 16777216 AA", .wrongArguments), ("action 2 io pinread 1 2 3 4 5 6", .wrongArguments),
        ("a b c d e f g h i j k l m n o p", .tooManyArguments),
        ("action 2 status set_time_reporting 10 21", .tooFewArguments),
        ("action 2 status set_gw_status 1 22", .tooFewArguments), ("update_iv 2 30", .internalError),
        (String(repeating: "x", count: 301), .internalError), ("status CRC: 5", .checksumInvalid),
        ("status CRC: five", .checksumInvalid),
    ]

    @Test(arguments: failures)
    func failsWithTheError(line: String, error: TerminalError) {
        var json = Terminal(mode: .json, ownNodeID: NodeID(1))
        var prompt = Terminal(mode: .prompt, ownNodeID: NodeID(1))
        let acknowledgement = json.accept(line: line).acknowledgement
        #expect(acknowledgement?.hasPrefix(#"{"type":"error","code":\#(error.rawValue),"#) == true)
        #expect(prompt.accept(line: line) == TerminalOutcome(acknowledgement: error.promptText(for: line)))
    }

    @Test func errorTextsAreThoseOfTheProtocol() {
        let texts = TerminalError.allCases.map { MeshJSON.failure($0, line: "a b") }
        #expect(
            texts == [
                #"{"type":"error","code":1,"text":"Command not found: a b"}"#,
                #"{"type":"error","code":2,"text":"Wrong Arguments"}"#,
                #"{"type":"error","code":3,"text":"Too many arguments"}"#,
                #"{"type":"error","code":4,"text":"Too few arguments"}"#,
                #"{"type":"error","code":6,"text":"crc invalid"}"#,
                #"{"type":"error","code":7,"text":"crc missing"}"#,
                #"{"type":"error","code":8,"text":"internal error"}"#,
            ]
        )
        #expect(
            TerminalError.allCases.map { $0.promptText(for: "a b") } == [
                "Command not found: a b", "Internal Terminal Command Error", "Internal Terminal Command Error",
                "Not enough arguments", "CRC invalid!", "CRC invalid!", "Internal Terminal Command Error",
            ]
        )
    }

    @Test func emptyLineDoesNothing() {
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1))
        #expect(terminal.accept(line: "") == TerminalOutcome())
    }

    @Test func modeIsSwitchedByCommand() {
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1))
        #expect(terminal.accept(line: "startterm") == TerminalOutcome())
        #expect(terminal.mode == .prompt)
        #expect(terminal.accept(line: "stopterm").acknowledgement == MeshJSON.acknowledgement)
    }

    // MARK: - Corruption check

    @Test func corruptionCheckIsSwitchedOnByCommand() {
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1))
        let outcome = terminal.accept(line: "enable_corruption_check")
        #expect(outcome.lines == [#"{"type":"enable_corruption_check_response","err":0,"check":"crc32"}"#])
        #expect(outcome.acknowledgement == LineChecksum.append(to: MeshJSON.acknowledgement))
        let missing = terminal.accept(line: "status")
        #expect(missing.requests.isEmpty)
        #expect(
            missing.acknowledgement == LineChecksum.append(to: #"{"type":"error","code":7,"text":"crc missing"}"#)
        )
        #expect(terminal.accept(line: "status CRC: skip").requests == [.printStatus])
        #expect(terminal.accept(line: LineChecksum.append(to: "status")).requests == [.printStatus])
        #expect(terminal.accept(line: "status CRC: 1").requests.isEmpty)
    }

    @Test func corruptionCheckIsSwitchedOnByAChecksum() {
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1))
        #expect(terminal.accept(line: "status CRC: skip").acknowledgement == MeshJSON.acknowledgement)
        #expect(!terminal.checksOn)
        let outcome = terminal.accept(line: "action this status get_status CRC: 3968018817")
        #expect(outcome.requests.count == 1)
        #expect(terminal.checksOn)
        #expect(outcome.acknowledgement == LineChecksum.append(to: MeshJSON.acknowledgement))
        #expect(terminal.printed(json: "{}") == "{} CRC: 2745614147")
    }

    @Test func theFirstChecksumOfALineCounts() {
        var terminal = Terminal(mode: .prompt, ownNodeID: NodeID(1))
        let line = LineChecksum.append(to: "status CRC: 12345")
        #expect(terminal.accept(line: line) == TerminalOutcome(acknowledgement: "CRC invalid!"))
    }

    // MARK: - Pings

    @Test func pingAnswersTellTheTime() throws {
        var terminal = Terminal(mode: .prompt, ownNodeID: NodeID(1))
        let answer = MessageBytes([0x34, 2, 0, 1, 0, 7, 0, 6])
        #expect(terminal.line(for: answer, atMilliseconds: 5) == nil)
        #expect(terminal.accept(line: "action 2 debug ping 3 u", atMilliseconds: 100).requests.count == 3)
        #expect(terminal.line(for: answer, atMilliseconds: 250) == "p 150 ms")
        let leaf = MessageBytes([0x34, 2, 0, 1, 0, 7, 0, 9, 2, 0, 1, 0])
        #expect(terminal.line(for: leaf, atMilliseconds: 300) == "lp 2(1): 200 ms")
    }

    @Test func tellsTheTimeInWords() {
        #expect(
            TerminalText.time(unix: 1_560_262_611, offsetMinutes: 0, isSet: true, ticks: 13136)
                == "Time is currently approx. 2019 years, 162 days, 14h:16m:51s,13136 ticks (offset 0)"
        )
        #expect(
            TerminalText.time(unix: 37, offsetMinutes: 0, isSet: false, ticks: 13182)
                == "Time is currently not set: approx. 1970 years, 1 days, 00h:00m:37s,13182 ticks (offset 0)"
        )
        #expect(
            TerminalText.time(unix: 951_868_799, offsetMinutes: -60, isSet: true, ticks: 0).contains(
                "2000 years, 60 days"
            )
        )
        #expect(TerminalText.time(unix: .max, offsetMinutes: 0, isSet: true, ticks: 0).contains("2106 years, 38 days"))
    }
}
