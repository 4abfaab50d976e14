import ByteCoding
import MeshConfiguration
import MeshWire
import RadioPort
import TestSupport
import Testing

@testable import MeshControl

/// Lines that clients send.
@Suite struct ControlRequestTests {
    private static let keys = ControlRequest.keys.joined(separator: ", ")
    private static let verbs = ControlRequest.verbs.joined(separator: ", ")

    @Test(
        arguments: [
            (#"{"request":"status"}"#, nil, .status),
            (#"{"id":0,"request":"links"}"#, 0, .links),
            (#" { "request" : "monitor" , "id" : 18446744073709551615 } "#, .max, .monitor(EventFilter())),
            (#"{"id":7,"request":"send","bytes":"0501000200"}"#, 7, .send(MessageBytes([5, 1, 0, 2, 0]))),
            (
                #"{"request":"monitor","events":["linkUp"],"node":7,"since_s":1.5}"#, nil,
                .monitor(EventFilter(names: ["linkUp"], node: NodeID(7), past: 1_500_000))
            ),
            (#"{"request":"neighbors"}"#, nil, .neighbors),
            (#"{"request":"why"}"#, nil, .why(.summary)),
            (#"{"request":"why","node":7}"#, nil, .why(.node(NodeID(7)))),
            (#"{"request":"why","link":3}"#, nil, .why(.link(LinkID(rawValue: 3)))),
            (#"{"request":"why","cluster":true}"#, nil, .why(.cluster)),
            (#"{"request":"log","level":"debug"}"#, nil, .log(level: .debug)),
            (#"{"request":"log","level":"error"}"#, nil, .log(level: .error)),
            (#"{"request":"capture"}"#, nil, .capture(.status)),
            (#"{"request":"capture","order":"on"}"#, nil, .capture(.on)),
            (#"{"request":"record"}"#, nil, .record(.status)),
            (#"{"request":"record","order":"restart"}"#, nil, .record(.restart)),
            (#"{"request":"survey"}"#, nil, .survey(SurveyRequest())),
            (
                #"{"request":"survey","hearing":true,"devices":true,"max_age_s":0,"wait_s":1.5}"#, nil,
                .survey(SurveyRequest(hearing: true, devices: true, maxAge: 0, wait: 1_500_000))
            ),
            (#"{"request":"send_raw","bytes":"0501000200"}"#, nil, .order(.sendRaw(MessageBytes([5, 1, 0, 2, 0])))),
            (
                #"{"request":"set_time","seconds":1700000000,"offset_min":-60}"#, nil,
                .order(.setTime(seconds: 1_700_000_000, offsetMinutes: -60))
            ),
            (#"{"request":"set_time","seconds":5}"#, nil, .order(.setTime(seconds: 5, offsetMinutes: 0))),
            (#"{"request":"reset","after_s":0.1}"#, nil, .order(.reset(afterDeciseconds: 1))),
            (#"{"request":"reset"}"#, nil, .order(.reset(afterDeciseconds: 0))),
            (#"{"request":"discovery","running":false}"#, nil, .order(.discovery(running: false))),
            (#"{"request":"disconnect"}"#, nil, .order(.disconnect(nil))),
            (#"{"request":"disconnect","link":7}"#, nil, .order(.disconnect(LinkID(rawValue: 7)))),
        ] as [(String, UInt64?, ControlRequest.Verb)]
    )
    func everyVerbIsRead(line: String, id: UInt64?, verb: ControlRequest.Verb) throws {
        let request = try ControlRequest(line: line)
        #expect(request.id == id)
        #expect(request.verb == verb)
    }

    @Test(arguments: [
        ("", "not JSON: expected a value"),
        ("status", "not JSON: expected a value, found 'status'"),
        ("{", "not JSON: expected a key in quotes"),
        (#"{"request":"status"} {}"#, "not JSON: text behind the end"),
        (
            "[]",
            "expected a group of keys, found a list; allowed: \(keys)"
        ),
        ("{}", "key 'request': missing; allowed: \(verbs)"),
        (
            #"{"request":"dance"}"#,
            "key 'request': unknown value 'dance'; allowed: \(verbs)"
        ),
        (
            #"{"request":"status","x":1}"#,
            "key 'x': unknown key; allowed: \(keys)"
        ),
        (#"{"request":"status","request":"links"}"#, "key 'request': given more than once; allowed: once"),
        (
            #"{"id":-1,"request":"status"}"#,
            "key 'id': out of range: -1; allowed: 0...18446744073709551615"
        ),
        (
            #"{"id":"7","request":"status"}"#,
            "key 'id': expected a whole number, found '7'; allowed: 0...18446744073709551615"
        ),
        (#"{"request":"send"}"#, "key 'bytes': missing; allowed: a message in hexadecimal"),
        (
            #"{"request":"send","bytes":"05010002"}"#,
            "key 'bytes': not so many bytes in hexadecimal; allowed: 5...200 bytes of two hexadecimal digits"
        ),
        (#"{"request":"set_time"}"#, "key 'seconds': missing; allowed: seconds since 1970"),
        (#"{"request":"reset","after_s":-1}"#, "key 'after_s': out of range: -1; allowed: 0...86400 s"),
        (#"{"request":"discovery"}"#, "key 'running': missing; allowed: true, false"),
        (#"{"request":"disconnect","link":0}"#, "key 'link': out of range: 0; allowed: 1...4294967295"),
        (#"{"request":"log"}"#, "key 'level': missing; allowed: debug, info, warning, error"),
        (
            #"{"request":"log","level":"loud"}"#,
            "key 'level': unknown value 'loud'; allowed: debug, info, warning, error"
        ),
        (
            #"{"request":"record","order":"now"}"#,
            "key 'order': unknown value 'now'; allowed: status, on, restart, off"
        ),
    ])
    func mistakesAreNamed(line: String, message: String) {
        do throws(ConfigurationError) {
            _ = try ControlRequest(line: line)
            Issue.record("accepted: \(line)")
        } catch {
            #expect(error.message == message)
        }
    }

    @Test(arguments: [(4, false), (5, true), (200, true), (201, false)])
    func messagesHaveAHeaderAndFit(count: Int, isAccepted: Bool) {
        let hex = String(repeating: "0a", count: count)
        let request = try? ControlRequest(line: "{\"request\":\"send\",\"bytes\":\"\(hex)\"}")
        #expect((request != nil) == isAccepted)
    }

    @Test func randomBytesNeverTrap() {
        var random = SplitMix.announced("ControlRequestTests.randomBytesNeverTrap")
        let good = Array(#"{"id":7,"request":"send","bytes":"0501000200","level":"info"}"#.utf8)
        for _ in 0..<5000 {
            var bytes = random.below(2) == 0 ? random.bytes(atMost: 60) : good
            for _ in 0..<random.below(4) where !bytes.isEmpty {
                bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            _ = try? ControlRequest(line: String(decoding: bytes, as: UTF8.self))
        }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: ConfigurationError.self) { try ControlRequest(line: deep) }
    }
}
