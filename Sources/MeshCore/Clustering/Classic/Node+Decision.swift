import ByteCoding
import MeshWire
import RadioPort

// Choosing a partner (protocol §4): every 2.0 or 2.2 s a node connects to the best candidate that is not bigger, or else waits
// for the best that is not smaller.
extension Node {
    /// What the scores are computed from.
    @inline(__always)
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

    /// Whom a node turns to, and its place in the buffer.
    struct Choice {
        var result = DecisionResult.noNodesFound
        var index = 0
        var entry: JoinMeEntry?
        var score: UInt32 = 0
    }

    /// What a decision comes to.
    @inline(__always)
    func choice(_ view: ScoringView) -> Choice {
        let entries = classic.joinMeBuffer.entries
        if freeOut > 0, let best = classic.joinMeBuffer.best({ view.centralScore(of: $0) }) {
            return Choice(
                result: .connectAsCentral,
                index: best.index,
                entry: entries[best.index],
                score: best.score
            )
        }
        guard let best = classic.joinMeBuffer.best({ view.peripheralScore(of: $0) }) else { return Choice() }
        return Choice(result: .waitAsPeripheral, index: best.index, entry: entries[best.index], score: best.score)
    }

    mutating func decide(now: Instant, into outputs: inout Outputs) {
        scheduleDecision(now: now)
        let view = scoringView(now: now)
        traceCandidates(view, into: &outputs)
        let oldAck = classic.ackField
        classic.ackField = .none
        let choice = choice(view)
        let partner = choice.entry?.joinMe.sender
        trace(.decision(choice.result, partner: partner, score: choice.score), into: &outputs)
        liveReport(151, UInt32(choice.result.rawValue), UInt32(partner?.rawValue ?? 0), now, &outputs)
        if let entry = choice.entry {
            switch choice.result {
            case .connectAsCentral: connect(toEntry: choice.index, view: view, now: now, into: &outputs)
            case .waitAsPeripheral: acknowledge(entry.joinMe, now: now, into: &outputs)
            case .noNodesFound: break
            }
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

    @inline(__always)
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
            trace(.candidate(judgement(of: entry, view)), into: &outputs)
        }
    }
}
