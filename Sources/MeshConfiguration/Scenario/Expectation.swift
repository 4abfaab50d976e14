public import MeshCore
public import MeshWire

/// Something that a scenario claims; a scenario passes if all its claims hold.
public enum Expectation: Sendable, Equatable {
    /// All powered nodes are one cluster, and know it, at some instant up to this one.
    case formedBy(microseconds: UInt64)
    /// From the instant `after`, all powered nodes are one cluster again within the time.
    case healedWithin(microseconds: UInt64, afterMicroseconds: UInt64)
    /// The properties hold after every event.
    case always([Invariant])
    /// At least so many per cent of all messages of the traffic arrive, and of those whose path stays up every one, once and
    /// in order.
    case deliveredAtLeast(percent: Double)
    /// At least so many per cent of the receptions that messages are meant to have come about; nil: of messages of any kind.
    case messagesDelivered(percent: Double, of: WorkloadKind?)
    /// At least so many per cent of the messages that arrive need no longer than the time; a ping, there and back.
    case latencyWithin(microseconds: UInt64, percent: Double, of: WorkloadKind?)
    /// At the instant, the powered nodes are so many clusters, those of all networks together.
    case clusters(count: Int, atMicroseconds: UInt64)
    /// No node ever has a mesh link to one of these that both ends take for good.
    case neverLinked([NodeID])
    /// So many link-layer links are lost at most, for whatever reason.
    case linksLostAtMost(Int)
    /// The nodes draw so many microamperes on average at most, as the model of charge has it.
    case currentAtMost(microamperes: Double)

    /// The key in the scenario file.
    public var name: String {
        switch self {
        case .formedBy: "formed_by"
        case .healedWithin: "healed_within"
        case .always: "always"
        case .deliveredAtLeast, .messagesDelivered: "delivered_at_least"
        case .latencyWithin: "latency_within"
        case .clusters: "clusters"
        case .neverLinked: "never_linked"
        case .linksLostAtMost: "links_lost_at_most"
        case .currentAtMost: "current_at_most_ua"
        }
    }
}

/// A property that no event may break.
public enum Invariant: String, CaseIterable, Sendable {
    /// Handshaked links form a forest.
    case noLoops = "no_loops"
    /// At most one end of a link holds the master bit.
    case oneMasterBit = "one_master_bit"
    /// No node has more mesh links than it may.
    case degreeLimits = "degree_limits"
    /// Sizes that nodes count agree with the links there are, apart from updates under way.
    case sizesConsistent = "sizes_consistent"
    /// No node is handed the same message twice.
    case noDuplicates = "no_duplicates"
    /// No tree of links has two roots, and once quiet each has exactly one; of graft clustering.
    case oneRoot = "one_root"
    /// No child knows a greater key than its parent, and nobody a greater one than the root; of graft clustering.
    case keysOrdered = "keys_ordered"
    /// Once quiet, nodes have the same key if, and only if, they are in one tree; of graft clustering.
    case keysUnique = "keys_unique"

    /// Whether it holds in a clustering mode whatever happens.
    ///
    /// Duplicates are not impossible in graft: a part of a tree that hangs itself elsewhere may bring along a message that was
    /// on its way.
    public func holds(in clustering: ClusteringMode) -> Bool {
        switch self {
        case .oneRoot, .keysOrdered, .keysUnique: clustering == .graft
        case .noDuplicates: clustering == .classic
        case .noLoops, .oneMasterBit, .degreeLimits, .sizesConsistent: true
        }
    }

    /// Whether it says anything about a clustering mode.
    func appliesTo(_ clustering: ClusteringMode) -> Bool { clustering == .graft || holds(in: .classic) }
}

/// Reads the expectations of a scenario.
struct ExpectationReader {
    /// What the keys beside a kind belong to.
    private static let owners = [
        "after": ["healed_within"], "at": ["clusters"], "of": ["delivered_at_least", "latency_within"],
        "percent": ["latency_within"],
    ]

    let duration: UInt64
    let clustering: ClusteringMode
    let hasTraffic: Bool
    let hasMessages: Bool
    let nodes: NodeReferenceReader

    func expectations(_ list: Field) throws(ConfigurationError) -> [Expectation] {
        let kinds = ScenarioKeys.expectationKinds
        var expectations: [Expectation] = []
        for item in try list.items("entries with one of " + kinds.joined(separator: ", ")) {
            let keys = try item.section(ScenarioKeys.expectation)
            let (kind, value) = try keys.exactlyOne(of: kinds, what: "expectation")
            for name in keys.names {
                guard let owners = Self.owners[name], !owners.contains(kind), let field = keys.optional(name)
                else { continue }
                throw field.error("only beside " + owners.joined(separator: ", "))
            }
            expectations.append(try expectation(kind, value, beside: keys))
        }
        return expectations
    }

    private func expectation(
        _ kind: String,
        _ value: Field,
        beside keys: Section
    ) throws(ConfigurationError) -> Expectation {
        switch kind {
        case "formed_by":
            return .formedBy(microseconds: try value.duration(1...duration))
        case "healed_within":
            let after = try keys.required("after", "a time such as 60s").duration(0...duration)
            // An expectation whose end lies behind the end of the run could never fail.
            let within = try value.duration(0...(duration - after))
            return .healedWithin(microseconds: within, afterMicroseconds: after)
        case "delivered_at_least":
            guard hasTraffic || hasMessages else {
                throw value.error("no messages to deliver", allowed: "beside 'traffic' or 'messages'")
            }
            let percent = try value.number(0...100, unit: "%")
            let of = try workload(keys)
            guard hasTraffic, of == nil else { return .messagesDelivered(percent: percent, of: of) }
            return .deliveredAtLeast(percent: percent)
        case "latency_within":
            guard hasMessages else { throw value.error("no messages to deliver", allowed: "beside 'messages'") }
            return .latencyWithin(
                microseconds: try value.duration(1_000...duration),
                percent: try keys.optional("percent")?.number(0...100, unit: "%") ?? 95,
                of: try workload(keys)
            )
        case "clusters":
            let count = try value.integer(0...ScenarioFile.nodeCountMax, unit: "clusters")
            let at = try keys.required("at", "a time such as 60s").duration(0...duration)
            return .clusters(count: count, atMicroseconds: at)
        case "never_linked": return .neverLinked(try nodes.ids(value))
        case "links_lost_at_most": return .linksLostAtMost(try value.integer(0...1_000_000_000, unit: "links"))
        case "current_at_most_ua": return .currentAtMost(microamperes: try value.number(0...100_000, unit: "uA"))
        default: return .always(try invariants(value))
        }
    }

    private func workload(_ keys: Section) throws(ConfigurationError) -> WorkloadKind? {
        guard let field = keys.optional("of") else { return nil }
        guard hasMessages else { throw field.error("no messages to deliver", allowed: "beside 'messages'") }
        return try field.choice()
    }

    private func invariants(_ value: Field) throws(ConfigurationError) -> [Invariant] {
        var invariants: [Invariant] = []
        for name in try value.items(Invariant.allCases.map(\.rawValue).joined(separator: ", ")) {
            let invariant: Invariant = try name.choice()
            if !invariant.appliesTo(clustering) {
                throw name.error("'\(invariant.rawValue)' says nothing of \(clustering.rawValue)", allowed: "graft")
            }
            invariants.append(invariant)
        }
        return invariants
    }
}
