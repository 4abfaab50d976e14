import ByteCoding
public import MeshWire
public import RadioPort

/// What an observer of a node may want to know: every decision with what was compared and which rule decided.
public enum TraceEvent: Sendable, Equatable {
    /// Power came on, or the node starts anew, for this reason.
    case started(RebootCause)
    /// The discovery state changed.
    case discovery(from: DiscoveryState, to: DiscoveryState)
    /// A neighbour was judged: by a classic node at each decision, by one that grafts whenever the verdict changes.
    case candidate(Judgement)
    /// A neighbour is heard but is no candidate: when it is first heard, when the rule changes, and once a minute.
    case bystander(Bystander)
    /// A decision was taken.
    case decision(DecisionResult, partner: NodeID?, score: UInt32)
    /// A connect call was refused before the radio was asked.
    case connectRefused(node: NodeID, ConnectRefusal)
    /// A connect attempt began.
    case connecting(node: NodeID, address: Address, attempt: UInt8)
    /// A connect attempt ended without a link.
    case connectFailed(node: NodeID, HCIStatus)
    /// A link came up.
    case linkUp(link: LinkID, role: LinkRole, address: Address)
    /// Who is at the other end of a link became known.
    case identified(link: LinkID, node: NodeID)
    /// A link that came up was closed at once.
    case linkRefused(link: LinkID, LinkRefusal)
    /// A link went down.
    case linkDown(link: LinkID, address: Address, HCIStatus)
    /// Link encryption could not be started.
    case encryptionFailed(link: LinkID, HCIStatus)
    /// The node protects the link itself: its radio, or that of the partner, cannot.
    case linkProtected(link: LinkID, partner: NodeID)
    /// This node opened the cluster handshake.
    case handshakeStarted(link: LinkID, cluster: ClusterID, clusterSize: Int16)
    /// A partner opened the cluster handshake.
    case welcomed(by: NodeID, cluster: ClusterID, clusterSize: Int16, ownCluster: ClusterID, ownSize: Int16)
    /// The handshake was refused.
    case handshakeRefused(partner: NodeID, HandshakeFailure)
    /// The handshake is done.
    case handshakeDone(partner: NodeID, winner: Bool, cluster: ClusterID, clusterSize: Int16)
    /// A connection object is gone.
    case connectionRemoved(partner: NodeID, reason: DisconnectReason, wasHandshaked: Bool, heldMasterBit: Bool)
    /// All links were dropped: the node is alone.
    case dissolved(cause: DisconnectReason)
    /// The node made itself a new cluster id.
    case newCluster(ClusterID)
    /// The cluster size changed.
    case clusterSize(Int16, change: Int16, by: NodeID)
    /// The master bit of a link moved.
    case masterBit(partner: NodeID, held: Bool)
    /// An update was discarded: its counter was not the expected one.
    case counterMismatch(partner: NodeID)
    /// A lost link is to be re-established.
    case reestablishing(partner: NodeID, HCIStatus)
    /// A lost link is not to be re-established (protocol §10.1, custom code 26): bits 2 no handshake, 4 closed locally, 8 closed
    /// by the partner, 16 too young; and of our own 32 corrupted, 64 own radio failed.
    case reestablishmentSkipped(partner: NodeID, rules: UInt8)
    /// A lost link is back.
    case reestablished(partner: NodeID)
    /// A piece of a message did not fit the rules; the message is lost.
    case splitDropped(link: LinkID)
    /// A frame was too short or malformed for its type.
    case malformed(link: LinkID, type: MessageType)
    /// A message of an unknown type was not dispatched.
    case unknownType(MessageType, sender: NodeID)
    /// A queue was full; the message is lost.
    case queueFull(partner: NodeID, type: MessageType)
    /// A frame came in a state in which it means nothing.
    case unexpected(link: LinkID, type: MessageType)
    /// A bigger cluster is asked to free a link.
    case emergency(node: NodeID)
    /// This node freed a link for another cluster, or why not: 0 done, 1 a link is free, 2 none was picked.
    case emergencyAnswered(code: UInt8)
    /// The cluster asked for a free link decided: 0 done, 1 a link is free, 2 none was picked.
    case emergencyDecided(by: NodeID, code: UInt8)
    /// The key handshake of a MeshAccess link is done; `virtual` is what the partner is called in this mesh.
    case accessEstablished(link: LinkID, partner: NodeID, virtual: NodeID, key: FmKeyID, tunnel: TunnelType)
    /// A packet of a MeshAccess link did not open: the link needs a new handshake.
    case accessBroken(link: LinkID)
    /// A message from a MeshAccess link had no right to come in.
    case accessDropped(link: LinkID, type: MessageType, AccessRating)
    /// A handshake was refused because there was no random number for it.
    case noEntropy(link: LinkID)
    /// A cluster hung itself under another: the parent, the partner, both keys, and the nodes that the conceder brings.
    case grafted(under: NodeID, partner: NodeID, ownKey: ClusterKey, partnerKey: ClusterKey, nodes: Int16)
    /// A part of a cluster lost its parent and goes on as a cluster of its own.
    case split(lost: NodeID, key: ClusterKey, clusterSize: Int16)
    /// The role of the root moved, because somebody asked for it or towards the middle of the tree.
    case role(from: NodeID, to: NodeID, wasAsked: Bool)
    /// A link that was to join two clusters ended before it did.
    case engagementEnded(partner: NodeID, DisconnectReason)
    /// A neighbour is left alone for a while after what came to nothing, in microseconds.
    case leftAlone(node: NodeID, microseconds: UInt64)
    /// A cluster without a slot for connecting calls, so that the partner's cluster connects.
    case called(for: NodeID)
    /// A partner without a slot is asked to free one.
    case knocked(at: NodeID)
    /// No child is let go for a cluster that needs a slot.
    case roomRefused(for: NodeID, RoomRefusal)
    /// This node asks for the role of the root, by way of its parent.
    case roleAsked(of: NodeID)
    /// This node takes back that it asked its parent for the role: nobody here or below has use for it any more.
    case roleWithdrawn(of: NodeID)
    /// A child was let go so that another cluster has a slot.
    case roomMade(child: NodeID, for: NodeID)
    /// A neighbour of the own network runs the other clustering mode: the two never link.
    case otherMode(node: NodeID, own: ClusteringMode)
    /// The clustering mode will change, at a network time in seconds since 1970.
    case clusteringPlanned(ClusteringMode, at: UInt32)
    /// A change that was to come will not be carried out: it was withdrawn, or its time passed unnoticed.
    case clusteringKept(ClusteringMode, wasWithdrawn: Bool)
    /// The clustering mode changed; all links were dropped for that.
    case clusteringChanged(ClusteringMode)
    /// Somebody enrolled this node, or wanted to: what it was to become, and what came of it.
    case enrolment(EnrollmentCode, node: NodeID, network: NetworkID)
    /// This node looks for a device that somebody wants to be enrolled.
    case enrolling(SerialNumber)
    /// It no longer does.
    case enrollingEnded(SerialNumber, ErrandOutcome)
    /// The route to the sink changed.
    case hopsToSink(Int16)
}

extension TraceEvent {
    /// The nodes that an event speaks of besides the one that thinks it.
    public var nodes: [NodeID] {
        switch self {
        case .candidate(let judgement): [judgement.node]
        case .bystander(let bystander): [bystander.node]
        case .decision(_, let partner, _): partner.map { [$0] } ?? []
        case .connectRefused(let node, _), .connecting(let node, _, _), .connectFailed(let node, _),
            .identified(_, let node), .linkProtected(_, let node), .welcomed(let node, _, _, _, _),
            .handshakeRefused(let node, _), .handshakeDone(let node, _, _, _), .connectionRemoved(let node, _, _, _),
            .clusterSize(_, _, let node), .masterBit(let node, _), .counterMismatch(let node),
            .reestablishing(let node, _),
            .reestablishmentSkipped(let node, _), .reestablished(let node), .unknownType(_, let node),
            .queueFull(let node, _), .emergency(let node), .emergencyDecided(let node, _), .split(let node, _, _),
            .engagementEnded(let node, _), .leftAlone(let node, _), .called(let node), .knocked(let node),
            .roomRefused(let node, _), .roleAsked(let node), .roleWithdrawn(let node), .otherMode(let node, _),
            .enrolment(_, let node, _):
            [node]
        case .accessEstablished(_, let partner, let virtual, _, _): [partner, virtual]
        case .grafted(let parent, let partner, _, _, _): [parent, partner]
        case .role(let sender, let receiver, _): [sender, receiver]
        case .roomMade(let child, let partner): [child, partner]
        case .started, .discovery, .linkUp, .linkRefused, .linkDown, .encryptionFailed, .handshakeStarted, .dissolved,
            .newCluster, .splitDropped, .malformed, .unexpected, .emergencyAnswered, .accessBroken, .accessDropped,
            .noEntropy, .clusteringPlanned, .clusteringKept, .clusteringChanged, .enrolling, .enrollingEnded,
            .hopsToSink:
            []
        }
    }
}

extension TraceEvent {
    /// The link that an event speaks of by its number.
    public var link: LinkID? {
        switch self {
        case .linkUp(let link, _, _), .identified(let link, _), .linkRefused(let link, _), .linkDown(let link, _, _),
            .encryptionFailed(let link, _), .linkProtected(let link, _), .handshakeStarted(let link, _, _),
            .splitDropped(let link), .malformed(let link, _), .unexpected(let link, _),
            .accessEstablished(let link, _, _, _, _), .accessBroken(let link), .accessDropped(let link, _, _),
            .noEntropy(let link):
            link
        default: nil
        }
    }
}

/// The discovery states (protocol §3.1).
public enum DiscoveryState: UInt8, Sendable {
    /// Advertises and scans with high duty.
    case high = 1
    /// Advertises and scans with low duty.
    case low = 2
    /// Advertises only.
    case idle = 3
    /// Neither advertises nor scans.
    case off = 4
}

/// Outcome of a decision (protocol §4.2), with its number in live reports.
public enum DecisionResult: UInt8, Sendable {
    /// Wait to be connected to.
    case waitAsPeripheral = 0
    /// Connect.
    case connectAsCentral = 1
    /// Nobody is usable.
    case noNodesFound = 2
}

/// Why no connect attempt was made (protocol §4.5).
public enum ConnectRefusal: UInt8, Sendable {
    /// A connection object has that address already.
    case addressInUse
    /// No free out-connection, or no free connection object.
    case noFreeSlot
    /// Another attempt is running.
    case attemptPending
    /// The partner is not preferred and others are ignored.
    case notPreferred
    /// The radio is not ready.
    case radioNotReady
}

/// Why a link that came up was closed at once (protocol §5.3, §7.5).
public enum LinkRefusal: UInt8, Sendable {
    /// Another link is in its cluster handshake.
    case inHandshake
    /// No free connection object.
    case noFreeSlot
    /// What asked for it is gone.
    case notWanted
}

/// Why no child is let go for a cluster that needs a slot.
public enum RoomRefusal: UInt8, Sendable {
    /// A slot is kept for somebody else already.
    case keptForOther
    /// Whoever asks was let go itself a short time ago.
    case letGo
    /// There is no child in a slot that fits, or it is the last one of a root.
    case noChildToSpare
}
