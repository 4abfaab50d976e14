import MeshTerminal
import MeshWire
import TestSupport
import Testing

@testable import MeshControl
@testable import thicket

/// What the terminal reads, and what it prints of the node; streams and the control socket are tried end to end.
@Suite struct TerminalPortTests {
    // MARK: - Typed lines

    private static func lines(_ pieces: [[UInt8]]) -> [String] {
        var typed = TypedLines()
        var lines: [String] = []
        for piece in pieces {
            typed.add(piece)
            while let line = typed.next() { lines.append(line) }
            #expect(typed.backlog == 0)
        }
        return lines
    }

    @Test(
        arguments: [
            ("a\rb\r", ["a", "b"]), ("a\nb\n", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]), ("\r\r\n\n", []), ("a", []),
            (" a b \r", [" a b "]), ("#\r", ["#"]),
        ] as [(String, [String])]
    )
    func linesEndInEitherWay(text: String, lines: [String]) {
        #expect(Self.lines([Array(text.utf8)]) == lines)
    }

    @Test func theLastLineNeedsNoEndWhenInputEnds() {
        var typed = TypedLines()
        typed.add("status".utf8)
        #expect(typed.next() == nil)
        typed.end()
        #expect(typed.next() == "status")
        #expect(typed.next() == nil)
    }

    @Test(arguments: [299, 300, 301, 5000]) func ofALongLineEnoughIsKeptToRefuseIt(count: Int) {
        let line = Self.lines([Array(repeating: UInt8(ascii: "x"), count: count), [13], Array("y\r".utf8)])
        #expect(line == [String(repeating: "x", count: min(count, 301)), "y"])
        var terminal = Terminal(mode: .json, ownNodeID: .init(1))
        let outcome = terminal.accept(line: line[0])
        #expect(outcome.acknowledgement?.contains(#""code":8"#) == (count > 300))
    }

    @Test func howBytesArriveMakesNoDifference() {
        var random = SplitMix.announced("TerminalPortTests.howBytesArriveMakesNoDifference")
        for _ in 0..<300 {
            var bytes = random.bytes(atMost: 900)
            for _ in 0..<random.below(20) where !bytes.isEmpty { bytes[random.below(bytes.count)] = 13 }
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                pieces.append(Array(rest.prefix(1 + random.below(40))))
                rest = rest.dropFirst(pieces[pieces.count - 1].count)
            }
            #expect(Self.lines(pieces) == Self.lines([bytes]))
        }
    }

    // MARK: - Lines about the node

    private static func answer(_ line: String) throws -> ControlAnswer { try #require(ControlAnswer(line)) }

    private static func node() throws -> NodeLines {
        NodeLines(
            status: try answer(#"{"kind":"status","firmware":10011640,"cluster":77,"node":2}"#),
            links: [
                try answer(#"{"kind":"link","state":"handshakeDone","partner":5,"master_bit":true}"#),
                try answer(#"{"kind":"link","state":"connected","partner":6,"master_bit":false}"#),
            ]
        )
    }

    private static func lines(_ events: [String]) throws -> [String] {
        var node = try node()
        return try events.flatMap { node.lines(for: try answer(#"{"kind":"event",\#($0)}"#)) }
    }

    @Test func aLossIsToldWithTheSizeThatIsLeft() throws {
        let lines = try Self.lines([
            #""trace":"connectionRemoved","partner":6,"was_handshaked":false"#,
            #""trace":"connectionRemoved","partner":5,"was_handshaked":true"#,
            #""trace":"clusterSize","cluster_size":3,"change":-2,"by":5"#,
        ])
        #expect(
            lines == [
                #"{"type":"mesh_disconnect","partnerId":5}"#, #"{"type":"cluster_disconnect","size":3}"#,
                #"{"type":"update_joinme","clusterId":77,"clusterSize":3}"#,
            ]
        )
    }

    @Test func aHandshakeIsToldAtItsEnd() throws {
        let lines = try Self.lines([
            #""trace":"clusterSize","cluster_size":4,"change":1,"by":9"#,
            #""trace":"handshakeDone","partner":9,"winner":true,"cluster":77,"cluster_size":4"#,
            #""trace":"clusterSize","cluster_size":6,"change":2,"by":9"#,
            #""trace":"masterBit","partner":9,"held":false"#,
            #""trace":"clusterSize","cluster_size":7,"change":1,"by":9"#,
        ])
        #expect(
            lines.filter { !$0.contains("update_joinme") } == [
                #"{"type":"cluster_handshake","winner":1,"size":4}"#, #"{"type":"mesh_connect","partnerId":9}"#,
                #"{"type":"cluster_update","size":6,"newId":77,"masterBit":1}"#,
                #"{"type":"cluster_update","size":7,"newId":77,"masterBit":0}"#,
            ]
        )
    }

    @Test func aRestartIsToldWithItsReason() throws {
        #expect(
            try Self.lines([#""trace":"started","reason":7"#, #""trace":"clusterSize","cluster_size":1,"by":2"#]) == [
                #"{"type":"init"}"#,
                #"{"type":"reboot","reason":7,"code1":0,"stack":0,"version":10011640,"blversion":0}"#,
            ]
        )
    }

    @Test func otherEventsPrintNothing() throws {
        #expect(try Self.lines([#""trace":"decision","result":"noNodesFound""#, #""other":1"#]).isEmpty)
    }
}
