import ByteCoding
import MeshWire

extension MeshJSON {
    static func statusReporter(_ content: StatusReporterMessage, _ message: ModuleMessage) -> String? {
        let node = message.sender
        return switch content {
        case .status(let status): self.status(status, of: node)
        case .deviceInfo(let info): deviceInfo(info, of: node)
        case .connections(let connections):
            #"{"type":"connections","nodeId":\#(node),"module":3,"#
                + #""partners":\#(list(connections.entries.map { $0.partner.description })),"#
                + #""rssiValues":\#(list(connections.entries.map { $0.rssi.description }))}"#
        case .connectionVerbose(let connection): connectionVerbose(connection, of: node)
        case .nearbyNodes(let nearby):
            #"{"nodeId":\#(node),"type":"nearby_nodes","module":3,"#
                + #""nodes":\#(list(nearby.nodes.map { #"{"nodeId":\#($0.partner),"rssi":\#($0.rssi)}"# }))}"#
        case .setInitializedResult: #"{"type":"set_init_result","nodeId":\#(node),"module":3}"#
        case .errorLogEntry(let entry): errorLogEntry(entry, of: node)
        case .rebootReason(let reason): rebootReason(reason, of: node)
        case .timeReportingState(let state):
            #"{"type":"time_reporting_state","intervalDs":\#(state.intervalDs),"#
                + #""nodeId":\#(node),"module":3,"code":\#(state.code)}"#
        case .gatewayStatus(let status):
            #"{"type":"gw_status","nodeId":\#(node),"module":3,"status":\#(status.rawValue)}"#
        case .liveReport(let report):
            #"{"type":"live_report","nodeId":\#(node),"module":3,"#
                + #""code":\#(report.type.rawValue),"extra":\#(report.extra),"extra2":\#(report.extra2)}"#
        case .getStatus, .getConnections, .getNearbyNodes, .setInitialized, .getErrors, .getRebootReason, .keepAlive,
            .getDeviceInfo, .setLiveReports, .getConnectionsVerbose, .setTimeReporting, .getGatewayStatus:
            nil
        }
    }

    private static func status(_ status: Status, of node: NodeID) -> String {
        #"{"nodeId":\#(node),"type":"status","module":3,"#
            + #""batteryInfo":\#(status.batteryInfo),"clusterSize":\#(status.clusterSize),"#
            + #""connectionLossCounter":\#(status.connectionLossCounter),"#
            + #""freeIn":\#(status.freeIn),"freeOut":\#(status.freeOut),"#
            + #""inConnectionPartner":\#(status.inConnectionPartner),"inConnectionRSSI":\#(status.inConnectionRSSI), "#
            + #""initialized":\#(status.initializedByGateway ? 1 : 0)}"#
    }

    private static func deviceInfo(_ info: DeviceInfo, of node: NodeID) -> String {
        #"{"nodeId":\#(node),"type":"device_info","module":3,"#
            + #""dBmRX":\#(info.dBmRX),"dBmTX":\#(info.dBmTX),"calibratedTX":\#(info.calibratedTX),"#
            + #""deviceType":\#(info.deviceType.rawValue),"manufacturerId":\#(info.manufacturerID),"#
            + #""networkId":\#(info.networkID),"nodeVersion":\#(info.nodeVersion),"#
            + #""chipId":"\#(colonHex(info.chipID.array))","serialNumber":"\#(info.serialNumber)","#
            + #""accessAddress":"\#(address(info.accessAddress))","#
            + #""groupIds":[\#(info.chipGroupID),\#(info.featuresetGroupID)],"blVersion":\#(info.bootloaderVersion)}"#
    }

    private static func connectionVerbose(_ entry: ConnectionVerbose, of node: NodeID) -> String {
        guard entry.version == 1 else {
            return #"{"type":"connections_verbose_unknown_version","nodeId":\#(node),"module":3,"#
                + #""version":\#(entry.version)}"#
        }
        return #"{"type":"connections_verbose","nodeId":\#(node),"module":3,"version":\#(entry.version),"#
            + #""connectionIndex":\#(entry.connectionIndex),"partnerId":\#(entry.partnerID),"#
            + #""partnerAddress":"\#(entry.partnerAddress.type.rawValue), [\#(address(entry.partnerAddress))]","#
            + #""connectionType":\#(entry.connectionType),"averageRssi":\#(entry.averageRSSI),"#
            + #""connectionState":\#(entry.connectionState),"encryptionState":\#(entry.encryptionState),"#
            + #""connectionId":\#(entry.connectionID),"uniqueConnectionId":\#(entry.uniqueConnectionID),"#
            + #""connectionHandle":\#(entry.connectionHandle),"direction":\#(entry.direction),"#
            + #""creationTimeDs":\#(entry.creationTimeDs),"handshakeStartedDs":\#(entry.handshakeStartedDs),"#
            + #""connectionHandshakedTimestampDs":\#(entry.connectionHandshakedTimestampDs),"#
            + #""disconnectedTimestampDs":\#(entry.disconnectedTimestampDs),"#
            + #""droppedPackets":\#(entry.droppedPackets),"sentReliable":\#(entry.sentReliable),"#
            + #""sentUnreliable":\#(entry.sentUnreliable),"pendingPackets":\#(entry.pendingPackets),"#
            + #""connectionMtu":\#(entry.connectionMtu),"clusterUpdateCounter":\#(entry.clusterUpdateCounter),"#
            + #""nextExpectedClusterUpdateCounter":\#(entry.nextExpectedClusterUpdateCounter),"#
            + #""manualPacketsSent":\#(entry.manualPacketsSent)}"#
    }

    private static func errorLogEntry(_ entry: ErrorLogEntry, of node: NodeID) -> String {
        #"{"type":"error_log_entry","nodeId":\#(node),"module":3,"#
            + #""errType":\#(entry.errorType.rawValue),"code":\#(entry.errorCode),"extra":\#(entry.extraInfo),"#
            + #""time":\#(entry.timestamp),"typeStr":"\#(entry.errorType.terminalName)","#
            + #""codeStr":"\#(entry.terminalCodeName)"}"#
    }

    private static func rebootReason(_ reason: RebootReason, of node: NodeID) -> String {
        // Bare hexadecimal, as existing nodes print it: no valid JSON unless the stack is empty.
        let stack = list(reason.stack.prefix(Int(reason.stacktraceSize)).map { String($0, radix: 16) })
        return #"{"type":"reboot_reason","nodeId":\#(node),"module":3,"reason":\#(reason.reason.rawValue),"#
            + #""code1":\#(reason.code1),"code2":\#(reason.code2),"code3":\#(reason.code3),"stack":\#(stack)}"#
    }
}
