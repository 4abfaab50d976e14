import MeshWire
import RadioPort

// The role of the root. There is one per tree; it travels along the links of the tree to whoever has use for it, as in Raymond's
// algorithm: a request goes up, the role comes down the same way, and on every node in between requests wait in turn.
//
// Two rules keep it fair, and without either the role could swap between two nodes for ever: who gets the role uses it before
// passing it on, and requests are served in the order of their arrival.
//
// A third keeps it quick: a request that nobody behind it has use for any more is taken back. Whoever asked for the sake of a cluster
// that has meanwhile become one with the own would otherwise be visited in turn, and in a tree of a thousand nodes the role would be
// on its way for a minute before it came to somebody who can use it.
extension Node {
    /// Something changed: at the end of the input the node looks what follows.
    mutating func reconsiderGraft() {
        graft.isStale = true
        needsSettling = true
    }

    /// Looks what follows from all that changed, until nothing follows any more.
    mutating func settleGraft(now: Instant, into outputs: inout Outputs) {
        guard graft.isStale else { return }
        // Every round removes a link, makes a concession, sends a hello or passes the role: the links bound them.
        var rounds = 0
        while graft.isStale, rounds < Limits.graftRounds {
            graft.isStale = false
            rounds += 1
            removeBrokenLinks(now: now, into: &outputs)
            reviewEngagements(now: now, into: &outputs)
            raiseRankToSize()
            lookForPartners(now: now, into: &outputs)
            serve(now: now, into: &outputs)
            ask(now: now, into: &outputs)
        }
        scheduleGraft(now: now)
        if configuration.tracing {
            for index in graft.neighbours.entries.indices {
                traceVerdict(at: index, now: now, into: &outputs)
            }
        }
    }

    private mutating func removeBrokenLinks(now: Instant, into outputs: inout Outputs) {
        for index in links.indices where links[index].graft.isBroken {
            remove(slot: links[index].slot, reason: .graftViolation, now: now, into: &outputs)
            return
        }
    }

    // MARK: - Asking

    /// Sends the request up, one at a time, and takes it back if it came to be of no use.
    private mutating func ask(now: Instant, into outputs: inout Outputs) {
        guard let upward = upwardLink, links[upward].graft.relation == .parent else { return }
        let parent = links[upward].partner
        if graft.wants || !graft.queue.isEmpty {
            guard !graft.asked else { return }
            graft.asked = true
            trace(.roleAsked(of: parent), into: &outputs)
            sendGraft(GraftRequest(sender: identity.node, receiver: parent), on: upward, into: &outputs)
        } else if graft.asked, !hearsGreater(now: now) {
            graft.asked = false
            trace(.roleWithdrawn(of: parent), into: &outputs)
            let request = GraftRequest(sender: identity.node, receiver: parent, cost: GraftRequest.withdrawn)
            sendGraft(request, on: upward, into: &outputs)
        }
    }

    /// A child asks for the role, or takes back that it did.
    mutating func roleRequested(_ message: GraftRequest, on index: Int, now: Instant, into outputs: inout Outputs) {
        guard links[index].graft.relation == .child, message.sender == links[index].partner else {
            // The role is on its way there already, or the message is late.
            trace(.unexpected(link: links[index].id, type: .graftRequest), into: &outputs)
            return
        }
        let slot = links[index].slot
        if message.isWithdrawn {
            graft.queue.removeAll { $0 == slot }
            if graft.queue.isEmpty {
                // The hold is for those who wait.
                graft.roleUntil = nil
            }
        } else if !graft.queue.contains(slot) {
            graft.queue.append(slot)
        }
        reconsiderGraft()
    }

    // MARK: - Having

    /// The parent hands the role over.
    mutating func roleArrived(_ message: GraftRole, on index: Int, now: Instant, into outputs: inout Outputs) {
        guard links[index].graft.relation == .parent, message.sender == links[index].partner, message.key.isPossible
        else {
            endForViolation(.graftRole, on: index, now: now, into: &outputs)
            return
        }
        setRelation(.child, on: index, into: &outputs)
        graft.asked = false
        graft.roleUntil = nil
        adopt(message.key, on: index, type: .graftRole, into: &outputs)
        // The sender knows the key that it sent.
        links[index].graft.told?.key = message.key
        trace(
            .role(from: message.sender, to: identity.node, wasAsked: graft.wants || !graft.queue.isEmpty),
            into: &outputs
        )
    }

    /// As root: uses the role, hands it on, or lets it drift to the middle of the tree.
    private mutating func serve(now: Instant, into outputs: inout Outputs) {
        guard isRoot else {
            graft.roleUntil = nil
            return
        }
        graft.queue = graft.queue.filter { slot in
            index(slot: slot).map { links[$0].graft.relation == .child } ?? false
        }
        if graft.wants, isActing(now: now) {
            guard !graft.queue.isEmpty else { return }
            let until = graft.roleUntil ?? now.advanced(byMicroseconds: configuration.graft.roleHold)
            graft.roleUntil = until
            guard until <= now else { return }
        }
        graft.roleUntil = nil
        if let next = graft.queue.first(where: { slot in index(slot: slot).map { isUsable($0) } ?? false }),
            let position = index(slot: next)
        {
            graft.wants = false
            graft.queue.removeAll { $0 == next }
            handOver(position, wasAsked: true, now: now, into: &outputs)
        } else if graft.queue.isEmpty, !graft.wants, let deeper = deeperSide {
            handOver(deeper, wasAsked: false, now: now, into: &outputs)
        }
    }

    private func isUsable(_ index: Int) -> Bool { links[index].state == .handshakeDone }

    mutating func handOver(_ index: Int, wasAsked: Bool, now: Instant, into outputs: inout Outputs) {
        // What the child is told comes first: it takes the role as a member that knows the key.
        if links[index].graft.told?.key != clusterKey {
            sendGraftUpdate(index, now: now, into: &outputs)
        }
        trace(.role(from: identity.node, to: links[index].partner, wasAsked: wasAsked), into: &outputs)
        if !isPlanted(.keepsHandedOverRole) {
            setRelation(.parent, on: index, into: &outputs)
        }
        graft.asked = false
        links[index].graft.told?.key = nil
        sendGraft(
            GraftRole(sender: identity.node, receiver: links[index].partner, key: clusterKey),
            on: index,
            into: &outputs
        )
    }

    /// The child behind which the tree is deeper than anywhere else by more than one hop: the middle lies that way.
    private var deeperSide: Int? {
        var deepest: Int?
        var height = 0
        var second = 0
        for index in links.indices where links[index].kind == .mesh && links[index].graft.relation == .child {
            let own = Int(links[index].graft.height) + 1
            if own > height {
                second = height
                height = own
                deepest = index
            } else {
                second = max(second, own)
            }
        }
        guard let deepest, height > second + 1, isUsable(deepest) else { return nil }
        return deepest
    }
}
