import ByteCoding
import MeshWire
import Testing

@testable import MeshTerminal

@Suite struct CommandLineTests {
    @Test func splitsAtBlanksBeforePrintableCharacters() throws {
        #expect(try CommandLineTokens("action 2 node ping").words == ["action", "2", "node", "ping"])
        #expect(try CommandLineTokens("a  b").words == ["a ", "b"])
        #expect(try CommandLineTokens("a !b ~c \"d }e").words == ["a !b ~c", "\"d", "}e"])
        #expect(try CommandLineTokens("a ").words == ["a "])
        #expect(try CommandLineTokens("").words == [""])
    }

    @Test func refusesTooManyWordsAndTooLongLines() throws {
        let fifteen = Array(repeating: "x", count: 15).joined(separator: " ")
        #expect(try CommandLineTokens(fifteen).words.count == 15)
        #expect(throws: TerminalError.tooManyArguments) { try CommandLineTokens(fifteen + " x") }
        #expect(try CommandLineTokens(String(repeating: "x", count: 300)).words.count == 1)
        #expect(throws: TerminalError.internalError) { try CommandLineTokens(String(repeating: "x", count: 301)) }
    }

    @Test(arguments: [
        ("0", 0), ("007", 7), ("010", 10), ("0x10", 16), ("0XfF", 255), ("65535", 65535), ("0x0000FFFF", 65535),
    ])
    func readsNumbers(text: String, value: Int) throws {
        #expect(try Arguments.number(text) as UInt16 == UInt16(value))
    }

    @Test(arguments: ["", "-", "x", "1x", "0x", "0xG", "65536", "-1", "+1", " 1", "1 ", "--1", "0x-1", "1e3"])
    func refusesWhatIsNoNumber(text: String) {
        #expect(throws: TerminalError.wrongArguments) { try Arguments.number(text) as UInt16 }
    }

    @Test func readsSignedNumbers() throws {
        #expect(try Arguments.number("-32768") as Int16 == -32768)
        #expect(try Arguments.number("-0x10") as Int16 == -16)
        #expect(throws: TerminalError.wrongArguments) { try Arguments.number("32768") as Int16 }
    }

    @Test(
        arguments: [
            ("AA:BB:CC", [0xAA, 0xBB, 0xCC]), ("01", [1]), ("aB", [0xAB]), ("-", []),
            ("abcdeQ==", [0x69, 0xB7, 0x1D, 0x79]),
            ("q83v", [0xAB, 0xCD, 0xEF]), ("qrs=", [0xAA, 0xBB]),
        ] as [(String, [UInt8])]
    )
    func readsBytes(text: String, bytes: [UInt8]) throws {
        #expect(try Arguments.bytes(text) == bytes)
    }

    @Test(arguments: ["A", "ABC", "AA:", "AA:B", "AA:BBB", "AA:GG", "AA::BB", "abcde", "ab=c", "====", "ab-_"])
    func refusesWhatIsNoBytes(text: String) {
        #expect(throws: TerminalError.wrongArguments) { try Arguments.bytes(text) }
    }

    @Test func base64RoundTrips() {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8($0 * 37 & 255) }
            let text = Base64.encode(bytes)
            #expect(text.utf8.count == (count + 2) / 3 * 4)
            #expect(Base64.decode(text) == bytes)
        }
        #expect(Base64.encode([0xFB, 0xFF, 0xFE]) == "+//+")
        #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=")
    }

    @Test func readsNodes() throws {
        #expect(try node("this") == NodeID(7))
        #expect(try node("max_hops") == .maximumHops)
        #expect(try node("0x0010") == NodeID(16))
        #expect(try node("0030") == NodeID(30))
        #expect(try node("hop1") == .invalid)
        #expect(try node("65536") == .invalid)
    }

    private func node(_ word: String) throws -> NodeID {
        var arguments = Arguments([word], ownNodeID: NodeID(7))
        return try arguments.node()
    }

    @Test func readsModules() throws {
        #expect(try module("status") == .plain(.statusReporter))
        #expect(try module("ma") == .plain(.meshAccess))
        #expect(try module("123") == .plain(ModuleID(rawValue: 123)))
        #expect(try module("0xABCD01F0") == .vendor(VendorModuleID(subID: 1, company: 0xABCD)))
        for word in ["nothing", "240", "256", "0xABCD0100"] {
            #expect(throws: TerminalError.wrongArguments) { try module(word) }
        }
    }

    private func module(_ word: String) throws -> ModuleIdentifier {
        var arguments = Arguments([word], ownNodeID: NodeID(7))
        return try arguments.module()
    }

    @Test func checksumIsCRC32() {
        #expect(LineChecksum.value(of: "123456789") == 0xCBF4_3926)
        #expect(LineChecksum.value(of: "action this status get_status") == 3_968_018_817)
        #expect(LineChecksum.append(to: "") == " CRC: 0")
    }
}
