import MeshCore
import MeshWire
import RadioPort

/// What is said of a neighbour beside the judgement itself.
struct JudgementTime {
    /// How long ago the judgement was made, in microseconds; 0: it is that of this moment.
    var age: UInt64 = 0
    /// In how many microseconds the node decides next, if that is known.
    var nextDecision: UInt64?
    /// Whom the node turns to before all others.
    var favourite: NodeID?
}

extension Judgement {
    /// The verdict as a rule and a sentence.
    func explanation(_ time: JudgementTime = JudgementTime()) -> Explanation {
        let (rule, sentence, isAskedAgain) =
            switch verdict {
            case .scores(let central, let peripheral): scored(central, peripheral, time)
            case .graft(let verdict): grafted(verdict, time)
            }
        let heard = "heard \(Words.time(heardAgo(time))) ago"
        let again = isAskedAgain ? "; " + again(time) : ""
        return Explanation(rule, node: node, numbers: numbers, "node \(node) \(sentence); \(heard)\(again)")
    }

    /// How long ago it was heard, in microseconds.
    private func heardAgo(_ time: JudgementTime) -> UInt64 { UInt64(age) * 100_000 + time.age }

    private func again(_ time: JudgementTime) -> String {
        let isClassic = if case .scores = verdict { true } else { false }
        guard isClassic else { return "looked at again whenever it is heard" }
        return "looked at again at the next decision" + (time.nextDecision.map { ", in \(Words.time($0))" } ?? "")
    }

    /// What was compared.
    private var numbers: JSONObject {
        var numbers: JSONObject = [
            "rssi_dbm": .integer(Int64(rssi)), "threshold_dbm": .integer(Int64(threshold)),
            "cluster": .unsigned(UInt64(cluster.rawValue)), "cluster_size": .integer(Int64(clusterSize)),
            "own_cluster": .unsigned(UInt64(ownCluster.rawValue)), "own_size": .integer(Int64(ownSize)),
            "free_in": .unsigned(UInt64(freeIn)), "free_out": .unsigned(UInt64(freeOut)),
            "own_free_in": .unsigned(UInt64(ownFreeIn)), "own_free_out": .unsigned(UInt64(ownFreeOut)),
            "attempts": .unsigned(UInt64(attempts)), "pause_s": .seconds(UInt64(pause) * 100_000),
        ]
        switch verdict {
        case .scores(let central, let peripheral):
            numbers.append("central_score", Self.score(central))
            numbers.append("peripheral_score", Self.score(peripheral))
        case .graft:
            numbers.append("rank", .optional(rank) { .unsigned(UInt64($0)) })
            numbers.append("own_rank", .optional(ownRank) { .unsigned(UInt64($0)) })
        }
        return numbers
    }

    /// A score, null if a rule refused it.
    static func score(_ outcome: ScoreOutcome) -> JSONValue {
        if case .score(let score) = outcome { .unsigned(UInt64(score)) } else { .null }
    }

    // MARK: - Classic

    /// Rule, words behind the name, and whether time alone may change it.
    private func scored(
        _ central: ScoreOutcome,
        _ peripheral: ScoreOutcome,
        _ time: JudgementTime
    ) -> (String, String, Bool) {
        switch (central, peripheral) {
        case (.score(let score), _) where ownFreeOut > 0:
            guard let favourite = time.favourite, favourite != node else {
                return ("candidate", "may be connected to: \(sizes), and its score is \(score)", true)
            }
            return (
                "outscored", "may be connected to with a score of \(score), but node \(favourite) comes first", true
            )
        case (.score, .score(let score)):
            return (
                "no_free_slot",
                "is waited for: this node has no free outgoing link, and \(sizes) (score \(score))", true
            )
        case (.score, .refused(let refusal)):
            // What refuses a partner at both ends would have refused this one too: it is smaller, and cannot be asked.
            return refusal == .smaller
                ? ("no_free_slot", "is not asked: this node has no free outgoing link, and it is its move", true)
                : refused(refusal)
        case (.refused(let refusal), .score(let score)):
            let (rule, words, _) = refused(refusal)
            return (rule, words + "; this node waits to be connected to (score \(score))", true)
        case (.refused(let first), .refused(let second)):
            // The rules for both ends say more than those for one.
            return refused(second == .smaller ? first : second)
        }
    }

    private func refused(_ refusal: ScoreRefusal) -> (String, String, Bool) {
        switch refusal {
        case .tooOld where cluster != ownCluster: ("too_old", tooOldWords, false)
        // Whoever was heard of in the own cluster is in it, however long ago that was.
        case .sameCluster, .tooOld: ("same_cluster", "is in the same \(Words.cluster(cluster))", false)
        case .noFreeIn: ("no_free_slot", "is not asked: it has no free incoming link", true)
        case .acknowledgesOther:
            ("acknowledges_other", "is not asked: it has agreed to join \(Words.cluster(acknowledges))", true)
        case .bigger: ("bigger", "has to connect to this node: \(sizes)", false)
        case .smaller: ("smaller", "does not connect to this node: \(sizes)", true)
        case .backOff: ("back_off", pauseWords, true)
        case .alreadyLinked: ("already_linked", "is linked already, or about to be", false)
        case .tooWeak: ("too_weak", tooWeakWords, true)
        case .leaf: ("leaf", "is not asked: this node is a leaf, which never connects", false)
        case .notPreferred: ("not_preferred", notPreferredWords, false)
        }
    }

    private var sizes: String {
        let relation =
            clusterSize > ownSize ? "is bigger than" : clusterSize < ownSize ? "is smaller than" : "is as big as"
        return "its cluster of \(clusterSize) \(relation) this one of \(ownSize)"
    }

    // MARK: - Graft

    private func grafted(_ verdict: GraftVerdict, _ time: JudgementTime) -> (String, String, Bool) {
        let rule = Words.snake("\(verdict)")
        if verdict == .connect || verdict == .call || verdict == .makeRoom,
            let favourite = time.favourite, favourite != node
        {
            return ("outscored", "would do as a parent, \(keys), but node \(favourite) comes first", true)
        }
        switch verdict {
        case .connect: return (rule, "is connected to next: \(keys), and both ends have a slot", false)
        case .call:
            return (
                rule,
                "is called: \(keys); this node has \(Words.count(ownFreeOut, "free outgoing link")), it "
                    + "\(freeIn) incoming, so that its cluster is to connect", false
            )
        case .makeRoom:
            return (
                "no_free_slot", "is asked for room: \(keys), but no slots fit; one is to be freed in 2 to 3 s", false
            )
        case .askForRole:
            return (
                rule,
                "would do as a parent, \(keys), but this node is not the root, which alone decides; it asks for the "
                    + "role", false
            )
        case .answerCall: return (rule, "calls and is connected to next: \(keys)", false)
        case .sameCluster: return (rule, "is in the same \(Words.cluster(cluster))", false)
        case .impossibleKey: return (rule, "is ignored: no cluster can have the \(keyWords)", false)
        case .leftAlone: return (rule, pauseWords, true)
        case .tooOld: return (rule, tooOldWords, false)
        case .tooWeak: return (rule, tooWeakWords, true)
        case .alreadyLinked: return (rule, "is linked already, or about to be", false)
        case .notPreferred: return (rule, notPreferredWords, false)
        case .smaller: return (rule, "is not asked: \(keys), so that it is its move", false)
        case .noSlot:
            return (
                "no_free_slot",
                "calls, but no slots fit: this node has "
                    + "\(Words.count(ownFreeOut, "free outgoing link")), it \(freeIn) incoming", true
            )
        case .letGo:
            return (
                rule,
                "is not asked for another \(Words.time(deciseconds: pause)): it was a child that had to make room",
                true
            )
        }
    }

    private var keyWords: String { Words.key(ClusterKey(rank: rank ?? 0, cluster: cluster)) }

    private var keys: String {
        let own = ClusterKey(rank: ownRank ?? 0, cluster: ownCluster)
        let relation = ClusterKey(rank: rank ?? 0, cluster: cluster) > own ? "greater" : "smaller"
        return "its \(keyWords) is \(relation) than \(Words.key(own)) here"
    }

    // MARK: - Both

    private var tooWeakWords: String {
        "is not asked: its signal of \(rssi) dBm is below the \(threshold) dBm that a link needs"
    }

    private var tooOldWords: String {
        "is not asked: it was heard longer ago than \(Words.time(deciseconds: maximumAge))"
    }

    private var notPreferredWords: String { "is not asked: it is not preferred, and others are ignored" }

    private var pauseWords: String {
        let cause =
            attempts > 0
            ? " after \(Words.count(attempts, "connect attempt"))\(attempts == 1 ? " that came" : " that came") to nothing"
            : " after a link that came to nothing"
        return "is left alone for another \(Words.time(deciseconds: pause))\(cause)"
    }
}

extension Bystander {
    /// The rule and a sentence.
    ///
    /// - Parameters:
    ///   - age: how long ago it was heard, in microseconds; nil: this is the moment.
    ///   - own: the cluster of this node and its size, if they are known.
    ///   - now: the time, if it is known.
    /// - Returns: the rule, and what is said of it.
    func explanation(
        age: UInt64? = nil,
        own: (cluster: ClusterID, size: Int16)? = nil,
        at now: Instant? = nil
    ) -> Explanation {
        let heard = age.map { "; heard \(Words.time($0)) ago" } ?? ""
        var numbers: JSONObject = [
            "network": .unsigned(UInt64(network.rawValue)), "cluster": .unsigned(UInt64(cluster.rawValue)),
            "cluster_size": .integer(Int64(clusterSize)), "rssi_dbm": .integer(Int64(rssi)),
        ]
        if let own {
            numbers.append("own_cluster", .unsigned(UInt64(own.cluster.rawValue)))
            numbers.append("own_size", .integer(Int64(own.size)))
        }
        switch rule {
        case .sameCluster:
            if let own, let now, isCutOff(at: now) {
                return Explanation(
                    "equal_id_partition",
                    node: node,
                    concernsCluster: true,
                    numbers: numbers,
                    "node \(node) shows the same \(Words.cluster(cluster)) but has counted \(Words.count(clusterSize, "node")) "
                        + "for \(Words.time(now.microseconds(since: disagreesSince ?? now))), this node "
                        + "\(own.size): the cluster was cut in two parts that kept one id, and nodes of one id never "
                        + "link; restart the smaller part\(heard)"
                )
            }
            return Explanation(
                "same_cluster",
                node: node,
                numbers: numbers,
                "node \(node) is in the same \(Words.cluster(cluster))\(heard)"
            )
        case .otherNetwork:
            return Explanation(
                "other_network",
                node: node,
                numbers: numbers,
                "node \(node) is ignored: it belongs to network \(network.rawValue)\(heard)"
            )
        case .tableFull:
            return Explanation(
                "table_full",
                node: node,
                numbers: numbers,
                "node \(node) is not remembered: the table of \(Limits.neighbours) neighbours is full of more useful "
                    + "ones\(heard)"
            )
        }
    }

    /// How long sizes of one cluster may differ while news of them travels, in microseconds.
    static let newsDelay: UInt64 = 10_000_000

    /// Whether it shows the own cluster id and is not in that cluster all the same.
    func isCutOff(at now: Instant) -> Bool {
        guard rule == .sameCluster, let disagreesSince else { return false }
        return now.microseconds(since: disagreesSince) >= Self.newsDelay
    }
}
