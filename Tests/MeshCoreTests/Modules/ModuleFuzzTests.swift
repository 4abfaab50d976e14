import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Random messages, by the rules of the protocol in their first bytes and arbitrary behind.
@Suite struct ModuleFuzzTests {
    private static let types: [UInt8] = [30, 31, 33, 50, 51, 52, 53, 54, 55, 58, 59, 60]
    private static let modules: [UInt8] = [0, 1, 3, 5, 6, 7, 10, 0xF0]

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func randomMessagesNeitherTrapNorGrow(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var harness = NodeHarness(2)
        var links = [try harness.join(1), try harness.takeIn(3)]
        for _ in 0..<3000 {
            let message = Self.message(&random)
            harness.receive(message, on: links[Int(random.uniform(below: UInt32(links.count)))])
            if random.chance(1, in: 8) {
                harness.wait(UInt64(random.uniform(below: 3000)))
            }
            check(harness.node, seed)
            harness.forget()
            if !harness.node.isUp || harness.node.meshEdgeCount < 2 {
                harness.start()
                links = [try harness.join(1), try harness.takeIn(3)]
            }
        }
    }

    /// Everything that is kept stays within its limit.
    private func check(_ node: Node, _ seed: UInt64) {
        #expect(node.answers.entries.count <= Limits.pendingAnswers, "seed \(seed)")
        #expect(node.status.errorLog.count <= Limits.errorLogEntries + 2, "seed \(seed)")
        #expect(node.stored.groups.count <= Limits.dynamicGroups, "seed \(seed)")
        #expect(node.stored.preferredPartners.count <= Limits.preferredPartners, "seed \(seed)")
        #expect(node.stored.inactiveModules.count < ModuleTable.entries.count, "seed \(seed)")
    }

    private static func message(_ random: inout SeededGenerator) -> MessageBytes {
        var message = MessageBytes()
        message.append(types[Int(random.uniform(below: UInt32(types.count)))])
        for id in [random.chance(1, in: 2) ? 1 : 3, receiver(&random)] as [UInt16] {
            message.append(UInt8(truncatingIfNeeded: id))
            message.append(UInt8(truncatingIfNeeded: id >> 8))
        }
        let length = random.chance(1, in: 20) ? 200 : 5 + Int(random.uniform(below: 40))
        while message.count < length {
            switch message.count {
            case 5:
                // For time synchronisation this is the phase.
                message.append(
                    message[0] == 60
                        ? UInt8(random.uniform(below: 6)) : modules[Int(random.uniform(below: UInt32(modules.count)))]
                )
            case 7: message.append(UInt8(random.uniform(below: 20)))
            default: message.append(UInt8(truncatingIfNeeded: random.next()))
            }
        }
        return message
    }

    private static func receiver(_ random: inout SeededGenerator) -> UInt16 {
        switch random.uniform(below: 8) {
        case 0: 0
        case 1: 30_000 + UInt16(random.uniform(below: 1002))
        case 2: 20_001
        case 3: UInt16(truncatingIfNeeded: random.next())
        default: 2
        }
    }
}
