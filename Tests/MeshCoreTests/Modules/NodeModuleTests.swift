import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

@Suite struct NodeModuleTests {
    private func joined() throws -> (NodeHarness, LinkID) {
        var harness = NodeHarness(2)
        let link = try harness.join(1)
        harness.forget()
        return (harness, link)
    }

    private func answers(to request: String) throws -> [String] {
        var (harness, link) = try joined()
        try harness.receive(request, on: link)
        return harness.take(on: link)
    }

    @Test func pingIsAnsweredWithTheHandleOfTheRequest() throws {
        #expect(try answers(to: "3301000200000103") == ["3402000100000103"])
    }

    @Test func pingToEverybodyIsPassedOnAndAnswered() throws {
        var (harness, link) = try joined()
        let other = try harness.takeIn(3)
        harness.forget()
        try harness.receive("3301000000000403", on: link)
        #expect(harness.take(on: other) == ["3301000000000403"])
        #expect(harness.take(on: link) == ["3402000100000403"])
    }

    @Test func ownRequestToEverybodyIsAnsweredLocallyFirst() throws {
        var (harness, link) = try joined()
        try harness.send("3300000000000303")
        #expect(harness.delivered == ["3302000000000303", "3402000200000303"])
        #expect(harness.take(on: link) == ["3302000000000303"])
    }

    @Test func answersGoOnlyToNodes() throws {
        #expect(try answers(to: "3300000200000003") == [])
    }

    @Test func discoveryIsSetAndAnsweredWithoutHandle() throws {
        #expect(try answers(to: "330100020000350001") == ["3402000100000000"])
        #expect(try answers(to: "330100020000000000") == ["3402000100000000"])
    }

    @Test func idleDiscoveryStopsTheScan() throws {
        var (harness, link) = try joined()
        try harness.receive("330100020000000000", on: link)
        #expect(harness.commands.contains(.stopScan))
    }

    @Test func resetClosesAllLinksAndAsksForARestart() throws {
        var (harness, link) = try joined()
        let other = try harness.takeIn(3)
        harness.forget()
        try harness.receive("330100020000000102", on: link)
        harness.wait(1700)
        #expect(harness.restarts.isEmpty)
        harness.wait(500)
        #expect(harness.restarts == [RebootCause.remoteReset.rawValue])
        #expect(harness.take() == [])
        let closed = harness.commands.compactMap {
            if case .disconnect(let link, let reason) = $0, reason == .remoteUserTerminated { link } else { nil }
        }
        #expect(Set(closed) == [link, other])
        #expect(harness.delivered.contains("3502000000030001330100000022000000"), "live report 51 with reason 34")
        #expect(harness.node.nextDeadline == nil)
        #expect(!harness.node.isUp)
    }

    @Test func localResetHasItsOwnReason() {
        var harness = NodeHarness(2)
        harness.give(.request(.reset(afterDeciseconds: 10)))
        harness.wait(1000)
        #expect(harness.restarts == [RebootCause.localReset.rawValue])
    }

    @Test func preferredConnectionsAreStoredAndNeedARestart() throws {
        var (harness, link) = try joined()
        try harness.receive("33010002000000020d0025000c00150000000000000000000400", on: link)
        #expect(harness.take(on: link) == ["3402000100000002"])
        #expect(harness.stored.preferredPartners == [13, 37, 12, 21].map { NodeID($0) })
        #expect(harness.stored.preferredMode == .penalty)
        harness.wait(9900)
        #expect(harness.restarts.isEmpty)
        harness.wait(400)
        #expect(harness.restarts == [RebootCause.preferredConnections.rawValue])
        #expect(harness.persistCount == 1)
    }

    @Test func moreThanEightPreferredConnectionsAreRefused() throws {
        #expect(try answers(to: "33010002000000020d0025000c00150000000000000000000900") == [])
    }

    @Test func loadIsSentPieceByPiece() throws {
        var (harness, link) = try joined()
        try harness.receive("33010002000012040300030205", on: link)
        #expect(harness.take(on: link) == ["3402000100001204"])
        harness.wait(250)
        #expect(harness.take(on: link) == ["3302000300001205919191"])
        harness.wait(300)
        #expect(harness.take(on: link) == [])
        harness.wait(350)
        #expect(harness.take(on: link) == ["3302000300001205919191"])
        harness.wait(5000)
        #expect(harness.take(on: link) == [])
    }

    @Test func loadOfNothingIsAnsweredOnly() throws {
        var (harness, link) = try joined()
        try harness.receive("33010002000012040300030005", on: link)
        harness.wait(3000)
        #expect(harness.take(on: link) == ["3402000100001204"])
    }

    @Test func timeOfANodeWithoutTimeIsItsUptime() throws {
        var (harness, link) = try joined()
        harness.wait(untilUptime: 37_450)
        harness.forget()
        try harness.receive("3301000200001f08", on: link)
        #expect(harness.take(on: link) == ["34020001000000082500000000000000"])
    }

    // MARK: - Groups

    @Test func groupsOutOfRangeAreRefused() throws {
        #expect(try answers(to: "33010002000036091450") == ["3402000100000009145001"])
        #expect(try answers(to: "33010002000039090500") == ["3402000100000009050001"])
        #expect(try answers(to: "3301000200003909f055") == ["3402000100000009f05501"])
        #expect(try answers(to: "33010002000039090852") == ["3402000100000009085201"])
    }

    @Test func groupsAreStoredToldAndEnded() throws {
        var (harness, link) = try joined()
        try harness.receive("33010002000036090952", on: link)
        #expect(harness.take(on: link) == ["3402000100000009095200"])
        #expect(harness.stored.groups == [NodeID(21001)])
        try harness.receive("33010002000036090952", on: link)
        #expect(harness.take(on: link) == ["3402000100000009095200"])
        #expect(harness.persistCount == 1)
        try harness.receive("330100020000380c", on: link)
        #expect(harness.take(on: link) == ["340200010000380c0952"])
        try harness.receive("33010009520000380c", on: link)
        try harness.receive("3301000952003803", on: link)
        #expect(harness.take(on: link) == ["3402000100003803"], "a message to the group")
        try harness.receive("330100020000360a0952", on: link)
        #expect(harness.take(on: link) == ["340200010000000a095200"])
        #expect(harness.stored.groups.isEmpty)
        try harness.receive("3301000200003b0b", on: link)
        #expect(harness.take(on: link) == ["340200010000000b000000"])
    }

    @Test func theTwentyFirstGroupIsRefused() throws {
        var stored = PersistentState()
        stored.groups = (0..<20).map { NodeID(21001 + $0) }
        var harness = NodeHarness(2, stored: stored)
        let link = try harness.join(1)
        harness.forget()
        try harness.receive("3301000200000009ef55", on: link)
        #expect(harness.take(on: link) == ["3402000100000009ef5502"])
        #expect(harness.persistCount == 0)
        try harness.receive("330100020000000b", on: link)
        #expect(harness.stored.groups.isEmpty)
    }

    @Test func groupsSurviveARestart() throws {
        var (harness, link) = try joined()
        try harness.receive("33010002000036090952", on: link)
        harness.start()
        let next = try harness.join(1)
        harness.forget()
        try harness.receive("330100020000380c", on: next)
        #expect(harness.take(on: next) == ["340200010000380c0952"])
    }

    // MARK: - Enrolled nodes

    @Test func enrolledNodesAreStoredAndEchoed() throws {
        var (harness, link) = try joined()
        try harness.receive("33010002000000071400", on: link)
        #expect(harness.take(on: link) == ["34020001000000061400"])
        #expect(harness.stored.enrolledNodes == 20)
    }

    @Test func theWinnerTellsTheNumberAtAMultipleOfFiveSeconds() throws {
        var harness = NodeHarness(2)
        let link = try harness.takeIn(3)
        harness.forget()
        harness.wait(untilUptime: 4990)
        #expect(harness.take(on: link) == [])
        harness.wait(20)
        #expect(harness.take(on: link) == ["33020003000000070000"])
        harness.wait(untilUptime: 10_010)
        #expect(harness.take(on: link) == ["33020003000000070000"])
        try harness.receive("34030002000000060000", on: link)
        harness.wait(untilUptime: 20_010)
        #expect(harness.take(on: link) == [])
    }

    @Test func aDifferentNumberSpreadsToTheOtherPartners() throws {
        var (harness, link) = try joined()
        let other = try harness.takeIn(3)
        try harness.receive("34030002000000060000", on: other)
        harness.wait(untilUptime: 10_010)
        harness.forget()
        try harness.receive("33010002000000070500", on: link)
        #expect(harness.take(on: link) == ["34020001000000060500"])
        harness.wait(untilUptime: 15_010)
        #expect(harness.take(on: other) == ["33020003000000070500"])
        #expect(harness.take(on: link) == [])
    }

    // MARK: - Emergency disconnect

    @Test func noLinkIsFreedWhileOneIsFree() throws {
        #expect(try answers(to: "33a50f0200000006") == ["340200a50f00000501"])
    }

    @Test func anOutgoingLinkIsFreedWhenNoneIsFree() throws {
        var codes: [UInt8: Int] = [:]
        for seed in 0..<8 as Range<UInt16> {
            var harness = NodeHarness(100 + seed) { $0.meshOutLinks = 2 }
            let incoming = try harness.join(1)
            _ = try harness.takeIn(3)
            _ = try harness.takeIn(4)
            harness.forget()
            let request = ModuleMessage(
                sender: NodeID(4005),
                receiver: harness.node.identity.node,
                content: .node(.emergencyDisconnect)
            )
            try harness.receive(request, on: incoming)
            let answers = harness.take(on: incoming)
            let answer = try #require(answers.first { $0.hasPrefix("34") })
            let code = try #require(Hex.decode(answer)?.last)
            codes[code, default: 0] += 1
            let closed = harness.commands.count { if case .disconnect = $0 { true } else { false } }
            #expect(closed == (code == 0 ? 1 : 0))
        }
        #expect(codes[1] == nil)
        #expect((codes[0] ?? 0) > 4, "small subtrees are nearly always picked")
    }

    // MARK: - Others

    @Test func theConnectionIntervalOfOutgoingLinksIsChanged() throws {
        var (harness, link) = try joined()
        let other = try harness.takeIn(3)
        harness.forget()
        try harness.receive("1f010000005000", on: link)
        let wanted = ConnectionParameters(interval: 80, latency: 0, supervisionTimeout: 100)
        #expect(harness.commands == [.updateParameters(link: other, parameters: wanted)])
        harness.forget()
        try harness.receive("1f010000000500", on: link)
        try harness.receive("1f01000000810c", on: link)
        #expect(harness.commands.isEmpty)
    }

    @Test func capabilitiesAreToldOneASecondThenTheEnd() throws {
        var (harness, link) = try joined()
        try harness.receive("210100020000", on: link)
        try harness.receive("210100020000", on: link)
        var messages: [Capability] = []
        for _ in 0..<6 {
            harness.wait(1000)
            let taken = harness.take(on: link)
            #expect(taken.count <= 1)
            messages += try taken.map { try Capability(bytes: try #require(Hex.decode($0))) }
        }
        #expect(messages.count == 4)
        #expect(messages.allSatisfy { $0.receiver == .broadcast && $0.sender == NodeID(2) })
        guard case .entry(let first) = messages.first?.content else {
            Issue.record("no entry")
            return
        }
        #expect(first.index == 0)
        #expect(first.type == .software)
        #expect(String(decoding: first.manufacturer.array.prefix { $0 != 0 }, as: UTF8.self) == "Thicket")
        guard case .entry(let graft) = messages[2].content else {
            Issue.record("no third entry")
            return
        }
        #expect(graft.type == .software)
        #expect(String(decoding: graft.model.array.prefix { $0 != 0 }, as: UTF8.self) == "thicket.graft")
        #expect(String(decoding: graft.revision.array.prefix { $0 != 0 }, as: UTF8.self) == "1")
        #expect(messages.last?.content == .end(amount: 3))
    }

    @Test func rawDataIsDeliveredAndNotAnswered() throws {
        var (harness, link) = try joined()
        try harness.receive("370100020000030169b71d79", on: link)
        try harness.receive("3601000200000002ffffff0000010203", on: link)
        #expect(harness.delivered == ["370100020000030169b71d79", "3601000200000002ffffff0000010203"])
        harness.wait(5000)
        #expect(harness.take() == [])
    }
}
