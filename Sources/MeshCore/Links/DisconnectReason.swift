/// Why a node removed a connection (protocol §7.7); local, on the air every intentional disconnect is HCI 0x13.
public enum DisconnectReason: UInt8, Sendable {
    /// Not known.
    case unknown = 0
    /// The handshake did not end in time.
    case handshakeTimeout = 1
    /// The re-establishment did not end in time.
    case reconnectTimeout = 2
    /// The link went down and is not re-established.
    case linkLost = 3
    /// The partner turned out to be in the own cluster.
    case sameCluster = 4
    /// The radio refused to send too often.
    case tooManySendRetries = 5
    /// This node yielded to a bigger cluster on another link.
    case iAmSmaller = 6
    /// This node dissolved: the partner's side kept the cluster.
    case partnerHasMasterBit = 7
    /// This node dissolved to be picked up by a bigger cluster.
    case shouldWaitAsPeripheral = 8
    /// No slot for another mesh link.
    case noSpot = 12
    /// Somebody asked for it.
    case userRequest = 13
    /// Another handshake was running.
    case currentlyInHandshake = 14
    /// The connect attempt timed out.
    case connectTimeout = 15
    /// The pending-connect watchdog.
    case pendingTimeout = 16
    /// A device that was to be enrolled was not reached in time.
    case enrolmentTimeout = 17
    /// A device that was to be enrolled did not answer in time.
    case enrolmentUnanswered = 18
    /// The partner belongs to another network.
    case networkMismatch = 19
    /// The returned link could not be used.
    case reconnectError = 20
    /// The partner is not preferred.
    case unpreferred = 21
    /// Another cluster asked for a free link.
    case emergencyDisconnect = 22
    /// The connect call failed.
    case connectError = 23
    /// Another node than expected.
    case wrongPartner = 24
    /// A MeshAccess tunnel that is not offered.
    case illegalTunnel = 25
    /// A MeshAccess key that is not accepted.
    case invalidKey = 26
    /// Too many corrupted packets.
    case invalidPacket = 27
    /// A device that was to be enrolled has answered.
    case enrolmentAnswered = 28
    /// The slot was needed to enrol a device.
    case neededForEnrolment = 29
    /// The central's cluster is smaller.
    case wrongDirection = 30
    /// A write request was not answered.
    case requestTimeout = 31
    /// An unexpected packet in a key handshake.
    case invalidHandshakePacket = 33
    /// This node reboots.
    case reboot = 34
    /// The emergency link is no longer needed.
    case emergencyReset = 35
    /// MTU or data length could not be set.
    case mtuUpgradeFailed = 41
    /// The partner forms clusters in another way.
    case clusteringMismatch = 60
    /// The partner grafts by another version of the protocol.
    case graftVersion = 61
    /// A message that must not come in this state of a link.
    case graftViolation = 62
    /// A slot was needed for a cluster that had no other.
    case madeRoom = 63
    /// The last member of the cluster is gone.
    case startedOver = 64
    /// The network changes the way in which clusters form.
    case clusteringChanged = 65
}

/// Why a handshake failed, as reported to the mesh (protocol §7.3).
public enum HandshakeFailure: UInt8, Sendable {
    /// Both ends are in one cluster.
    case sameCluster = 1
    /// Another network.
    case networkMismatch = 2
    /// The partner's cluster is smaller.
    case wrongDirection = 3
    /// The partner is not preferred.
    case unpreferred = 4
}
