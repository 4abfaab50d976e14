import ByteCoding
import MeshCrypto
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// Protocol §10.5 on the air: node 1 of network 11, and a device that belongs to no network.
@Suite struct EnrolmentOverMeshTests {
    private static let serial: UInt32 = 2_673_001
    private static let networkKey = Key128(repeating: 0x55)

    private static func device(deviceType: DeviceType = .static) -> Identity {
        Identity(
            node: NodeID(900),
            network: .notEnrolled,
            deviceType: deviceType,
            keys: NodeKeys(network: .unset),
            serialNumberIndex: serial
        )
    }

    /// A member with its own network key, and the device.
    private func air(isOpen: Bool = false) -> TestAir {
        var air = TestAir()
        air.add(Identity(node: NodeID(1), keys: NodeKeys(network: Self.networkKey)))
        air.add(Self.device()) { $0.acceptsZeroKey = isOpen }
        return air
    }

    /// Asks node 1 to enrol the device as node 12 of its network.
    private func ask(
        _ air: inout TestAir,
        nodeKey: UInt8 = 0x11,
        node: UInt16 = 12,
        network: UInt16 = 11,
        timeout: UInt8 = 10,
        onlyNew: Bool = false,
        by index: Int = 0
    ) throws {
        let set = SetEnrollment(
            serialNumber: SerialNumber(Self.serial),
            newNodeID: NodeID(node),
            newNetworkID: NetworkID(network),
            newNetworkKey: FixedBytes(Self.networkKey.bytes),
            nodeKey: FixedBytes(repeating: nodeKey),
            options: .init(timeoutSeconds: timeout, onlyIfUnenrolled: onlyNew)
        )
        let request = ModuleMessage(
            sender: NodeID(0),
            receiver: .broadcast,
            requestHandle: 7,
            content: .enrollment(.setEnrollment(set))
        )
        air.give(.request(.send(try request.encoded())), to: index)
    }

    /// Answers of enrolments that node 1 told the mesh.
    private func told(_ air: TestAir, at index: Int = 0, by node: UInt16 = 1) -> [EnrollmentCode] {
        air.delivered[index].compactMap { bytes in
            guard let message = try? ModuleMessage(bytes: bytes), message.sender == NodeID(node),
                message.receiver == .broadcast, message.requestHandle == 7,
                case .enrollment(.setEnrollmentResult(let result)) = message.content,
                result.serialNumber == SerialNumber(Self.serial)
            else { return nil }
            return result.code
        }
    }

    // MARK: - The device

    @Test func aDeviceWithoutANetworkAdvertisesForItsEnrolment() throws {
        for isOpen in [false, true] {
            var air = air(isOpen: isOpen)
            air.run(seconds: 3)
            let broadcast = try MeshAccessBroadcast(bytes: try #require(air.advertised[1]))
            #expect(air.isConnectable[1] && !air.isScanning[1])
            #expect(broadcast.network == .notEnrolled && !broadcast.isEnrolled && broadcast.hasFreeInConnection)
            #expect(broadcast.serialNumber == SerialNumber(Self.serial))
            #expect(broadcast.isZeroKeyConnectable == isOpen)
        }
    }

    @Test(
        arguments: [
            (FmKeyID.node, 0x11, false, true), (.node, 0x12, false, false), (.zero, 0, true, true),
            (.zero, 0, false, false),
            (.network, 0xFF, true, false),
        ] as [(FmKeyID, UInt8, Bool, Bool)]
    )
    func theDeviceOpensToItsKeyOrIfAllowedToTheZeroKey(keyID: FmKeyID, byte: UInt8, isOpen: Bool, opens: Bool) {
        var air = air(isOpen: isOpen)
        let isDone = air.openAccessLink(from: 0, to: 1, keyID: keyID, key: Key128(repeating: byte))
        #expect(isDone == opens)
    }

    /// The zero key lets nobody do anything but enrol, and that only as long as the device belongs to nobody.
    @Test func theZeroKeyOpensNothingBesideEnrolment() throws {
        var air = air(isOpen: true)
        try air.open(from: 0, to: 1, keyID: .zero, key: .zero)
        // get_status, ping: not even sent; the device would drop them as well.
        try air.send("330000d107030001", from: 0)
        try air.send("330000d107000003", from: 0)
        air.run(seconds: 1)
        #expect(air.deliveries(1).isEmpty)
        // set_enrollment to node 3 of network 7.
        try air.send("330000d107050000" + "69c92800" + "0300" + "0700", from: 0)
        air.run(seconds: 1)
        #expect(air.stored[1].enrolment?.network == NetworkID(7))
        // Not enrolled in force, but no longer for everybody.
        try air.send("330000d107050000" + "69c92800" + "0400" + "0800", from: 0)
        air.run(seconds: 1)
        #expect(air.stored[1].enrolment?.network == NetworkID(7))
        #expect(!air.nodes[1].acceptsZeroKey)
        air.run(seconds: 5)
        #expect(air.restarts[1] == [RebootCause.enrollment.rawValue])
        let isOpen = air.openAccessLink(from: 0, to: 1, keyID: .zero, key: .zero)
        #expect(!isOpen)
        try air.open(from: 0, to: 1, keyID: .node, key: NodeKeys().node)
    }

    // MARK: - By way of a node

    @Test(arguments: [(0x11, false), (0, true)] as [(UInt8, Bool)])
    func aNodeEnrolsADeviceThatItHearsAndItJoins(nodeKey: UInt8, isOpen: Bool) throws {
        var air = air(isOpen: isOpen)
        air.run(seconds: 2)
        try ask(&air, nodeKey: nodeKey)
        let isTold = air.run(atMost: 10) { self.told($0) == [.ok] }
        #expect(isTold, "\(air.traces[0].suffix(8))")
        let session = air.traces[0].compactMap { event -> FmKeyID? in
            guard case .accessEstablished(_, NodeID(900), _, let key, .peerToPeer) = event else { return nil }
            return key
        }
        #expect(session == [nodeKey == 0 ? .zero : .node])
        #expect(air.nodes[0].errand == nil && air.accessLink(0) == nil)
        #expect(air.removals(0) == [.enrolmentAnswered])
        #expect(
            air.stored[1].enrolment == Enrolment(node: NodeID(12), network: NetworkID(11), networkKey: Self.networkKey)
        )
        let hasJoined = air.run(atMost: 30) { $0.nodes.allSatisfy { $0.clusterSize == 2 } }
        #expect(hasJoined)
        #expect(air.restarts == [[], [RebootCause.enrollment.rawValue]])
        #expect(air.nodes[1].identity.node == NodeID(12))
        #expect(air.nodes[0].linkViews.contains { $0.partner == NodeID(12) && $0.isMeshEdge })
        #expect(told(air) == [.ok])
    }

    @Test func everybodyInTheMeshIsToldWhatCameOfIt() throws {
        var air = air()
        air.add(Identity(node: NodeID(2), keys: NodeKeys(network: Self.networkKey)))
        // The requester does not hear the device.
        air.isInReach = { one, other in Set([one, other]) != [1, 2] }
        let isFormed = air.run(atMost: 60) { $0.nodes[0].clusterSize == 2 }
        try #require(isFormed)
        var attempts = 0
        // Half of all requests to everybody are left to others.
        while told(air, at: 2).isEmpty, attempts < 20 {
            attempts += 1
            try ask(&air, timeout: 5, by: 2)
            air.run(atMost: 12) { !self.told($0, at: 2).isEmpty }
        }
        #expect(told(air, at: 2) == [.ok])
        let hasJoined = air.run(atMost: 60) { $0.nodes.allSatisfy { $0.clusterSize == 3 } }
        #expect(hasJoined)
    }

    @Test func aWrongKeyOfTheDeviceComesToNothing() throws {
        var air = air()
        air.run(seconds: 2)
        try ask(&air, nodeKey: 0x12)
        air.run(seconds: 14)
        #expect(told(air).isEmpty && air.stored[1].enrolment == nil && air.nodes[0].errand == nil)
        #expect(air.accessLink(0) == nil && air.accessLink(1) == nil)
        let outcome = TraceEvent.enrollingEnded(SerialNumber(Self.serial), .notFound)
        #expect(air.traces[0].contains(outcome))
    }

    @Test func aRefusalIsToldAsWell() throws {
        var air = air()
        air.run(seconds: 2)
        try ask(&air, node: 2000)
        let isTold = air.run(atMost: 10) { !self.told($0).isEmpty }
        #expect(isTold && told(air) == [.nodeIDOutOfRange])
        #expect(air.stored[1].enrolment == nil && air.restarts[1].isEmpty)
    }

    @Test func aDeviceOfAnotherNetworkIsTakenOverByItsKeyUnlessOnlyNewOnesAreMeant() throws {
        var air = TestAir()
        air.add(Identity(node: NodeID(1), keys: NodeKeys(network: Self.networkKey)))
        air.add(Identity(node: NodeID(5), network: NetworkID(99), serialNumberIndex: Self.serial))
        air.run(seconds: 2)
        try ask(&air, onlyNew: true)
        air.run(atMost: 10) { !self.told($0).isEmpty }
        #expect(told(air) == [.alreadyEnrolled])
        air.run(seconds: 2)
        try ask(&air)
        let hasJoined = air.run(atMost: 40) { $0.nodes.allSatisfy { $0.clusterSize == 2 } }
        #expect(hasJoined && told(air) == [.alreadyEnrolled, .ok])
    }

    @Test func aSilentDeviceIsGivenUp() throws {
        var air = air()
        air.run(seconds: 2)
        // All that the device notifies behind its handshake is lost.
        var notifications = 0
        air.tamper = { packet in
            guard packet.kind == .notification else { return packet.value }
            notifications += 1
            return notifications > 2 ? nil : packet.value
        }
        try ask(&air, timeout: 3)
        let isOver = air.run(atMost: 12) { $0.nodes[0].errand == nil }
        #expect(isOver)
        #expect(air.traces[0].contains(.enrollingEnded(SerialNumber(Self.serial), .unanswered)))
        #expect(air.removals(0).last == .enrolmentUnanswered)
        // It was asked with less time left than it may take for its answer.
        #expect(air.stored[1].enrolment != nil)
    }

    @Test func otherMeshAccessLinksGiveWay() throws {
        var air = air()
        air.add(Identity(node: NodeID(3), network: NetworkID(12), keys: NodeKeys(network: Key128(repeating: 0x77))))
        try air.open(from: 0, to: 2, key: Key128(repeating: 0x77))
        try ask(&air)
        #expect(air.removals(0) == [.neededForEnrolment])
        let isTold = air.run(atMost: 10) { self.told($0) == [.ok] }
        #expect(isTold)
    }

    @Test func aRemovedNodeLeavesTheClusterAndCanBeEnrolledAgain() throws {
        var air = air()
        air.run(seconds: 2)
        try ask(&air)
        let hasJoined = air.run(atMost: 40) { $0.nodes.allSatisfy { $0.clusterSize == 2 } }
        try #require(hasJoined)
        try air.send("3300000c00050001" + "69c92800", from: 0)
        let isRemoved = air.run(atMost: 5) { $0.restarts[1].count == 2 && $0.nodes[0].clusterSize == 1 }
        #expect(isRemoved && air.restarts[1] == [9, 16])
        #expect(air.nodes[1].identity.node == NodeID(900) && air.nodes[1].identity.network == .notEnrolled)
        air.run(seconds: 3)
        try ask(&air, node: 13)
        let isBack = air.run(atMost: 40) { $0.nodes.allSatisfy { $0.clusterSize == 2 } }
        #expect(isBack && air.nodes[1].identity.node == NodeID(13))
    }

    /// Losses, refusals and lies on the way: an errand ends in time, and nothing is left behind.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func disturbedErrandsEnd(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var air = air(isOpen: random.chance(1, in: 2))
        air.tamper = { packet in
            guard random.chance(1, in: 6) else { return packet.value }
            guard random.chance(1, in: 2) else { return nil }
            var value = packet.value
            let index = Int(random.uniform(below: UInt32(value.count)))
            value[index] ^= 1 << UInt8(random.uniform(below: 8))
            return value
        }
        air.run(seconds: 2)
        for round in 0..<6 as Range<UInt16> {
            try ask(&air, node: 20 + round, timeout: 8)
            air.run(seconds: 13)
            #expect(air.nodes[0].errand == nil, "seed \(seed), round \(round)")
            #expect(!air.nodes[0].links.contains { $0.access?.purpose == .enrolment }, "seed \(seed), round \(round)")
            let id = air.nodes[1].storedIdentity.node
            #expect(id == NodeID(900) || (20..<26).contains(id.rawValue), "seed \(seed): \(id)")
        }
    }
}
