public import MeshCore

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

    /// The key in the scenario file.
    public var name: String {
        switch self {
        case .formedBy: "formed_by"
        case .healedWithin: "healed_within"
        case .always: "always"
        case .deliveredAtLeast: "delivered_at_least"
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
enum ExpectationReader {
    private static let kinds = ["formed_by", "healed_within", "always", "delivered_at_least"]

    static func expectations(
        _ list: Field,
        duration: UInt64,
        clustering: ClusteringMode,
        hasTraffic: Bool
    ) throws(ConfigurationError) -> [Expectation] {
        var expectations: [Expectation] = []
        for item in try list.items("entries with one of " + kinds.joined(separator: ", ")) {
            let keys = try item.section(kinds + ["after"])
            let (kind, value) = try keys.exactlyOne(of: kinds, what: "expectation")
            if kind != "healed_within", let after = keys.optional("after") {
                throw after.error("only beside healed_within")
            }
            switch kind {
            case "formed_by":
                expectations.append(.formedBy(microseconds: try value.duration(1...duration)))
            case "healed_within":
                let after = try keys.required("after", "a time such as 60s").duration(0...duration)
                // An expectation whose end lies behind the end of the run could never fail.
                let within = try value.duration(0...(duration - after))
                expectations.append(.healedWithin(microseconds: within, afterMicroseconds: after))
            case "delivered_at_least":
                guard hasTraffic else { throw value.error("no messages to deliver", allowed: "beside 'traffic'") }
                expectations.append(.deliveredAtLeast(percent: try value.number(0...100, unit: "%")))
            default:
                var invariants: [Invariant] = []
                for name in try value.items(Invariant.allCases.map(\.rawValue).joined(separator: ", ")) {
                    let invariant: Invariant = try name.choice()
                    if !invariant.appliesTo(clustering) {
                        throw name.error(
                            "'\(invariant.rawValue)' says nothing of \(clustering.rawValue)",
                            allowed: "graft"
                        )
                    }
                    invariants.append(invariant)
                }
                expectations.append(.always(invariants))
            }
        }
        return expectations
    }
}
