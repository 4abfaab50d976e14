import MeshWire
import RadioPort

// Links that are up but not in the tree: either one end concedes, or the link goes.
extension Node {
    /// Whether the tree has room for a link; a slot that is kept for somebody else is no room.
    func hasSlot(for index: Int) -> Bool {
        let role = links[index].role
        var used = 0
        for other in links.indices
        where other != index && links[other].kind == .mesh && links[other].role == role && links[other].graft.isInTree {
            used += 1
        }
        if let reservation = graft.reservation, reservation.role == role, reservation.partner != links[index].partner {
            used += 1
        }
        return used < meshCapacity(role)
    }

    /// Looks at every engaged link whose partner has shown its key.
    mutating func reviewEngagements(now: Instant, into outputs: inout Outputs) {
        for slot in 0..<UInt8(Limits.connections) {
            guard let index = index(slot: slot), links[index].kind == .mesh, links[index].state == .handshaking,
                links[index].graft.relation == .engaged
            else { continue }
            if let offered = links[index].graft.offered {
                review(index, offered: offered, now: now, into: &outputs)
            }
            guard let index = self.index(slot: slot), links[index].graft.relation == .engaged,
                links[index].state == .handshaking
            else { continue }
            // The other end is to know what has changed; a peripheral answers the first hello.
            if let said = links[index].graft.said, said.key == clusterKey, said.isFull == !hasSlot(for: index) {
                continue
            }
            sayHello(index, now: now, into: &outputs)
        }
    }

    private mutating func review(_ index: Int, offered: ClusterKey, now: Instant, into outputs: inout Outputs) {
        let slot = links[index].slot
        if offered.cluster == clusterID {
            remove(slot: slot, reason: .sameCluster, now: now, into: &outputs)
        } else if offered < clusterKey, !isPlanted(.concedesToAnyKey) {
            // It is their move, if they can.
            guard links[index].graft.partnerIsFull else { return }
            remove(slot: slot, reason: .noSpot, now: now, into: &outputs)
        } else if !hasSlot(for: index) {
            remove(slot: slot, reason: .noSpot, now: now, into: &outputs)
        } else if links[index].graft.partnerIsFull {
            knock(index, now: now, into: &outputs)
        } else if isRoot || isPlanted(.anyNodeConcedes) {
            concede(index, to: offered, now: now, into: &outputs)
        } else {
            graft.wants = true
        }
    }

    /// Makes the partner the parent of this whole cluster.
    ///
    /// Nothing else changes here until it has answered.
    private mutating func concede(_ index: Int, to offered: ClusterKey, now: Instant, into outputs: inout Outputs) {
        trace(
            .grafted(
                under: links[index].partner,
                partner: links[index].partner,
                ownKey: clusterKey,
                partnerKey: offered,
                nodes: clusterSize
            ),
            into: &outputs
        )
        graft.neighbours.forgetFailures(links[index].partner)
        let branch = branch(excluding: links[index].slot, now: now)
        setRelation(.conceded, on: index, into: &outputs)
        graft.wants = false
        graft.actsAt = nil
        graft.knocksAt = nil
        graft.roleUntil = nil
        sendGraft(
            GraftConcede(sender: identity.node, receiver: links[index].partner, key: offered, branch: branch),
            on: index,
            into: &outputs
        )
    }

    /// An engagement came to nothing: the partner is left alone for a while.
    mutating func engagementEnded(
        _ link: Link,
        reason: DisconnectReason,
        now: Instant,
        into outputs: inout Outputs
    ) {
        let node = link.partner.rawValue == 0 ? link.target : link.partner
        guard node.rawValue != 0 else { return }
        trace(.engagementEnded(partner: node, reason), into: &outputs)
        let policy = configuration.graft
        let pause: UInt64
        switch reason {
        case .startedOver, .userRequest, .reboot: return
        case .graftVersion: pause = policy.versionBan
        case .connectTimeout, .connectError, .pendingTimeout:
            let failures = UInt64(graft.neighbours.countFailure(node))
            pause = failures * (policy.attemptBan + jitter(policy.attemptBanJitter))
        default:
            pause = policy.engagementBan + jitter(policy.engagementBanJitter)
        }
        graft.neighbours.ban(node, until: now.advanced(byMicroseconds: pause))
        trace(.leftAlone(node: node, microseconds: pause), into: &outputs)
        if let acts = graft.actsAt, acts <= now {
            graft.actsAt = now.advanced(byMicroseconds: jitter(policy.jitter))
        }
    }

    // MARK: - Making room

    /// The partner would be a good parent but has no slot: ask it to free one, if this node came for that.
    private mutating func knock(_ index: Int, now: Instant, into outputs: inout Outputs) {
        guard links[index].graft.isForRoom, isRoot else {
            remove(slot: links[index].slot, reason: .noSpot, now: now, into: &outputs)
            return
        }
        guard !links[index].graft.hasKnocked else { return }
        links[index].graft.hasKnocked = true
        trace(.knocked(at: links[index].partner), into: &outputs)
        links[index].handshakeStartedAt = deciseconds(at: now)
        sendGraft(GraftKnock(sender: identity.node, receiver: links[index].partner), on: index, into: &outputs)
    }

    /// A partner that has found no slot anywhere asks for one.
    mutating func knocked(_ message: GraftKnock, on index: Int, now: Instant, into outputs: inout Outputs) {
        guard links[index].graft.relation == .engaged, links[index].graft.said?.isFull == true,
            message.sender == links[index].partner
        else {
            trace(.unexpected(link: links[index].id, type: .graftKnock), into: &outputs)
            return
        }
        let slot = links[index].slot
        if !hasSlot(for: index) {
            if graft.reservation != nil {
                trace(.roomRefused(for: message.sender, .keptForOther), into: &outputs)
            } else if graft.neighbours.wasLetGo(message.sender, now: now) {
                trace(.roomRefused(for: message.sender, .letGo), into: &outputs)
            } else {
                makeRoom(for: message.sender, role: links[index].role, keepingSlot: true, now: now, into: &outputs)
            }
        }
        // What follows is said by the next hello, or by the end of the link.
        if let index = self.index(slot: slot), !hasSlot(for: index) {
            remove(slot: slot, reason: .noSpot, now: now, into: &outputs)
        }
    }

    /// Lets a child go that is likely to find another place, and may keep its slot for somebody.
    ///
    /// Children that hear others go first, then those with few nodes behind them. The last child of a root stays: without it
    /// the cluster would be none.
    mutating func makeRoom(
        for partner: NodeID,
        role: LinkRole,
        keepingSlot: Bool,
        now: Instant,
        into outputs: inout Outputs
    ) {
        var children = 0
        var best: (index: Int, worth: (UInt8, Int, UInt32))?
        for index in links.indices where links[index].kind == .mesh && links[index].graft.relation == .child {
            children += 1
            guard links[index].role == role, links[index].state == .handshakeDone else { continue }
            let worth = (
                min(links[index].graft.alternatives, configuration.graft.alternativesCap),
                -Int(links[index].connectedSize), random.uniform(below: 1 << 16)
            )
            if best.map({ $0.worth < worth }) ?? true {
                best = (index, worth)
            }
        }
        guard let best, children > 1 || !isRoot else {
            trace(.roomRefused(for: partner, .noChildToSpare), into: &outputs)
            return
        }
        let child = links[best.index].partner
        if keepingSlot {
            let until = now.advanced(byMicroseconds: configuration.graft.reservation)
            graft.reservation = GraftClustering.Reservation(partner: partner, role: role, until: until)
        }
        trace(.roomMade(child: child, for: partner), into: &outputs)
        graft.neighbours.letGo(child, until: now.advanced(byMicroseconds: configuration.graft.letGoBan))
        remove(slot: links[best.index].slot, reason: .madeRoom, now: now, into: &outputs)
    }
}
