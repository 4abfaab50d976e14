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
        set(.clustering, in: configuration.timing.decisionPeriod + jitter, now: now)
    }

    mutating func decide(now: Instant, into outputs: inout Outputs) {
        scheduleDecision(now: now)
        let view = scoringView(now: now)
        traceCandidates(view, into: &outputs)
        let oldAck = classic.ackField
        classic.ackField = .none
        if freeOut > 0, let best = classic.joinMeBuffer.best({ view.centralScore(of: $0) }),
            let entry = classic.joinMeBuffer.entries[best.index]
        {
            let partner = entry.joinMe.sender
            trace(.decision(.connectAsCentral, partner: partner, score: best.score), into: &outputs)
            liveReport(151, UInt32(DecisionResult.connectAsCentral.rawValue), UInt32(partner.rawValue), now, &outputs)
            connect(toEntry: best.index, view: view, now: now, into: &outputs)
        } else if let best = classic.joinMeBuffer.best({ view.peripheralScore(of: $0) }),
            let entry = classic.joinMeBuffer.entries[best.index]
        {
            let partner = entry.joinMe.sender
            trace(.decision(.waitAsPeripheral, partner: partner, score: best.score), into: &outputs)
            liveReport(151, UInt32(DecisionResult.waitAsPeripheral.rawValue), UInt32(partner.rawValue), now, &outputs)
            acknowledge(entry.joinMe, now: now, into: &outputs)
        } else {
            trace(.decision(.noNodesFound, partner: nil, score: 0), into: &outputs)
            liveReport(151, UInt32(DecisionResult.noNodesFound.rawValue), 0, now, &outputs)
        }
        if classic.ackField != oldAck {
            markJoinMeStale()
        }
    }

    /// Connects as central to a candidate, unless a rule of protocol §4.5 refuses.
    private mutating func connect(toEntry index: Int, view: ScoringView, now: Instant, into outputs: inout Outputs) {
        guard let entry = classic.joinMeBuffer.entries[index] else { return }
        let node = entry.joinMe.sender
        if let refusal = connectRefusal(of: entry, view: view) {
            trace(.connectRefused(node: node, refusal), into: &outputs)
            return
        }
        classic.joinMeBuffer.countAttempt(at: index, now: deciseconds(at: now))
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

    /// The ackField protocol of nodes with a single in-connection (protocol §4.6).
    private mutating func acknowledge(_ candidate: JoinMe, now: Instant, into outputs: inout Outputs) {
        guard configuration.meshInLinks == 1 else { return }
        classic.ackField = candidate.cluster
        let decisecond = deciseconds(at: now)
        let hasYoungLink = links.contains { decisecond &- $0.createdAt < 50 }
        guard freeIn == 0, !hasYoungLink else { return }
        guard candidate.clusterSize != clusterSize || random.chance(1, in: 4) else { return }
        dissolve(reason: .shouldWaitAsPeripheral, now: now, into: &outputs)
    }

    private func traceCandidates(_ view: ScoringView, into outputs: inout Outputs) {
        guard configuration.tracing else { return }
        for case let entry? in classic.joinMeBuffer.entries {
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
