import ByteCoding
import MeshWire
import TestSupport
import Testing

/// Every decoder on random bytes: it throws, or it encodes exactly the bytes that it read.
@Suite
struct RandomBytesTests {
    private func check<Value: WireMessage>(
        _ type: Value.Type,
        _ generator: inout SplitMix,
        start: (inout [UInt8]) -> Void = { _ in }
    ) {
        for _ in 0..<3_000 {
            var bytes = generator.bytes(Int.random(in: 0...200, using: &generator))
            start(&bytes)
            guard let value = try? Value(bytes: bytes) else { continue }
            guard let encoded = try? value.encoded(as: InlineBytes<200>.self) else {
                Issue.record(
                    "\(type) does not encode what it decoded from \(Hex.encode(bytes)), seed \(generator.seed)"
                )
                return
            }
            if encoded.array != Array(bytes.prefix(encoded.count)) {
                Issue.record("\(type) changed \(Hex.encode(bytes)), seed \(generator.seed)")
                return
            }
            if (try? Value(bytes: encoded.array)) != value {
                Issue.record("\(type) reads its own bytes differently: \(encoded), seed \(generator.seed)")
                return
            }
        }
    }

    /// Sets the first byte, so that more than one in 256 gets past it.
    private func type(_ type: MessageType) -> (inout [UInt8]) -> Void {
        { bytes in
            if !bytes.isEmpty { bytes[0] = type.rawValue }
        }
    }

    @Test
    func linkMessages() {
        var generator = SplitMix.announced("linkMessages")
        check(MessageHeader.self, &generator)
        check(SplitFragment.self, &generator, start: type(.split))
        check(SplitFragment.self, &generator, start: type(.splitEnd))
        check(ClusterWelcome.self, &generator, start: type(.clusterWelcome))
        check(ClusterAck1.self, &generator, start: type(.clusterAck1))
        check(ClusterAck2.self, &generator, start: type(.clusterAck2))
        check(ClusterInfoUpdate.self, &generator, start: type(.clusterInfoUpdate))
        check(Reconnect.self, &generator, start: type(.reconnect))
        check(EncryptCustomStart.self, &generator, start: type(.encryptCustomStart))
        check(EncryptCustomANonce.self, &generator, start: type(.encryptCustomANonce))
        check(EncryptCustomSNonce.self, &generator, start: type(.encryptCustomSNonce))
        check(EncryptCustomDone.self, &generator, start: type(.encryptCustomDone))
        check(DeadData.self, &generator, start: type(.deadData))
        check(UpdateTimestamp.self, &generator, start: type(.updateTimestamp))
        check(UpdateConnectionInterval.self, &generator, start: type(.updateConnectionInterval))
        check(TimeSync.self, &generator, start: type(.timeSync))
        check(DataMessage.self, &generator)
        check(MeshMessage.self, &generator)
    }

    @Test
    func graftMessages() {
        var generator = SplitMix.announced("graftMessages")
        check(ClusterKey.self, &generator)
        check(GraftBranch.self, &generator)
        check(GraftHello.self, &generator, start: type(.graftHello))
        check(GraftConcede.self, &generator, start: type(.graftConcede))
        check(GraftUpdate.self, &generator, start: type(.graftUpdate))
        check(GraftRole.self, &generator, start: type(.graftRole))
        check(GraftRequest.self, &generator, start: type(.graftRequest))
        check(GraftKnock.self, &generator, start: type(.graftKnock))
        check(GraftReconnect.self, &generator, start: type(.graftReconnect))
        for rawValue in 40...46 as ClosedRange<UInt8> {
            check(MeshMessage.self, &generator, start: type(MessageType(rawValue: rawValue)))
        }
    }

    @Test
    func identifiersAndAdvertisements() {
        var generator = SplitMix.announced("identifiersAndAdvertisements")
        check(NodeID.self, &generator)
        check(SerialNumber.self, &generator)
        check(BleGapAddress.self, &generator)
        check(VendorModuleID.self, &generator, start: { bytes in if !bytes.isEmpty { bytes[0] = 0xF0 } })
        check(MeshAccessBroadcast.self, &generator, start: Self.startAccessBroadcast)
        check(ShortenedLocalName.self, &generator) { bytes in
            if bytes.count > 1 {
                bytes[0] %= 31
                bytes[1] = 8
            }
        }
        check(JoinMe.self, &generator) { bytes in Self.startAdvertisement(&bytes, type: JoinMe.messageType) }
        check(GraftMe.self, &generator) { bytes in Self.startAdvertisement(&bytes, type: GraftMe.messageType) }
    }

    private static func startAdvertisement(_ bytes: inout [UInt8], type: UInt8) {
        bytes = [2, 1, 6, 0x1B, 0xFF, 0x4D, 2, 0xF0] + bytes.prefix(23)
        if bytes.count > 10 { bytes[10] = type }
    }

    private static func startAccessBroadcast(_ bytes: inout [UInt8]) {
        let isLong = bytes.first.map { $0 & 1 == 1 } ?? true
        bytes = [2, 1, 6, 3, 3, 0x12, 0xFE, isLong ? 0x17 : 0x0F, 0x16, 0x12, 0xFE, 3, 0] + bytes
    }

    @Test
    func moduleMessages() {
        var generator = SplitMix.announced("moduleMessages")
        check(ModuleHeader.self, &generator)
        for type in 50...60 as ClosedRange<UInt8> {
            for module in [0, 1, 3, 5, 6, 7, 10, 99, 0xF0] as [UInt8] {
                var actions = generator
                check(MeshMessage.self, &generator) { bytes in
                    guard bytes.count > 10 else { return }
                    bytes[0] = type
                    bytes[5] = module
                    bytes[module == 0xF0 ? 10 : 7] = UInt8.random(in: 0...20, using: &actions)
                    bytes = Array(bytes.prefix(Int.random(in: 8...200, using: &actions)))
                }
            }
        }
    }

    @Test
    func modulePayloads() {
        var generator = SplitMix.announced("modulePayloads")
        check(Status.self, &generator)
        check(DeviceInfo.self, &generator)
        check(AllConnections.self, &generator)
        check(PartnerRSSI.self, &generator)
        check(ConnectionVerbose.self, &generator)
        check(NearbyNodes.self, &generator)
        check(ErrorLogEntry.self, &generator)
        check(RebootReason.self, &generator)
        check(KeepAlive.self, &generator)
        check(LiveReport.self, &generator)
        check(TimeReportingState.self, &generator)
        check(SetPreferredConnections.self, &generator)
        check(GenerateLoad.self, &generator)
        check(GetTimeResult.self, &generator)
        check(GroupResult.self, &generator)
        check(ModuleListEntry.self, &generator)
        check(SetEnrollment.self, &generator)
        check(EnrollmentResult.self, &generator)
        check(AddBeacon.self, &generator)
        check(SetBeacon.self, &generator)
        check(PinConfiguration.self, &generator)
        check(PinLevels.self, &generator)
        check(DebugStatistics.self, &generator)
        check(LeafPing.self, &generator)
        check(StartCounter.self, &generator)
        check(JoinMeBufferEntry.self, &generator)
        check(AccessConnect.self, &generator)
        check(SerialConnect.self, &generator)
        check(SerialConnectResult.self, &generator)
        check(AccessConnectionState.self, &generator)
        check(CapabilityEntry.self, &generator)
        check(RawDataStart.self, &generator)
        check(RawDataChunk.self, &generator)
        check(AssetReportEntry.self, &generator)
        check(LegacyAssetEntry.self, &generator)
        check(Capability.self, &generator, start: type(.capability))
        check(AssetReport.self, &generator, start: type(.assetGeneric))
        check(LegacyAssetReport.self, &generator, start: type(.assetLegacy))
        check(RawData.self, &generator, start: type(.moduleRawData))
        check(RawDataLight.self, &generator, start: type(.moduleRawDataLight))
        check(ComponentMessage.self, &generator, start: type(.componentAct))
        check(ModuleMessage.self, &generator, start: type(.moduleTriggerAction))
    }
}
