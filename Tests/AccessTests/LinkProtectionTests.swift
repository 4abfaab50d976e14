import ByteCoding
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// Which of two radios can encrypt links.
struct Radios: CustomTestStringConvertible {
    var first: Bool
    var second: Bool

    var testDescription: String { "first \(first), second \(second)" }

    static let withoutEncryption = [
        Radios(first: false, second: false), Radios(first: true, second: false), Radios(first: false, second: true),
    ]
}

/// Mesh links between nodes whose radios cannot encrypt, at one end or both.
@Suite struct LinkProtectionTests {
    private static func pair(_ radios: Radios, keys: NodeKeys = NodeKeys(), otherKeys: NodeKeys? = nil) -> TestAir {
        var air = TestAir()
        air.add(Identity(node: NodeID(1), keys: keys), encrypting: radios.first)
        air.add(Identity(node: NodeID(2), keys: otherKeys ?? keys), encrypting: radios.second)
        return air
    }

    private static func isMeshed(_ air: TestAir) -> Bool {
        air.nodes.allSatisfy { $0.clusterSize == Int16(air.nodes.count) }
    }

    /// A raw message of so many bytes in hexadecimal.
    private static func message(_ count: Int, from sender: UInt8 = 1, to receiver: UInt8 = 2) -> String {
        var bytes: [UInt8] = [0x36, sender, 0, receiver, 0]
        for index in 0..<(count - bytes.count) { bytes.append(UInt8(truncatingIfNeeded: index &* 7)) }
        return Hex.encode(bytes)
    }

    private func meshed(_ radios: Radios) throws -> TestAir {
        var air = Self.pair(radios)
        let isMeshed = air.run(atMost: 20, until: Self.isMeshed)
        try #require(isMeshed)
        air.run(seconds: 1)
        return air
    }

    @Test func radiosThatEncryptDoSo() throws {
        let air = try meshed(Radios(first: true, second: true))
        for node in air.nodes { #expect(node.linkView(0).protection == .linkLayer) }
        let written = air.messagesOnMeshLinks.flatMap(\.self)
        #expect(written.contains { (try? ClusterWelcome(bytes: $0))?.network == NetworkID(11) })
    }

    @Test(arguments: Radios.withoutEncryption) func nodeProtectsWhatTheRadioCannot(radios: Radios) throws {
        let air = try meshed(radios)
        for (index, node) in air.nodes.enumerated() {
            #expect(node.linkView(0).protection == .application)
            #expect(node.links[0].payload == 16)
            // The key handshake is all that can be read.
            let written = air.messagesOnMeshLinks[index]
            #expect(written.contains { MessageType(rawValue: $0[0]).isKeyHandshake })
            #expect(written.count >= 3 && written.allSatisfy { $0.count <= 20 })
            #expect(!written.contains { (try? ClusterWelcome(bytes: $0))?.network == NetworkID(11) })
        }
    }

    @Test(arguments: Radios.withoutEncryption, [9, 16, 17, 60, 200])
    func messagesOfAnySizeArrive(radios: Radios, size: Int) throws {
        var air = try meshed(radios)
        let there = Self.message(size)
        let back = Self.message(size, from: 2, to: 1)
        try air.send(there, from: 0)
        try air.send(back, from: 1)
        air.run(seconds: 1)
        #expect(air.deliveries(1).contains(there))
        #expect(air.deliveries(0).contains(back))
        let tail = String(there.suffix(10))
        let written: [AttributeValue] = air.messagesOnMeshLinks[0]
        #expect(written.allSatisfy { !$0.description.contains(tail) })
    }

    @Test(arguments: Radios.withoutEncryption) func lostLinkReturnsProtected(radios: Radios) throws {
        var air = try meshed(radios)
        air.run(seconds: 12)
        let cluster = air.nodes[0].clusterID
        air.lose(air.nodes[0].links[0].id)
        let returned = air.run(atMost: 10) { air in
            air.traces.allSatisfy { traces in
                traces.contains { if case .reestablished = $0 { true } else { false } }
            }
        }
        #expect(returned)
        #expect(air.nodes.map(\.clusterID) == [cluster, cluster])
        for node in air.nodes { #expect(node.linkView(0).protection == .application) }
        let hex = Self.message(60)
        try air.send(hex, from: 0)
        air.run(seconds: 1)
        #expect(air.deliveries(1).contains(hex))
    }

    @Test(arguments: Radios.withoutEncryption) func otherKeyIsRefused(radios: Radios) {
        var air = Self.pair(radios, otherKeys: NodeKeys(network: Key128(repeating: 0x33)))
        air.run(seconds: 20)
        #expect(air.nodes.allSatisfy { $0.clusterSize == 1 })
        let types = Set(air.messagesOnMeshLinks.flatMap(\.self).map { $0[0] })
        #expect(!types.contains(MessageType.clusterWelcome.rawValue))
        let reasons = air.traces.flatMap(\.self).compactMap {
            if case .connectionRemoved(_, let reason, _, _) = $0 { reason } else { nil }
        }
        #expect(reasons.contains(.invalidHandshakePacket))
    }

    @Test func unansweredStartIsGivenUp() throws {
        var air = Self.pair(Radios(first: false, second: false))
        // What a node does that knows nothing of such links.
        air.tamperMesh = { MessageType(rawValue: $0.value[0]) == .encryptCustomANonce ? nil : $0.value }
        air.run(seconds: 9)
        #expect(air.nodes.allSatisfy { $0.clusterSize == 1 })
        let reasons = air.traces.flatMap(\.self).compactMap {
            if case .connectionRemoved(_, let reason, _, _) = $0 { reason } else { nil }
        }
        #expect(reasons.contains(.handshakeTimeout))
    }

    @Test(arguments: Radios.withoutEncryption) func alteredPacketEndsTheLink(radios: Radios) throws {
        var air = try meshed(radios)
        air.tamperMesh = { packet in
            guard packet.from == 0 else { return packet.value }
            var value = packet.value
            value[value.count - 1] ^= 1
            return value
        }
        try air.send(Self.message(10), from: 0)
        air.run(seconds: 1)
        #expect(air.deliveries(1).isEmpty)
        let removals = air.traces[1].compactMap {
            if case .connectionRemoved(_, let reason, _, _) = $0 { reason } else { nil }
        }
        #expect(removals.contains(.invalidPacket))
    }

    @Test func handleIsSearchedForIfTheCentralWasNotHeard() throws {
        var air = Self.pair(Radios(first: false, second: false))
        // Only one of them hears the other, so that the other cannot know where to write.
        air.isInReach = { sender, receiver in sender == 0 && receiver == 1 }
        let isMeshed = air.run(atMost: 20, until: Self.isMeshed)
        #expect(isMeshed)
    }

    @Test func nonceIsNeeded() {
        var air = TestAir()
        air.givesEntropy = false
        air.add(Identity(node: NodeID(1)), encrypting: false)
        air.add(Identity(node: NodeID(2)), encrypting: false)
        air.run(seconds: 8)
        let traces = air.traces.flatMap(\.self)
        #expect(traces.contains { if case .noEntropy = $0 { true } else { false } })
        #expect(air.nodes.allSatisfy { $0.clusterSize == 1 })
    }

    /// What a peripheral does with a first packet on a link that nobody encrypted.
    @Test(arguments: [
        "1901000000010200000000",  // START with the network key: answered
        "1901000000010100000000",  // another key
        "1901000000010200000001",  // a tunnel
        "1401000000b6a5" + "00000000" + "0500" + "0b00" + "ffff" + "0b00",  // CLUSTER_WELCOME
        "3601000200010203",  // data
        "00",
    ])
    func onlyStartIsTakenInClear(hex: String) throws {
        var air = TestAir()
        air.add(Identity(node: NodeID(2)))
        let link = LinkID(rawValue: 77)
        let central = Address(value: 0xC000_0000_0009, kind: .random)
        let parameters = ConnectionParameters(interval: 8, latency: 0, supervisionTimeout: 100)
        air.give(
            .radio(
                .connected(token: .incoming, link: link, role: .peripheral, address: central, parameters: parameters)
            ),
            to: 0
        )
        let bytes = try #require(Hex.decode(hex))
        air.give(
            .radio(
                .written(link: link, handle: TestAir.handles.meshValue, value: AttributeValue(bytes), kind: .command)
            ),
            to: 0
        )
        let isAnswered = hex == "1901000000010200000000"
        #expect(air.nodes[0].linkCount == (isAnswered ? 1 : 0))
        #expect(air.nodes[0].clusterSize == 1)
    }
}

extension MessageType {
    fileprivate var isKeyHandshake: Bool { self == .encryptCustomStart || self == .encryptCustomANonce }
}

extension LinkProtectionTests {
    @Test(arguments: [2, 4, 7]) func packetsMayOvertakeEachOther(count: Int) throws {
        var air = try meshed(Radios(first: false, second: false))
        // All pieces of a message are kept back and then written in reverse.
        air.heldBack = []
        let message = Self.message(14 * count - 3)
        try air.send(message, from: 0)
        air.run(seconds: 0.1)
        let held = air.heldBack ?? []
        #expect(held.count == count)
        air.heldBack = nil
        let link = air.nodes[1].links[0].id
        for value in held.reversed() {
            let event = RadioEvent.written(link: link, handle: TestAir.handles.meshValue, value: value, kind: .command)
            air.give(.radio(event), to: 1)
        }
        #expect(air.deliveries(1).contains(message))
        #expect(air.nodes[1].linkCount == 1)
    }
}
