import ByteCoding
import MeshWire
import RadioPort

// The boundary between the node and what forms its clusters. Discovery states, links, routing and modules know clustering by
// the functions below and by nothing else; which algorithm answers is decided here and nowhere else.
//
// An algorithm owns its fields of the node (`classic`, `graft`) and of each link, and keeps for all others
//
//   clusterID, clusterSize                   what this node knows of its cluster
//   masterBit, connectedSize, hopsToSink     of each link
//   state, wasHandshaked                     of each link: `.handshakeDone` once messages may pass
//
// up to date.
extension Node {
    // MARK: - Beginning

    /// Power on: a cluster of one.
    mutating func startAlone(into outputs: inout Outputs) {
        switch configuration.clustering {
        case .classic: makeNewCluster(into: &outputs)
        case .graft: startGraft(into: &outputs)
        }
    }

    /// The radio works: begin to look for others.
    mutating func startClustering(now: Instant) {
        switch configuration.clustering {
        case .classic: scheduleDecision(now: now)
        case .graft: reconsiderGraft()
        }
    }

    /// The timer of the algorithm ran out.
    mutating func clusteringIsDue(now: Instant, into outputs: inout Outputs) {
        switch configuration.clustering {
        case .classic: decide(now: now, into: &outputs)
        case .graft: reconsiderGraft()
        }
    }

    // MARK: - On air

    /// What the node advertises of its cluster at this moment.
    @inline(__always)
    func beacon() -> AdvertisingData? {
        switch configuration.clustering {
        case .classic: try? joinMe().encoded()
        case .graft: try? graftMe().encoded()
        }
    }

    /// Where the node at an address said that one writes to it; 0 if it was not heard.
    @inline(__always)
    func announcedHandle(of address: Address) -> AttributeHandle {
        switch configuration.clustering {
        case .classic:
            for case let entry? in classic.joinMeBuffer.entries where entry.address == address {
                return AttributeHandle(rawValue: entry.joinMe.meshWriteHandle)
            }
            return AttributeHandle(rawValue: 0)
        case .graft:
            return AttributeHandle(rawValue: graft.neighbours.heard(at: address)?.beacon.meshWriteHandle ?? 0)
        }
    }

    /// The candidate that advertises at an address; nil if there is none.
    func announcedNode(of address: Address) -> NodeID? {
        switch configuration.clustering {
        case .classic:
            for case let entry? in classic.joinMeBuffer.entries where entry.address == address {
                return entry.joinMe.sender
            }
            return nil
        case .graft: return graft.neighbours.heard(at: address)?.beacon.sender
        }
    }

    // MARK: - Links

    /// Connection objects of all kinds that there may be.
    @inline(__always)
    var connectionLimit: Int {
        switch configuration.clustering {
        case .classic: Limits.classicConnections
        case .graft: Limits.connections
        }
    }

    /// Whether another link may come up now.
    @inline(__always)
    var acceptsLinks: Bool {
        switch configuration.clustering {
        case .classic: !isHandshaking
        case .graft: true
        }
    }

    /// Whether an incoming link may become a mesh link.
    @inline(__always)
    var acceptsMeshLink: Bool {
        switch configuration.clustering {
        case .classic: freeIn > 0
        case .graft: meshLinkCount(.peripheral) <= Int(configuration.meshInLinks)
        }
    }

    /// As central, once link and MTU stand: begin the handshake of the algorithm.
    mutating func openHandshake(_ index: Int, now: Instant, into outputs: inout Outputs) {
        switch configuration.clustering {
        case .classic: startHandshake(index, now: now, into: &outputs)
        case .graft: sayHello(index, now: now, into: &outputs)
        }
    }

    /// A message on a link whose handshake is not completed.
    mutating func receiveDuringHandshake(
        _ message: MessageBytes,
        header: MessageHeader,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        switch configuration.clustering {
        case .classic: receiveDuringClassicHandshake(message, header: header, on: index, now: now, into: &outputs)
        case .graft: receiveGraft(message, header: header, on: index, now: now, into: &outputs)
        }
    }

    /// Whether a message of a type is for the partner alone, whatever it says of its receiver.
    @inline(__always)
    func staysOnLink(_ type: MessageType) -> Bool {
        switch configuration.clustering {
        // Stock nodes pass on what they are told to.
        case .classic: false
        // What ends one link must not go round and end them all.
        case .graft: type.isGraft || type.isClassicClustering
        }
    }

    /// A message on a completed link that may be for the algorithm.
    ///
    /// - Returns: whether it was.
    mutating func receiveForClustering(
        _ message: MessageBytes,
        header: MessageHeader,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) -> Bool {
        switch configuration.clustering {
        case .classic:
            switch header.type {
            case .clusterInfoUpdate: clusterInfoUpdate(message, on: index, now: now, into: &outputs)
            case .clusterWelcome, .clusterAck1, .clusterAck2, .reconnect:
                trace(.unexpected(link: links[index].id, type: header.type), into: &outputs)
            default: return false
            }
        case .graft:
            guard staysOnLink(header.type) else { return false }
            receiveGraft(message, header: header, on: index, now: now, into: &outputs)
        }
        return true
    }

    /// A message was handed to the radio as a whole.
    ///
    /// - Returns: whether that completed a handshake, so that other links must be looked at again.
    mutating func wroteForClustering(
        _ type: MessageType,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) -> Bool {
        guard configuration.clustering == .classic, links[index].classic.completesAsWinner, type == .clusterAck2
        else { return false }
        links[index].classic.completesAsWinner = false
        completeAsWinner(index, now: now, into: &outputs)
        return true
    }

    /// Whether a lost link may be kept, to say again all that was not confirmed.
    ///
    /// What was not confirmed may have arrived all the same. That harms no message but GRAFT_ROLE: if the partner took the role
    /// and handed it back before it noticed the loss, the old message would give it the role once more, and the tree two roots.
    /// So that link is lost, and each part goes on under a root of its own.
    @inline(__always)
    func mayComeBack(_ index: Int) -> Bool {
        switch configuration.clustering {
        case .classic: true
        case .graft: !links[index].queues.hasBegun(vital: .graftRole)
        }
    }

    /// The message by which a returned link is told from a new one.
    func reconnectMessage(on index: Int) -> AttributeValue? {
        switch configuration.clustering {
        case .classic: try? Reconnect(sender: identity.node, receiver: links[index].partner).encoded()
        case .graft:
            try? GraftReconnect(
                sender: identity.node,
                receiver: links[index].partner,
                nonce: links[index].graft.nonce
            ).encoded()
        }
    }

    /// A connection object of a mesh link is gone for good, its link closed.
    mutating func meshLinkRemoved(_ link: Link, reason: DisconnectReason, now: Instant, into outputs: inout Outputs) {
        switch configuration.clustering {
        case .classic: classicLinkRemoved(link, reason: reason, now: now, into: &outputs)
        case .graft: graftLinkRemoved(link, reason: reason, now: now, into: &outputs)
        }
    }

    /// Whether the whole mesh is told that the radio lost a link.
    func reportsEnd(ofLinkAt index: Int?) -> Bool {
        switch configuration.clustering {
        case .classic: true
        // Engagements come and go; they are no part of the mesh.
        case .graft: index.map { links[$0].wasHandshaked } ?? false
        }
    }

    // MARK: - Settling

    /// At the end of an input: what follows from all that it changed.
    mutating func settleClustering(now: Instant, into outputs: inout Outputs) {
        switch configuration.clustering {
        case .classic: return
        case .graft: settleGraft(now: now, into: &outputs)
        }
    }

    /// Queues what the partner of a completed link is to be told, if anything.
    mutating func queueClusterUpdate(_ index: Int, now: Instant, into outputs: inout Outputs) {
        switch configuration.clustering {
        case .classic: queuePendingUpdate(index, now: now, into: &outputs)
        case .graft: queueGraftUpdate(index, now: now, into: &outputs)
        }
    }

    /// Whether everything has been told over a link.
    func hasToldAll(over index: Int) -> Bool {
        switch configuration.clustering {
        case .classic: links[index].classic.pending.sizeChange == 0 && !links[index].classic.pending.handover
        case .graft: !owesGraftUpdate(index)
        }
    }
}
