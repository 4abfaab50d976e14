import ByteCoding
import MeshWire
import Testing

@Suite
struct ModuleMessageTests {
    /// Type, module, action, payload, and how the content is named.
    static let documented: [(String, ModuleContent)] = [
        ("33 03 03", .statusReporter(.getConnections)),
        ("33 03 04", .statusReporter(.getNearbyNodes)),
        ("33 03 05", .statusReporter(.setInitialized)),
        ("33 03 06", .statusReporter(.getErrors)),
        ("33 03 08", .statusReporter(.getRebootReason)),
        ("33 03 0A", .statusReporter(.getDeviceInfo)),
        ("33 03 0B 96", .statusReporter(.setLiveReports(level: 150))),
        ("33 03 0C FFFFFFFF", .statusReporter(.getConnectionsVerbose(index: .max))),
        ("33 03 0D 0A00", .statusReporter(.setTimeReporting(intervalDs: 10))),
        ("33 03 0E", .statusReporter(.getGatewayStatus)),
        ("34 03 05", .statusReporter(.setInitializedResult)),
        ("34 03 0E 0A", .statusReporter(.gatewayStatus(.ready))),
        (
            "34 03 0D 00 0A00",
            .statusReporter(.timeReportingState(TimeReportingState(code: 0, intervalDs: 10)))
        ),
        (
            "34 03 04 0500C3 0700B9",
            .statusReporter(
                .nearbyNodes(
                    NearbyNodes(
                        nodes: PackedList([
                            PartnerRSSI(partner: NodeID(5), rssi: -61), PartnerRSSI(partner: NodeID(7), rssi: -71),
                        ])
                    )
                )
            )
        ),
        (
            "34 03 06 02 805101 9D010000 16000000",
            .statusReporter(
                .errorLogEntry(
                    ErrorLogEntry(
                        errorType: .custom,
                        timestamp: 86400,
                        extraInfo: 413,
                        errorCode: ErrorCode.joinMeReceived.rawValue
                    )
                )
            )
        ),
        (
            "34 03 08 08 00000000 00000000 00000000 00 00000000 00000000 00000000 00000000",
            .statusReporter(.rebootReason(RebootReason(reason: .remoteReset)))
        ),
        ("33 00 00 01", .node(.setDiscovery(mode: 1))),
        ("33 00 01 0A", .node(.reset(seconds: 10))),
        ("33 00 05 9191", .node(.generateLoadChunk(InlineBytes([0x91, 0x91])))),
        ("33 00 07 0800", .node(.setEnrolledNodes(count: 8))),
        ("33 00 08", .node(.getTime)),
        ("33 00 09 0952", .node(.addGroup(NodeID(21001)))),
        ("33 00 0A 0952", .node(.removeGroup(NodeID(21001)))),
        ("33 00 0B", .node(.clearGroups)),
        ("33 00 0C", .node(.getGroups)),
        ("34 00 00", .node(.setDiscoveryResult)),
        ("34 00 02", .node(.setPreferredConnectionsResult)),
        ("34 00 04", .node(.generateLoadResult)),
        ("34 00 05 01", .node(.emergencyDisconnectResponse(.notNeeded))),
        ("34 00 06 0800", .node(.setEnrolledNodesResult(count: 8))),
        (
            "34 00 08 0CF15365 3C00 02 01",
            .node(
                .getTimeResult(GetTimeResult(time: 1_700_000_012, offset: 60, syncState: 2, isTimeMaster: true))
            )
        ),
        ("34 00 09 0952 00", .node(.addGroupResult(GroupResult(group: NodeID(21001), code: .ok)))),
        ("34 00 0C 0952", .node(.groups(PackedList([NodeID(21001)])))),
        (
            "33 00 02 0D00 2500 0C00 1500 0000 0000 0000 0000 04 00",
            .node(
                .setPreferredConnections(
                    SetPreferredConnections(
                        partners: PackedList([13, 37, 12, 21, 0, 0, 0, 0].map { NodeID($0) }),
                        count: 4,
                        mode: .penalty
                    )
                )
            )
        ),
        ("33 05 01 01000000", .enrollment(.removeEnrollment(SerialNumber(1)))),
        ("33 05 03 4D00", .enrollment(.setNetwork(NetworkID(77)))),
        (
            "33 05 04 02000000 03000000",
            .enrollment(.requestProposals(PackedList([SerialNumber(2), SerialNumber(3)])))
        ),
        (
            "34 05 00 01000000 10",
            .enrollment(
                .setEnrollmentResult(EnrollmentResult(serialNumber: SerialNumber(1), code: .alreadyEnrolled))
            )
        ),
        (
            "34 05 02 0C000000 0D000000 00000000",
            .enrollment(.proposal(PackedList([12, 13, 0].map { SerialNumber($0) })))
        ),
        ("34 05 03 01", .enrollment(.setNetworkResult(.notAnAsset))),
        ("34 05 04 04000000", .enrollment(.requestProposalsResult(SerialNumber(4)))),
        ("33 01 02 0100", .beaconing(.remove(slot: 1))),
        ("34 01 00 01", .beaconing(.addResult(.noSlot))),
        (
            "33 06 00 25 83",
            .io(
                .setPins(
                    PackedList([
                        PinConfiguration(pin: 5, isOutput: true, pull: 3, set: true)
                    ])
                )
            )
        ),
        ("33 06 02 0102", .io(.readPins(InlineBytes([1, 2])))),
        ("33 06 03 02", .io(.setLed(mode: 2))),
        ("33 06 04 01", .io(.identify(mode: 1))),
        ("34 06 00", .io(.setPinsResult(code: nil))),
        ("34 06 00 00", .io(.setPinsResult(code: 0))),
        ("34 06 04", .io(.identifyResult)),
        ("34 07 09 0300 0200", .debug(.leafPingResponse(LeafPing(leaf: NodeID(3), hops: 2)))),
        (
            "33 0A 00 01 0100000000C0 02000000 FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF 01",
            .meshAccess(
                .connect(
                    AccessConnect(
                        address: BleGapAddress(type: .randomStatic, value: 0xC000_0000_0001),
                        fmKeyID: .network,
                        tunnelType: .remoteMesh
                    )
                )
            )
        ),
        (
            "35 0A 00 D107 04",
            .meshAccess(.connectionState(AccessConnectionState(partnerID: NodeID(2001), state: 4)))
        ),
        (
            "34 0A 02 00 F480",
            .meshAccess(.serialConnectResult(SerialConnectResult(code: 0, partnerID: NodeID(33012))))
        ),
        ("32 03 02 01", .configuration(.plain(.statusReporter), .setActive(1))),
        ("32 03 04", .configuration(.plain(.statusReporter), .getConfig)),
        ("32 03 01 34", .configuration(.plain(.statusReporter), .setConfigResult(.wrongConfiguration))),
        ("32 00 06", .configuration(.plain(.node), .getModuleList)),
        (
            "33 7B 07 AABB",
            .generic(
                GenericModuleContent(
                    type: .moduleTriggerAction,
                    module: .plain(ModuleID(rawValue: 123)),
                    actionType: 7,
                    payload: InlineBytes([0xAA, 0xBB])
                )
            )
        ),
        (
            "35 03 63",
            .generic(
                GenericModuleContent(type: .moduleGeneral, module: .plain(.statusReporter), actionType: 99)
            )
        ),
    ]

    @Test(arguments: documented.indices)
    func documentedActionsHaveTheirTypes(index: Int) throws {
        let (text, content) = Self.documented[index]
        let parts = text.split(separator: " ", maxSplits: 3)
        let payload = parts.count > 3 ? parts[3] : ""
        let expected = try bytes("\(parts[0]) 0100 0200 \(parts[1]) 09 \(parts[2]) \(payload)")
        let message = ModuleMessage(sender: NodeID(1), receiver: NodeID(2), requestHandle: 9, content: content)
        #expect(try MeshMessage(bytes: expected) == .module(message))
        #expect(try message.encoded(as: MessageBytes.self).array == expected)
    }

    @Test
    func serialConnectKeepsItsVersion() throws {
        let whole = try bytes("3301000600 0A 0D 02") + (1...38)
        for length in 30...38 {
            let message = Array(whole.prefix(8 + length))
            let decoded = try MeshMessage(bytes: message)
            #expect(try decoded.encoded().array == message)
            guard case .module(let module) = decoded.withoutTrailing,
                case .meshAccess(.serialConnect(let request)) = module.content
            else {
                Issue.record("not a serial_connect")
                continue
            }
            #expect((request.address != nil) == (length >= 37))
            #expect((request.mode != nil) == (length == 38))
        }
    }

    @Test
    func bytesBehindAKnownMessageAreKept() throws {
        let longer = try bytes("33 0100 0200 03 00 01 AABB")
        let decoded = try MeshMessage(bytes: longer)
        guard case .extended(let message, let trailing) = decoded else {
            Issue.record("not extended")
            return
        }
        #expect(trailing.array == [0xAA, 0xBB])
        #expect(message == (try MeshMessage(bytes: Array(longer.prefix(8)))))
        #expect(decoded.withoutTrailing == message)
        #expect(try decoded.encoded().array == longer)
    }

    @Test
    func unknownTypesAreKept() throws {
        for type in [0, 1, 15, 18, 29, 35, 49, 56, 57, 79, 82, 110, 128, 255] as [UInt8] {
            let message = [type, 1, 0, 2, 0, 0xAA]
            guard case .unknown(let data) = try MeshMessage(bytes: message) else {
                Issue.record("type \(type) is not unknown")
                continue
            }
            #expect(data.payload.array == [0xAA])
            #expect(try data.encoded(as: MessageBytes.self).array == message)
        }
    }

    @Test
    func moreThanTwoHundredBytesThrow() {
        #expect(throws: CodingError.overflow(capacity: 200)) {
            try MeshMessage(bytes: [80, 1, 0, 2, 0] + [UInt8](repeating: 0, count: 196))
        }
    }

    @Test
    func shortPayloadsThrow() throws {
        for text in ["33 0100 0200 00 00 07 01", "34 0100 0200 03 00 01 0400", "33 0100 0200 05 00 00 00000000"] {
            #expect(throws: CodingError.self) { try MeshMessage(bytes: try bytes(text)) }
        }
    }

    @Test
    func pinLevelsEndAtTheMark() throws {
        let levels = try PinLevels(bytes: try bytes("010102012C01FFF74A03EC"))
        #expect(levels.levels.map(\.pin) == [1, 2, 44])
        #expect(try levels.encoded(as: MessageBytes.self).description == "010102012c01fff74a03ec")
        let five = PinLevels((1...6).map { PinLevels.Level(pin: $0, level: 1) })
        #expect(five.levels.count == 5)
        #expect(try PinLevels(bytes: try five.encoded(as: MessageBytes.self)) == five)
    }

    @Test
    func capabilityTextsAreCutOffAtTheirWidth() throws {
        let long = String(repeating: "x", count: 60)
        let entry = CapabilityEntry(index: 7, type: .software, manufacturer: long, model: "m", revision: "")
        #expect(entry.manufacturer.array == [UInt8](repeating: 0x78, count: 32))
        #expect(entry.model.array == [0x6D] + [UInt8](repeating: 0, count: 52))
        let message = Capability(sender: NodeID(1), receiver: .broadcast, content: .entry(entry))
        let encoded = try message.encoded(as: MessageBytes.self)
        #expect(encoded.count == 128)
        #expect(try Capability(bytes: encoded) == message)
    }

    @Test
    func assetReports() throws {
        let generic = try bytes("22 0500 1879 02 00 02 E880 3D3D3D 1E FFFF FFFF FF 09")
        guard case .assetGeneric(let report) = try MeshMessage(bytes: generic) else {
            Issue.record("not an asset report")
            return
        }
        #expect(report.assets.count == 1)
        #expect(report.assets[0].asset == NodeID(33000))
        #expect(report.assets[0].isMoving)
        #expect(report.assets[0].hasSameNetwork)
        #expect(report == AssetReport(sender: NodeID(5), assets: report.assets))
        #expect(try report.encoded(as: MessageBytes.self).array == generic)

        let legacy = try bytes("20 0500 1879 010203 C4C5C6 51 FF")
        guard case .assetLegacy(let old) = try MeshMessage(bytes: legacy) else {
            Issue.record("not a legacy asset report")
            return
        }
        #expect(old.assets[0].asset == 0x030201)
        #expect(old.assets[0].rssi37 == -60)
        #expect(old.assets[0].speed == 1)
        #expect(old.assets[0].hasFreeInConnection)
        #expect(old.assets[0].hasSameNetwork)
        #expect(try old.encoded(as: MessageBytes.self).array == legacy)
    }
}
