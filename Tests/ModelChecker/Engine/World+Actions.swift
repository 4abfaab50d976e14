import MeshCore
import MeshWire
import RadioPort

extension World {
    /// Calls `body` for everything that may happen while there are faults, in a fixed order.
    func forEachAction(_ model: Model, _ body: (Action) -> Void) {
        forEachMessage(body)
        forEachLapse(body)
        if connects > 0, model.clustering == .graft {
            for from in boxes.indices {
                for to in boxes.indices where from != to && mayConnect(from, to, model) {
                    body(.connect(from: UInt8(from), to: UInt8(to)))
                }
            }
        }
        if hearings > 0 { forEachHearing(body) }
        if acts > 0, model.clustering == .graft { forEachAct(body) }
        if faults > 0 { forEachFault(model, body) }
    }

    /// Everything that goes on by itself and at once.
    func forEachMessage(_ body: (Action) -> Void) {
        for index in wires.indices {
            for end in UInt8(0)...1 where wires[index].isUp(end) {
                let isEmpty = wires[index].frames(to: end).isEmpty
                if !isEmpty { body(.deliver(wire: UInt8(index), end: end)) }
                let isLost = wires[index].isBroken || !wires[index].isUp(1 - end)
                if isLost, isEmpty || !wires[index].isConfirmed { body(.notice(wire: UInt8(index), end: end)) }
            }
        }
        for node in boxes.indices {
            if let attempt = airs[node].attempt, airs[Int(attempt.target)].isConnectable {
                body(.resume(node: UInt8(node)))
            }
            if boxes[node].node.owesReconnect { body(.retry(node: UInt8(node))) }
        }
    }

    /// Everything that goes on by itself but takes its time.
    func forEachLapse(_ body: (Action) -> Void) {
        for node in boxes.indices {
            for lapse in boxes[node].node.pendingLapses where !isFault(lapse, of: node) || faults > 0 {
                if lapse == .decision, connects == 0, !isSettling { continue }
                body(.lapse(node: UInt8(node), lapse))
            }
            for other in boxes[node].node.bannedNeighbours {
                body(.pauseEnds(node: UInt8(node), of: UInt8(other.rawValue - 1)))
            }
        }
    }

    /// Whether it takes a fault for a wait to be in vain: a concession is answered at once, if the partner is there.
    func isFault(_ lapse: Lapse, of node: Int) -> Bool {
        guard case .link(let slot) = lapse, let link = boxes[node].links.first(where: { $0.slot == slot }),
            link.relation == .conceded, let wire = wires.first(where: { $0.id == link.link })
        else { return false }
        return !wire.isBroken && wire.isUp.0 && wire.isUp.1
    }

    private func mayConnect(_ from: Int, _ to: Int, _ model: Model) -> Bool {
        if model.connectsOneWay {
            // Round a ring, so that nobody has to be central of two new links at once.
            let distance = (to - from + boxes.count) % boxes.count
            guard 2 * distance < boxes.count || 2 * distance == boxes.count && from < to else { return false }
        }
        guard !model.connectsTwice else { return true }
        return !boxes[from].links.contains { Self.index(of: $0.address) == to }
            && !boxes[to].links.contains { Self.index(of: $0.address) == from }
    }

    /// Advertisements as they are.
    func forEachHearing(_ body: (Action) -> Void) {
        for node in boxes.indices {
            for other in boxes.indices where other != node { body(.hear(node: UInt8(node), of: UInt8(other))) }
        }
    }

    private func forEachAct(_ body: (Action) -> Void) {
        for node in boxes.indices {
            let box = boxes[node]
            if box.isRoot {
                body(.act(node: UInt8(node), .raiseRank))
                for link in box.links where box.node.mayAct(.handOver(link.slot)) {
                    body(.act(node: UInt8(node), .handOver(link.slot)))
                }
            } else {
                body(.want(node: UInt8(node)))
            }
        }
    }

    /// Calls `body` for everything that may go wrong.
    ///
    /// Where links may come back, they break: who gives one up then has hung up. Where they may not, one end hangs up: what it
    /// did not read before might as well have been lost.
    private func forEachFault(_ model: Model, _ body: (Action) -> Void) {
        for index in wires.indices where !wires[index].isBroken && wires[index].isUp.0 && wires[index].isUp.1 {
            guard carriesTree(wires[index]) else { continue }
            if model.suspends {
                body(.breakWire(UInt8(index), confirmed: false))
                guard !wires[index].frames.0.isEmpty || !wires[index].frames.1.isEmpty else { continue }
                body(.breakWire(UInt8(index), confirmed: true))
            } else {
                for end in UInt8(0)...1 where isInTree(wires[index].id, at: wires[index].node(end)) {
                    let partner = UInt8(wires[index].node(1 - end))
                    body(.hangUp(node: UInt8(wires[index].node(end)), partner: partner))
                }
            }
        }
        for node in boxes.indices {
            body(.crash(node: UInt8(node), keepsState: true))
            if model.forgets { body(.crash(node: UInt8(node), keepsState: false)) }
        }
    }

    private func carriesTree(_ wire: Wire) -> Bool {
        isInTree(wire.id, at: wire.node(0)) || isInTree(wire.id, at: wire.node(1))
    }

    private func isInTree(_ id: LinkID, at node: Int) -> Bool {
        boxes[node].links.contains { $0.link == id && ($0.relation != .engaged || $0.isCounted) }
    }

    /// Whether an action does anything: a connect that gives no link, for one, does not.
    func isIdle(_ action: Action, after: World) -> Bool {
        guard case .connect = action else { return false }
        return after.wires.count <= wires.count
    }
}
