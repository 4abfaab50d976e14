import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

@Suite struct ModuleConfigurationTests {
    private func joined(stored: PersistentState = PersistentState()) throws -> (NodeHarness, LinkID) {
        var harness = NodeHarness(2, stored: stored)
        let link = try harness.join(1)
        harness.forget()
        return (harness, link)
    }

    @Test func theModuleListIsThatOfTheReferenceBuild() throws {
        var (harness, link) = try joined()
        try harness.receive("3201000200000006", on: link)
        let expected =
            "3202000100000008" + "00ffffff0201" + "07ffffff0201" + "03ffffff0201" + "01ffffff0101" + "02ffffff0201"
            + "05ffffff0101" + "06ffffff0101" + "f001cdab0101" + "0affffff0201"
        #expect(harness.take(on: link) == [expected])
    }

    @Test func theStatusReporterHasAConfiguration() throws {
        var (harness, link) = try joined()
        try harness.receive("3201000200030004", on: link)
        #expect(harness.take(on: link) == ["3202000100030005030201000000000000000000640000"])
    }

    @Test func liveReportCommandChangesTheConfigurationUntilTheNextBoot() throws {
        var (harness, link) = try joined()
        try harness.receive("330100020003000b2a", on: link)
        try harness.receive("3201000200030004", on: link)
        #expect(harness.take(on: link) == ["32020001000300050302010000000000000000002a0000"])
        #expect(harness.persistCount == 0)
    }

    @Test func aConfigurationIsStoredAndTakesEffect() throws {
        var (harness, link) = try joined()
        try harness.receive("3201000200030900" + "030201000a00000000000000140000", on: link)
        #expect(harness.take(on: link) == ["320200010003090100"])
        #expect(harness.stored.reportIntervals == ReportIntervals(status: 10))
        #expect(harness.stored.liveReportLevel == 0x14)
        #expect(harness.persistCount == 1)
        harness.wait(3000)
        let reports = harness.take(on: link)
        #expect(reports.count == 3)
        #expect(reports.allSatisfy { $0.hasPrefix("3402000000030001") })
        try harness.receive("3201000200030004", on: link)
        #expect(harness.take(on: link) == ["3202000100030005" + "030201000a00000000000000140000"])
    }

    @Test func aMalformedConfigurationIsRefused() throws {
        var (harness, link) = try joined()
        for bad in [
            "0302010000000000000000006400", "040201000000000000000000640000", "030101000000000000000000640000",
            "03020100000000000000000064000000",
        ] {
            try harness.receive("3201000200030000" + bad, on: link)
            #expect(harness.take(on: link) == ["320200010003000134"], "configuration \(bad)")
        }
        #expect(harness.persistCount == 0)
    }

    @Test func otherModulesHaveNoConfiguration() throws {
        var (harness, link) = try joined()
        try harness.receive("3201000200000704", on: link)
        try harness.receive("320100020007070001", on: link)
        try harness.receive("3201000200f001cdab0704", on: link)
        #expect(
            harness.take(on: link) == ["320200010000070933", "320200010007070133", "3202000100f001cdab070933"]
        )
    }

    @Test func unknownModulesDoNotAnswer() throws {
        var (harness, link) = try joined()
        try harness.receive("3201000200630704", on: link)
        try harness.receive("3201000200f002cdab0704", on: link)
        #expect(harness.take(on: link) == [])
    }

    @Test func aModuleThatIsOffDoesNotAct() throws {
        var (harness, link) = try joined()
        try harness.receive("320100020007080200", on: link)
        #expect(harness.take(on: link) == ["320200010007080300"])
        try harness.receive("3301000200070006", on: link)
        #expect(harness.take(on: link) == [])
        try harness.receive("3201000200000006", on: link)
        #expect(harness.take(on: link).first?.contains("07ffffff0200") == true)
        harness.start()
        let next = try harness.join(1)
        harness.forget()
        try harness.receive("3301000200070006", on: next)
        #expect(harness.take(on: next) == [])
        try harness.receive("320100020007080201", on: next)
        try harness.receive("3301000200070006", on: next)
        #expect(harness.take(on: next) == ["320200010007080300", "3402000100070006"])
    }

    @Test func aStatusReporterThatIsOffTellsNothing() throws {
        var (harness, link) = try joined()
        try harness.receive("330100020003000d0a00", on: link)
        try harness.receive("3a01000200030d01cdab341201", on: link)
        try harness.receive("320100020003000200", on: link)
        harness.forget()
        try harness.receive("3301000200030001", on: link)
        harness.give(.radio(.disconnected(link: link, reason: .remoteUserTerminated)))
        harness.wait(5000)
        #expect(harness.take() == [])
        #expect(!harness.delivered.contains { $0.hasPrefix("35") })
        let next = try harness.join(1)
        try harness.receive("320100020003000201", on: next)
        harness.forget()
        harness.wait(2100)
        #expect(harness.take(on: next).count == 2, "the stored interval holds again")
    }

    @Test func theNodeModuleCannotBeSwitchedOff() throws {
        var (harness, link) = try joined()
        try harness.receive("320100020000080200", on: link)
        try harness.receive("3301000200000103", on: link)
        #expect(harness.take(on: link) == ["320200010000080335", "3402000100000103"])
    }
}
