import MeshWire
import RadioPort

// The number of enrolled nodes, which spreads from partner to partner (protocol §10.2.7, §3.1).
//
// At every multiple of 5 s since boot the stored number goes to each partner that is not known to have it; a node whose
// partners all have it has no timer.
extension Node {
    /// Sets the timer if a partner may not have the number.
    mutating func scheduleEnrolledNodesSync(now: Instant) {
        guard anyLinkNeedsEnrolledNodes else {
            timers.stop(.enrolledNodes)
            return
        }
        let period = configuration.timing.enrolledNodesPeriod
        let elapsed = now.microseconds(since: bootedAt)
        let next = bootedAt.advanced(byMicroseconds: (elapsed / period + 1) * period)
        timers.setNoLater(.enrolledNodes, at: tick(from: next))
    }

    /// Sends the number to the partners that may not have it.
    mutating func syncEnrolledNodes(now: Instant, into outputs: inout Outputs) {
        for index in links.indices where links.isMeshEdge(index) && !links[index].enrolledNodesSynced {
            enqueue(
                ModuleMessage(
                    sender: identity.node,
                    receiver: links[index].partner,
                    content: .node(.setEnrolledNodes(count: stored.enrolledNodes))
                ),
                on: index,
                into: &outputs
            )
        }
        scheduleEnrolledNodesSync(now: now)
    }

    /// The number of a partner, or of a command from elsewhere; a different one spreads.
    mutating func enrolledNodesReceived(
        _ count: UInt16,
        _ request: ModuleMessage,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        let differs = count != stored.enrolledNodes
        for index in links.indices where links[index].kind == .mesh {
            if links[index].slot == slot, links[index].partner == request.sender {
                links[index].enrolledNodesSynced = true
            } else if differs {
                links[index].enrolledNodesSynced = false
            }
        }
        enrolledNodesCommanded(count, now: now, into: &outputs)
        scheduleEnrolledNodesSync(now: now)
        answer(request, .node(.setEnrolledNodesResult(count: count)), now: now, into: &outputs)
    }

    /// A partner has the number.
    mutating func enrolledNodesAnswered(_ count: UInt16, by sender: NodeID, from slot: UInt8?, now: Instant) {
        guard count == stored.enrolledNodes, let slot, let index = index(slot: slot), links[index].partner == sender
        else { return }
        links[index].enrolledNodesSynced = true
        scheduleEnrolledNodesSync(now: now)
    }

    private var anyLinkNeedsEnrolledNodes: Bool {
        for index in links.indices where links.isMeshEdge(index) && !links[index].enrolledNodesSynced {
            return true
        }
        return false
    }
}
