import MeshCore
import MeshWire
import RadioPort

/// The pieces that sentences are made of.
enum Words {
    /// `2 s`, `1.4 s`, `3 min`.
    static func time(_ microseconds: UInt64) -> String {
        if microseconds >= 120_000_000 { return "\(microseconds / 60_000_000) min" }
        if microseconds >= 10_000_000 { return "\(microseconds / 1_000_000) s" }
        return DecimalText.decimals(Double(microseconds / 100_000) / 10, atMost: 1) + " s"
    }

    /// The same of deciseconds.
    static func time(deciseconds: UInt32) -> String { time(UInt64(deciseconds) * 100_000) }

    /// `cluster 0x00010002`.
    static func cluster(_ cluster: ClusterID) -> String { "cluster 0x" + Hexadecimal.text(cluster.rawValue, digits: 8) }

    /// `key (50, 0x00010002)`.
    static func key(_ key: ClusterKey) -> String {
        "key (\(key.rank), 0x" + Hexadecimal.text(key.cluster.rawValue, digits: 8) + ")"
    }

    /// `3 nodes`.
    static func count(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// The sentence with a capital letter and a full stop.
    static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }

    /// A rule as machines name it: `tooWeak` is `too_weak`.
    static func snake(_ name: String) -> String {
        var text = ""
        for letter in name {
            if letter.isUppercase { text += "_" }
            text += letter.lowercased()
        }
        return text
    }
}

extension DisconnectReason {
    /// Why a link was given up, behind "because".
    var words: String {
        switch self {
        case .unknown: "of something unknown"
        case .handshakeTimeout: "the handshake did not end in time"
        case .reconnectTimeout: "the lost link did not come back in time"
        case .linkLost: "the link went down and is not re-established"
        case .sameCluster: "both ends are in the same cluster already"
        case .tooManySendRetries: "the radio refused to send too often"
        case .iAmSmaller: "this node yielded to a bigger cluster on another link"
        case .partnerHasMasterBit: "the other side of a lost link kept the cluster, so that this side dissolves"
        case .shouldWaitAsPeripheral: "this node dissolved to be picked up by a bigger cluster"
        case .noSpot: "there is no free slot for another mesh link"
        case .userRequest: "somebody asked for it"
        case .currentlyInHandshake: "another link is in its handshake"
        case .connectTimeout: "the connect attempt came to nothing"
        case .pendingTimeout: "the link was pending for too long"
        case .enrolmentTimeout: "the device to be enrolled was not reached in time"
        case .enrolmentUnanswered: "the device to be enrolled did not answer in time"
        case .networkMismatch: "the partner belongs to another network"
        case .reconnectError: "the link that came back could not be used"
        case .unpreferred: "the partner is not preferred, and others are ignored"
        case .emergencyDisconnect: "another cluster asked for a free link"
        case .connectError: "the link could not be set up"
        case .wrongPartner: "another node answered than expected"
        case .illegalTunnel: "a tunnel was asked for that is not offered"
        case .invalidKey: "the key of the partner is not accepted"
        case .invalidPacket: "what the partner sent did not open with the key of the link"
        case .enrolmentAnswered: "the device to be enrolled has answered"
        case .neededForEnrolment: "a device is to be enrolled"
        case .wrongDirection: "the cluster of the central is smaller"
        case .requestTimeout: "a write request was not answered"
        case .invalidHandshakePacket:
            "the key handshake failed: the network keys differ, or a packet was not what had to come"
        case .reboot: "this node restarts"
        case .emergencyReset: "the emergency link is not needed any more"
        case .mtuUpgradeFailed: "the size of packets could not be set"
        case .clusteringMismatch: "the partner forms clusters in the other mode"
        case .graftVersion: "the partner grafts by another version of the protocol"
        case .graftViolation: "the partner broke the rules of grafting"
        case .madeRoom: "a slot was needed for a cluster that had no other"
        case .startedOver: "the last member of the cluster is gone, so that this node starts over"
        case .clusteringChanged: "the network changes its clustering mode"
        }
    }
}

extension ConnectRefusal {
    /// Why the radio was not asked.
    var words: String {
        switch self {
        case .addressInUse: "there is a connection to its address already"
        case .noFreeSlot: "all connections of this node are taken"
        case .attemptPending: "another connect attempt is under way"
        case .notPreferred: "it is not preferred, and others are ignored"
        case .radioNotReady: "the radio is not ready"
        }
    }
}
