import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// What is sent first, how much at a time, and what becomes of it (protocol §5.4, §5.6, §5.9).
@Suite struct QueueTests {
    private enum Level: String, CaseIterable {
        case vital = "51"
        case high = "33"
        case medium = "50"
        case low = "20"

        init?(hex: String) { self.init(rawValue: String(hex.prefix(2))) }
    }

    /// A message of a level to node 1, `count` bytes long; its last byte is a mark.
    private func message(_ level: Level, count: Int = 12, mark: UInt8 = 0) -> String {
        let head = level.rawValue + "00000100" + "05" + "0000"
        return head + String(repeating: "00", count: count - 9) + Hex.encode([mark])
    }

    /// A node with one link whose radio confirms nothing of itself.
    private func stalled(age: UInt64 = 0) throws -> (NodeHarness, LinkID) {
        var harness = NodeHarness(2) { $0.liveReportLevel = 0 }
        let link = try harness.join(1)
        harness.wait(age)
        harness.confirmsWrites = false
        harness.forget()
        return (harness, link)
    }

    private func marks(_ harness: NodeHarness, on link: LinkID) -> [String] {
        harness.sent.filter { $0.link == link }.map { String($0.hex.suffix(2)) }
    }

    // MARK: - In flight

    @Test func radioHoldsSevenCommandsAtMost() throws {
        var (harness, link) = try stalled()
        for mark in UInt8(1)...10 {
            try harness.send(message(.medium, mark: mark))
        }
        #expect(harness.writes.count == 7)
        harness.give(.radio(.sent(link: link, count: 2)))
        #expect(harness.writes.count == 9)
        #expect(marks(harness, on: link) == ["01", "02", "03", "04", "05", "06", "07", "08", "09"])
    }

    @Test func onlyOneRequestIsOutstanding() throws {
        var harness = NodeHarness(2)
        harness.confirmsWrites = false
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.prepare(link)
        try harness.acknowledge1(from: 3, on: link)
        #expect(harness.writes.map { $0.hex.prefix(2) } == ["14"])
        #expect(try harness.view(of: link).state == .handshaking, "ACK_2 has not been handed over")
        harness.give(.radio(.writeConfirmed(link: link)))
        #expect(harness.writes.map { $0.hex.prefix(2) }.prefix(2) == ["14", "16"])
        #expect(try harness.view(of: link).state == .handshakeDone)
    }

    @Test func commandsPassARequestThatIsOutstanding() throws {
        var harness = NodeHarness(2)
        harness.confirmsWrites = false
        let link = harness.linkUp(from: 1)
        try harness.welcome(from: 1, on: link)
        try harness.acknowledge2(from: 1, on: link)
        try harness.send(message(.medium, mark: 1))
        #expect(harness.writes.map { $0.hex.prefix(2) } == ["15", "50"])
    }

    // MARK: - Priorities

    @Test func permanentLoadIsSharedNineToThreeToOne() throws {
        var (harness, link) = try stalled()
        for level in [Level.low, .medium, .high] {
            for _ in 0..<60 {
                try harness.send(message(level))
            }
        }
        while harness.writes.count < 7 + 52 {
            harness.give(.radio(.sent(link: link, count: 1)))
        }
        let picked = harness.writes.dropFirst(7).compactMap { Level(hex: $0.hex) }
        #expect(picked.count == 52)
        #expect(picked.count { $0 == .high } == 36, "69.2 %")
        #expect(picked.count { $0 == .medium } == 12, "23.1 %")
        #expect(picked.count { $0 == .low } == 4, "7.7 %")
    }

    @Test func vitalOvertakesEverything() throws {
        var (harness, link) = try stalled()
        for level in [Level.low, .medium, .high] {
            for _ in 0..<5 {
                try harness.send(message(level))
            }
        }
        try harness.send(message(.vital))
        try harness.send(message(.vital))
        harness.give(.radio(.sent(link: link, count: 2)))
        #expect(harness.writes.dropFirst(7).map { Level(hex: $0.hex) } == [.vital, .vital])
    }

    @Test func longVitalMessageIsOfHighPriority() throws {
        var (harness, link) = try stalled()
        for _ in 0..<9 {
            try harness.send(message(.medium))
        }
        try harness.send(message(.vital, count: 21, mark: 0xAA))
        try harness.send(message(.vital, count: 20, mark: 0xBB))
        harness.give(.radio(.sent(link: link, count: 3)))
        #expect(marks(harness, on: link).dropFirst(7) == ["bb", "aa", "00"])
    }

    // MARK: - Split messages

    @Test func splitMessageIsNotInterrupted() throws {
        var (harness, link) = try stalled()
        for _ in 0..<6 {
            try harness.send(message(.low))
        }
        try harness.send(message(.low, count: 150))
        #expect(harness.writes.last?.hex.hasPrefix("1000") == true)
        try harness.send(message(.vital))
        try harness.send(message(.high))
        harness.give(.radio(.sent(link: link, count: 4)))
        #expect(harness.writes.dropFirst(7).map { $0.hex.prefix(4) } == ["1001", "1102", "5102", "3302"])
    }

    @Test func piecesFillTheWrite() throws {
        var (harness, link) = try stalled()
        try harness.send(message(.medium, count: 60))
        try harness.send(message(.medium, count: 61))
        #expect(harness.writes.map { $0.hex.utf8.count / 2 } == [60, 60, 5])
        #expect(harness.writes.allSatisfy { $0.kind == .command && $0.link == link })
    }

    // MARK: - Memory

    @Test func fullQueueDropsTheNewMessage() throws {
        var (harness, link) = try stalled()
        // 63 bytes and their length: four to a chunk. One reserved chunk and twenty shared ones.
        for mark in 0..<84 {
            try harness.send(message(.medium, count: 63, mark: UInt8(mark)))
        }
        let full = TraceEvent.queueFull(partner: NodeID(1), type: .data1)
        #expect(!harness.traces.contains { $0.event == full })
        try harness.send(message(.medium, count: 63, mark: 0xEE))
        #expect(harness.traces.count { $0.event == full } == 1)
        try harness.send(message(.high, mark: 0xAA))
        #expect(harness.traces.count { $0.event == full } == 1, "every queue has a chunk of its own")
        harness.confirmsWrites = true
        harness.give(.radio(.sent(link: link, count: 7)))
        #expect(marks(harness, on: link).filter { $0 != "aa" } == (0..<84).map { Hex.encode([UInt8($0)]) })
    }

    @Test func linksShareTheChunksButNotTheReservedOnes() throws {
        var (harness, _) = try stalled()
        harness.confirmsWrites = true
        let other = try harness.takeIn(3)
        harness.confirmsWrites = false
        harness.forget()
        for _ in 0..<84 {
            try harness.send(message(.medium, count: 63))
        }
        let full = TraceEvent.queueFull(partner: NodeID(3), type: .data1)
        for mark in UInt8(1)...5 {
            #expect(!harness.traces.contains { $0.event == full })
            try harness.send("50000003000500000000000000" + String(repeating: "00", count: 49) + Hex.encode([mark]))
        }
        #expect(harness.traces.contains { $0.event == full })
        harness.confirmsWrites = true
        harness.give(.radio(.sent(link: other, count: 7)))
        #expect(marks(harness, on: other) == ["01", "02", "03", "04"])
    }

    // MARK: - Loss

    @Test func unconfirmedPartIsSentAgainFromTheStartOfItsMessage() throws {
        var (harness, link) = try stalled(age: 11_000)
        try harness.send(message(.medium, mark: 1))
        try harness.send(message(.medium, count: 150, mark: 2))
        try harness.send(message(.medium, mark: 3))
        #expect(harness.writes.count == 5)
        // The first message and one piece of the second are out.
        harness.give(.radio(.sent(link: link, count: 2)))
        harness.lose(link)
        try harness.send(message(.medium, mark: 4))
        harness.forget()
        let back = harness.linkUp(from: 1)
        try harness.receive(Reconnect(sender: NodeID(1), receiver: NodeID(2)), on: back)
        #expect(harness.writes.map { $0.hex.prefix(4) } == ["1802", "1000", "1001", "1102", "5002", "5002"])
        #expect(marks(harness, on: back) == ["00", "02", "03", "04"])
        #expect(harness.sent.allSatisfy { $0.link == back })
    }

    @Test func messageOfWhichOnlyPiecesAreOutBeginsAnew() throws {
        var (harness, link) = try stalled(age: 11_000)
        for _ in 0..<5 {
            try harness.send(message(.medium))
        }
        try harness.send(message(.medium, count: 180, mark: 9))
        #expect(harness.writes.map { $0.hex.prefix(4) }.suffix(2) == ["1000", "1001"], "the radio takes no more")
        harness.give(.radio(.sent(link: link, count: 5)))
        harness.lose(link)
        harness.forget()
        let back = harness.linkUp(from: 1)
        try harness.receive(Reconnect(sender: NodeID(1), receiver: NodeID(2)), on: back)
        #expect(harness.writes.map { $0.hex.prefix(4) } == ["1802", "1000", "1001", "1002", "1103"])
    }

    @Test func partlySentMessageIsWhollyConfirmedByItsLastPieceOnly() throws {
        var (harness, link) = try stalled(age: 11_000)
        try harness.send(message(.medium, count: 100, mark: 1))
        harness.give(.radio(.sent(link: link, count: 2)))
        harness.lose(link)
        harness.forget()
        let back = harness.linkUp(from: 1)
        try harness.receive(Reconnect(sender: NodeID(1), receiver: NodeID(2)), on: back)
        #expect(harness.writes.map { $0.hex.prefix(2) } == ["18"])
    }
}
