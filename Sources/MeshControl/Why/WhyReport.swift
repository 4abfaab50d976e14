package import MeshCore
import MeshWire
package import RadioPort

/// Answers why a node is linked as it is: what is so at this moment, then what was decided, oldest first.
package struct WhyReport {
    let node: Node
    let log: DecisionLog
    let now: Instant
    let surroundings: NodeSurroundings
    let neighbours: NeighbourReport

    /// Decisions of one answer; the latest.
    static let entriesMax = 12
    /// Decisions of a summary; the latest.
    static let summaryEntriesMax = 3
    /// How long a wrong key is held against a neighbour that is heard, in microseconds.
    static let keyAge: UInt64 = 300_000_000

    /// A report on a node.
    ///
    /// - Parameters:
    ///   - node: the node.
    ///   - log: what it decided.
    ///   - now: the moment.
    ///   - surroundings: what is around the node.
    package init(_ node: Node, _ log: DecisionLog, at now: Instant, in surroundings: NodeSurroundings) {
        self.node = node
        self.log = log
        self.now = now
        self.surroundings = surroundings
        neighbours = NeighbourReport(of: node, at: now)
    }

    /// Objects of kind `why`; one with the rule `unknown` if the node or link was never heard of, with the closest that was.
    package func answer(_ question: WhyQuestion) -> [JSONObject] {
        switch question {
        case .summary:
            let summary = summary
            let reasons = neighbours.rows.map(\.explanation).filter {
                $0.rule != "same_cluster" && !($0.rule == summary.rule && $0.node == summary.node)
            }
            return ([summary] + reasons).map { object("summary", $0) }
                + objects("summary", log.clusterEntries, atMost: Self.summaryEntriesMax)
        case .node(let id): return answer(about: id)
        case .link(let id): return answer(about: id)
        case .cluster:
            var answer = [object("cluster", membership)]
            answer += objects("cluster", log.clusterEntries, atMost: Self.entriesMax)
            if log.droppedEntries > 0 {
                answer.append(
                    object("cluster", Explanation("dropped", "\(log.droppedEntries) older decisions were forgotten"))
                )
            }
            return answer
        }
    }

    // MARK: - One node, one link

    private func answer(about id: NodeID) -> [JSONObject] {
        guard id != node.identity.node else {
            return [
                object(
                    "node",
                    Explanation("own", node: id, "node \(id) is the node that answers; ask about the cluster")
                )
            ]
        }
        var present = node.linkViews.filter { $0.partner == id || $0.target == id }.map { explanation(of: $0) }
        present += neighbours.rows.filter { $0.node == id }.map(\.explanation)
        if present.isEmpty, let known = log.judgement(of: id) {
            let time = JudgementTime(age: now.microseconds(since: known.at))
            present.append(known.judgement.explanation(time))
        }
        // What is so at this moment need not be said once more.
        let entries = log.entries(about: id).filter { entry in
            !present.contains { $0.rule == entry.explanation.rule }
        }
        guard !present.isEmpty || !entries.isEmpty else {
            return [object("node", unknown("node", Int(id.rawValue), among: knownNodes))]
        }
        return present.map { object("node", $0) } + objects("node", entries, atMost: Self.entriesMax)
    }

    private func answer(about id: LinkID) -> [JSONObject] {
        let present = node.linkViews.filter { $0.link == id && id.rawValue > 0 }.map { explanation(of: $0) }
        var entries = log.entries(about: id)
        if let partner = log.context.node(of: id) {
            // Much is known of the partner only.
            entries = log.entries.filter {
                $0.explanation.link == id || $0.explanation.link == nil && $0.explanation.node == partner
            }
        }
        guard !present.isEmpty || log.context.ends(of: id) != nil || !entries.isEmpty else {
            return [object("link", unknown("link", Int(id.rawValue), among: knownLinks))]
        }
        return present.map { object("link", $0) } + objects("link", entries, atMost: Self.entriesMax)
    }

    /// What a connection is at this moment.
    private func explanation(of link: LinkView) -> Explanation {
        let partner = link.partner.rawValue > 0 ? link.partner : link.target
        let name = partner.rawValue > 0 ? "node \(partner)" : "\(link.address)"
        let subject = link.link.rawValue > 0 ? "link \(link.link.rawValue) to \(name)" : "the link to \(name)"
        func told(_ rule: String, _ words: String) -> Explanation {
            Explanation(rule, node: partner, link: link.link, "\(subject) \(words)")
        }
        guard link.kind == .mesh else {
            return link.kind == .access
                ? told("access", "is a MeshAccess link and no part of the mesh")
                : told("unresolved", "is up, but \(name) has not said what it is for")
        }
        switch link.state {
        case .connecting: return told("connecting", "is asked for; the radio has not answered")
        case .connected, .handshaking: return told("in_handshake", engagement(link))
        case .handshakeDone:
            return told(
                "linked",
                "is part of the mesh: \(Words.count(link.connectedSize, "node")) behind it"
                    + (link.since.map { ", for \(Words.time(now.microseconds(since: $0)))" } ?? "")
            )
        case .reestablishing, .reestablishingHandshake:
            return told("reestablishing", "is lost and being re-established; the cluster is kept meanwhile")
        }
    }

    private func engagement(_ link: LinkView) -> String {
        guard link.relation == .engaged, link.state == .handshaking else { return "is in its handshake" }
        guard let offered = link.offeredKey else { return "is up; the partner has not said its key" }
        let own = node.clusterKey
        if offered < own {
            return
                "waits for the partner: its \(Words.key(offered)) is smaller than \(Words.key(own)) here, so that it is its move"
        }
        return node.isRoot
            ? "waits for a free slot of the partner, whose \(Words.key(offered)) is greater than \(Words.key(own)) here"
            : "waits for the role of the root, which alone may join this cluster to the greater \(Words.key(offered))"
    }

    // MARK: - The whole

    /// What the cluster is at this moment.
    private var membership: Explanation {
        let partners = node.linkViews.filter(\.isMeshEdge).map(\.partner).sorted()
        let links =
            partners.isEmpty
            ? "it has no mesh link" : "it is linked to node\(partners.count == 1 ? "" : "s") \(Self.list(partners))"
        return Explanation(
            "cluster",
            concernsCluster: true,
            numbers: [
                "cluster": .unsigned(UInt64(node.clusterID.rawValue)),
                "cluster_size": .integer(Int64(node.clusterSize)),
                "expected_size": expected > 0 ? .integer(Int64(expected)) : .null,
            ],
            "this node is in \(Words.cluster(node.clusterID)) of \(Words.count(node.clusterSize, "node"))"
                + (expected > 0 ? ", \(expected) are enrolled" : "") + "; \(links)"
        )
    }

    private var expected: Int { Int(node.stored.enrolledNodes) }

    /// The most probable reason of what the node is at this moment.
    package var summary: Explanation {
        if let reason = ownReason { return reason }
        let size = Int(node.clusterSize)
        if expected > 0, size >= expected {
            return Explanation(
                "good",
                concernsCluster: true,
                "all \(Words.count(expected, "enrolled node")) are in the cluster"
            )
        }
        let state = expected > 0 ? "\(size) of \(expected) enrolled nodes are in the cluster" : aloneOrNot
        guard let reason = outsideReason else {
            let isAlone = !node.linkViews.contains(where: \.isMeshEdge)
            return Explanation(
                expected == 0 && !isAlone ? "good" : "nobody_heard",
                concernsCluster: true,
                expected == 0 && !isAlone
                    ? "\(state); how many there should be is not known, and no other cluster is heard"
                    : "\(state): no node of another cluster is heard; what is missing is off, out of reach or in "
                        + "another network"
            )
        }
        return Explanation(
            reason.rule,
            node: reason.node,
            link: reason.link,
            concernsCluster: true,
            numbers: reason.numbers,
            "\(state), most probably for this reason: \(reason.sentence.dropLast())"
        )
    }

    private var aloneOrNot: String {
        node.linkViews.contains(where: \.isMeshEdge)
            ? "the cluster has \(Words.count(node.clusterSize, "node"))" : "this node has no mesh link"
    }

    /// What keeps the node from any link at all, or has just taken one away.
    private var ownReason: Explanation? {
        if !node.isUp {
            return Explanation(
                "radio_not_ready",
                concernsCluster: true,
                "the radio is not ready: \(surroundings.radio.state)"
            )
        }
        if node.identity.network == .notEnrolled {
            return Explanation(
                "not_enrolled",
                concernsCluster: true,
                "this node belongs to no network: it links with nobody before it is enrolled"
            )
        }
        if node.identity.deviceType == .asset {
            return Explanation("asset", concernsCluster: true, "this node is an asset, which never joins a mesh")
        }
        return node.linkViews.first {
            $0.kind == .mesh && ($0.state == .reestablishing || $0.state == .reestablishingHandshake)
        }.map { explanation(of: $0) }
    }

    /// What keeps the node from the clusters around it, the most telling reason first; nil if none is heard.
    private var outsideReason: Explanation? {
        let rows = neighbours.rows.filter { $0.explanation.rule != "same_cluster" }
        let wrongKeys = log.entries.filter {
            $0.explanation.rule == "wrong_key" && now.microseconds(since: $0.lastAt) <= Self.keyAge
        }
        let isCutOff = rows.first { $0.explanation.rule == "equal_id_partition" }?.explanation
        let key = wrongKeys.last { entry in
            rows.contains { $0.node == entry.explanation.node && $0.network == node.identity.network }
        }
        if let reason = isCutOff ?? key?.explanation ?? hiddenPartition { return reason }
        return rows.map(\.explanation).min { Self.weight($0.rule) < Self.weight($1.rule) }
    }

    /// More nodes show the own cluster id than the cluster counts: it was cut in two parts of one id.
    private var hiddenPartition: Explanation? {
        let heard = neighbours.rows.filter {
            $0.explanation.rule == "same_cluster" && $0.age <= Bystander.newsDelay
        }
        let partners = node.linkViews.filter(\.isMeshEdge).count
        let members = heard.count + partners + 1
        guard members > Int(node.clusterSize), let first = heard.first else { return nil }
        return Explanation(
            "equal_id_partition",
            node: first.node,
            concernsCluster: true,
            numbers: ["cluster": .unsigned(UInt64(node.clusterID.rawValue)), "members": .integer(Int64(members))],
            "\(members) nodes show \(Words.cluster(node.clusterID)), which counts \(node.clusterSize): it was cut in two parts "
                + "that kept one id, and nodes of one id never link; restart one part"
        )
    }

    /// Rules in the order in which they explain most: first what will not pass by itself, then what is under way, then what
    /// concerns nodes that may not matter.
    private static func weight(_ rule: String) -> Int {
        let order = [
            "other_mode", "candidate", "connect", "call", "answer_call", "ask_for_role", "bigger", "smaller",
            "outscored",
            "back_off", "left_alone", "no_free_slot", "let_go", "acknowledges_other", "not_preferred", "leaf",
            "table_full", "already_linked", "too_weak", "impossible_key", "too_old", "other_network",
        ]
        return order.firstIndex(of: rule) ?? order.count
    }

    // MARK: - Objects

    private func object(_ topic: String, _ explanation: Explanation, _ entry: DecisionLog.Entry? = nil) -> JSONObject {
        let at = entry?.lastAt ?? now
        return explanation.object(
            topic,
            at: at.microseconds(since: surroundings.startedAt),
            age: now.microseconds(since: at),
            count: entry?.count ?? 1
        )
    }

    private func objects(_ topic: String, _ entries: [DecisionLog.Entry], atMost limit: Int) -> [JSONObject] {
        entries.suffix(limit).map { object(topic, $0.explanation, $0) }
    }

    // MARK: - Suggestions

    private var knownNodes: [Int] {
        let links = node.linkViews.flatMap { [$0.partner, $0.target] }
        let logged = log.entries.compactMap(\.explanation.node) + log.neighbours.map(\.judgement.node)
        return (links + logged + neighbours.rows.map(\.node)).map { Int($0.rawValue) }
    }

    private var knownLinks: [Int] {
        (node.linkViews.map(\.link) + log.context.links.map(\.link)).map { Int($0.rawValue) }
    }

    private func unknown(_ noun: String, _ number: Int, among known: [Int]) -> Explanation {
        let known = Set(known).subtracting([0])
        let closest = Similar.number(to: number, among: known)
        return Explanation(
            "unknown",
            numbers: ["closest": .optional(closest) { .integer(Int64($0)) }],
            "nothing is known of \(noun) \(number)"
                + (closest.map { "; the closest that is known is \($0)" } ?? ", nor of any other")
        )
    }

    static func list(_ nodes: [NodeID]) -> String {
        let shown = nodes.prefix(8).map(\.description).joined(separator: ", ")
        return nodes.count > 8 ? shown + " and \(nodes.count - 8) more" : shown
    }
}
