import ByteCoding
import MeshWire
import Testing

@testable import MeshTerminal

/// Commands of the protocol document that no recording has, byte for byte where the document gives the bytes.
@Suite struct CommandTests {
    @Test(arguments: [
        ("action 123 node ping 100", "3301007b00006403"),
        ("action 2 node generate_load 3 10 2 13 18", "33010002000012040300" + "0a020d"),
        ("action 2 node reset", "33010002000000010a"),
        ("action 2 node discovery idle", "330100020000000000"),
        ("action 2 node discovery off", "330100020000000001"),
        ("action 2 node set_enrolled_nodes 8", "33010002000000070800"),
        ("action 2 node remove_group 0x5209 4", "330100020000040a0952"),
        ("action 0x02 status get_errors", "3301000200030006"),
        ("action 2 status get_connections_verbose", "330100020003000cffffffff"),
        ("action 2 status get_rebootreason", "3301000200030008"),
        ("action 2 status set_init", "3301000200030005"),
        ("action this status keep_alive", "330100177903000900"),
        (
            "action 0 enroll basic BBBBB 3 7 78:56:34:12:78:56:34:12:78:56:34:12:78:56:34:12",
            "33010000000500000000000003000700" + "78563412785634127856341278563412"
                + String(repeating: "00", count: 48) + "0a"
        ),
        ("action 2 adv add 02:01:06 13", "330100020001" + "0d0003020106" + String(repeating: "00", count: 28)),
        ("action 2 adv set 1 02:01:06", "330100020001" + "0001030100020106" + String(repeating: "00", count: 28)),
        ("action 2 adv remove 3 9", "33010002000109020300"),
        ("action 2 io pinset 5 high 6 low 8", "330100020006080025802600"),
        ("action 2 io identify off 3", "330100020006030402"),
        (
            "action 2 ma connect C0:00:00:00:00:05",
            "33010002000a0000" + "010500000000c0" + "01000000" + String(repeating: "ff", count: 16) + "00"
        ),
        ("action 2 ma disconnect C0:00:00:00:00:05 6", "33010002000a0601" + "010500000000c0"),
        (
            "action 2 ma serial_connect BBBBC 4 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01 33001 30 5",
            "33010002000a05020100000004000000" + String(repeating: "00", count: 15) + "01"
                + "e9801e000000" + "ff00000000000000"
        ),
        ("set_config 2 status 03:02:01 4", "3201000200030400030201"),
        ("get_config 2 0xABCD01F0 4", "3201000200f001cdab0404"),
        ("set_active 2 io off 3", "320100020006030200"),
        ("set_active 2 1 on", "320100020001000201"),
        ("request_capability 2", "210100020000"),
        ("component_sense 0 123 0 7 0x4D AA:BB", "3b010000007b000007004d00aabb"),
        ("raw_data_start 5 0 3 1 7", "36010005000007000300000100000000"),
        ("raw_data_start 5 0 3 1 7 AA:BB", "36010005000007000300000100000000aabb"),
        ("raw_data_start_received 5 0 7 AA:BB", "3601000500000701aabb"),
        ("raw_data_chunk 5 0 1 AA:BB:CC 7", "360100050000070201000000aabbcc"),
        ("raw_data_light 5 0 2 AB:CD:EF", "3701000500000002abcdef"),
    ])
    func encodes(line: String, hex: String) throws {
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1))
        let outcome = terminal.accept(line: line)
        let message = try #require(Hex.decode(hex))
        #expect(outcome.requests == [.send(MessageBytes(message))])
        #expect(outcome.acknowledgement == MeshJSON.acknowledgement)
        #expect(outcome.lines.isEmpty)
    }

    @Test(
        arguments: [
            ("settime 1560262597 -60", .setTime(unix: 1_560_262_597, offsetMinutes: -60)),
            ("gettime", .printTime), ("status", .printStatus), ("bufferstat", .printJoinMeBuffer),
            ("get_plugged_in", .printPluggedIn), ("reset", .reset(afterDeciseconds: 1)),
            ("stop", .discovery(isEnabled: false)), ("start", .discovery(isEnabled: true)),
            ("disconnect all", .disconnectAll), ("disconnect 3", .disconnect(handle: 3)),
            ("gap_disconnect 4", .disconnectRadio(handle: 4)), ("scanboost 20", .scanBoost(seconds: 20)),
            ("scanboost", .scanBoost(seconds: nil)), ("malog", .logMeshAccess(serialNumberPart: nil)),
            ("malog FM", .logMeshAccess(serialNumberPart: "FM")), ("advjobs", .printAdvertisingJobs),
            ("scanjobs", .printScanJobs), ("scanlog", .toggleScanLog), ("debug all", .log(.all)),
            ("debug none", .log(.none)),
            ("debug NODE", .log(.toggle(tag: "NODE"))),
            (
                "maconn C0:00:00:00:00:05",
                .connectMeshAccess(BleGapAddress(type: .randomStatic, value: 0xC000_0000_0005), key: .network)
            ),
        ] as [(String, TerminalRequest)]
    )
    func asksTheOwnNode(line: String, request: TerminalRequest) {
        var terminal = Terminal(mode: .prompt, ownNodeID: NodeID(1))
        #expect(terminal.accept(line: line) == TerminalOutcome(requests: [request]))
    }

    @Test func keepAliveOfASinkSaysSo() throws {
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1), isSink: true)
        let message = MessageBytes([0x33, 1, 0, 0x17, 0x79, 3, 0, 9, 1])
        #expect(terminal.accept(line: "action 5 status keep_alive").requests == [.send(message)])
    }

    @Test func fullCommandSetReportsTime() throws {
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1), commandSet: .full)
        let time = MessageBytes([0x33, 1, 0, 2, 0, 3, 0, 13, 10, 0])
        #expect(terminal.accept(line: "action 2 status set_time_reporting 10").requests == [.send(time)])
        let gateway = MessageBytes([0x34, 1, 0, 2, 0, 3, 0, 14, 10])
        #expect(terminal.accept(line: "action 2 status set_gw_status 10").requests == [.send(gateway)])
        let interval = MessageBytes([0x1F, 1, 0, 2, 0, 30, 0])
        #expect(terminal.accept(line: "update_iv 2 30").requests == [.send(interval)])
    }

    @Test func everyChunkSizeUpTo185IsSent() throws {
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1))
        for size in 1...185 {
            let data = Base64.encode([UInt8](repeating: 0, count: size))
            guard data.utf8.count >= 4 else { continue }
            let requests = terminal.accept(line: "raw_data_chunk 2 0xABCD01F0 1 \(data)").requests
            guard case .send(let message) = try #require(requests.first) else { continue }
            #expect(message.count == size + 15)
        }
    }

    @Test func nodeThatIsNoNodeGetsNothing() {
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1))
        #expect(
            terminal.accept(line: "action hop1 node ping 6")
                == TerminalOutcome(acknowledgement: MeshJSON.acknowledgement)
        )
    }
}
