package import MeshCore
package import MeshWire
package import RadioPort

/// The neighbours of a node that are heard but not linked, and why not.
package struct NeighbourReport {
    /// One of them.
    package struct Row {
        /// The neighbour.
        package var node: NodeID
        /// Its network.
        package var network: NetworkID
        /// Where it advertises; nil if nobody noted that.
        package var address: Address?
        /// Strength of its latest packet in dBm; nil if nobody noted that.
        package var rssi: Int8?
        /// How long ago that came, in microseconds.
        package var age: UInt64
        /// Its cluster; nil if it does not say.
        package var cluster: ClusterID?
        /// Nodes of that cluster, as it says.
        package var clusterSize: Int16?
        /// How it was judged; nil if it is no candidate.
        package var judgement: Judgement?
        /// The rule that decides, and why.
        package var explanation: Explanation
    }

    /// The rows, the strongest signal first.
    package let rows: [Row]

    /// Neighbours that were heard longer ago are left out, in microseconds.
    package static let ageMax: UInt64 = 300_000_000

    /// The neighbours of a node at a moment.
    package init(of node: Node, at now: Instant) {
        let time = JudgementTime(
            nextDecision: node.nextDecision.map { $0.microseconds(since: now) },
            favourite: node.favourite(at: now)
        )
        var rows = node.judgements(at: now).map { judgement in
            Row(
                node: judgement.node,
                network: node.identity.network,
                address: judgement.address,
                rssi: judgement.rssi,
                age: UInt64(judgement.age) * 100_000,
                cluster: judgement.cluster,
                clusterSize: judgement.clusterSize,
                judgement: judgement,
                explanation: judgement.explanation(time)
            )
        }
        let own = (cluster: node.clusterID, size: node.clusterSize)
        rows += node.bystanders.map { bystander in
            let age = now.microseconds(since: bystander.heardAt)
            return Row(
                node: bystander.node,
                network: bystander.network,
                address: bystander.address,
                rssi: bystander.rssi,
                age: age,
                cluster: bystander.cluster,
                clusterSize: bystander.clusterSize,
                explanation: bystander.explanation(age: age, own: own, at: now)
            )
        }
        rows += node.otherModeNeighbours.map { neighbour in
            let event = TraceEvent.otherMode(node: neighbour.node, own: node.configuration.clustering)
            return Row(
                node: neighbour.node,
                network: node.identity.network,
                age: now.microseconds(since: neighbour.heardAt),
                explanation: event.explanation(TraceContext()) ?? Explanation("other_mode", "")
            )
        }
        let partners = Set(node.linkViews.filter { $0.kind == .mesh && $0.partner.rawValue > 0 }.map(\.partner))
        var latest: [Row] = []
        // What was heard last counts: a candidate that has joined the own cluster is a bystander now.
        for row in rows.sorted(by: { $0.age < $1.age })
        where row.age <= Self.ageMax && !(row.network == node.identity.network && partners.contains(row.node))
            && !latest.contains(where: { $0.node == row.node && $0.network == row.network })
        {
            latest.append(row)
        }
        self.rows = latest.sorted { ($0.rssi ?? .min, $1.node) > ($1.rssi ?? .min, $0.node) }
    }

    /// A `neighbor` object for each row.
    package var objects: [JSONObject] {
        rows.map { row in
            var object = JSONObject(kind: "neighbor")
            object.append("node", integer: row.node.rawValue)
            object.append("network", integer: row.network.rawValue)
            object.append("address", .optional(row.address) { .text("\($0)") })
            object.append("rssi_dbm", .optional(row.rssi) { .integer(Int64($0)) })
            object.append("age_s", .seconds(row.age))
            object.append("cluster", .optional(row.cluster) { .unsigned(UInt64($0.rawValue)) })
            object.append("cluster_size", .optional(row.clusterSize) { .integer(Int64($0)) })
            let rank = row.judgement?.rank
            object.append("rank", .optional(rank) { .unsigned(UInt64($0)) })
            var scores: (central: JSONValue, peripheral: JSONValue) = (.null, .null)
            if case .scores(let central, let peripheral) = row.judgement?.verdict {
                scores = (Judgement.score(central), Judgement.score(peripheral))
            }
            object.append("central_score", scores.central)
            object.append("peripheral_score", scores.peripheral)
            object.append("rule", text: row.explanation.rule)
            object.append("sentence", text: row.explanation.sentence)
            return object
        }
    }
}
