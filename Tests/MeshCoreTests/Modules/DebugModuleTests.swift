import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

@Suite struct DebugModuleTests {
    private func joined() throws -> (NodeHarness, LinkID) {
        var harness = NodeHarness(2)
        let link = try harness.join(1, size: 1)
        harness.forget()
        return (harness, link)
    }

    @Test func pingIsAnswered() throws {
        var (harness, link) = try joined()
        try harness.receive("3301000200070006", on: link)
        #expect(harness.take(on: link) == ["3402000100070006"])
    }

    @Test func leavesAnswerLeafPingsWithTheirDistance() throws {
        var (harness, link) = try joined()
        try harness.receive("330100247707000900000000", on: link)
        #expect(harness.take(on: link) == ["340200010007000902000000"])
        try harness.receive("330100217707000900000000", on: link)
        #expect(harness.take(on: link) == ["340200010007000902000300"])
        let other = try harness.takeIn(3)
        harness.forget()
        try harness.receive("330100247707000900000000", on: link)
        #expect(harness.take(on: other) == ["330100237707000900000000"])
        #expect(harness.take(on: link) == [], "a node with two links is no leaf")
    }

    @Test func ownLeafPingIsAnsweredLocally() throws {
        var (harness, link) = try joined()
        try harness.send("330000247707000900000000")
        #expect(harness.delivered == ["330200247707000900000000", "340200020007000902000000"])
        #expect(harness.take(on: link) == ["330200247707000900000000"])
    }

    @Test func statisticsCountWhatWasSent() throws {
        var (harness, link) = try joined()
        try harness.receive("3301000200070003", on: link)
        #expect(harness.take(on: link) == ["34020001000700030000000001000000"])
        try harness.receive("3301000200070003", on: link)
        #expect(harness.take(on: link) == ["34020001000700030000000001000100"])
    }

    @Test func theLossCounterCanBeReset() throws {
        var (harness, link) = try joined()
        harness.give(.radio(.disconnected(link: link, reason: .remoteUserTerminated)))
        let next = try harness.join(1)
        harness.forget()
        try harness.receive("3301000200070003", on: next)
        #expect(harness.take(on: next).first?.hasPrefix("34020001000700030100") == true)
        try harness.receive("3301000200070001", on: next)
        #expect(harness.take(on: next) == [])
        try harness.receive("3301000200070003", on: next)
        #expect(harness.take(on: next).first?.hasPrefix("34020001000700030000") == true)
    }

    @Test func theLongestMessageTravelsInPieces() throws {
        var (harness, link) = try joined()
        try harness.receive("3301000200070010", on: link)
        let answers = harness.take(on: link)
        let message = try #require(answers.first)
        #expect(message.hasPrefix("34020001000700106465666768"))
        #expect(message.count == 400)
        #expect(message.hasSuffix("8d"))
    }

    @Test func theBufferIsToldWithItsEmptyPlaces() throws {
        var (harness, link) = try joined()
        harness.wait(untilUptime: 37_400)
        harness.forget()
        try harness.receive("330100020007000e", on: link)
        let entries = harness.take(on: link)
        #expect(entries.count == 11)
        let cluster = try ClusterIDText(harness.node.clusterID)
        #expect(
            entries.first == "340200010007000a" + String(repeating: "00", count: 12) + "76010000" + "00000000" + "0200"
                + cluster.hex + "0200" + "19" + "0000010000000000000000"
        )
        #expect(entries.dropFirst().allSatisfy { $0 == "340200010007000a" + String(repeating: "00", count: 40) })
    }

    @Test func theCounterCounts() throws {
        var (harness, link) = try joined()
        harness.wait(untilUptime: 37_450)
        harness.forget()
        try harness.receive("3301000200070011" + "0200" + "0300" + "07000000", on: link)
        harness.wait(3340)
        #expect(harness.take(on: link) == [])
        harness.wait(20)
        #expect(harness.take(on: link) == ["330200010007001207000000"])
        harness.wait(10_000)
        #expect(harness.take(on: link) == ["330200010007001208000000"])
    }
}

/// A cluster id as it travels.
private struct ClusterIDText {
    let hex: String

    init(_ cluster: ClusterID) throws {
        hex = try InlineBytes<4> { (writer) throws(CodingError) in try writer.write(cluster.rawValue) }.description
    }
}
