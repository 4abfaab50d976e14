import ByteCoding
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// A hub with no free outgoing link, and one node that only the hub could take in.
private struct Saturation {
    var air = TestAir()
    /// Index of the hub.
    let hub = 0
    /// Index of the node that is left over.
    private(set) var lone = 0

    /// Nodes join the hub, which alone hears them, until it has no free outgoing link.
    init() throws {
        air.isInReach = { min($0, $1) == 0 }
        air.add(1)
        while air.nodes[0].freeOut > 0 {
            let newcomer = air.add(UInt16(air.nodes.count + 1))
            let hasJoined = air.run(atMost: 30) { air in
                air.nodes[newcomer].meshEdgeCount == 1 && air.nodes[0].clusterSize == Int16(newcomer + 1)
            }
            try #require(hasJoined)
        }
        air.run(seconds: 15)
        lone = air.add(UInt16(air.nodes.count + 1))
    }
}

@Suite struct EmergencyTests {
    @Test func aSaturatedClusterFreesALinkForALoneNode() throws {
        var saturation = try Saturation()
        let (hub, lone) = (saturation.hub, saturation.lone)
        let start = saturation.air.now
        #expect(saturation.air.nodes[hub].freeOut == 0)
        saturation.air.run(seconds: 119)
        #expect(saturation.air.nodes[lone].linkCount == 0)
        #expect(saturation.air.nodes[hub].freeOut == 0)
        let isFreed = saturation.air.run(atMost: 10) { air in
            air.traces[hub].contains { if case .emergencyAnswered(0) = $0 { true } else { false } }
        }
        #expect(isFreed)
        let elapsed = saturation.air.now.microseconds(since: start)
        #expect((120_000_000...126_000_000).contains(elapsed))
        #expect(saturation.air.removals(hub).last == .emergencyDisconnect)
        // The request came from the virtual id of the lone node, the answer went back there, and the link was closed.
        saturation.air.run(seconds: 1)
        #expect(saturation.air.removals(lone) == [.emergencyReset])
        #expect(saturation.air.nodes[lone].links.allSatisfy { $0.kind != .access })
        #expect(saturation.air.nodes[lone].emergencyElapsed < 2_000_000)
        let decided = TraceEvent.emergencyDecided(by: saturation.air.nodes[hub].identity.node, code: 0)
        #expect(saturation.air.traces[lone].contains(decided))
        // Then the normal algorithm connects.
        let isFull = saturation.air.run(atMost: 30) { $0.nodes[hub].freeOut == 0 }
        #expect(isFull)
    }

    /// The request of protocol §4.8, with the ids translated by both ends.
    @Test func theRequestIsTheOneOfTheProtocol() throws {
        var saturation = try Saturation()
        let hub = saturation.hub
        saturation.air.run(seconds: 126)
        let requests = saturation.air.deliveries(hub).filter { $0.hasPrefix("33") && $0.hasSuffix("0100000006") }
        let request = try #require(requests.first)
        let sender = try #require(Hex.decode(String(request.dropFirst(2).prefix(4))))
        let virtual = Int(sender[0]) | Int(sender[1]) << 8
        #expect((0..<5).map { 1 + 2000 * ($0 + 1) }.contains(virtual))
    }

    /// The timer counts only while somebody can be waited for.
    @Test func silenceStartsTheTimerAgain() throws {
        var saturation = try Saturation()
        let (hub, lone) = (saturation.hub, saturation.lone)
        saturation.air.run(seconds: 60)
        #expect(saturation.air.nodes[lone].emergencyElapsed > 50_000_000)
        saturation.air.isInReach = { _, _ in false }
        saturation.air.run(seconds: 12)
        #expect(saturation.air.nodes[lone].emergencyElapsed == 0)
        #expect(!saturation.air.nodes[lone].timers.isSet(.emergency))
        saturation.air.isInReach = { min($0, $1) == hub }
        saturation.air.run(seconds: 110)
        #expect(!saturation.air.traces[lone].contains { if case .emergency = $0 { true } else { false } })
        let hasHappened = saturation.air.run(atMost: 12) { $0.nodes[lone].links.contains { $0.kind == .access } }
        #expect(hasHappened)
    }

    @Test func anUnreachableNeighbourIsTriedAgainAfterAnotherTwoMinutes() throws {
        var air = TestAir()
        air.add(1)
        let joinMe = JoinMe(
            network: NetworkID(11),
            sender: NodeID(9),
            cluster: ClusterID(rawValue: 0x0815_0009),
            clusterSize: 30,
            freeIn: 0,
            freeOut: 0,
            battery: 0,
            txPower: 4,
            deviceType: .static,
            hopsToSink: -1,
            meshWriteHandle: 14,
            ackField: .none
        )
        let data: AdvertisingData = try joinMe.encoded()
        let address = Address(value: 0xC000_0000_00FF, kind: .random)
        for _ in 0..<300 {
            air.give(.radio(.advertisement(address: address, rssi: -60, connectable: true, data: data)), to: 0)
            air.run(seconds: 1)
        }
        let attempts = air.traces[0].count { if case .emergency(NodeID(9)) = $0 { true } else { false } }
        #expect(attempts == 2)
        #expect(air.removals(0) == [.connectTimeout, .connectTimeout])
        #expect(air.nodes[0].connectionLossCounter == 0)
    }

    @Test func aNeighbourThatGoesAwayIsNotAskedAnyMore() throws {
        var saturation = try Saturation()
        let lone = saturation.lone
        // Requests get lost, so that the link stays.
        saturation.air.tamper = { packet in
            packet.from == lone && packet.kind == .command && packet.value.count == 12 ? nil : packet.value
        }
        saturation.air.run(seconds: 119)
        let isOpen = saturation.air.run(atMost: 5) { $0.hasAccess(lone) }
        #expect(isOpen)
        saturation.air.isInReach = { _, _ in false }
        saturation.air.tamper = { $0.kind == .command ? nil : $0.value }
        saturation.air.run(seconds: 16)
        #expect(saturation.air.nodes[lone].linkCount == 0)
        #expect(saturation.air.nodes[lone].emergencyElapsed == 0)
    }
}
