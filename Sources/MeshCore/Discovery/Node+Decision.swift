import ByteCoding
import MeshWire
import RadioPort

// Choosing a partner (protocol §4): every 2.0 or 2.2 s a node connects to the best candidate that is not bigger, or else waits
// for the best that is not smaller.
extension Node {
    /// What the scores are computed from.
    func scoringView(now: Instant) -> ScoringView {
        var partners = PartnerList()
        for index in links.indices where links[index].kind == .mesh && links[index].partner.rawValue != 0 {
            partners.append(links[index].partner)
        }
        return ScoringView(
            cluster: clusterID,
            clusterSize: clusterSize,
            deviceType: identity.deviceType,
            now: deciseconds(at: now),
            maximumAge: UInt32(truncatingIfNeeded: configuration.timing.joinMeMaximumAge / 100_000),
            rssiThreshold: configuration.rssiThreshold,
            attemptsBeforeBackOff: configuration.attemptsBeforeBackOff,
            partners: partners,
            preferred: PartnerList(stored.preferredPartners),
            preferredMode: stored.preferredMode
        )
    }

    mutating func scheduleDecision(now: Instant) {
        let jitter = random.chance(1, in: 2) ? configuration.timing.decisionJitter : 0
        set(.decision, in: configuration.timing.decisionPeriod + jitter, now: now)
    }

    /// Free mesh connection objects as peripheral.
    var freeIn: UInt8 { free(.peripheral) }

    /// Free mesh connection objects as central.
    var freeOut: UInt8 { free(.central) }

    mutating func decide(now: Instant, into outputs: inout Outputs) {
        scheduleDecision(now: now)
        let view = scoringView(now: now)
        traceCandidates(view, into: &outputs)
        let oldAck = ackField
        ackField = .none
        if freeOut > 0, let best = joinMeBuffer.best({ view.centralScore(of: $0) }),
            let entry = joinMeBuffer.entries[best.index]
        {
            let partner = entry.joinMe.sender
            trace(.decision(.connectAsCentral, partner: partner, score: best.score), into: &outputs)
            liveReport(151, UInt32(DecisionResult.connectAsCentral.rawValue), UInt32(partner.rawValue), now, &outputs)
            connect(toEntry: best.index, view: view, now: now, into: &outputs)
        } else if let best = joinMeBuffer.best({ view.peripheralScore(of: $0) }),
            let entry = joinMeBuffer.entries[best.index]
        {
            let partner = entry.joinMe.sender
            trace(.decision(.waitAsPeripheral, partner: partner, score: best.score), into: &outputs)
            liveReport(151, UInt32(DecisionResult.waitAsPeripheral.rawValue), UInt32(partner.rawValue), now, &outputs)
            acknowledge(entry.joinMe, now: now, into: &outputs)
        } else {
            trace(.decision(.noNodesFound, partner: nil, score: 0), into: &outputs)
            liveReport(151, UInt32(DecisionResult.noNodesFound.rawValue), 0, now, &outputs)
        }
        if ackField != oldAck {
            markJoinMeStale()
        }
    }

    /// Connects as central to a candidate, unless a rule of protocol §4.5 refuses.
    private mutating func connect(toEntry index: Int, view: ScoringView, now: Instant, into outputs: inout Outputs) {
        guard let entry = joinMeBuffer.entries[index] else { return }
        let node = entry.joinMe.sender
        if let refusal = connectRefusal(of: entry, view: view) {
            trace(.connectRefused(node: node, refusal), into: &outputs)
            return
        }
        joinMeBuffer.countAttempt(at: index, now: deciseconds(at: now))
        let timing = configuration.timing
        let slot = addLink(.mesh, role: .central, address: entry.address, state: .connecting, now: now)
        links[links.count - 1].target = node
        links[links.count - 1].partnerHandle = AttributeHandle(rawValue: entry.joinMe.meshWriteHandle)
        trace(.connecting(node: node, address: entry.address, attempt: entry.attempts + 1), into: &outputs)
        liveReport(102, UInt32(node.rawValue), entry.address.low32, now, &outputs)
        beginConnecting(
            slot: slot,
            address: entry.address,
            parameters: entry.joinMe.deviceType == .leaf ? timing.leafParameters : timing.meshParameters,
            timeout: timing.connectTimeout,
            into: &outputs
        )
        markJoinMeStale()
    }

    private func connectRefusal(of entry: JoinMeEntry, view: ScoringView) -> ConnectRefusal? {
        if let refusal = connectRefusal(to: entry.address) { return refusal }
        if stored.preferredMode == .ignored, !view.isPreferred(entry.joinMe.sender) { return .notPreferred }
        return nil
    }

    /// Why the radio cannot be asked now for a link to an address, whatever the link is for.
    func connectRefusal(to address: Address) -> ConnectRefusal? {
        if radio == nil { return .radioNotReady }
        if links.contains(where: { $0.address == address }) { return .addressInUse }
        if links.count >= Limits.connections { return .noFreeSlot }
        if connectAttempt != nil { return .attemptPending }
        return nil
    }

    /// Asks the radio for a link on behalf of a connection object.
    mutating func beginConnecting(
        slot: UInt8,
        address: Address,
        parameters: ConnectionParameters,
        timeout: UInt32,
        into outputs: inout Outputs
    ) {
        let token = ConnectToken(rawValue: nextToken)
        nextToken &+= 1
        connectAttempt = ConnectAttempt(token: token, slot: slot)
        timers.stop(.scanRestart)
        // The attempt ends the scan; the radio is told nothing more.
        scanOnAir = nil
        outputs.append(
            .radio(
                .connect(
                    token: token,
                    address: address,
                    parameters: parameters,
                    scan: configuration.timing.scanInitiating,
                    timeoutMicroseconds: timeout
                )
            )
        )
    }

    /// The ackField protocol of nodes with a single in-connection (protocol §4.6).
    private mutating func acknowledge(_ candidate: JoinMe, now: Instant, into outputs: inout Outputs) {
        guard configuration.meshInLinks == 1 else { return }
        ackField = candidate.cluster
        let decisecond = deciseconds(at: now)
        let hasYoungLink = links.contains { decisecond &- $0.createdAt < 50 }
        guard freeIn == 0, !hasYoungLink else { return }
        guard candidate.clusterSize != clusterSize || random.chance(1, in: 4) else { return }
        dissolve(reason: .shouldWaitAsPeripheral, now: now, into: &outputs)
    }

    private func free(_ role: LinkRole) -> UInt8 {
        guard radioAllows(role) else { return 0 }
        let configured = role == .peripheral ? configuration.meshInLinks : configuration.meshOutLinks
        let total = UInt8(min(Int(configured), radioLimit(role)))
        var used: UInt8 = 0
        for index in links.indices where links[index].kind == .mesh && links[index].role == role {
            used += 1
        }
        return total > used ? total - used : 0
    }

    // MARK: - What the radio can do

    /// Links in a role that the radio can hold; without a radio nothing is known against any.
    func radioLimit(_ role: LinkRole) -> Int {
        guard let capabilities = radio?.capabilities else { return Int(UInt8.max) }
        return Int(role == .peripheral ? capabilities.linksAsPeripheral : capabilities.linksAsCentral)
    }

    /// Whether the radio takes links in a role beside those that it has.
    func radioAllows(_ role: LinkRole) -> Bool {
        guard let capabilities = radio?.capabilities, !radioLinks.isEmpty else { return true }
        if role == .peripheral, !capabilities.advertiseWhileLinked { return false }
        return capabilities.dualRole || !radioLinks.contains { $0.role != role }
    }

    private func traceCandidates(_ view: ScoringView, into outputs: inout Outputs) {
        guard configuration.tracing else { return }
        for case let entry? in joinMeBuffer.entries {
            let event = TraceEvent.candidate(
                node: entry.joinMe.sender,
                cluster: entry.joinMe.cluster,
                clusterSize: entry.joinMe.clusterSize,
                rssi: entry.rssi,
                age: view.now &- entry.receivedAt,
                central: view.central(entry),
                peripheral: view.peripheral(entry)
            )
            trace(event, into: &outputs)
        }
    }
}

extension Address {
    /// The four bytes first on air, as live reports carry them.
    var low32: UInt32 { UInt32(truncatingIfNeeded: value) }
}
