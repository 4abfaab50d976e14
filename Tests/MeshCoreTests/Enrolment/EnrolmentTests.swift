import ByteCoding
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// What a request says, everything as the node of the tests has it unless said otherwise.
func enrolment(
    serial: UInt32 = 1,
    node: UInt16 = 2,
    network: UInt16 = 11,
    networkKey: UInt8? = 0x22,
    userBaseKey: UInt8? = 0xFF,
    organizationKey: UInt8? = 0xFF,
    nodeKey: UInt8? = 0x11,
    timeout: UInt8 = 10,
    onlyNew: Bool = false
) -> SetEnrollment {
    func key(_ byte: UInt8?) -> FixedBytes<16>? { byte.map { FixedBytes(repeating: $0) } }
    return SetEnrollment(
        serialNumber: SerialNumber(serial),
        newNodeID: NodeID(node),
        newNetworkID: NetworkID(network),
        newNetworkKey: key(networkKey),
        newUserBaseKey: key(userBaseKey),
        newOrganizationKey: key(organizationKey),
        nodeKey: key(nodeKey),
        options: nodeKey == nil ? nil : .init(timeoutSeconds: timeout, onlyIfUnenrolled: onlyNew)
    )
}

extension NodeHarness {
    /// Somebody in the mesh asks, with request handle 63.
    mutating func ask(_ message: EnrollmentMessage, of receiver: UInt16 = 0, on link: LinkID) throws {
        let request = ModuleMessage(
            sender: NodeID(1),
            receiver: NodeID(receiver),
            requestHandle: 63,
            content: .enrollment(message)
        )
        try receive(request, on: link)
    }

    /// The MeshAccess broadcast of a device is heard.
    mutating func hearDevice(
        serial: UInt32,
        address: UInt64 = 0xC000_0000_0900,
        isEnrolled: Bool = false,
        rssi: Int8 = -60,
        connectable: Bool = true,
        isEmergency: Bool = false
    ) throws {
        let broadcast = MeshAccessBroadcast(
            isEmergency: isEmergency,
            network: NetworkID(isEnrolled ? 11 : 0),
            isEnrolled: isEnrolled,
            hasFreeInConnection: true,
            serialNumber: SerialNumber(serial),
            tail: MeshAccessBroadcast.Tail(deviceType: .static)
        )
        let data: AdvertisingData = try broadcast.encoded()
        let address = Address(value: address + UInt64(serial), kind: .random)
        give(.radio(.advertisement(address: address, rssi: rssi, connectable: connectable, data: data)))
    }

    /// What the radio was told to advertise last.
    var lastAdvertisement: (data: AdvertisingData, connectable: Bool)? {
        commands.reversed().lazy.compactMap { command -> (AdvertisingData, Bool)? in
            guard case .advertise(let data, _, let connectable, _) = command else { return nil }
            return (data, connectable)
        }.first
    }
}

/// Protocol §10.5, the addressed node.
@Suite struct EnrolmentTests {
    /// Answers of node 2 to all, to requests with handle 63.
    private static func answer(_ code: UInt8) -> String {
        "3402000000053f0001000000" + Hex.encode([code])
    }

    private func joined(
        stored: PersistentState = PersistentState(),
        deviceType: DeviceType = .static
    ) throws
        -> (NodeHarness, LinkID)
    {
        var harness = NodeHarness(2, deviceType: deviceType, stored: stored)
        let link = try harness.join(1)
        harness.forget()
        return (harness, link)
    }

    // MARK: - Refusals and what changes nothing

    @Test func identicalDataIsAnsweredAtOnceAndChangesNothing() throws {
        var (harness, link) = try joined()
        // Whether a key is told again or left out is the same; so is that only a new device is meant.
        for request in [
            enrolment(), enrolment(networkKey: 0, userBaseKey: nil, organizationKey: nil, nodeKey: nil),
            enrolment(onlyNew: true),
        ] {
            try harness.ask(.setEnrollment(request), on: link)
            #expect(harness.take() == [Self.answer(0)])
        }
        harness.wait(20_000)
        #expect(harness.restarts.isEmpty)
        #expect(harness.stored.enrolment == nil)
        #expect(harness.persistCount == 0)
    }

    @Test func onlyANewDeviceIsMeant() throws {
        var (harness, link) = try joined()
        for request in [enrolment(network: 12, onlyNew: true), enrolment(networkKey: 0x23, onlyNew: true)] {
            try harness.ask(.setEnrollment(request), on: link)
            #expect(harness.take() == [Self.answer(0x10)])
        }
        // That comes before the id.
        try harness.ask(.setEnrollment(enrolment(node: 2000, onlyNew: true)), on: link)
        #expect(harness.take() == [Self.answer(0x10)])
        harness.wait(20_000)
        #expect(harness.restarts.isEmpty && harness.stored.enrolment == nil)
    }

    @Test(arguments: [0, 2000, 19999, 20001, 30000, 31000, 32000, 33000, 57999, 65535] as [UInt16])
    func anIDThatNoNodeMayHaveIsRefused(node: UInt16) throws {
        var (harness, link) = try joined()
        try harness.ask(.setEnrollment(enrolment(node: node)), on: link)
        #expect(harness.take() == [Self.answer(0x13)])
        harness.wait(20_000)
        #expect(harness.restarts.isEmpty && harness.stored.enrolment == nil)
    }

    @Test func anAssetMayHaveAnOrganisationWideID() throws {
        for (node, code) in [(33000, 0), (57999, 0), (7, 0), (32000, 0x13), (58000, 0x13)] as [(UInt16, UInt8)] {
            var harness = NodeHarness(2, deviceType: .asset)
            harness.forget()
            let request = ModuleMessage(
                sender: NodeID(2),
                receiver: NodeID(2),
                content: .enrollment(.setEnrollment(enrolment(node: node)))
            )
            harness.give(.request(.send(try request.encoded())))
            #expect(harness.delivered.last == "340200000005000001000000" + Hex.encode([code]))
            #expect(harness.stored.enrolment?.node == (code == 0 ? NodeID(node) : nil))
        }
    }

    @Test func anotherSerialNumberIsNoConcernOfTheNode() throws {
        var (harness, link) = try joined()
        try harness.ask(.setEnrollment(enrolment(serial: 5, network: 12, nodeKey: nil)), of: 2, on: link)
        try harness.ask(.removeEnrollment(SerialNumber(5)), of: 2, on: link)
        harness.wait(20_000)
        #expect(harness.take().isEmpty)
        #expect(harness.restarts.isEmpty && harness.stored.enrolment == nil)
    }

    @Test func aModuleThatIsOffDoesNotEnrol() throws {
        var stored = PersistentState()
        stored.inactiveModules = [.plain(.enrollment)]
        var (harness, link) = try joined(stored: stored)
        try harness.ask(.setEnrollment(enrolment(network: 12)), on: link)
        try harness.ask(.removeEnrollment(SerialNumber(1)), on: link)
        #expect(harness.take().isEmpty && harness.stored.enrolment == nil)
    }

    @Test func aRequestThatIsTooShortIsDropped() throws {
        var (harness, link) = try joined()
        // Seven bytes behind the header; eight are enough.
        try harness.receive("3301000200053f00" + "01000000" + "0300" + "07", on: link)
        #expect(harness.take().isEmpty)
        try harness.receive("3301000200053f00" + "01000000" + "0300" + "0700", on: link)
        #expect(harness.take() == [Self.answer(0)])
        #expect(harness.stored.enrolment?.network == NetworkID(7))
        #expect(harness.stored.enrolment?.networkKey == NodeKeys().network)
    }

    // MARK: - Enrolment

    @Test func anEnrolmentIsStoredAnsweredAndComesIntoForceFourSecondsLater() throws {
        var (harness, link) = try joined()
        try harness.ask(
            .setEnrollment(
                enrolment(node: 77, network: 1234, networkKey: 0x55, userBaseKey: 0x66, organizationKey: 0x77)
            ),
            of: 2,
            on: link
        )
        #expect(harness.take() == [Self.answer(0)])
        let told = Enrolment(
            node: NodeID(77),
            network: NetworkID(1234),
            networkKey: Key128(repeating: 0x55),
            userBaseKey: Key128(repeating: 0x66),
            organizationKey: Key128(repeating: 0x77)
        )
        #expect(harness.stored.enrolment == told)
        // Until then it is what it was.
        harness.wait(3800)
        #expect(harness.restarts.isEmpty)
        #expect(harness.node.identity.node == NodeID(2) && harness.node.meshEdgeCount == 1)
        harness.wait(500)
        #expect(harness.restarts == [RebootCause.enrollment.rawValue])
        harness.start(reason: 9)
        #expect(harness.node.identity.enrolment == told)
        #expect(harness.node.identity.keys.node == NodeKeys().node)
        #expect(harness.node.clusterID.rawValue & 0xFFFF == 77)
        // The same again is nothing new, also after the restart.
        harness.forget()
        try harness.send("3300000000053f00" + "01000000" + "4d00" + "d204")
        #expect(harness.delivered.last == "344d000000053f000100000000")
        #expect(harness.persistCount == 0)
    }

    @Test(arguments: [nil, 0] as [UInt8?])
    func keysThatAreMissingOrZeroStay(key: UInt8?) throws {
        var (harness, link) = try joined()
        try harness.ask(
            .setEnrollment(
                enrolment(network: 12, networkKey: key, userBaseKey: key, organizationKey: key, nodeKey: key)
            ),
            on: link
        )
        #expect(harness.take() == [Self.answer(0)])
        let keys = NodeKeys()
        #expect(harness.stored.enrolment?.networkKey == keys.network)
        #expect(harness.stored.enrolment?.userBaseKey == keys.userBase)
        #expect(harness.stored.enrolment?.organizationKey == keys.organization)
    }

    @Test func aLaterRequestReplacesAnEarlierOne() throws {
        var (harness, link) = try joined()
        try harness.ask(.setEnrollment(enrolment(node: 3, network: 12)), on: link)
        harness.wait(3000)
        try harness.ask(.setEnrollment(enrolment(node: 4, network: 13)), on: link)
        harness.wait(3000)
        #expect(harness.restarts.isEmpty)
        // What was stored a moment ago is what there is: identical.
        try harness.ask(.setEnrollment(enrolment(node: 4, network: 13)), on: link)
        #expect(harness.take().count == 3)
        harness.wait(1400)
        #expect(harness.restarts == [9])
        #expect(harness.stored.enrolment?.network == NetworkID(13))
    }

    @Test func settingsAreAsAtFirstAndWhatTheOldNetworkSetsAfterThatIsDropped() throws {
        var stored = PersistentState()
        stored.enrolledNodes = 10
        stored.preferredPartners = [NodeID(1)]
        stored.groups = [NodeID(21001)]
        stored.timeReportingInterval = 5
        stored.reportIntervals.status = 100
        stored.liveReportLevel = 50
        stored.inactiveModules = [.plain(.io)]
        stored.graftGeneration = 4711
        stored.plannedClustering = PlannedClustering(mode: .graft, at: 1)
        var (harness, link) = try joined(stored: stored)
        try harness.ask(.setEnrollment(enrolment(network: 12)), on: link)
        var expected = PersistentState()
        expected.enrolment = Enrolment(node: NodeID(2), network: NetworkID(12), networkKey: NodeKeys().network)
        expected.graftGeneration = 4711
        #expect(harness.stored == expected)
        // add_group 21002, set_enrolled_nodes 12.
        try harness.receive("3301000200000009" + "0a52", on: link)
        try harness.receive("3301000200000007" + "0c00", on: link)
        #expect(harness.stored != expected)
        harness.wait(4200)
        #expect(harness.restarts == [9])
        #expect(harness.stored == expected)
    }

    /// The clustering mode is the network's: a new key does not take the node out of it.
    @Test func theClusteringModeStaysWithTheNetwork() throws {
        for (network, mode) in [(11, .classic), (12, nil)] as [(UInt16, ClusteringMode?)] {
            var stored = PersistentState()
            stored.clustering = .classic
            var (harness, link) = try joined(stored: stored)
            try harness.ask(.setEnrollment(enrolment(network: network, networkKey: 0x23)), on: link)
            #expect(harness.stored.clustering == mode)
        }
    }

    @Test func nobodyPutsTheRestartOff() throws {
        var (harness, link) = try joined()
        try harness.ask(.setEnrollment(enrolment(network: 12)), on: link)
        // Reset in 250 s, preferred connections.
        try harness.receive("3301000200000001fa", on: link)
        harness.give(.request(.reset(afterDeciseconds: 1000)))
        harness.wait(4200)
        #expect(harness.restarts == [9])
    }

    // MARK: - Removal

    @Test func aRemovalLeavesANodeThatWaitsForItsEnrolment() throws {
        var (harness, link) = try joined()
        try harness.ask(.setEnrollment(enrolment(node: 9, network: 12)), on: link)
        harness.wait(4200)
        harness.start(reason: 9)
        #expect(harness.node.identity.node == NodeID(9))
        harness.forget()
        try harness.send("3300000900053f0101000000")
        #expect(harness.delivered.last == "3409000000053f010100000000")
        #expect(harness.stored.enrolment == .removed)
        harness.wait(800)
        #expect(harness.restarts == [9])
        harness.wait(400)
        #expect(harness.restarts == [9, RebootCause.enrollmentRemoved.rawValue])
        harness.start(reason: 16)
        let identity = harness.node.identity
        #expect(identity.node == NodeID(2) && identity.network == .notEnrolled)
        #expect(
            [identity.keys.network, identity.keys.userBase, identity.keys.organization].allSatisfy { $0 == .unset }
        )
        #expect(identity.keys.node == NodeKeys().node)
        // On air it is a device that can be enrolled, and nothing else.
        harness.wait(5000)
        let (data, connectable) = try #require(harness.lastAdvertisement)
        let broadcast = try MeshAccessBroadcast(bytes: data)
        #expect(connectable && !broadcast.isEnrolled && broadcast.network == .notEnrolled)
        #expect(!broadcast.isZeroKeyConnectable && broadcast.serialNumber == SerialNumber(1))
        #expect(harness.commands.allSatisfy { if case .scan = $0 { false } else { true } })
    }

    @Test func aNodeWithoutANetworkKeyLinksWithNobody() throws {
        let bare = Enrolment(node: NodeID(2), network: NetworkID(11), networkKey: .unset)
        var stored = PersistentState()
        stored.enrolment = bare
        var harness = NodeHarness(2, stored: stored)
        harness.wait(5000)
        let (data, _) = try #require(harness.lastAdvertisement)
        #expect(try MeshAccessBroadcast(bytes: data).isEnrolled)
        harness.forget()
        let link = harness.newLink()
        harness.give(
            .radio(
                .connected(
                    token: .incoming,
                    link: link,
                    role: .peripheral,
                    address: NodeHarness.address(of: 1),
                    parameters: NodeHarness.parameters
                )
            )
        )
        harness.give(.radio(.keyRequested(link: link)))
        #expect(harness.commands.contains { if case .answerKey(link, nil) = $0 { true } else { false } })
    }

    // MARK: - Assets

    @Test func onlyAssetsChangeTheirNetworkAlone() throws {
        var (harness, link) = try joined()
        try harness.ask(.setNetwork(NetworkID(77)), of: 2, on: link)
        #expect(harness.take() == ["3402000100053f0301"])
        #expect(harness.stored.enrolment == nil)
        var asset = NodeHarness(2, deviceType: .asset)
        for (network, code) in [(77, 0), (0, 255), (1, 255), (65281, 255)] as [(UInt16, UInt8)] {
            asset.forget()
            try asset.send("3300000200050003" + Hex.encode([UInt8(network & 0xFF), UInt8(network >> 8)]))
            #expect(asset.delivered.last == "3402000200050003" + Hex.encode([code]))
            #expect(asset.node.identity.network == NetworkID(77))
        }
        #expect(asset.stored.enrolment?.network == NetworkID(77))
        #expect(asset.stored.enrolment?.networkKey == NodeKeys().network)
        asset.start()
        #expect(asset.node.identity.network == NetworkID(77) && asset.restarts.isEmpty)
    }
}
