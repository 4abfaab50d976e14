import MeshWire
import RadioPort

// Whom to concede to, and how to get a link to it.
//
//   I am          candidate's key                          do
//   root          greater    I have a free out-slot and it a free in-slot    connect to the best, after listening for a while
//                            the other way round                             call: set a bit, and members of its cluster connect
//                            neither                                         after 2-3 s: make room
//   not the root  greater                                                    ask for the role
//   any           smaller, calls, its in-slot and my out-slot are free       connect
//   any           smaller                                                    nothing: it is their move
//
// The best is the one nearest to the middle of its tree, then the loudest. One connect attempt and one engagement of one's own
// at a time; engagements that others begin are taken as slots allow.
extension Node {
    // MARK: - Candidates

    /// Whether a neighbour may be engaged now.
    @inline(__always)
    func isCandidate(_ neighbour: Neighbour, now: Instant) -> Bool { refusal(of: neighbour, now: now) == nil }

    /// The first rule against engaging a neighbour now, whatever its key; nil if there is none.
    @inline(__always)
    private func refusal(of neighbour: Neighbour, now: Instant) -> GraftVerdict? {
        let beacon = neighbour.beacon
        if beacon.key.cluster == clusterID { return .sameCluster }
        if !beacon.key.isPossible { return .impossibleKey }
        if neighbour.bannedUntil > now { return .leftAlone }
        if now.microseconds(since: neighbour.heardAt) > configuration.graft.candidateAge { return .tooOld }
        if neighbour.rssi < candidateThreshold(now: now) { return .tooWeak }
        if hasLink(to: neighbour) { return .alreadyLinked }
        return isIgnored(beacon.sender) ? .notPreferred : nil
    }

    /// What this node makes of a neighbour.
    func verdict(on neighbour: Neighbour, now: Instant) -> GraftVerdict {
        if let refusal = refusal(of: neighbour, now: now) { return refusal }
        let beacon = neighbour.beacon
        guard neighbour.key > clusterKey else {
            guard beacon.calls else { return .smaller }
            return canConnect && beacon.freeIn > 0 ? .answerCall : .noSlot
        }
        if neighbour.letGoUntil > now { return .letGo }
        guard isRoot else { return .askForRole }
        switch fit(neighbour) {
        case .connect: return .connect
        case .call: return .call
        case .makeRoom: return .makeRoom
        }
    }

    @inline(__always)
    func candidateThreshold(now: Instant) -> Int8 {
        let isLonely = now.microseconds(since: max(graft.loudCandidateAt, bootedAt)) >= configuration.graft.relaxAfter
        return isLonely
            ? min(configuration.rssiThreshold, configuration.graft.relaxedThreshold) : configuration.rssiThreshold
    }

    @inline(__always)
    private func hasLink(to neighbour: Neighbour) -> Bool {
        for index in links.indices
        where links[index].address == neighbour.address || links[index].partner == neighbour.beacon.sender {
            return true
        }
        return false
    }

    /// Neighbours that this node could link with instead of those that it is linked with, at most 15.
    func alternatives(now: Instant) -> UInt8 {
        var count: UInt8 = 0
        for neighbour in graft.neighbours.entries
        where now.microseconds(since: neighbour.heardAt) <= configuration.graft.alternativeAge
            && neighbour.rssi >= configuration.rssiThreshold
            && (neighbour.beacon.freeIn > 0 || neighbour.beacon.freeOut > 0) && !hasLink(to: neighbour)
        {
            count += 1
        }
        return min(count, 15)
    }

    /// How a link to a candidate could come about.
    enum Fit: Int {
        case makeRoom
        case call
        case connect
    }

    private func fit(_ neighbour: Neighbour) -> Fit {
        if canConnect, neighbour.beacon.freeIn > 0 { return .connect }
        return freeIn > 0 && neighbour.beacon.freeOut > 0 ? .call : .makeRoom
    }

    private var canConnect: Bool { freeOut > 0 && identity.deviceType != .leaf }

    /// The best of greater key, and how a link to it could come about.
    func bestCandidate(now: Instant) -> (neighbour: Neighbour, fit: Fit)? {
        var best: (neighbour: Neighbour, fit: Fit)?
        for neighbour in graft.neighbours.entries
        where neighbour.key > clusterKey && neighbour.letGoUntil <= now && isCandidate(neighbour, now: now) {
            let fit = fit(neighbour)
            if let held = best,
                (fit.rawValue, held.neighbour.beacon.eccentricity, neighbour.rssi)
                    <= (held.fit.rawValue, neighbour.beacon.eccentricity, held.neighbour.rssi)
            {
                continue
            }
            best = (neighbour, fit)
        }
        return best
    }

    /// Whether a greater cluster was heard not long ago, be it too faint or left alone just now: the role may be of use yet.
    func hearsGreater(now: Instant) -> Bool {
        for neighbour in graft.neighbours.entries
        where neighbour.key > clusterKey && neighbour.key.cluster != clusterID && neighbour.key.isPossible
            && now.microseconds(since: neighbour.heardAt) <= configuration.graft.alternativeAge
        {
            return true
        }
        return false
    }

    /// A smaller cluster whose root calls for a link from outside.
    private func caller(now: Instant) -> Neighbour? {
        guard canConnect else { return nil }
        for neighbour in graft.neighbours.entries
        where neighbour.beacon.calls && neighbour.beacon.freeIn > 0 && neighbour.key < clusterKey
            && isCandidate(neighbour, now: now)
        {
            return neighbour
        }
        return nil
    }

    // MARK: - Acting

    /// Whether this node is about to link with somebody, or just doing it.
    func isActing(now: Instant) -> Bool {
        if isEngaging || graft.callsUntil != nil { return true }
        return graft.actsAt.map { $0 > now } ?? false
    }

    /// Whether a connect attempt or an engagement that this node began is under way.
    private var isEngaging: Bool {
        for index in links.indices
        where links[index].kind == .mesh && links[index].role == .central && links[index].graft.relation == .engaged {
            return true
        }
        return false
    }

    /// Whether some partner has shown a greater key on a link that is not in the tree.
    private var isOfferedMore: Bool {
        for index in links.indices where links[index].kind == .mesh && links[index].graft.relation == .engaged {
            if let offered = links[index].graft.offered, offered > clusterKey { return true }
        }
        return false
    }

    /// Looks who is there and does the next thing.
    mutating func lookForPartners(now: Instant, into outputs: inout Outputs) {
        endWhatIsOver(now: now)
        guard radio != nil, meshes, discovery != .off, connectAttempt == nil, !isEngaging else { return }
        if let caller = caller(now: now) {
            let at = graft.answersAt ?? now.advanced(byMicroseconds: jitter(configuration.graft.jitter))
            graft.answersAt = at
            if at <= now {
                graft.answersAt = nil
                connect(to: caller, forRoom: false, now: now, into: &outputs)
                return
            }
        } else {
            graft.answersAt = nil
        }
        guard let (best, fit) = bestCandidate(now: now) else {
            graft.actsAt = nil
            graft.wants = isOfferedMore
            // A faint neighbour is heard now and then only: that nobody had a slot is remembered for a while.
            if now.microseconds(since: graft.candidateAt) > configuration.graft.alternativeAge {
                graft.knocksAt = nil
            }
            return
        }
        graft.candidateAt = now
        // A faint one must not take away the threshold by which it is one.
        if best.rssi >= configuration.rssiThreshold {
            graft.loudCandidateAt = now
        }
        let policy = configuration.graft
        let collecting = isHealing(now: now) ? 0 : policy.collecting
        let actsAt = graft.actsAt ?? now.advanced(byMicroseconds: collecting + jitter(policy.jitter))
        graft.actsAt = actsAt
        if fit == .connect {
            graft.knocksAt = nil
        } else if graft.knocksAt == nil {
            graft.knocksAt = now.advanced(byMicroseconds: policy.knockAfter + jitter(policy.knockJitter))
        }
        guard isRoot else {
            wantRole(after: actsAt, now: now)
            return
        }
        graft.wants = true
        guard actsAt <= now else { return }
        let knocks = graft.knocksAt.map { $0 <= now } ?? false
        switch fit {
        case .connect:
            connect(to: best, forRoom: false, now: now, into: &outputs)
        case .call where !knocks:
            call(best.beacon.sender, now: now, into: &outputs)
        case .call, .makeRoom:
            guard knocks else { return }
            graft.knocksAt = nil
            if canConnect {
                connect(to: best, forRoom: true, now: now, into: &outputs)
            } else {
                makeRoom(for: best.beacon.sender, role: .central, keepingSlot: false, now: now, into: &outputs)
            }
        }
    }

    /// Whether the cluster lost nodes a short time ago.
    private func isHealing(now: Instant) -> Bool {
        graft.shrankAt.map { now.microseconds(since: $0) < configuration.graft.healing } ?? false
    }

    /// As a member that hears a greater cluster: wants the role, in time.
    private mutating func wantRole(after acts: Instant, now: Instant) {
        guard !graft.wants else { return }
        let policy = configuration.graft
        let hops = isHealing(now: now) ? 0 : UInt64(min(eccentricity, policy.askDelayHops))
        let asksAt = acts.advanced(byMicroseconds: hops * policy.askDelayPerHop)
        graft.asksAt = asksAt
        graft.wants = asksAt <= now
    }

    private mutating func endWhatIsOver(now: Instant) {
        if let until = graft.callsUntil, until <= now || !isRoot {
            graft.callsUntil = nil
            markJoinMeStale()
        }
        if let reservation = graft.reservation, reservation.until <= now {
            graft.reservation = nil
            markJoinMeStale()
        }
    }

    private mutating func call(_ partner: NodeID, now: Instant, into outputs: inout Outputs) {
        guard graft.callsUntil == nil else { return }
        trace(.called(for: partner), into: &outputs)
        graft.callsUntil = now.advanced(byMicroseconds: configuration.graft.call)
        markJoinMeStale()
    }

    private mutating func connect(
        to neighbour: Neighbour,
        forRoom: Bool,
        now: Instant,
        into outputs: inout Outputs
    ) {
        let node = neighbour.beacon.sender
        if let refusal = connectRefusal(to: neighbour.address) {
            trace(.connectRefused(node: node, refusal), into: &outputs)
            return
        }
        let timing = configuration.timing
        let slot = addLink(.mesh, role: .central, address: neighbour.address, state: .connecting, now: now)
        let index = links.count - 1
        links[index].target = node
        links[index].partnerHandle = AttributeHandle(rawValue: neighbour.beacon.meshWriteHandle)
        links[index].graft.isForRoom = forRoom
        trace(.connecting(node: node, address: neighbour.address, attempt: neighbour.failures + 1), into: &outputs)
        liveReport(102, UInt32(node.rawValue), neighbour.address.low32, now, &outputs)
        beginConnecting(
            slot: slot,
            address: neighbour.address,
            parameters: neighbour.beacon.deviceType == .leaf ? timing.leafParameters : timing.meshParameters,
            // Who is faint needs longer to be caught.
            timeout: timing.connectTimeout * UInt32(min(neighbour.failures, configuration.graft.attemptGrowth) + 1),
            into: &outputs
        )
        graft.callsUntil = nil
        markJoinMeStale()
    }

    /// Sets the timer to the next moment at which something is due by time alone.
    mutating func scheduleGraft(now: Instant) {
        var next: Instant?
        func consider(_ instant: Instant?) {
            guard let instant, instant > now else { return }
            next = min(next ?? instant, instant)
        }
        consider(graft.actsAt)
        consider(graft.answersAt)
        consider(graft.callsUntil)
        consider(graft.asksAt)
        consider(graft.knocksAt)
        consider(graft.roleUntil)
        consider(graft.reservation?.until)
        for neighbour in graft.neighbours.entries
        where neighbour.bannedUntil > now && neighbour.key > clusterKey && neighbour.key.cluster != clusterID {
            consider(neighbour.bannedUntil)
        }
        if graft.asked, graft.queue.isEmpty {
            // By then, whoever the role is for was heard again, or it is asked for in vain.
            consider(now.advanced(byMicroseconds: configuration.graft.alternativeAge))
        }
        for index in links.indices where links.isMeshEdge(index) {
            consider(links[index].graft.toldAt.advanced(byMicroseconds: configuration.graft.refreshPeriod))
        }
        if let next {
            timers.set(.clustering, at: next)
        } else {
            timers.stop(.clustering)
        }
    }
}
