import ByteCoding
import MeshWire
import RadioPort

// The tree of a cluster as one node sees it: who is its parent, who are its children, how many nodes are behind each link.
extension Node {
    /// Whether no link leads upwards.
    @inline(__always)
    public var isRoot: Bool { upwardLink == nil }

    /// Position of the link to the parent, confirmed or not.
    @inline(__always)
    var upwardLink: Int? {
        for index in links.indices where links[index].kind == .mesh && links[index].graft.isUpward {
            return index
        }
        return nil
    }

    /// Whether some link leads to a child.
    var hasChildren: Bool {
        for index in links.indices where links[index].kind == .mesh && links[index].graft.relation == .child {
            return true
        }
        return false
    }

    /// Longest path to any node of the cluster in hops, 0 alone, saturating at 254.
    var eccentricity: UInt8 { height(excluding: nil) }

    private func height(excluding slot: UInt8?) -> UInt8 {
        var height: UInt8 = 0
        for index in links.indices
        where links[index].kind == .mesh && links[index].graft.isInTree && links[index].slot != slot
            && links[index].connectedSize > 0
        {
            height = max(height, min(links[index].graft.height, 253) + 1)
        }
        return height
    }

    /// Nodes on this side of a link, this one included; without a link, all of the cluster.
    private func behind(excluding slot: UInt8?) -> Int16 {
        var behind: Int16 = 1
        for index in links.indices
        where links[index].kind == .mesh && links[index].graft.isInTree && links[index].slot != slot {
            behind = behind.addingClamped(links[index].connectedSize)
        }
        return behind
    }

    /// What lies on this side of a link.
    func branch(excluding slot: UInt8, now: Instant) -> GraftBranch {
        GraftBranch(
            behind: behind(excluding: slot),
            height: height(excluding: slot),
            alternatives: alternatives(now: now),
            hopsToSink: hopsToSink(excluding: slot)
        )
    }

    /// Counts the cluster anew.
    mutating func recount(by partner: NodeID, now: Instant, into outputs: inout Outputs) {
        let size = behind(excluding: nil)
        if size < clusterSize {
            graft.shrankAt = now
        }
        if size != clusterSize {
            setClusterSize(size, by: partner, now: now, into: &outputs)
        }
        markJoinMeStale()
        reconsiderGraft()
    }

    mutating func setRelation(_ relation: TreeRelation, on index: Int, into outputs: inout Outputs) {
        links[index].graft.relation = relation
        let holds = relation == .child
        if links[index].masterBit != holds {
            links[index].masterBit = holds
            trace(.masterBit(partner: links[index].partner, held: holds), into: &outputs)
        }
        markJoinMeStale()
        reconsiderGraft()
    }

    /// Takes what a partner told of its side.
    mutating func store(_ branch: GraftBranch, on index: Int, now: Instant, into outputs: inout Outputs) {
        links[index].connectedSize = max(1, branch.behind)
        links[index].graft.height = branch.height
        links[index].graft.alternatives = branch.alternatives
        links[index].hopsToSink = Self.hop(max(-1, branch.hopsToSink))
        recount(by: links[index].partner, now: now, into: &outputs)
    }

    // MARK: - Losing

    /// A mesh link is gone for good.
    mutating func graftLinkRemoved(_ link: Link, reason: DisconnectReason, now: Instant, into outputs: inout Outputs) {
        reconsiderGraft()
        if link.wasHandshaked {
            liveReport(51, UInt32(link.partner.rawValue), UInt32(reason.rawValue), now, &outputs)
        }
        switch link.graft.relation {
        case .engaged:
            engagementEnded(link, reason: reason, now: now, into: &outputs)
        case .conceded:
            // Nothing came down that link: the old key is still this cluster's own.
            graft.asked = false
            recount(by: link.partner, now: now, into: &outputs)
        case .child:
            childLost(link, now: now, into: &outputs)
        case .parent:
            parentLost(link, now: now, into: &outputs)
        }
    }

    private mutating func childLost(_ link: Link, now: Instant, into outputs: inout Outputs) {
        graft.queue.removeAll { $0 == link.slot }
        let sizeBefore = clusterSize
        recount(by: link.partner, now: now, into: &outputs)
        guard isRoot else { return }
        guard hasChildren else {
            startOver(now: now, into: &outputs)
            return
        }
        if Int(link.connectedSize) * 2 < Int(sizeBefore) {
            raiseRank(to: graft.rank &+ 2)
        }
    }

    private mutating func parentLost(_ link: Link, now: Instant, into outputs: inout Outputs) {
        graft.asked = false
        let sizeBefore = clusterSize
        recount(by: link.partner, now: now, into: &outputs)
        guard hasChildren else {
            startOver(now: now, into: &outputs)
            return
        }
        if !isPlanted(.cutOffPartKeepsKey) {
            let rank = isPlanted(.freshKeyIsLow) ? 1 : rankAfterSplit(sizeBefore: sizeBefore)
            takeFreshKey(rank: rank, into: &outputs)
        }
        trace(.split(lost: link.partner, key: clusterKey, clusterSize: clusterSize), into: &outputs)
    }

    /// The last member is gone.
    ///
    /// A low key is safe only if nobody holds an older, greater one of this node: every link goes.
    private mutating func startOver(now: Instant, into outputs: inout Outputs) {
        graft.queue.removeAll()
        graft.wants = false
        graft.asked = false
        graft.roleUntil = nil
        if !isPlanted(.keepsEngagedLinks) {
            removeOtherMeshLinks(than: nil, reason: .startedOver, now: now, into: &outputs)
        }
        takeFreshKey(rank: 1, into: &outputs)
    }

    // MARK: - Telling

    /// What the partner of a link is to know; the key only if the partner is a child.
    private func toTell(_ index: Int, now: Instant) -> (key: ClusterKey?, branch: GraftBranch) {
        (
            links[index].graft.relation == .child ? clusterKey : nil,
            branch(excluding: links[index].slot, now: now)
        )
    }

    /// Whether the partner of a link does not know what it is to know.
    @inline(__always)
    func owesGraftUpdate(_ index: Int) -> Bool {
        let relation = links[index].graft.relation
        guard relation == .child || relation == .parent, links.isMeshEdge(index) else { return false }
        guard let told = links[index].graft.told else { return true }
        let slot = links[index].slot
        // Alternatives change all the time and matter little: they travel with the rest.
        return told.key != (relation == .child ? clusterKey : nil) || told.branch.height != height(excluding: slot)
            || told.branch.behind != behind(excluding: slot) || told.branch.hopsToSink != hopsToSink(excluding: slot)
    }

    /// Queues GRAFT_UPDATE if there is news, or if nothing was told for long.
    ///
    /// It tells a state, not a difference: while an earlier one waits for the radio, nothing is queued, and what changes until
    /// then is told by the next.
    mutating func queueGraftUpdate(_ index: Int, now: Instant, into outputs: inout Outputs) {
        guard links[index].state == .handshakeDone, links[index].queues.splitting == nil,
            links[index].queues.vitalWaiting == 0
        else { return }
        let isStale = now.microseconds(since: links[index].graft.toldAt) >= configuration.graft.refreshPeriod
        guard isStale || owesGraftUpdate(index) else { return }
        sendGraftUpdate(index, now: now, into: &outputs)
    }

    mutating func sendGraftUpdate(_ index: Int, now: Instant, into outputs: inout Outputs) {
        let told = toTell(index, now: now)
        links[index].graft.told = told
        links[index].graft.toldAt = now
        timers.setNoLater(.clustering, at: now.advanced(byMicroseconds: configuration.graft.refreshPeriod))
        sendGraft(
            GraftUpdate(
                sender: identity.node,
                receiver: links[index].partner,
                key: told.key ?? clusterKey,
                isKeyValid: told.key != nil,
                branch: told.branch
            ),
            on: index,
            into: &outputs
        )
    }
}
