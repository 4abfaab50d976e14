import ByteCoding
import MeshCrypto
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// Two nodes of different networks, which never mesh.
private func strangers(centralKeys: NodeKeys = NodeKeys(), peripheralKeys: NodeKeys = NodeKeys()) -> TestAir {
    var air = TestAir()
    air.add(Identity(node: NodeID(1), network: NetworkID(11), keys: centralKeys))
    air.add(Identity(node: NodeID(2), network: NetworkID(12), keys: peripheralKeys))
    return air
}

@Suite struct AccessLinkTests {
    @Test func opensWithDiscoveryNotificationsAndHandshake() throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        #expect(air.packets.map(\.kind).prefix(3) == [.request, .command, .notification])
        #expect(air.packets[0].value.description == "0100")
        #expect(air.packets[1].value.description == "1901000000010200000000")
        for (index, partner) in [(0, 2), (1, 1)] {
            let link = try #require(air.accessLink(index))
            #expect(link.partner == NodeID(UInt16(partner)))
            #expect(link.encryption == .encrypted)
            #expect(link.payload == 16)
            #expect(link.access?.addressing?.virtual == air.nodes[index].identity.node.virtualPartner(slot: 0))
        }
    }

    @Test func asksForTheParametersOfMeshAccess() throws {
        var air = strangers()
        var asked: [RadioCommand] = []
        let address = air.address(of: 1)
        air.with(0) { node, now, outputs in
            let handshake = AccessHandshake(
                centralWithID: NodeID(1),
                keyID: .network,
                longTermKey: .zero,
                tunnel: .peerToPeer
            )
            let access = AccessLink(handshake, for: .accepted)
            let isOpening = node.openAccessLink(
                access,
                to: address,
                of: NodeID(2),
                timeout: 7_000_000,
                now: now,
                into: &outputs
            )
            #expect(isOpening)
            // One attempt at a time, one link per address.
            let isOpeningTwice = node.openAccessLink(
                access,
                to: address,
                of: NodeID(2),
                timeout: 1,
                now: now,
                into: &outputs
            )
            #expect(!isOpeningTwice)
            asked = outputs.items.compactMap { if case .radio(let command) = $0 { command } else { nil } }
        }
        guard case .connect(_, address, let parameters, _, 7_000_000)? = asked.first else {
            Issue.record("no connect command: \(asked)")
            return
        }
        #expect(parameters == ConnectionParameters(interval: 8, latency: 0, supervisionTimeout: 100))
        #expect(asked.count == 1)
    }

    /// Protocol §8.6: absolute size, all master bits, counter 0; sent by both ends and again at a change.
    @Test func bothEndsTellTheirClusterAndItsChanges() throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        // START, SNONCE, update one way; ANONCE, DONE, update the other.
        #expect(air.packets.filter { $0.kind == .command }.count == 3)
        #expect(air.packets.filter { $0.kind == .notification }.count == 3)
        let told = try #require(air.accessLink(0)?.access?.toldCluster)
        let bytes: MessageBytes = try told.encoded()
        #expect(bytes.description == "1701000000000000000100ffff01")
        // A third node of the first network joins.
        air.add(Identity(node: NodeID(3), network: NetworkID(11)))
        let hasHappened = air.run(atMost: 20) { $0.nodes[0].clusterSize == 2 }
        #expect(hasHappened)
        air.run(seconds: 0.3)
        #expect(air.accessLink(0)?.access?.toldCluster?.sizeChange == 2)
        #expect(air.packets.filter { $0.kind == .command }.count >= 4)
        #expect(air.nodes[1].clusterSize == 1)
        #expect(air.accessLink(1)?.connectedSize == 0)
    }

    @Test func answersOverTheVirtualID() throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        // get_status to 2001, the partner in slot 0.
        try air.send("330000d107030001", from: 0)
        air.run(seconds: 0.5)
        #expect(air.deliveries(1) == ["33d2070200030001"])
        let answer = try #require(air.deliveries(0).first { $0.hasPrefix("34") })
        #expect(answer.hasPrefix("34d10701000300010100"))
        // And the other way round, over the id that the peripheral gives the central: 2 + 2000.
        try air.send("330000d207001703", from: 1)
        air.run(seconds: 0.5)
        #expect(air.deliveries(1).last == "34d2070200001703")
    }

    @Test(arguments: [(FmKeyID.network, 0x23), (.node, 0x22), (.organization, 0x44)] as [(FmKeyID, Int)])
    func aWrongKeyIsRefused(keyID: FmKeyID, byte: Int) throws {
        var air = strangers()
        let isOpen = air.openAccessLink(from: 0, to: 1, keyID: keyID, key: Key128(repeating: UInt8(byte)))
        #expect(!isOpen)
        air.run(seconds: 1)
        #expect(air.accessLink(0) == nil)
        #expect(air.accessLink(1) == nil)
        // Organisation keys are not set here.
        #expect(air.removals(1) == [keyID == .organization ? .invalidKey : .invalidHandshakePacket])
        #expect(air.nodes.map(\.connectionLossCounter) == [0, 0])
    }

    @Test func withoutRandomBytesNothingIsOpenedOrAccepted() throws {
        for poor in 0...1 {
            var air = strangers()
            air.givesEntropy = false
            air.nodes[poor].entropy = EntropyPool()
            let isOpen = air.openAccessLink(from: 0, to: 1)
            #expect(!isOpen)
            air.run(seconds: 1)
            #expect(air.traces[poor].contains { if case .noEntropy = $0 { true } else { false } })
            #expect(air.accessLink(0) == nil)
            #expect(air.accessLink(1) == nil)
        }
    }

    @Test func onlyTheEndThatListensIsWrittenTo() throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        let link = try #require(air.accessLink(0)?.id)
        let (handles, noise) = (TestAir.handles, AttributeValue(1...6))
        air.give(.radio(.written(link: link, handle: handles.accessReceive, value: noise, kind: .command)), to: 0)
        air.give(.radio(.written(link: link, handle: handles.accessTransmit, value: noise, kind: .command)), to: 1)
        air.give(.radio(.notified(link: link, handle: handles.accessTransmit, value: noise)), to: 1)
        #expect(air.hasAccess(0) && air.hasAccess(1))
    }

    @Test func aSilentPartnerIsLeftAfterFiveSeconds() throws {
        var air = strangers()
        air.tamper = { $0.kind == .notification ? nil : $0.value }
        let isOpen = air.openAccessLink(from: 0, to: 1)
        #expect(!isOpen)
        air.run(seconds: 2)
        #expect(air.removals(0) == [.handshakeTimeout] || air.removals(1) == [.handshakeTimeout])
        #expect(air.accessLink(0) == nil)
        #expect(air.accessLink(1) == nil)
    }

    @Test func longMessagesArriveInPieces() throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        // 200 bytes need 15 pieces: more than the radio takes at once.
        let payload = Hex.encode((0..<192).map { UInt8($0) })
        try air.send("360000d107000002" + payload, from: 0)
        try air.send("360000d107000003" + payload, from: 0)
        air.run(seconds: 1)
        #expect(air.deliveries(1) == ["36d2070200000002" + payload, "36d2070200000003" + payload])
        #expect(air.packets.allSatisfy { $0.value.count <= 20 })
    }

    @Test func aLinkIsNoMeshEdgeAndItsEndChangesNoCluster() throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        let clusters = air.nodes.map(\.clusterID)
        #expect(air.nodes.map(\.meshEdgeCount) == [0, 0])
        #expect(air.nodes.map(\.freeOut) == [3, 3])
        #expect(air.nodes.map(\.freeIn) == [2, 2])
        #expect(air.nodes[0].linkViews.allSatisfy { !$0.isMeshEdge && !$0.isCounted })
        let slot = try #require(air.accessLink(0)?.slot)
        air.with(0) { $0.remove(slot: slot, reason: .userRequest, now: $1, into: &$2) }
        air.run(seconds: 1)
        #expect(air.nodes.map(\.linkCount) == [0, 0])
        #expect(air.nodes.map(\.clusterID) == clusters)
        #expect(air.nodes.map(\.connectionLossCounter) == [0, 0])
    }

    @Test func meshLinksComeUpBesideIt() throws {
        var air = TestAir()
        air.add(1)
        air.add(2)
        try air.open(from: 0, to: 1)
        air.add(3)
        let hasHappened = air.run(atMost: 30) { air in air.nodes.allSatisfy { $0.clusterSize == 3 } }
        #expect(hasHappened)
    }

    /// Protocol §10.4: offered once after the handshake, taken by whoever never had a time.
    @Test func theTimeIsOfferedAfterTheHandshake() throws {
        var air = strangers()
        air.give(.request(.setTime(seconds: 1_700_000_000, offsetMinutes: 60)), to: 1)
        try air.open(from: 0, to: 1)
        let time = air.nodes[0].networkTime(at: air.now)
        #expect(time.isSet)
        #expect(time.offsetMinutes == 60)
        #expect((1_700_000_000...1_700_000_010).contains(time.seconds))
        #expect(!time.isTimeMaster)
    }
}

@Suite struct AccessLinkRecoveryTests {
    /// A packet is lost on the air, in either direction: DEAD_DATA, a new handshake, and messages pass again.
    @Test(arguments: [TestAir.Packet.Kind.command, .notification])
    func aLostPacketLeadsToANewHandshake(kind: TestAir.Packet.Kind) throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        let sender = kind == .command ? 0 : 1
        let request = kind == .command ? "330000d107001703" : "330000d207001703"
        air.tamper = { $0.kind == kind ? nil : $0.value }
        try air.send(request, from: sender)
        air.run(seconds: 0.1)
        air.tamper = { $0.value }
        try air.send(request, from: sender)
        let before = air.packets.count
        let hasHappened = air.run(atMost: 0.4) {
            $0.traces[0].contains { if case .accessBroken = $0 { true } else { false } }
        }
        #expect(hasHappened)
        air.run(seconds: 0.5)
        #expect(air.hasAccess(0))
        #expect(air.hasAccess(1))
        let recovery = air.packets.dropFirst(before - 1).map { $0.value.description }
        #expect(recovery.contains("3d01000200deaddada00ff7733"))
        #expect(recovery.contains("3d02000100deaddada00ff7733"))
        #expect(recovery.filter { $0 == "1901000000010200000000" }.count == 1)
        // As after any handshake both ends tell their cluster, 14 bytes and the MIC.
        let updates = air.packets.dropFirst(before).filter { $0.value.count == 18 }
        #expect(updates.contains { $0.from == 0 } && updates.contains { $0.from == 1 })
        // What was under way is lost, what follows is not.
        #expect(!air.deliveries(1 - sender).contains { $0.hasPrefix("33") })
        try air.send(request, from: sender)
        air.run(seconds: 0.5)
        #expect(air.deliveries(1 - sender).contains { $0.hasPrefix("33") })
        #expect(air.deliveries(sender).contains { $0.hasPrefix("34") })
    }

    @Test func aBrokenSplitMessageIsForgottenAndTheRestWaits() throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        let payload = Hex.encode((0..<150).map { UInt8($0) })
        var count = 0
        air.tamper = { packet in
            guard packet.kind == .command else { return packet.value }
            count += 1
            guard count == 3 else { return packet.value }
            var wrong = packet.value
            wrong[0] ^= 1
            return wrong
        }
        try air.send("360000d107000002" + payload, from: 0)
        try air.send("360000d107000003" + payload, from: 0)
        try air.send("360000d107000004" + payload, from: 0)
        air.run(seconds: 1)
        // The second was begun before the loss was known.
        #expect(air.deliveries(1) == ["36d2070200000004" + payload])
        // Nothing is left of it, neither to send nor to wait for.
        #expect(!air.traces[1].contains { if case .splitDropped = $0 { true } else { false } })
        #expect(air.accessLink(0)?.queues.byteCount == 0)
    }

    @Test func withoutANewHandshakeTheLinkEndsAfterFifteenSeconds() throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        // The peripheral cannot open anything, the central hears nothing any more.
        air.tamper = { $0.kind == .notification ? nil : AttributeValue(1...6) }
        try air.send("330000d107001703", from: 0)
        air.run(seconds: 14.5)
        #expect(air.accessLink(1)?.state == .connected)
        air.run(seconds: 1)
        #expect(air.accessLink(1) == nil)
        #expect(air.removals(1) == [.handshakeTimeout])
    }

    @Test func manyCorruptedPacketsEndTheLink() throws {
        var air = strangers()
        try air.open(from: 0, to: 1)
        let link = try #require(air.accessLink(1)?.id)
        let noise = RadioEvent.written(
            link: link,
            handle: TestAir.handles.accessReceive,
            value: AttributeValue(1...6),
            kind: .command
        )
        for _ in 0..<32 {
            air.give(.radio(noise), to: 1)
        }
        #expect(air.accessLink(1) == nil)
        #expect(air.removals(1) == [.invalidPacket])
        // However many come at once, the radio is not flooded.
        #expect(air.packets.filter { $0.value.description.hasPrefix("3d") }.count <= 8)
    }
}
