import MeshCore
import RadioPort

/// What the ends of links are called.
enum LossReason {
    /// What a radio says.
    static func name(_ status: HCIStatus) -> String {
        switch status {
        case .connectionTimeout: "notHeard"
        case .remoteUserTerminated: "closedByPartner"
        case .localHostTerminated: "closedHere"
        case .hardwareFailure: "radioFailed"
        case .micFailure: "wrongKey"
        case .failedToEstablish: "neverEstablished"
        default: "hci\(status.rawValue)"
        }
    }

    /// What the node says, or the radio if that tells more; and whether one of the nodes wanted it.
    static func nameAndIntent(_ reason: DisconnectReason, radio: HCIStatus?) -> (name: String, isWanted: Bool) {
        switch reason {
        case .linkLost:
            guard let radio else { return ("linkLost", false) }
            return (name(radio), radio == .remoteUserTerminated || radio == .localHostTerminated)
        case .unknown, .handshakeTimeout, .reconnectTimeout, .tooManySendRetries, .connectTimeout, .pendingTimeout,
            .reconnectError, .connectError, .wrongPartner, .invalidPacket, .requestTimeout, .mtuUpgradeFailed,
            .graftViolation, .enrolmentTimeout, .enrolmentUnanswered:
            return ("\(reason)", false)
        case .sameCluster, .iAmSmaller, .partnerHasMasterBit, .shouldWaitAsPeripheral, .noSpot, .userRequest,
            .currentlyInHandshake, .networkMismatch, .unpreferred, .emergencyDisconnect, .illegalTunnel, .invalidKey,
            .wrongDirection, .invalidHandshakePacket, .reboot, .emergencyReset, .clusteringMismatch,
            .graftVersion, .madeRoom, .startedOver, .clusteringChanged, .enrolmentAnswered,
            .neededForEnrolment:
            return ("\(reason)", true)
        }
    }
}
