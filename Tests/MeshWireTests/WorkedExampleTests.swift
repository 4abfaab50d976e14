import ByteCoding
import MeshWire
import Testing

/// The examples of the protocol document: bytes to value, value to bytes.
@Suite
struct WorkedExampleTests {
    private func expect(_ text: String, _ message: MeshMessage, _ location: SourceLocation = #_sourceLocation) throws {
        let expected = try bytes(text)
        #expect(try MeshMessage(bytes: expected) == message, sourceLocation: location)
        #expect(try message.encoded().array == expected, sourceLocation: location)
    }

    private func module(
        _ sender: UInt16,
        _ receiver: NodeID,
        handle: UInt8 = 0,
        _ content: ModuleContent
    ) -> MeshMessage {
        .module(
            ModuleMessage(sender: NodeID(sender), receiver: receiver, requestHandle: handle, content: content)
        )
    }

    @Test
    func joinMe() throws {
        var advertisement = JoinMe(
            network: NetworkID(11),
            sender: NodeID(5),
            cluster: ClusterID(rawValue: 0xABCD_0005),
            clusterSize: 3,
            freeIn: 2,
            freeOut: 3,
            battery: 30,
            meshWriteHandle: 0x000E
        )
        var expected = try bytes("0201061BFF4D02F00B0001050005 00CDAB0300 1A1E0401FFFF0E0000000000")
        #expect(try advertisement.encoded(as: InlineBytes<31>.self).array == expected)
        #expect(try JoinMe(bytes: expected) == advertisement)
        advertisement.freeIn = 1
        advertisement.freeOut = 2
        advertisement.hopsToSink = 2
        expected[19] = 0x11
        expected[23] = 2
        expected[24] = 0
        #expect(try advertisement.encoded(as: InlineBytes<31>.self).array == expected)
    }

    @Test
    func clusterHandshake() throws {
        let cluster = ClusterID(rawValue: 0xABCD_0005)
        try expect(
            "14 0500 3175 0500CDAB 0300 0E00 FFFF 00 0B00",
            .clusterWelcome(
                ClusterWelcome(
                    sender: NodeID(5),
                    cluster: cluster,
                    clusterSize: 3,
                    meshWriteHandle: 14,
                    hopsToSink: -1,
                    network: NetworkID(11)
                )
            )
        )
        try expect(
            "15 0900 0500 FFFF 00",
            .clusterAck1(ClusterAck1(sender: NodeID(9), receiver: NodeID(5), hopsToSink: -1))
        )
        try expect(
            "16 0500 0900 0500CDAB 0400 FFFF",
            .clusterAck2(
                ClusterAck2(sender: NodeID(5), receiver: NodeID(9), cluster: cluster, clusterSize: 4, hopsToSink: -1)
            )
        )
        let update = ClusterInfoUpdate(
            sender: NodeID(5),
            sizeChange: -2,
            hopsToSink: -1,
            masterBitHandover: false,
            counter: 0
        )
        try expect("17 0500 0000 00000000 FEFF FFFF 00", .clusterInfoUpdate(update))
        let handover = ClusterInfoUpdate(
            sender: NodeID(5),
            sizeChange: 0,
            hopsToSink: 3,
            masterBitHandover: true,
            counter: 1
        )
        try expect("17 0500 0000 00000000 0000 0300 03", .clusterInfoUpdate(handover))
        try expect("18 0500 0900", .reconnect(Reconnect(sender: NodeID(5), receiver: NodeID(9))))
    }

    @Test
    func welcomeWithoutNetworkKeepsItsLength() throws {
        let old = try bytes("14 0500 3175 0500CDAB 0300 0E00 FFFF 00")
        guard case .clusterWelcome(let message) = try MeshMessage(bytes: old) else {
            Issue.record("not a welcome")
            return
        }
        #expect(message.network == nil)
        #expect(try message.encoded(as: MessageBytes.self).array == old)
    }

    @Test
    func accessHandshake() throws {
        try expect(
            "19 0100 0000 01 02000000 00",
            .encryptCustomStart(
                EncryptCustomStart(sender: NodeID(1), receiver: .broadcast, fmKeyID: .network)
            )
        )
        try expect(
            "1A 0200 0100 1D4CFA4E 3219682A",
            .encryptCustomANonce(
                EncryptCustomANonce(sender: NodeID(2), receiver: NodeID(1), nonce0: 0x4EFA_4C1D, nonce1: 0x2A68_1932)
            )
        )
        try expect(
            "1B 0100 0200 FCD3B864 AD0FE819",
            .encryptCustomSNonce(
                EncryptCustomSNonce(sender: NodeID(1), receiver: NodeID(2), nonce0: 0x64B8_D3FC, nonce1: 0x19E8_0FAD)
            )
        )
        try expect("1C 0200 0100 00", .encryptCustomDone(EncryptCustomDone(sender: NodeID(2), receiver: NodeID(1))))
        try expect("3D 0200 0100 DEADDADA00FF7733", .deadData(DeadData(sender: NodeID(2), receiver: NodeID(1))))
    }

    @Test
    func statusReporter() throws {
        try expect("33 0100 0200 03 00 01", module(1, NodeID(2), .statusReporter(.getStatus)))
        let status = Status(
            clusterSize: 4,
            inConnectionPartner: NodeID(5),
            inConnectionRSSI: -60,
            freeIn: 1,
            freeOut: 3,
            batteryInfo: 30,
            connectionLossCounter: 7,
            initializedByGateway: true
        )
        try expect(
            "34 0200 0100 03 00 01 0400 0500 C4 0D 1E 07 01",
            module(2, NodeID(1), .statusReporter(.status(status)))
        )
        try expect(
            "33 0100 1779 03 00 09 01",
            module(1, .maximumHops, .statusReporter(.keepAlive(KeepAlive(flags: 1))))
        )
        try expect(
            "35 0500 0000 03 00 01 6A 09000000 01000000",
            module(
                5,
                .broadcast,
                .statusReporter(.liveReport(LiveReport(type: .meshConnected, extra: 9, extra2: 1)))
            )
        )
    }

    @Test
    func keepAliveWithoutPayloadIsFromASink() throws {
        guard case .module(let message) = try MeshMessage(bytes: try bytes("33 0100 1779 03 00 09")),
            case .statusReporter(.keepAlive(let keepAlive)) = message.content
        else {
            Issue.record("not a keep-alive")
            return
        }
        #expect(keepAlive.isFromSink)
        #expect(!KeepAlive(flags: 2).isFromSink)
    }

    @Test
    func nodeModule() throws {
        try expect("33 0100 7B00 00 64 03", module(1, NodeID(123), handle: 100, .node(.ping)))
        try expect("34 7B00 0100 00 64 03", module(123, NodeID(1), handle: 100, .node(.pingResponse)))
        try expect(
            "33 0100 0200 00 12 04 0300 0A 02 0D",
            module(
                1,
                NodeID(2),
                handle: 18,
                .node(.generateLoad(GenerateLoad(target: NodeID(3), size: 10, amount: 2, intervalDs: 13)))
            )
        )
        try expect("33 0700 A50F 00 00 06", module(7, NodeID(4005), .node(.emergencyDisconnect)))
    }

    @Test
    func componentMessages() throws {
        try expect(
            "3B 0100 0000 7B 00 00 0700 4D00 AABB",
            .component(
                ComponentMessage(
                    direction: .sense,
                    sender: NodeID(1),
                    receiver: .broadcast,
                    module: .plain(ModuleID(rawValue: 123)),
                    actionType: ComponentMessage.Sense.unsolicited,
                    component: 7,
                    registerAddress: 0x4D,
                    payload: try inline("AABB")
                )
            )
        )
        try expect(
            "3A 0100 0200 F001CDAB 0D 01 CDAB 3412 AABB",
            .component(
                ComponentMessage(
                    direction: .act,
                    sender: NodeID(1),
                    receiver: NodeID(2),
                    module: .vendor(VendorModuleID(subID: 1, company: 0xABCD)),
                    requestHandle: 13,
                    actionType: ComponentMessage.Act.write,
                    component: 0xABCD,
                    registerAddress: 0x1234,
                    payload: try inline("AABB")
                )
            )
        )
    }

    @Test
    func rawData() throws {
        func raw(_ content: RawData.Content) -> MeshMessage {
            .rawData(
                RawData(
                    sender: NodeID(1),
                    receiver: NodeID(5),
                    module: .plain(.node),
                    requestHandle: 7,
                    content: content
                )
            )
        }
        try expect(
            "36 0100 0500 00 07 00 030000 01 00000000",
            raw(.start(RawDataStart(numChunks: 3, dataProtocol: .http)))
        )
        try expect(
            "36 0100 0500 00 07 02 010000 00 AABBCC",
            raw(.chunk(RawDataChunk(chunkID: 1, data: try inline("AABBCC"))))
        )
        try expect(
            "37 0100 0500 00 00 02 ABCDEF",
            .rawDataLight(
                RawDataLight(
                    sender: NodeID(1),
                    receiver: NodeID(5),
                    module: .plain(.node),
                    dataProtocol: .gzippedJSON,
                    data: try inline("ABCDEF")
                )
            )
        )
    }

    @Test
    func time() throws {
        try expect(
            "1E 007D 0000 00F15365 0000 7800",
            .updateTimestamp(
                UpdateTimestamp(sender: .phone, receiver: .broadcast, time: 1_700_000_000, offset: 120)
            )
        )
        try expect(
            "3C 0100 0200 00 00F15365 0C000000 00400000 7800 01000000",
            .timeSync(
                TimeSync(
                    sender: NodeID(1),
                    receiver: NodeID(2),
                    phase: .initial(
                        TimeSync.Time(
                            syncTime: 1_700_000_000,
                            timeSinceSync: 12,
                            additionalTicks: 16384,
                            offset: 120
                        ),
                        counter: 1
                    )
                )
            )
        )
        try expect(
            "3C 0100 0200 02 8F020000",
            .timeSync(TimeSync(sender: NodeID(1), receiver: NodeID(2), phase: .correction(ticks: 655)))
        )
    }

    @Test
    func enrolment() throws {
        let key = try #require(FixedBytes<16>(try bytes(String(repeating: "78563412", count: 4))))
        let request = SetEnrollment(
            serialNumber: SerialNumber(0),
            newNodeID: NodeID(3),
            newNetworkID: NetworkID(7),
            newNetworkKey: key,
            newUserBaseKey: FixedBytes(),
            newOrganizationKey: FixedBytes(),
            nodeKey: FixedBytes(),
            options: SetEnrollment.Options(timeoutSeconds: 10, onlyIfUnenrolled: false)
        )
        let keys = String(repeating: "78563412", count: 4) + String(repeating: "00", count: 48)
        try expect(
            "33 0100 0000 05 00 00 00000000 0300 0700 \(keys) 0A",
            module(1, .broadcast, .enrollment(.setEnrollment(request)))
        )
    }

    @Test
    func meshAccessBroadcast() throws {
        let expected = try bytes("020106 030312FE 171612FE 0300 0B00 09 68C92800 000000 01 000000 00000000")
        let advertisement = MeshAccessBroadcast(
            network: NetworkID(11),
            isEnrolled: true,
            hasFreeInConnection: true,
            serialNumber: try SerialNumber(parsing: "FMBBB"),
            tail: MeshAccessBroadcast.Tail(deviceType: .static)
        )
        #expect(try MeshAccessBroadcast(bytes: expected) == advertisement)
        #expect(try advertisement.encoded(as: InlineBytes<31>.self).array == expected)

        let name = try ShortenedLocalName(try SerialNumber(parsing: "FMBBB")).encoded(as: InlineBytes<31>.self)
        #expect(name.array == (try bytes("0608464D424242")))
    }
}
