import TestSupport
import Testing

@testable import MeshCapture

/// Keys that do not reach the disk.
@Suite struct KeyRedactionTests {
    private static let key = (1...16).map { UInt8($0) }
    /// LE Enable Encryption: connection, random number, diversifier, key.
    static let enable: [UInt8] = [1, 0x19, 0x20, 28, 0x40, 0] + [UInt8](repeating: 0xAA, count: 10) + key
    /// LE Long Term Key Request Reply: connection, key.
    static let reply: [UInt8] = [1, 0x1A, 0x20, 18, 0x40, 0] + key

    @Test(arguments: [(enable, 16), (reply, 6)])
    func theKeyIsZeroAndNothingElseChanges(packet: [UInt8], offset: Int) {
        let zeros = [UInt8](repeating: 0, count: 16)
        #expect(KeyRedaction.redacted(packet) == Array(packet[..<offset]) + zeros)
        // What comes behind the key is no key.
        #expect(KeyRedaction.redacted(packet + [7, 7]) == Array(packet[..<offset]) + zeros + [7, 7])
    }

    @Test(arguments: [(enable, 16), (reply, 6)])
    func truncatedPacketsLoseWhatTheyHaveOfTheKey(packet: [UInt8], offset: Int) {
        for count in 0...packet.count {
            let redacted = KeyRedaction.redacted(Array(packet.prefix(count)))
            #expect(redacted.count == count)
            #expect(Array(redacted.prefix(offset)) == Array(packet.prefix(min(count, offset))))
            #expect(redacted.dropFirst(offset).allSatisfy { $0 == 0 }, "\(count) bytes")
        }
    }

    @Test func otherPacketsStayAsTheyAre() {
        let parameters = [UInt8](repeating: 9, count: 40)
        for opcode in [0x2018, 0x201B, 0x0019, 0x2119, 0x1A20, 0x1920] as [UInt16] {
            let packet = [1, UInt8(opcode & 0xFF), UInt8(opcode >> 8), 40] + parameters
            #expect(KeyRedaction.redacted(packet) == packet)
        }
        // Data and events that begin like the commands.
        for type in [2, 3, 4, 5] as [UInt8] {
            let packet = [type] + Self.enable.dropFirst()
            #expect(KeyRedaction.redacted(packet) == packet)
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SplitMix.announced("KeyRedactionTests.randomBytesNeverTrap")
        for _ in 0..<5000 {
            var packet = random.bytes(atMost: 40)
            if packet.count >= 3, random.below(2) == 0 {
                packet.replaceSubrange(0..<3, with: [1, 0x19 + UInt8(random.below(2)), 0x20])
            }
            #expect(KeyRedaction.redacted(packet).count == packet.count, "seed \(random.seed)")
        }
    }
}
