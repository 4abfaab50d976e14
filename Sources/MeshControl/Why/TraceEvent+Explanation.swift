import MeshCore
import MeshWire
import RadioPort

/// What explanations need to know beyond an event: who was at the other end of a link, and what it said last.
struct TraceContext {
    /// What was found out about a link.
    struct Ends: Sendable {
        var link: LinkID
        var node: NodeID?
        var address: Address?
    }

    /// Cluster sizes as a partner opened a handshake.
    struct Welcome: Sendable {
        var partner: NodeID
        var cluster: ClusterID
        var size: Int16
        var ownCluster: ClusterID
        var ownSize: Int16
    }

    /// Links remembered, oldest first.
    private(set) var links: [Ends] = []
    private(set) var welcome: Welcome?

    /// Links remembered; the oldest is forgotten.
    static let linksMax = 32

    /// Learns from an event.
    mutating func learn(_ event: TraceEvent) {
        switch event {
        case .linkUp(let link, _, let address):
            if links.count >= Self.linksMax { links.removeFirst() }
            links.append(Ends(link: link, address: address))
        case .identified(let link, let node), .linkProtected(let link, let node):
            guard let index = links.lastIndex(where: { $0.link == link }) else { return }
            links[index].node = node
        case .welcomed(let partner, let cluster, let size, let ownCluster, let ownSize):
            welcome = Welcome(
                partner: partner,
                cluster: cluster,
                size: size,
                ownCluster: ownCluster,
                ownSize: ownSize
            )
        default: return
        }
    }

    func ends(of link: LinkID) -> Ends? { links.last { $0.link == link } }

    func node(of link: LinkID) -> NodeID? { ends(of: link)?.node }

    /// The nodes that an event has to do with, be it by the link that it names.
    func nodes(of event: TraceEvent) -> [NodeID] {
        guard event.nodes.isEmpty, let link = event.link, let node = node(of: link) else { return event.nodes }
        return [node]
    }

    /// The youngest link to a node.
    func link(to node: NodeID) -> LinkID? { links.last { $0.node == node }?.link }

    /// `node 9`, or the address if nobody knows the node.
    func who(_ link: LinkID) -> String {
        let ends = ends(of: link)
        if let node = ends?.node { return "node \(node)" }
        return ends?.address.map { "\($0)" } ?? "an unknown node"
    }
}

extension TraceEvent {
    /// What the event says about a decision; nil for what is told elsewhere or is no decision: the judgement of a neighbour,
    /// which is kept apart, and single messages.
    func explanation(_ context: TraceContext) -> Explanation? {
        switch self {
        case .started, .candidate, .identified, .malformed, .unknownType, .unexpected, .splitDropped, .queueFull,
            .hopsToSink, .accessDropped:
            nil
        case .bystander(let bystander): bystander.explanation()
        case .discovery(let from, let to):
            Explanation("discovery", "discovery went from \(from) to \(to): \(Self.words(to))")
        case .decision(let result, let partner, let score): Self.decision(result, partner, score)
        case .connectRefused(let node, let refusal):
            Explanation(
                refusal == .noFreeSlot ? "no_free_slot" : Words.snake("\(refusal)"),
                node: node,
                "node \(node) is not connected to: \(refusal.words); tried again at the next decision"
            )
        case .connecting(let node, let address, let attempt):
            Explanation(
                "connecting",
                node: node,
                numbers: ["address": .text("\(address)"), "attempt": .unsigned(UInt64(attempt))],
                "node \(node) is being connected to, attempt \(attempt)"
            )
        case .connectFailed(let node, let status):
            Explanation(
                "connect_failed",
                node: node,
                numbers: ["status": .unsigned(UInt64(status.rawValue))],
                "node \(node) could not be connected to: \(status.words)"
            )
        case .linkUp(let link, let role, _):
            Explanation(
                "link_up",
                node: context.node(of: link),
                link: link,
                "link \(link.rawValue) came up: "
                    + (role == .central ? "this node opened it" : "\(context.who(link)) opened it")
            )
        case .linkRefused(let link, let refusal): Self.linkRefused(link, refusal, context)
        case .linkDown(let link, _, let status): Self.linkDown(link, status, context)
        case .encryptionFailed(let link, let status): Self.encryptionFailed(link, status, context)
        case .linkProtected(let link, let partner):
            Explanation(
                "link_protected",
                node: partner,
                link: link,
                "both ends protect link \(link.rawValue) to node \(partner) themselves: a radio cannot encrypt it"
            )
        case .handshakeStarted(let link, let cluster, let size):
            Explanation(
                "handshake_started",
                node: context.node(of: link),
                link: link,
                numbers: ["cluster": Self.number(cluster), "cluster_size": .integer(Int64(size))],
                "this node offers its \(Words.cluster(cluster)) of \(Words.count(size, "node")) to \(context.who(link))"
            )
        case .welcomed(let partner, let cluster, let size, let ownCluster, let ownSize):
            Explanation(
                "handshake_offered",
                node: partner,
                link: context.link(to: partner),
                numbers: Self.sizes(cluster, size, ownCluster, ownSize),
                "node \(partner) offers its \(Words.cluster(cluster)) of \(size); this node is in "
                    + "\(Words.cluster(ownCluster)) of \(ownSize)"
            )
        case .handshakeRefused(let partner, let failure): Self.handshakeRefused(partner, failure, context)
        case .handshakeDone(let partner, let isWinner, let cluster, let size):
            Explanation(
                "handshake_done",
                node: partner,
                link: context.link(to: partner),
                concernsCluster: true,
                numbers: ["cluster": Self.number(cluster), "cluster_size": .integer(Int64(size))],
                isWinner
                    ? "node \(partner) joined \(Words.cluster(cluster)), now of \(Words.count(size, "node"))"
                    : "this node joined \(Words.cluster(cluster)) of node \(partner), now of \(Words.count(size, "node"))"
            )
        case .connectionRemoved(let partner, let reason, let wasHandshaked, _):
            Self.removed(partner, reason, wasHandshaked: wasHandshaked, context)
        case .dissolved(let cause):
            Explanation(
                "dissolved",
                concernsCluster: true,
                numbers: ["cause": .text(Words.snake("\(cause)"))],
                "this node dropped all its links and is alone, because \(cause.words)"
            )
        case .newCluster(let cluster):
            Explanation(
                "new_cluster",
                concernsCluster: true,
                numbers: ["cluster": Self.number(cluster)],
                "this node made itself \(Words.cluster(cluster))"
            )
        case .clusterSize(let size, let change, let partner):
            Explanation(
                "cluster_size",
                node: partner,
                concernsCluster: true,
                numbers: ["cluster_size": .integer(Int64(size)), "change": .integer(Int64(change))],
                "the cluster has \(Words.count(size, "node")) now, \(abs(Int(change))) \(change < 0 ? "less" : "more"), "
                    + "by way of node \(partner)"
            )
        case .masterBit(let partner, let held):
            Explanation(
                "master_bit",
                node: partner,
                link: context.link(to: partner),
                "the master bit of the link to node \(partner) is \(held ? "here" : "there") now: "
                    + "\(held ? "this" : "that") side keeps the cluster if the link is lost"
            )
        case .counterMismatch(let partner):
            Explanation(
                "counter_mismatch",
                node: partner,
                concernsCluster: true,
                "a cluster update of node \(partner) was discarded: its counter is not the expected one, "
                    + "so that sizes may be wrong until the link is made anew"
            )
        case .reestablishing(let partner, let status):
            Explanation(
                "reestablishing",
                node: partner,
                link: context.link(to: partner),
                concernsCluster: true,
                numbers: ["status": .unsigned(UInt64(status.rawValue))],
                "the link to node \(partner) was lost: \(status.words); it is being re-established, and the cluster kept "
                    + "meanwhile"
            )
        case .reestablishmentSkipped(let partner, let rules):
            Explanation(
                "not_reestablished",
                node: partner,
                link: context.link(to: partner),
                concernsCluster: true,
                numbers: ["rules": .unsigned(UInt64(rules))],
                "the lost link to \(Self.name(partner)) is not re-established: \(Self.rules(rules))"
            )
        case .reestablished(let partner):
            Explanation(
                "reestablished",
                node: partner,
                link: context.link(to: partner),
                concernsCluster: true,
                "the lost link to node \(partner) is back"
            )
        case .emergency(let node):
            Explanation(
                "emergency",
                node: node,
                concernsCluster: true,
                "node \(node) of a bigger cluster is asked to free a link: this node has waited for too long to be taken in"
            )
        case .emergencyAnswered(let code):
            Explanation(
                "emergency_answered",
                concernsCluster: true,
                "another cluster asked this node to free a link: \(Self.emergency(code))"
            )
        case .emergencyDecided(let node, let code):
            Explanation(
                "emergency_decided",
                node: node,
                "node \(node) was asked to free a link: \(Self.emergency(code))"
            )
        case .accessEstablished(let link, let partner, _, _, _):
            Explanation(
                "access_established",
                node: partner,
                link: link,
                "link \(link.rawValue) to node \(partner) is a MeshAccess link: its key handshake is done"
            )
        case .accessBroken(let link):
            Explanation(
                "wrong_key",
                node: context.node(of: link),
                link: link,
                "a packet of link \(link.rawValue) did not open with its key: the link needs a new handshake"
            )
        case .noEntropy(let link):
            Explanation(
                "no_entropy",
                node: context.node(of: link),
                link: link,
                "link \(link.rawValue) was refused: there was no random number for its handshake"
            )
        case .grafted(let parent, let partner, let ownKey, let partnerKey, let nodes):
            Self.grafted(parent, partner, ownKey, partnerKey, nodes, context)
        case .split(let partner, let key, let size):
            Explanation(
                "split",
                node: partner,
                concernsCluster: true,
                numbers: ["rank": .unsigned(UInt64(key.rank)), "cluster": Self.number(key.cluster)],
                "the parent, node \(partner), is lost: \(Words.count(size, "node")) on this side go on as a cluster with "
                    + Words.key(key)
            )
        case .role(let sender, let receiver, let wasAsked):
            Explanation(
                "role",
                concernsCluster: true,
                numbers: ["from": Self.number(sender), "to": Self.number(receiver)],
                "the role of the root went from node \(sender) to node \(receiver): "
                    + (wasAsked ? "somebody asked for it" : "the middle of the tree lies that way")
            )
        case .roleAsked(let parent):
            Explanation(
                "role_asked",
                node: parent,
                concernsCluster: true,
                "this node asks node \(parent) for the role of the root: only a root may join its cluster to another"
            )
        case .roleWithdrawn(let parent):
            Explanation(
                "role_withdrawn",
                node: parent,
                concernsCluster: true,
                "this node no longer asks node \(parent) for the role of the root: no greater cluster is heard any more"
            )
        case .engagementEnded(let partner, let reason):
            Explanation(
                Self.rule(of: reason),
                node: partner,
                "nothing came of the link to node \(partner), because \(reason.words)"
            )
        case .leftAlone(let node, let microseconds):
            Explanation(
                "left_alone",
                node: node,
                numbers: ["pause_s": .seconds(microseconds)],
                "node \(node) is left alone for \(Words.time(microseconds)) after that"
            )
        case .called(let partner):
            Explanation(
                "called",
                node: partner,
                "this node calls for a link from the cluster of node \(partner): it has itself no outgoing slot that fits"
            )
        case .knocked(let partner):
            Explanation("knocked", node: partner, "node \(partner) has no free slot and is asked to free one")
        case .roomRefused(let partner, let refusal):
            Explanation(
                "no_free_slot",
                node: partner,
                numbers: ["cause": .text(Words.snake("\(refusal)"))],
                "no slot is freed for node \(partner): \(Self.words(refusal))"
            )
        case .roomMade(let child, let partner):
            Explanation(
                "room_made",
                node: child,
                concernsCluster: true,
                numbers: ["for": Self.number(partner)],
                "node \(child) was let go so that node \(partner), which had found no slot anywhere, gets one"
            )
        case .otherMode(let node, let own):
            Explanation(
                "other_mode",
                node: node,
                "node \(node) forms clusters in \(own.other.rawValue) mode and this node in \(own.rawValue): "
                    + "the two never link"
            )
        case .clusteringPlanned(let mode, let time):
            Explanation(
                "clustering_planned",
                concernsCluster: true,
                numbers: ["at": .unsigned(UInt64(time))],
                "the clustering mode will change to \(mode.rawValue)"
            )
        case .clusteringKept(let mode, let wasWithdrawn):
            Explanation(
                "clustering_kept",
                concernsCluster: true,
                "the clustering mode stays \(mode.rawValue): the change "
                    + (wasWithdrawn ? "was withdrawn" : "passed unnoticed")
            )
        case .clusteringChanged(let mode):
            Explanation(
                "clustering_changed",
                concernsCluster: true,
                "all links were dropped because the clustering mode changed to \(mode.rawValue)"
            )
        case .enrolment(let code, let node, let network): Self.enrolment(code, node, network)
        case .enrolling(let serial):
            Explanation("enrolling", "the device \(serial) is looked for, because somebody wants it to be enrolled")
        case .enrollingEnded(let serial, let outcome): Self.errand(serial, outcome)
        }
    }

    // MARK: - Decisions with cases of their own

    private static func decision(_ result: DecisionResult, _ partner: NodeID?, _ score: UInt32) -> Explanation {
        let numbers: JSONObject = ["score": .unsigned(UInt64(score))]
        let name = partner.map { "node \($0)" } ?? "nobody"
        switch result {
        case .connectAsCentral:
            return Explanation(
                "connect",
                node: partner,
                concernsCluster: true,
                numbers: numbers,
                "\(name) has the best score to connect to, \(score)"
            )
        case .waitAsPeripheral:
            return Explanation(
                "wait",
                node: partner,
                concernsCluster: true,
                numbers: numbers,
                "this node can connect to nobody and waits to be connected to, best by \(name), whose score is \(score)"
            )
        case .noNodesFound:
            return Explanation(
                "nobody_usable",
                concernsCluster: true,
                "no neighbour of another cluster was usable; a decision is taken every 2 s"
            )
        }
    }

    private static func linkRefused(_ link: LinkID, _ refusal: LinkRefusal, _ context: TraceContext) -> Explanation {
        let (rule, words) =
            switch refusal {
            case .inHandshake: ("in_handshake", "another link is in its cluster handshake")
            case .noFreeSlot: ("no_free_slot", "all connections of this node are taken")
            case .notWanted: ("not_wanted", "what asked for it is gone")
            }
        return Explanation(
            rule,
            node: context.node(of: link),
            link: link,
            "link \(link.rawValue) to \(context.who(link)) was closed at once: \(words)"
        )
    }

    private static func linkDown(_ link: LinkID, _ status: HCIStatus, _ context: TraceContext) -> Explanation {
        let numbers: JSONObject = ["status": .unsigned(UInt64(status.rawValue))]
        guard status != .micFailure else {
            return Explanation(
                "wrong_key",
                node: context.node(of: link),
                link: link,
                concernsCluster: true,
                numbers: numbers,
                "link \(link.rawValue) to \(context.who(link)) ended while its key was checked (\(status.code)): "
                    + "the network keys differ"
            )
        }
        return Explanation(
            "link_down",
            node: context.node(of: link),
            link: link,
            numbers: numbers,
            "link \(link.rawValue) to \(context.who(link)) ended: \(status.words)"
        )
    }

    private static func encryptionFailed(_ link: LinkID, _ status: HCIStatus, _ context: TraceContext) -> Explanation {
        let isKeyless = status == .keyMissing || status == .authenticationFailure
        let consequence =
            isKeyless ? "both ends protect the link themselves, if the partner can" : "the link is given up"
        return Explanation(
            status == .micFailure ? "wrong_key" : "not_encrypted",
            node: context.node(of: link),
            link: link,
            numbers: ["status": .unsigned(UInt64(status.rawValue))],
            "link \(link.rawValue) to \(context.who(link)) could not be encrypted: \(status.words); \(consequence)"
        )
    }

    private static func handshakeRefused(
        _ partner: NodeID,
        _ failure: HandshakeFailure,
        _ context: TraceContext
    ) -> Explanation {
        let welcome = context.welcome.flatMap { $0.partner == partner ? $0 : nil }
        let rule: String
        let words: String
        switch failure {
        case .sameCluster:
            rule = "same_cluster"
            words =
                welcome.map { "both are in \(Words.cluster($0.cluster)) already" } ?? "both are in one cluster already"
        case .networkMismatch:
            rule = "other_network"
            words = "it belongs to another network"
        case .wrongDirection:
            rule = "smaller"
            words =
                welcome.map { "its cluster of \($0.size) is smaller than this one of \($0.ownSize)" }
                ?? "its cluster is smaller than this one"
        case .unpreferred:
            rule = "not_preferred"
            words = "it is not preferred, and others are ignored"
        }
        return Explanation(
            rule,
            node: partner,
            link: context.link(to: partner),
            numbers: welcome.map { sizes($0.cluster, $0.size, $0.ownCluster, $0.ownSize) } ?? [:],
            "the handshake of node \(partner) was refused: \(words)"
        )
    }

    private static func removed(
        _ partner: NodeID,
        _ reason: DisconnectReason,
        wasHandshaked: Bool,
        _ context: TraceContext
    ) -> Explanation {
        let what = wasHandshaked ? "the mesh link to" : "the link to"
        return Explanation(
            rule(of: reason),
            node: partner,
            link: context.link(to: partner),
            concernsCluster: wasHandshaked,
            "\(what) \(name(partner)) was given up, because \(reason.words)"
        )
    }

    private static func grafted(
        _ parent: NodeID,
        _ partner: NodeID,
        _ ownKey: ClusterKey,
        _ partnerKey: ClusterKey,
        _ nodes: Int16,
        _ context: TraceContext
    ) -> Explanation {
        let isUnder = parent == partner
        return Explanation(
            "grafted",
            node: partner,
            link: context.link(to: partner),
            concernsCluster: true,
            numbers: [
                "rank": .unsigned(UInt64(ownKey.rank)), "cluster": number(ownKey.cluster),
                "partner_rank": .unsigned(UInt64(partnerKey.rank)), "partner_cluster": number(partnerKey.cluster),
                "nodes": .integer(Int64(nodes)),
            ],
            isUnder
                ? "this cluster of \(Words.count(nodes, "node")) hung itself under node \(partner): its \(Words.key(partnerKey)) "
                    + "is greater than \(Words.key(ownKey)) here"
                : "node \(partner) hung \(Words.count(nodes, "node")) under this node: its \(Words.key(partnerKey)) is smaller "
                    + "than \(Words.key(ownKey)) here"
        )
    }

    private static func enrolment(_ code: EnrollmentCode, _ node: NodeID, _ network: NetworkID) -> Explanation {
        let sentence =
            switch code {
            case .ok where network == .notEnrolled:
                "this node was taken out of its network and will restart without one"
            case .ok: "this node was enrolled as node \(node) of network \(network)"
            case .alreadyEnrolled: "this node was not enrolled anew: only a new one was meant"
            case .nodeIDOutOfRange: "this node was not enrolled: it cannot have the id \(node)"
            default: "this node was not enrolled: code \(code.rawValue)"
            }
        return Explanation(
            code == .ok ? "enrolled" : "not_enrolled_anew",
            concernsCluster: true,
            numbers: ["code": number(code), "new_node": number(node), "new_network": number(network)],
            sentence
        )
    }

    private static func errand(_ serial: SerialNumber, _ outcome: ErrandOutcome) -> Explanation {
        switch outcome {
        case .answered(.ok):
            Explanation("device_enrolled", "the device \(serial) was enrolled by way of this node")
        case .answered(let code):
            Explanation(
                "device_refused",
                numbers: ["code": number(code)],
                "the device \(serial) refused to be enrolled, code \(code.rawValue)"
            )
        case .settledElsewhere:
            Explanation("device_settled", "the device \(serial) was to be enrolled, but has answered without this node")
        case .notFound:
            Explanation(
                "device_not_found",
                "the device \(serial) was to be enrolled, but was not heard or let nobody in"
            )
        case .unanswered:
            Explanation("device_silent", "the device \(serial) was to be enrolled, but did not answer")
        }
    }

    // MARK: - Words

    private static func name(_ partner: NodeID) -> String {
        partner.rawValue == 0 ? "a node that had not said who it is" : "node \(partner)"
    }

    /// The rule that a removal stands for.
    private static func rule(of reason: DisconnectReason) -> String {
        switch reason {
        case .invalidKey, .invalidPacket, .invalidHandshakePacket: "wrong_key"
        case .networkMismatch: "other_network"
        case .clusteringMismatch: "other_mode"
        case .noSpot: "no_free_slot"
        case .currentlyInHandshake: "in_handshake"
        case .unpreferred: "not_preferred"
        default: Words.snake("\(reason)")
        }
    }

    private static func words(_ state: DiscoveryState) -> String {
        switch state {
        case .high: "others are looked for all the time"
        case .low: "others are looked for now and then"
        case .idle: "nobody is looked for, the cluster is complete"
        case .off: "the node neither looks nor is seen"
        }
    }

    private static func words(_ refusal: RoomRefusal) -> String {
        switch refusal {
        case .keptForOther: "one is kept for another node already"
        case .letGo: "it was itself let go a short time ago"
        case .noChildToSpare: "there is no child to spare"
        }
    }

    private static func rules(_ bits: UInt8) -> String {
        var words: [String] = []
        if bits & 1 != 0 { words.append("a leaf waits for its parent anew") }
        if bits & 2 != 0 { words.append("its handshake had not been completed") }
        if bits & 4 != 0 { words.append("this node closed it") }
        if bits & 8 != 0 { words.append("the partner closed it") }
        if bits & 16 != 0 { words.append("it was too young") }
        if bits & 32 != 0 { words.append("it had carried something corrupted") }
        if bits & 64 != 0 { words.append("the radio failed, and with it what the partner takes for sent") }
        return words.joined(separator: ", ")
    }

    private static func emergency(_ code: UInt8) -> String {
        switch code {
        case 0: "a link was freed"
        case 1: "one is free already"
        default: "no link could be freed"
        }
    }

    private static func sizes(
        _ cluster: ClusterID,
        _ size: Int16,
        _ ownCluster: ClusterID,
        _ ownSize: Int16
    ) -> JSONObject {
        [
            "cluster": number(cluster), "cluster_size": .integer(Int64(size)), "own_cluster": number(ownCluster),
            "own_size": .integer(Int64(ownSize)),
        ]
    }

    private static func number<Identifier: RawRepresentable>(_ identifier: Identifier) -> JSONValue
    where Identifier.RawValue: FixedWidthInteger & UnsignedInteger {
        .unsigned(UInt64(identifier.rawValue))
    }
}
