import MeshWire
import RadioPort
import Testing

@testable import MeshControl
@testable import MeshCore

/// What the log keeps, and what it says of every kind of event.
@Suite struct DecisionLogTests {
    private static let link = LinkID(rawValue: 3)
    private static let node = NodeID(9)
    private static let cluster = ClusterID(rawValue: 0x0001_0002)
    private static let address = Address(value: 0xC000_0000_0009, kind: .random)
    private static let type = MessageType(rawValue: 20)
    private static let key = ClusterKey(rank: 4, cluster: cluster)

    private static func judgement(_ node: NodeID = node, rssi: Int8 = -60) -> Judgement {
        Judgement(
            node: node,
            address: address,
            cluster: cluster,
            clusterSize: 1,
            rank: nil,
            freeIn: 2,
            freeOut: 3,
            rssi: rssi,
            age: 3,
            attempts: 0,
            pause: 0,
            ownCluster: ClusterID(rawValue: 5),
            ownSize: 1,
            ownRank: nil,
            ownFreeIn: 2,
            ownFreeOut: 3,
            threshold: -85,
            maximumAge: 100,
            verdict: .scores(central: .score(20_340), peripheral: .score(10_340))
        )
    }

    private static func bystander(_ rule: Bystander.Rule) -> Bystander {
        Bystander(
            node: node,
            network: NetworkID(12),
            cluster: cluster,
            clusterSize: 3,
            address: address,
            rssi: -60,
            heardAt: .zero,
            ownSize: 3,
            rule: rule
        )
    }

    /// One event of each kind, and the rule that it is told by; nil: it is silent on purpose.
    static let events: [(TraceEvent, String?)] = [
        (.discovery(from: .high, to: .low), "discovery"),
        (.candidate(judgement()), nil),
        (.bystander(bystander(.otherNetwork)), "other_network"),
        (.decision(.connectAsCentral, partner: node, score: 20_340), "connect"),
        (.connectRefused(node: node, .noFreeSlot), "no_free_slot"),
        (.connecting(node: node, address: address, attempt: 2), "connecting"),
        (.connectFailed(node: node, .failedToEstablish), "connect_failed"),
        (.linkUp(link: link, role: .central, address: address), "link_up"),
        (.identified(link: link, node: node), nil),
        (.linkRefused(link: link, .inHandshake), "in_handshake"),
        (.linkDown(link: link, address: address, .micFailure), "wrong_key"),
        (.encryptionFailed(link: link, .keyMissing), "not_encrypted"),
        (.linkProtected(link: link, partner: node), "link_protected"),
        (.handshakeStarted(link: link, cluster: cluster, clusterSize: 1), "handshake_started"),
        (
            .welcomed(by: node, cluster: cluster, clusterSize: 2, ownCluster: cluster, ownSize: 3), "handshake_offered"
        ),
        (.handshakeRefused(partner: node, .wrongDirection), "smaller"),
        (.handshakeDone(partner: node, winner: true, cluster: cluster, clusterSize: 2), "handshake_done"),
        (
            .connectionRemoved(partner: node, reason: .noSpot, wasHandshaked: false, heldMasterBit: false),
            "no_free_slot"
        ),
        (.dissolved(cause: .linkLost), "dissolved"),
        (.newCluster(cluster), "new_cluster"),
        (.clusterSize(3, change: 1, by: node), "cluster_size"),
        (.masterBit(partner: node, held: true), "master_bit"),
        (.counterMismatch(partner: node), "counter_mismatch"),
        (.reestablishing(partner: node, .connectionTimeout), "reestablishing"),
        (.reestablishmentSkipped(partner: node, rules: 16), "not_reestablished"),
        (.reestablished(partner: node), "reestablished"),
        (.splitDropped(link: link), nil),
        (.malformed(link: link, type: type), nil),
        (.unknownType(type, sender: node), nil),
        (.queueFull(partner: node, type: type), nil),
        (.unexpected(link: link, type: type), nil),
        (.emergency(node: node), "emergency"),
        (.emergencyAnswered(code: 0), "emergency_answered"),
        (.emergencyDecided(by: node, code: 2), "emergency_decided"),
        (
            .accessEstablished(link: link, partner: node, virtual: NodeID(2000), key: .network, tunnel: .peerToPeer),
            "access_established"
        ),
        (.accessBroken(link: link), "wrong_key"),
        (.accessDropped(link: link, type: type, .undetermined), nil),
        (.noEntropy(link: link), "no_entropy"),
        (.grafted(under: node, partner: node, ownKey: key, partnerKey: key, nodes: 2), "grafted"),
        (.split(lost: node, key: key, clusterSize: 2), "split"),
        (.role(from: node, to: NodeID(4), wasAsked: true), "role"),
        (.engagementEnded(partner: node, .handshakeTimeout), "handshake_timeout"),
        (.leftAlone(node: node, microseconds: 1_500_000), "left_alone"),
        (.called(for: node), "called"),
        (.knocked(at: node), "knocked"),
        (.roomRefused(for: node, .noChildToSpare), "no_free_slot"),
        (.roleAsked(of: node), "role_asked"),
        (.roleWithdrawn(of: node), "role_withdrawn"),
        (.roomMade(child: NodeID(4), for: node), "room_made"),
        (.otherMode(node: node, own: .classic), "other_mode"),
        (.clusteringPlanned(.graft, at: 1), "clustering_planned"),
        (.clusteringKept(.graft, wasWithdrawn: true), "clustering_kept"),
        (.clusteringChanged(.graft), "clustering_changed"),
        (.enrolment(.ok, node: node, network: NetworkID(12)), "enrolled"),
        (.enrolling(SerialNumber(9)), "enrolling"),
        (.enrollingEnded(SerialNumber(9), .settledElsewhere), "device_settled"),
        (.hopsToSink(2), nil),
        (.started(.localReset), nil),
    ]

    @Test func everyEventHasASentenceOrIsSilentOnPurpose() {
        var names: Set<String> = []
        for (event, rule) in Self.events {
            names.insert(event.nameAndFields.name)
            let explanation = event.explanation(TraceContext())
            #expect(explanation?.rule == rule, "\(event)")
            guard let explanation else { continue }
            #expect(explanation.sentence.hasSuffix("."), "\(event)")
            #expect(!explanation.sentence.contains(".."), "\(event)")
            #expect(explanation.sentence.first?.isUppercase == true, "\(event)")
        }
        #expect(names.count == Self.events.count, "an event is told twice")
        #expect(names == Set(TraceEvent.names))
    }

    @Test(arguments: GraftVerdict.allCases) func everyVerdictHasASentence(verdict: GraftVerdict) {
        var judgement = Self.judgement()
        judgement.rank = 3
        judgement.ownRank = 1
        judgement.verdict = .graft(verdict)
        let explanation = judgement.explanation()
        #expect(explanation.sentence.hasPrefix("Node 9 "))
        #expect(explanation.sentence.contains("; heard 0.3 s ago"))
        #expect(explanation.rule.allSatisfy { $0 == "_" || $0.isLowercase })
    }

    @Test func linksAreNamedByTheirNodesOnceTheseAreKnown() {
        var log = DecisionLog()
        log.record(.linkUp(link: Self.link, role: .peripheral, address: Self.address), at: .zero)
        log.record(.linkDown(link: Self.link, address: Self.address, .micFailure), at: .zero)
        #expect(
            log.entries.last?.explanation.sentence
                == "Link 3 to c0:00:00:00:00:09 ended while its key was checked (HCI 0x3D): the network keys differ."
        )
        log.record(.identified(link: Self.link, node: Self.node), at: .zero)
        log.record(.linkDown(link: Self.link, address: Self.address, HCIStatus(rawValue: 0x77)), at: .zero)
        #expect(log.entries.last?.explanation.sentence == "Link 3 to node 9 ended: HCI 0x77.")
        #expect(log.entries.last?.explanation.node == Self.node)
    }

    @Test func sizesOfTheHandshakeAreTold() {
        var log = DecisionLog()
        log.record(
            .welcomed(by: Self.node, cluster: Self.cluster, clusterSize: 3, ownCluster: Self.cluster, ownSize: 5),
            at: .zero
        )
        log.record(.handshakeRefused(partner: Self.node, .wrongDirection), at: .zero)
        #expect(
            log.entries.last?.explanation.sentence
                == "The handshake of node 9 was refused: its cluster of 3 is smaller than this one of 5."
        )
    }

    // MARK: - Bounds

    @Test func roundsOfDecisionsAreCounted() {
        var log = DecisionLog()
        for round in 0..<50 as Range<UInt64> {
            let now = Instant(microseconds: round * 1_000_000)
            log.record(.decision(.connectAsCentral, partner: Self.node, score: UInt32(round)), at: now)
            log.record(.connecting(node: Self.node, address: Self.address, attempt: 1), at: now)
            log.record(.connectFailed(node: Self.node, .connectionTimeout), at: now)
        }
        #expect(log.entries.map(\.count) == [50, 50, 50])
        #expect(log.entries.allSatisfy { $0.firstAt == .zero && $0.lastAt.microseconds == 49_000_000 })
        #expect(log.entries[0].explanation.sentence == "Node 9 has the best score to connect to, 49.")
        #expect(log.droppedEntries == 0)
    }

    @Test func oldDecisionsAreForgottenAndCounted() {
        var log = DecisionLog()
        for id in 1...500 as ClosedRange<UInt16> {
            log.record(.reestablished(partner: NodeID(id)), at: Instant(microseconds: UInt64(id)))
        }
        #expect(log.entries.count == DecisionLog.entriesMax)
        #expect(log.droppedEntries == 300)
        #expect(log.entries.first?.explanation.node == NodeID(301))
    }

    @Test func neighboursAreForgottenAndCounted() {
        var log = DecisionLog()
        for id in 1...100 as ClosedRange<UInt16> { log.record(.candidate(Self.judgement(NodeID(id))), at: .zero) }
        #expect(log.neighbours.count == DecisionLog.neighboursMax)
        #expect(log.droppedNeighbours == 36)
        #expect(log.entries.isEmpty)
        log.record(.candidate(Self.judgement(NodeID(100), rssi: -70)), at: .zero)
        #expect(log.judgement(of: NodeID(100))?.judgement.rssi == -70)
        #expect(log.judgement(of: NodeID(1)) == nil)
    }

    @Test func linksAreForgotten() {
        var context = TraceContext()
        for id in 1...100 as ClosedRange<UInt32> {
            context.learn(.linkUp(link: LinkID(rawValue: id), role: .central, address: Self.address))
        }
        #expect(context.links.count == TraceContext.linksMax)
    }

    // MARK: - Words

    @Test(
        arguments: [
            (0x3D, "the network keys differ (HCI 0x3D)"),
            (0x08, "nothing was heard of the partner for too long (HCI 0x08)"),
            (0x13, "the partner closed it (HCI 0x13)"), (0xEE, "HCI 0xEE"),
        ] as [(UInt8, String)]
    )
    func statusCodesHaveWords(code: UInt8, words: String) {
        #expect(HCIStatus(rawValue: code).words == words)
    }

    @Test(
        arguments: [
            (0, "0 s"), (1_400_000, "1.4 s"), (9_999_999, "9.9 s"), (10_500_000, "10 s"), (119_000_000, "119 s"),
            (180_000_000, "3 min"),
        ] as [(UInt64, String)]
    )
    func timesAreShort(microseconds: UInt64, text: String) {
        #expect(Words.time(microseconds) == text)
    }

    @Test func rulesAreSnakeCase() {
        #expect(Words.snake("tooWeak") == "too_weak")
        #expect(Words.snake("iAmSmaller") == "i_am_smaller")
    }
}
