import ByteCoding
package import MeshWire
package import RadioPort

// What a model checker needs beyond the public face of a node: to tell states apart, to see the tree, to let one thing run out
// of time without the others, and to have a root act of its own accord. Nothing else uses it.

/// One mesh link as the algorithm sees it.
package struct LinkInspection: Sendable {
    package var slot: UInt8
    package var role: LinkRole
    package var address: Address
    package var link: LinkID
    package var relation: TreeRelation
    package var state: LinkView.State
    package var nonce: UInt32
    package var offered: ClusterKey?
    package var isCounted: Bool
    package var masterBit: Bool
    package var isQuiet: Bool
}

/// Something that runs out of time.
package enum Lapse: Hashable, Sendable {
    /// The handshake or the re-establishment of the link in a slot.
    case link(UInt8)
    /// The hold of the role while others wait for it.
    case roleHold
    /// The call for a link from outside.
    case call
    /// The wait for a partner with a fitting slot.
    case knock
    /// A slot that is kept for somebody.
    case reservation
    /// The decision of a classic node.
    case decision
}

/// Something that the root of a tree may do at any time.
package enum VoluntaryAct: Hashable, Sendable {
    /// Raise the rank of the key by one.
    case raiseRank
    /// Hand the role to the child behind the link in a slot.
    case handOver(UInt8)
}

extension Node {
    // MARK: - Seeing

    /// The connection object at a position, 0..<``linkCount``.
    package func inspectLink(_ position: Int) -> LinkInspection {
        LinkInspection(
            slot: links[position].slot,
            role: links[position].role,
            address: links[position].address,
            link: links[position].id,
            relation: links[position].graft.relation,
            state: LinkView.State(rawValue: links[position].state.rawValue) ?? .connected,
            nonce: links[position].graft.nonce,
            offered: links[position].graft.offered,
            isCounted: links[position].wasHandshaked,
            masterBit: links[position].masterBit,
            isQuiet: links[position].queues.byteCount == 0 && hasToldAll(over: position)
        )
    }

    /// Whether the connect attempt under way is for a link that was lost.
    package var isReconnecting: Bool {
        guard let attempt = connectAttempt, let index = index(slot: attempt.slot) else { return false }
        return links[index].state == .reestablishing
    }

    /// Whether an attempt would have to be made for a link that was lost, and none is under way.
    package var owesReconnect: Bool {
        guard connectAttempt == nil else { return false }
        for index in links.indices where links[index].state == .reestablishing && links[index].role == .central {
            return true
        }
        return false
    }

    /// Whether the node may have use for the role of the root.
    package var asksForRole: Bool { graft.wants || graft.asked || !graft.queue.isEmpty }

    // MARK: - Telling states apart

    /// Adds all that decides what the node does next, but for times, random numbers and what names links.
    package func add(to hasher: inout StateHasher) {
        hasher.add(clusterID)
        hasher.add(clusterSize)
        hasher.add(discovery.rawValue)
        hasher.add(stored.graftGeneration ?? 0)
        hasher.add(connectAttempt.flatMap { index(slot: $0.slot) }.map { links[$0].address.value } ?? 0)
        switch configuration.clustering {
        case .classic: addClassic(to: &hasher)
        case .graft: addGraft(to: &hasher)
        }
        hasher.add(links.count)
        // Slots and places in the table decide nothing but which of several engaged links is looked at first.
        let order = links.indices.sorted { left, right in
            (links[left].address.value, links[left].slot) < (links[right].address.value, links[right].slot)
        }
        for index in order {
            addLink(index, to: &hasher)
        }
    }

    /// How many engaged links are looked at before this one.
    private func turn(of index: Int) -> Int {
        guard links[index].graft.relation == .engaged else { return 0 }
        var turn = 0
        for other in links.indices
        where links[other].graft.relation == .engaged && links[other].slot < links[index].slot {
            turn += 1
        }
        return turn
    }

    private func addGraft(to hasher: inout StateHasher) {
        hasher.add(UInt64(graft.rank) << 16 | UInt64(graft.generation))
        hasher.add(graft.queue.count)
        for slot in graft.queue {
            hasher.add(index(slot: slot).map { links[$0].address.value } ?? 0)
        }
        var flags: UInt64 = graft.wants ? 1 : 0
        flags |= graft.asked ? 2 : 0
        flags |= graft.actsAt != nil ? 4 : 0
        flags |= graft.answersAt != nil ? 8 : 0
        flags |= graft.roleUntil != nil ? 16 : 0
        flags |= graft.callsUntil != nil ? 32 : 0
        flags |= graft.knocksAt != nil ? 64 : 0
        hasher.add(flags)
        hasher.add(graft.reservation.map { UInt64($0.partner.rawValue) << 8 | UInt64($0.role.rawValue) + 1 } ?? 0)
        for neighbour in graft.neighbours.entries {
            add(neighbour.beacon, to: &hasher)
            hasher.add(neighbour.bannedUntil.microseconds > neighbour.heardAt.microseconds)
        }
    }

    private func add(_ beacon: GraftMe, to hasher: inout StateHasher) {
        hasher.add(UInt64(beacon.sender.rawValue) << 32 | UInt64(beacon.key.rank))
        hasher.add(UInt64(beacon.key.cluster.rawValue) << 16 | UInt64(UInt16(bitPattern: beacon.clusterSize)))
        hasher.add(
            UInt64(beacon.freeIn) << 32 | UInt64(beacon.freeOut) << 24 | UInt64(beacon.eccentricity) << 8
                | (beacon.isRoot ? 1 : 0) | (beacon.calls ? 2 : 0)
        )
    }

    private func addClassic(to hasher: inout StateHasher) {
        hasher.add(classic.ackField)
        hasher.add(nextCluster)
        for case let entry? in classic.joinMeBuffer.entries {
            hasher.add(entry.joinMe.sender.rawValue)
            hasher.add(entry.joinMe.cluster)
            hasher.add(entry.joinMe.ackField)
            hasher.add(UInt16(bitPattern: entry.joinMe.clusterSize))
            hasher.add(UInt64(entry.joinMe.freeIn) << 8 | UInt64(entry.joinMe.freeOut))
        }
    }

    /// The id that a classic node would give its cluster now.
    package var nextCluster: ClusterID {
        ClusterID(node: identity.node, connectionLossCounter: connectionLossCounter, bootNumber: bootNumber)
    }

    private func addLink(_ index: Int, to hasher: inout StateHasher) {
        let graft = links[index].graft
        var word = UInt64(turn(of: index)) | UInt64(links[index].kind.rawValue) << 4
        word |= UInt64(links[index].role.rawValue) << 8 | UInt64(links[index].state.rawValue) << 9
        word |= UInt64(graft.relation.rawValue) << 12
        word |= links[index].id.rawValue != 0 ? 1 << 16 : 0
        word |= links[index].masterBit ? 1 << 17 : 0
        word |= links[index].wasHandshaked ? 1 << 18 : 0
        word |= graft.partnerIsFull ? 1 << 19 : 0
        word |= graft.isForRoom ? 1 << 20 : 0
        word |= graft.hasKnocked ? 1 << 21 : 0
        word |= graft.isBroken ? 1 << 22 : 0
        word |= graft.nonce != 0 ? 1 << 23 : 0
        word |= UInt64(links[index].encryption.rawValue) << 24
        hasher.add(word)
        hasher.add(links[index].address.value)
        hasher.add(UInt64(links[index].partner.rawValue) << 16 | UInt64(links[index].target.rawValue))
        hasher.add(UInt64(UInt16(bitPattern: links[index].connectedSize)) << 8 | UInt64(graft.height))
        switch configuration.clustering {
        case .graft:
            add(graft.offered, to: &hasher)
            add(graft.said?.key, to: &hasher)
            hasher.add(graft.said?.isFull ?? false)
            hasher.add(graft.told != nil)
            add(graft.told?.key, to: &hasher)
            hasher.add(
                graft.told.map { UInt64(UInt16(bitPattern: $0.branch.behind)) << 8 | UInt64($0.branch.height) } ?? 0
            )
        case .classic:
            let classic = links[index].classic
            hasher.add(classic.snapshotCluster)
            hasher.add(UInt16(bitPattern: classic.snapshotSize))
            hasher.add(classic.connectedCluster)
            hasher.add(UInt64(UInt16(bitPattern: classic.pending.sizeChange)) << 1 | (classic.pending.handover ? 1 : 0))
            hasher.add(
                UInt64(classic.updateCounter) << 16 | UInt64(classic.expectedCounter) << 1
                    | (classic.completesAsWinner ? 1 : 0)
            )
        }
        addQueues(of: index, to: &hasher)
    }

    private func add(_ key: ClusterKey?, to hasher: inout StateHasher) {
        hasher.add(key.map { UInt64($0.rank) << 32 | UInt64($0.cluster.rawValue) } ?? 0)
    }

    /// All that the radio has not confirmed, and how much of it the radio has.
    private func addQueues(of index: Int, to hasher: inout StateHasher) {
        guard links[index].queues.byteCount > 0 else {
            hasher.add(UInt64(links[index].queues.commandsInFlight))
            return
        }
        hasher.add(UInt64(links[index].queues.commandsInFlight) << 16 | UInt64(links[index].queues.vitalWaiting))
        hasher.add(links[index].queues.request != nil)
        var queues = links[index].queues
        queues.rollBack()
        var value = AttributeValue()
        while let next = queues.takeNext(payload: AttributeValue.capacity, asCommands: true, into: &value) {
            hasher.add(message: value)
            queues.commandsSent(1)
            hasher.add(next.type.rawValue)
        }
    }

    // MARK: - Time

    /// What may run out of time in this state.
    package var pendingLapses: [Lapse] {
        var lapses: [Lapse] = []
        for index in links.indices {
            switch links[index].state {
            case .connected, .handshaking, .reestablishing, .reestablishingHandshake:
                lapses.append(.link(links[index].slot))
            case .connecting, .handshakeDone: continue
            }
        }
        switch configuration.clustering {
        case .classic: lapses.append(.decision)
        case .graft:
            if graft.roleUntil != nil { lapses.append(.roleHold) }
            if graft.callsUntil != nil { lapses.append(.call) }
            if graft.knocksAt != nil { lapses.append(.knock) }
            if graft.reservation != nil { lapses.append(.reservation) }
        }
        return lapses
    }

    /// Moves the beginning of one wait back so far that the next ``Input/wake`` finds it over.
    package mutating func age(_ lapse: Lapse, now: Instant) {
        switch lapse {
        case .link(let slot):
            guard let index = index(slot: slot) else { return }
            links[index].handshakeStartedAt = deciseconds(at: now) &- Self.veryLong
            links[index].lostAt = links[index].handshakeStartedAt
            timers.set(.links, at: now)
            return
        case .roleHold: graft.roleUntil = now
        case .call: graft.callsUntil = now
        case .knock: graft.knocksAt = now
        case .reservation: graft.reservation?.until = now
        case .decision: break
        }
        timers.set(.clustering, at: now)
    }

    /// Makes a link old enough to be kept when it is lost.
    package mutating func matureLink(_ link: LinkID, now: Instant) {
        guard let index = index(of: link) else { return }
        links[index].handshakedAt = deciseconds(at: now) &- Self.veryLong
    }

    /// Makes the links timer due.
    package mutating func ageTick(now: Instant) { timers.set(.links, at: now) }

    /// Deciseconds.
    private static let veryLong: UInt32 = 1_000_000

    /// Forgets that a neighbour was heard, or only that it is left alone.
    package mutating func forgetNeighbour(_ node: NodeID, banOnly: Bool = false) {
        graft.neighbours.forget(node, banOnly: banOnly)
        classic.joinMeBuffer.remove(node)
    }

    /// Neighbours that are left alone.
    package var bannedNeighbours: [NodeID] {
        graft.neighbours.entries.filter { $0.bannedUntil > $0.heardAt }.map(\.beacon.sender)
    }

    /// Makes the random numbers that come next depend on the seed alone.
    package mutating func reseed(_ seed: UInt64) { random = SeededGenerator(seed: seed) }

    // MARK: - Acting

    /// Whether the root may do something now.
    package func mayAct(_ act: VoluntaryAct) -> Bool {
        guard isRoot else { return false }
        switch act {
        case .raiseRank: return true
        case .handOver(let slot):
            guard let index = index(slot: slot) else { return false }
            return links[index].graft.relation == .child && links[index].state == .handshakeDone
        }
    }

    /// As root: does something that only a policy decides.
    package mutating func act(_ act: VoluntaryAct, now: Instant, into outputs: inout Outputs) {
        guard mayAct(act) else { return }
        switch act {
        case .raiseRank: raiseRank(to: graft.rank + 1)
        case .handOver(let slot):
            guard let index = index(slot: slot) else { return }
            graft.queue.removeAll { $0 == slot }
            handOver(index, wasAsked: false, now: now, into: &outputs)
        }
        // What follows is done as after any input.
        handle(.wake, at: now, into: &outputs)
    }
}
