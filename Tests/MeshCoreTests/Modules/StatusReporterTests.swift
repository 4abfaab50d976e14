import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

@Suite struct StatusReporterTests {
    private func joined(_ configure: (inout Configuration) -> Void = { _ in }) throws -> (NodeHarness, LinkID) {
        var harness = NodeHarness(2, configure: configure)
        let link = try harness.join(1, size: 1)
        harness.forget()
        return (harness, link)
    }

    @Test func statusTellsPartnerAndFreeLinks() throws {
        var (harness, link) = try joined()
        harness.give(.radio(.linkRSSI(link: link, rssi: -71)))
        try harness.receive("3301000200030001", on: link)
        #expect(harness.take(on: link) == ["340200010003000102000100b90d000000"])
    }

    @Test func statusRemembersTheGateway() throws {
        var (harness, link) = try joined()
        try harness.receive("3301000200030705", on: link)
        #expect(harness.take(on: link) == ["3402000100030705"])
        try harness.receive("3301000200030001", on: link)
        #expect(harness.take(on: link) == ["340200010003000102000100000d000001"])
    }

    @Test func deviceInfoIsThatOfTheHardware() throws {
        let hardware = HardwareRecord(chipID: 0x9f94_834f_0ce5_5417, bootloaderVersion: 123)
        var harness = NodeHarness(2, hardware: hardware)
        let link = try harness.join(1)
        harness.forget()
        try harness.receive("330100020003000a", on: link)
        let expected = "340200010003000a4d02010000001754e50c4f83949f010200000000c00b00f8c39800a60401c4214e3f4e7b00"
        #expect(harness.take(on: link) == [expected])
    }

    @Test func connectionsGoToEverybodyBeforeTheRequestThatAsked() throws {
        var (harness, link) = try joined()
        let other = try harness.takeIn(7)
        harness.give(.radio(.linkRSSI(link: link, rssi: -60)))
        harness.give(.radio(.linkRSSI(link: other, rssi: -71)))
        harness.forget()
        try harness.send("3300000000030003")
        let report = "34020000000300030100c40700b9000000000000"
        #expect(harness.take(on: link) == [report, "3302000000030003"])
        #expect(harness.delivered == ["3302000000030003", report])
    }

    @Test func connectionsAreDescribedOneByOne() throws {
        var (harness, link) = try joined()
        _ = try harness.takeIn(7)
        harness.forget()
        try harness.receive("330100020003050c0e000000", on: link)
        #expect(harness.take(on: link) == [], "there is no connection 14")
        try harness.receive("330100020003050c01000000", on: link)
        let one = harness.take(on: link)
        #expect(one.count == 1)
        let bytes = try #require(one.first.flatMap { Hex.decode($0) })
        let message = try ModuleMessage(bytes: bytes)
        guard case .statusReporter(.connectionVerbose(let report)) = message.content else {
            Issue.record("no report")
            return
        }
        #expect(message.requestHandle == 5)
        #expect(report.version == 1)
        #expect(report.connectionIndex == 1)
        #expect(report.partnerID == NodeID(7))
        #expect(report.partnerAddress == BleGapAddress(type: .randomStatic, value: 0xC000_0000_0007))
        #expect(report.connectionType == 1)
        #expect(report.connectionState == 4)
        #expect(report.encryptionState == 2)
        #expect(report.direction == 1)
        #expect(report.connectionMtu == 60)
        #expect(report.sentReliable == 2)
        try harness.receive("330100020003050cffffffff", on: link)
        #expect(harness.take(on: link).count == 2)
    }

    @Test func nearbyNodesAreCountedAndForgotten() throws {
        var (harness, link) = try joined()
        for (id, rssi) in [(5, -61), (6, -80), (5, -64)] as [(UInt16, Int8)] {
            try harness.hearJoinMe(of: id, rssi: rssi)
        }
        try harness.receive("3301000200030004", on: link)
        #expect(harness.take(on: link) == ["34020001000300040500c20600b0"])
        try harness.receive("3301000200030004", on: link)
        #expect(harness.take(on: link) == ["3402000100030004"])
    }

    @Test func atMostTwentyNearbyNodesAreCounted() throws {
        var (harness, link) = try joined()
        for id in 100..<130 as Range<UInt16> {
            try harness.hearJoinMe(of: id, rssi: -70)
        }
        try harness.receive("3301000200030004", on: link)
        #expect(harness.take(on: link).first?.count == (8 + 60) * 2)
    }

    @Test func rebootReasonIsThatOfTheBoot() throws {
        var harness = NodeHarness(2, reason: 8)
        let link = try harness.join(1)
        harness.forget()
        try harness.receive("3301000200030908", on: link)
        #expect(harness.take(on: link) == ["3402000100030908" + "08" + String(repeating: "00", count: 29)])
    }

    @Test func theErrorLogIsSentEntryByEntryAndEnds() throws {
        var (harness, link) = try joined()
        harness.wait(untilUptime: 20_000)
        harness.forget()
        // An update with the wrong counter.
        try harness.receive("1701000000000000000000ffff00", on: link)
        try harness.receive("3301000200030406", on: link)
        try harness.receive("3301000200030506", on: link)
        #expect(harness.take(on: link) == [], "the log is sent from the next tick on")
        harness.wait(210)
        #expect(harness.take(on: link) == ["3402000100030406" + "02140000" + "01000000" + "0d000000"])
        harness.wait(400)
        #expect(harness.take(on: link) == [])
        harness.wait(200)
        #expect(harness.take(on: link) == ["3402000100030406" + "02140000" + "14000000" + "55000000"])
        harness.wait(600)
        #expect(harness.take(on: link) == ["3402000100030406" + "02140000" + "02000000" + "14000000"])
        harness.wait(5000)
        #expect(harness.take(on: link) == [])
    }

    @Test func theErrorLogTellsTheTimeOfBootIfItKnowsTheTime() throws {
        var (harness, link) = try joined()
        harness.wait(untilUptime: 20_000)
        harness.give(.request(.setTime(seconds: 1_560_262_597, offsetMinutes: 0)))
        harness.forget()
        try harness.receive("3301000200030406", on: link)
        harness.wait(210)
        let entries = harness.take(on: link).filter { $0.hasPrefix("34") }
        // 1560262577 is 5cffb7b1.
        #expect(entries == ["3402000100030406" + "02140000" + "b1b7ff5c" + "56000000"])
    }

    @Test func theErrorLogHoldsAHundredEntries() throws {
        var (harness, link) = try joined()
        for _ in 0..<150 {
            try harness.receive("1701000000000000000000ffff00", on: link)
        }
        try harness.receive("3301000200030406", on: link)
        harness.wait(120_000)
        let entries = harness.take(on: link).filter { $0.hasPrefix("34") }
        #expect(entries.count == 102)
        #expect(entries.last?.hasSuffix("6500000014000000") == true)
    }

    @Test func keepAliveCorrectsTheHopsToTheSink() throws {
        var (harness, link) = try joined()
        try harness.receive("330400167903000901", on: link)
        #expect(harness.node.linkViews.first { $0.link == link }?.hopsToSink == 2)
        try harness.receive("330400177903000900", on: link)
        #expect(harness.node.linkViews.first { $0.link == link }?.hopsToSink == 2, "not from a sink")
        try harness.receive("3304001779030009", on: link)
        #expect(harness.node.linkViews.first { $0.link == link }?.hopsToSink == 1, "a missing byte means from a sink")
        #expect(harness.take() == [])
        #expect(!harness.sent.contains { $0.hex.hasPrefix("17") }, "nothing is spread")
    }

    @Test func liveReportsHaveALevel() throws {
        var (harness, link) = try joined()
        harness.give(
            .radio(
                .connected(
                    token: .incoming,
                    link: LinkID(rawValue: 99),
                    role: .peripheral,
                    address: NodeHarness.address(of: 9),
                    parameters: ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
                )
            )
        )
        #expect(!harness.delivered.contains { $0.hasPrefix("3502") }, "101 is above the default level")
        harness.give(.radio(.disconnected(link: LinkID(rawValue: 99), reason: .connectionTimeout)))
        #expect(harness.sent.map(\.hex) == ["3502000000030001340900000008000000"])
        try harness.receive("330100020003000b00", on: link)
        harness.forget()
        harness.give(
            .radio(
                .connected(
                    token: .incoming,
                    link: LinkID(rawValue: 100),
                    role: .peripheral,
                    address: NodeHarness.address(of: 9),
                    parameters: ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
                )
            )
        )
        harness.give(.radio(.disconnected(link: LinkID(rawValue: 100), reason: .connectionTimeout)))
        #expect(harness.sent.isEmpty)
        #expect(harness.take() == [])
    }

    @Test func gatewayStatusIsUnknown() throws {
        var (harness, link) = try joined()
        try harness.receive("330100020003170e", on: link)
        #expect(harness.take(on: link) == ["340200010003170e00"])
    }

    // MARK: - Time reporting

    @Test func timeIsToldAtEveryTickToWhoAsked() throws {
        var (harness, link) = try joined()
        harness.wait(untilUptime: 37_450)
        harness.forget()
        try harness.receive("3a01000200030d01cdab341201", on: link)
        #expect(harness.take(on: link) == [])
        var reports: [String] = []
        for _ in 0..<4 {
            harness.wait(200)
            reports += harness.take(on: link)
        }
        #expect(
            reports == [
                "3b02000100030d00cdab341225000000", "3b02000100030d00cdab341225000000",
                "3b02000100030d00cdab341226000000", "3b02000100030d00cdab341226000000",
            ]
        )
        try harness.receive("3a01000200030d01cdab341200", on: link)
        harness.wait(1000)
        #expect(harness.take(on: link) == [])
    }

    @Test func timeReportsEndAfterTenMinutes() throws {
        var (harness, link) = try joined()
        try harness.receive("3a01000200030d01cdab341201", on: link)
        harness.wait(600_000)
        #expect(harness.take(on: link).count == 3000)
        harness.wait(10_000)
        #expect(harness.take(on: link) == [])
        #expect(harness.node.timers.deadline(.timeReporting) == nil)
    }

    @Test func otherComponentsAreLeftAlone() throws {
        var (harness, link) = try joined()
        try harness.receive("3a01000200030e0201000200", on: link)
        try harness.receive("3a01000200f001cdab0d01cdab3412aabb", on: link)
        try harness.receive("3a01000200030d02cdab341201", on: link)
        harness.wait(1000)
        #expect(harness.take(on: link) == [])
    }

    @Test func persistentTimeReportsGoToEverybodyAndSurviveARestart() throws {
        var (harness, link) = try joined()
        try harness.receive("330100020003040d0a00", on: link)
        #expect(harness.take(on: link) == ["340200010003040d000a00"])
        #expect(harness.stored.timeReportingInterval == 10)
        harness.wait(3100)
        #expect(harness.take(on: link).count { $0.hasPrefix("3b02000000030000") } == 3)
        harness.start()
        let next = try harness.join(1)
        harness.forget()
        harness.wait(2100)
        #expect(harness.take(on: next).count == 2)
        try harness.receive("330100020003040d0000", on: next)
        #expect(harness.take(on: next) == ["340200010003040d000000"])
        harness.wait(5000)
        #expect(harness.take(on: next) == [])
    }
}

extension NodeHarness {
    /// The node hears a JOIN_ME of a neighbour that is in its own cluster.
    mutating func hearJoinMe(of id: UInt16, rssi: Int8) throws {
        let joinMe = JoinMe(
            network: NetworkID(11),
            sender: NodeID(id),
            cluster: node.clusterID,
            clusterSize: node.clusterSize,
            freeIn: 2,
            freeOut: 3,
            battery: 0,
            txPower: 4,
            deviceType: .static,
            hopsToSink: -1,
            meshWriteHandle: 11,
            ackField: .none
        )
        let data: AdvertisingData = try joinMe.encoded()
        give(.radio(.advertisement(address: Self.address(of: id), rssi: rssi, connectable: true, data: data)))
    }
}
