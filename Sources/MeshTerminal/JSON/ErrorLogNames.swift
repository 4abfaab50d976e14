import MeshWire

extension ErrorType {
    /// The name in `typeStr`; of the names only CUSTOM is known from existing nodes.
    var terminalName: String {
        switch self {
        case .general: "GENERAL"
        case .hci: "HCI"
        case .custom: "CUSTOM"
        case .gattStatus: "GATT_STATUS"
        case .reboot: "REBOOT"
        case .vendor: "VENDOR"
        default: "UNKNOWN"
        }
    }
}

extension ErrorLogEntry {
    /// The name in `codeStr`; only COUNT_JOIN_ME_RECEIVED is known from existing nodes.
    ///
    /// The other codes are named after what protocol §10.1 says of them.
    var terminalCodeName: String {
        guard errorType == .custom else { return "UNKNOWN" }
        return switch ErrorCode(rawValue: errorCode) {
        case .tryingReestablish: "TRYING_REESTABLISH"
        case .reestablishTimeout: "REESTABLISH_TIMEOUT"
        case .gapConnects: "COUNT_GAP_CONNECTS"
        case .handshakesDone: "COUNT_HANDSHAKES_DONE"
        case .handshakeTimeout: "HANDSHAKE_TIMEOUT"
        case .clusterUpdateCounterMismatch: "CLUSTER_UPDATE_COUNTER_MISMATCH"
        case .droppedPackets: "COUNT_DROPPED_PACKETS"
        case .sentReliable: "COUNT_SENT_RELIABLE"
        case .sentUnreliable: "COUNT_SENT_UNRELIABLE"
        case .endMarker: "END_MARKER"
        case .reestablishSuccess: "REESTABLISH_SUCCESS"
        case .joinMeReceived: "COUNT_JOIN_ME_RECEIVED"
        case .connectRefused: "CONNECT_REFUSED"
        case .reestablishSkipped: "REESTABLISH_SKIPPED"
        case .wrongHopsToSink: "WRONG_HOPS_TO_SINK"
        case .splitMissing: "SPLIT_MISSING"
        case .splitNotFullSize: "SPLIT_NOT_FULL_SIZE"
        case .mtuUpgradeFailed: "MTU_UPGRADE_FAILED"
        case .emergencyDisconnect: "EMERGENCY_DISCONNECT"
        case .messagesReceived: "COUNT_MESSAGES_RECEIVED"
        case .messagesForThisNode: "COUNT_MESSAGES_FOR_THIS_NODE"
        case .unusedStack: "UNUSED_STACK"
        case .uptime: "UPTIME"
        case .bootTime: "BOOT_TIME"
        default: "UNKNOWN"
        }
    }
}
