public import MeshWire
public import RadioPort

// What a node makes of each neighbour of other clusters that it remembers, for observers and for traces.
extension Node {
    /// What this node makes of all candidates that it remembers, in the order of its table; allocates.
    public func judgements(at now: Instant) -> [Judgement] {
        switch configuration.clustering {
        case .classic:
            let view = scoringView(now: now)
            return classic.joinMeBuffer.entries.compactMap { entry in entry.map { judgement(of: $0, view) } }
        case .graft: return graft.neighbours.entries.map { judgement(of: $0, verdict(on: $0, now: now), now: now) }
        }
    }

    /// The candidate that this node turns to before all others; nil if there is none.
    public func favourite(at now: Instant) -> NodeID? {
        switch configuration.clustering {
        case .classic: choice(scoringView(now: now)).entry?.joinMe.sender
        case .graft: bestCandidate(now: now)?.neighbour.beacon.sender
        }
    }

    /// When this node decides next, as far as that depends on time alone; nil: when something changes.
    public var nextDecision: Instant? { timers.deadline(.clustering) }

    /// When the scores of a classic node are looked at, and what came out.
    func judgement(of entry: JoinMeEntry, _ view: ScoringView) -> Judgement {
        let joinMe = entry.joinMe
        return Judgement(
            node: joinMe.sender,
            address: entry.address,
            cluster: joinMe.cluster,
            clusterSize: joinMe.clusterSize,
            rank: nil,
            freeIn: joinMe.freeIn,
            freeOut: joinMe.freeOut,
            acknowledges: joinMe.ackField,
            rssi: entry.rssi,
            age: view.now &- entry.receivedAt,
            attempts: entry.attempts,
            pause: view.pause(of: entry),
            ownCluster: clusterID,
            ownSize: clusterSize,
            ownRank: nil,
            ownFreeIn: freeIn,
            ownFreeOut: freeOut,
            threshold: view.rssiThreshold,
            maximumAge: view.maximumAge,
            verdict: .scores(central: view.central(entry), peripheral: view.peripheral(entry))
        )
    }

    /// The same of a node that grafts.
    func judgement(of neighbour: Neighbour, _ verdict: GraftVerdict, now: Instant) -> Judgement {
        let beacon = neighbour.beacon
        let until = verdict == .letGo ? neighbour.letGoUntil : neighbour.bannedUntil
        return Judgement(
            node: beacon.sender,
            address: neighbour.address,
            cluster: beacon.key.cluster,
            clusterSize: beacon.clusterSize,
            rank: beacon.key.rank,
            freeIn: beacon.freeIn,
            freeOut: beacon.freeOut,
            rssi: neighbour.rssi,
            age: UInt32(clamping: now.microseconds(since: neighbour.heardAt) / 100_000),
            attempts: neighbour.failures,
            pause: UInt32(clamping: (until.microseconds(since: now) + 99_999) / 100_000),
            ownCluster: clusterID,
            ownSize: clusterSize,
            ownRank: clusterKey.rank,
            ownFreeIn: freeIn,
            ownFreeOut: freeOut,
            threshold: candidateThreshold(now: now),
            maximumAge: UInt32(clamping: configuration.graft.candidateAge / 100_000),
            verdict: .graft(verdict)
        )
    }

    /// Speaks of a neighbour of a node that grafts if the verdict on it has changed.
    mutating func traceVerdict(at index: Int, now: Instant, into outputs: inout Outputs) {
        guard configuration.tracing else { return }
        let neighbour = graft.neighbours.entries[index]
        let verdict = verdict(on: neighbour, now: now)
        guard graft.neighbours.note(verdict, at: index) else { return }
        trace(.candidate(judgement(of: neighbour, verdict, now: now)), into: &outputs)
    }
}
