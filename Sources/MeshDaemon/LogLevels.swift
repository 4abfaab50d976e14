import Logging
import MeshConfiguration
import MeshControl
import MeshCore
import RadioPort

extension LogLevel {
    /// The level of the log that stands for it.
    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}

extension RadioNotice.Level {
    /// The level of the log that stands for it.
    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}

extension TraceEvent {
    /// How much it matters to whoever reads the log.
    var level: Logger.Level {
        switch self {
        case .linkDown, .handshakeDone, .connectionRemoved, .dissolved, .newCluster, .reestablishing, .reestablished,
            .accessEstablished, .emergencyDecided, .grafted, .split, .roomMade,
            .clusteringPlanned, .clusteringChanged, .enrolment, .enrolling, .enrollingEnded:
            .info
        case .encryptionFailed(_, .keyMissing), .encryptionFailed(_, .authenticationFailure): .debug
        case .encryptionFailed, .queueFull, .accessBroken, .noEntropy, .connectRefused(_, .radioNotReady),
            .otherMode, .clusteringKept:
            .warning
        case .started, .discovery, .candidate, .bystander, .identified, .linkRefused, .leftAlone, .called, .knocked,
            .roomRefused,
            .roleAsked, .roleWithdrawn, .decision, .connectRefused, .connecting, .connectFailed, .linkUp,
            .linkProtected,
            .handshakeStarted, .welcomed, .handshakeRefused, .clusterSize, .masterBit, .counterMismatch,
            .reestablishmentSkipped, .splitDropped, .malformed, .unknownType, .unexpected, .emergency,
            .emergencyAnswered, .accessDropped, .hopsToSink, .role, .engagementEnded:
            .debug
        }
    }
}

extension JSONObject {
    /// The values as metadata of a log line.
    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        for (key, value) in pairs { metadata[key] = "\(value.plainText)" }
        return metadata
    }
}
