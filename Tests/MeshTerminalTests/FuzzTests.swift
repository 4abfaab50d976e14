import ByteCoding
import MeshTerminal
import MeshWire
import TestSupport
import Testing

/// Random lines and messages never trap; a failing seed is in the name of the test case.
@Suite struct FuzzTests {
    private static let words = [
        "action", "status", "node", "enroll", "adv", "io", "debug", "ma", "ping", "led", "pinset", "pinread", "basic",
        "request_proposals", "connect", "serial_connect", "generate_load", "livereports", "counter", "lping",
        "raw_data_start", "raw_data_start_received", "raw_data_chunk", "raw_data_report", "raw_data_report_desired",
        "raw_data_error", "raw_data_light", "component_act", "component_sense", "rawsend", "settime", "set_config",
        "get_config", "set_active", "get_modules", "request_capability", "maconn", "disconnect", "update_iv", "this",
        "max_hops", "0", "1", "2", "100", "255", "65535", "65536", "4294967295", "-1", "0x", "0xABCD01F0", "on", "off",
        "high", "low", "u", "r", "all", "-", "BBBBC", "FMBBB", "abcdeQ==", "AA:BB:CC:DD:EE:FF", "AA", "1,2,3", "CRC:",
        "skip", "penalty", "set_preferred_connections", "add", "set", "remove", "\u{0}", "é", "\"", "}", "~",
        "enable_corruption_check", "startterm", "stopterm",
    ]

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func randomLinesNeverTrap(seed: UInt64) {
        var numbers = SplitMix(seed: seed)
        var terminal = Terminal(mode: .json, ownNodeID: NodeID(1), commandSet: .full)
        for _ in 0..<5000 {
            let count = Int.random(in: 0...17, using: &numbers)
            let line = (0..<count).map { _ in Self.words.randomElement(using: &numbers) ?? "" }.joined(separator: " ")
            for case .send(let message) in terminal.accept(line: line).requests {
                _ = terminal.line(for: message)
            }
        }
    }

    @Test(arguments: [5, 6] as [UInt64])
    func randomCharactersNeverTrap(seed: UInt64) {
        var numbers = SplitMix(seed: seed)
        var terminal = Terminal(mode: .prompt, ownNodeID: NodeID(1))
        for _ in 0..<5000 {
            let count = Int.random(in: 0...320, using: &numbers)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            _ = terminal.accept(line: String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test(arguments: [7, 8, 9, 10] as [UInt64])
    func randomMessagesNeverTrap(seed: UInt64) {
        var numbers = SplitMix(seed: seed)
        let terminal = Terminal(mode: .prompt, ownNodeID: NodeID(1))
        let types: [UInt8] = [32, 33, 34, 50, 51, 52, 53, 54, 55, 58, 59]
        for _ in 0..<5000 {
            let count = Int.random(in: 0...200, using: &numbers)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            if count > 7 {
                bytes[0] = types.randomElement(using: &numbers) ?? 0
                bytes[5] = Bool.random(using: &numbers) ? .random(in: 0...10, using: &numbers) : bytes[5]
                bytes[7] = .random(in: 0...18, using: &numbers)
            }
            if let line = terminal.line(for: MessageBytes(bytes)) {
                #expect(line.hasPrefix("{") && line.hasSuffix("}"))
            }
        }
    }
}
