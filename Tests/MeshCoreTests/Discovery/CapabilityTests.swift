import ByteCoding
import MeshWire
import RadioFake
import RadioPort
import Testing

@testable import MeshCore

/// What a radio cannot do, a node neither offers nor tries.
@Suite struct CapabilityTests {
    private func harness(_ change: (inout RadioCapabilities) -> Void) -> NodeHarness {
        var harness = NodeHarness(2) { $0.accessBroadcast = false }
        var capabilities = FakeRadio.capabilities
        change(&capabilities)
        harness.give(.radio(.capabilitiesChanged(capabilities)))
        return harness
    }

    private func onAir(_ harness: NodeHarness) throws -> (joinMe: JoinMe, connectable: Bool) {
        for case .advertise(let data, _, let connectable, _) in harness.commands.reversed() {
            return (try JoinMe(bytes: data), connectable)
        }
        throw CodingError.truncated(needed: 1, available: 0)
    }

    @Test func fewerLinksAreFewerFree() throws {
        let harness = harness { capabilities in
            capabilities.linksAsCentral = 1
            capabilities.linksAsPeripheral = 1
        }
        #expect(try onAir(harness).joinMe.freeOut == 1)
        #expect(try onAir(harness).joinMe.freeIn == 1)
        #expect(try onAir(harness).connectable)
    }

    @Test func withoutIncomingLinksNobodyMayConnect() throws {
        let harness = harness { $0.linksAsPeripheral = 0 }
        #expect(try onAir(harness).joinMe.freeIn == 0)
        #expect(try !onAir(harness).connectable)
    }

    @Test func aRadioThatCannotAdvertiseBesideLinksIsFullWithTheFirst() throws {
        var harness = harness { $0.advertiseWhileLinked = false }
        #expect(try onAir(harness).connectable)
        let link = harness.linkUp(try harness.connect(to: 3))
        #expect(try onAir(harness).joinMe.freeIn == 0)
        #expect(try !onAir(harness).connectable)
        harness.lose(link)
        #expect(try onAir(harness).joinMe.freeIn == 2)
        #expect(try onAir(harness).connectable)
    }

    @Test func aRadioOfOneRoleAtATimeKeepsToIt() throws {
        var harness = harness { $0.dualRole = false }
        let link = harness.linkUp(from: 3)
        #expect(try onAir(harness).joinMe.freeOut == 0)
        #expect(try onAir(harness).connectable)
        harness.lose(link)
        _ = harness.linkUp(try harness.connect(to: 4))
        #expect(try onAir(harness).joinMe.freeIn == 0)
        #expect(try !onAir(harness).connectable)
    }

    @Test func whatIsLearntLaterCounts() throws {
        var harness = NodeHarness(2) { $0.accessBroadcast = false }
        #expect(try onAir(harness).joinMe.freeOut == 3)
        var capabilities = FakeRadio.capabilities
        capabilities.linksAsCentral = 2
        harness.give(.radio(.capabilitiesChanged(capabilities)))
        #expect(try onAir(harness).joinMe.freeOut == 2)
    }
}
