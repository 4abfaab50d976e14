import ByteCoding
import MeshWire
import RadioPort

// The status reporter, module 3 (protocol §10.1).
extension Node {
    mutating func statusAction(
        _ action: StatusReporterMessage,
        _ request: ModuleMessage,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        switch action {
        case .getStatus:
            answer(request, .statusReporter(.status(statusReport(now: now))), now: now, into: &outputs)
        case .getDeviceInfo:
            answer(request, .statusReporter(.deviceInfo(deviceInfo())), now: now, into: &outputs)
        case .getConnections:
            reportConnections(requestHandle: request.requestHandle, now: now, into: &outputs)
        case .getConnectionsVerbose(let index):
            answerConnections(request, index: index, now: now, into: &outputs)
        case .getNearbyNodes:
            answer(request, .statusReporter(.nearbyNodes(status.nearby.take())), now: now, into: &outputs)
        case .setInitialized:
            status.isInitialized = true
            answer(request, .statusReporter(.setInitializedResult), now: now, into: &outputs)
        case .getErrors:
            answerErrorLog(request, now: now)
        case .getRebootReason:
            let reason = RebootReason(reason: status.rebootCause)
            answer(request, .statusReporter(.rebootReason(reason)), now: now, into: &outputs)
        case .keepAlive(let keepAlive):
            keptAlive(keepAlive, receiver: request.receiver, from: slot, now: now, into: &outputs)
        case .setLiveReports(let level):
            status.liveReportLevel = level
        case .setTimeReporting(let interval):
            setTimeReporting(interval, request, now: now, into: &outputs)
        case .getGatewayStatus:
            answer(request, .statusReporter(.gatewayStatus(status.gateway)), now: now, into: &outputs)
        case .status, .connections, .nearbyNodes, .setInitializedResult, .errorLogEntry, .rebootReason, .deviceInfo,
            .connectionVerbose, .timeReportingState, .gatewayStatus, .liveReport:
            return
        }
    }

    /// STATUS of this moment.
    func statusReport(now: Instant) -> Status {
        var incoming: Int?
        for index in links.indices where links.isMeshEdge(index) && links[index].role == .peripheral {
            if let other = incoming, links[other].handshakedAt > links[index].handshakedAt { continue }
            incoming = index
        }
        return Status(
            clusterSize: clusterSize,
            inConnectionPartner: incoming.map { links[$0].partner } ?? NodeID(0),
            inConnectionRSSI: incoming.map { links[$0].averageRSSI.value(at: deciseconds(at: now)) } ?? 0,
            freeIn: min(freeIn, 3),
            freeOut: min(freeOut, 63),
            batteryInfo: identity.hardware.battery,
            connectionLossCounter: UInt8(truncatingIfNeeded: reportedLosses),
            initializedByGateway: status.isInitialized
        )
    }

    /// Connection losses since boot or since the counter was reset.
    var reportedLosses: UInt16 { connectionLossCounter &- status.lossesAtReset }

    /// DEVICE_INFO_V2.
    func deviceInfo() -> DeviceInfo {
        let hardware = identity.hardware
        return DeviceInfo(
            manufacturerID: hardware.manufacturer,
            serialNumber: SerialNumber(identity.serialNumberIndex),
            chipID: FixedBytes(padding: (0..<8).map { UInt8(truncatingIfNeeded: hardware.chipID >> ($0 * 8)) }),
            accessAddress: radio.map { BleGapAddress($0.address) } ?? BleGapAddress(type: .unset, value: 0),
            networkID: identity.network,
            nodeVersion: hardware.version,
            dBmRX: hardware.receiveSensitivity,
            dBmTX: hardware.transmitPower,
            deviceType: identity.deviceType,
            calibratedTX: hardware.calibratedTransmitPower,
            chipGroupID: hardware.chipGroup,
            featuresetGroupID: hardware.featuresetGroup,
            bootloaderVersion: hardware.bootloaderVersion
        )
    }

    /// Sends STATUS, DEVICE_INFO_V2 or NEARBY_NODES to everybody, unasked.
    mutating func broadcast(_ report: StatusReporterMessage, now: Instant, into outputs: inout Outputs) {
        send(
            ModuleMessage(sender: identity.node, receiver: .broadcast, content: .statusReporter(report)),
            now: now,
            into: &outputs
        )
    }

    /// KEEP_ALIVE from a sink tells how far away it is, which corrects a stale route (protocol §8.4).
    private mutating func keptAlive(
        _ keepAlive: KeepAlive,
        receiver: NodeID,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard keepAlive.isFromSink, case .hops = receiver.kind, let slot, let index = index(slot: slot),
            links[index].kind == .mesh
        else { return }
        let distance = Int16(clamping: Int(NodeID.maximumHops.rawValue) - Int(receiver.rawValue) + 1)
        guard links[index].hopsToSink != distance else { return }
        links[index].hopsToSink = distance
        status.log(.wrongHopsToSink, extra: UInt32(links[index].partner.rawValue), at: deciseconds(at: now))
        trace(.hopsToSink(hopsToSink(excluding: nil)), into: &outputs)
        markJoinMeStale()
    }
}

extension BleGapAddress {
    /// The address in the form of messages.
    init(_ address: Address) {
        self.init(type: address.kind == .public ? .public : .randomStatic, value: address.value)
    }
}
