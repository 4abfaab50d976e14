/// Something that a scenario claims; a scenario passes if all its claims hold.
public enum Expectation: Sendable, Equatable {
    /// All powered nodes are one cluster, and know it, at some instant up to this one.
    case formedBy(microseconds: UInt64)
    /// From the instant `after`, all powered nodes are one cluster again within the time.
    case healedWithin(microseconds: UInt64, afterMicroseconds: UInt64)
    /// The properties hold after every event.
    case always([Invariant])

    /// The key in the scenario file.
    public var name: String {
        switch self {
        case .formedBy: "formed_by"
        case .healedWithin: "healed_within"
        case .always: "always"
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
}

/// Reads the expectations of a scenario.
enum ExpectationReader {
    private static let kinds = ["formed_by", "healed_within", "always"]

    static func expectations(_ list: Field, duration: UInt64) throws(ConfigurationError) -> [Expectation] {
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
            default:
                var invariants: [Invariant] = []
                for name in try value.items(Invariant.allCases.map(\.rawValue).joined(separator: ", ")) {
                    invariants.append(try name.choice())
                }
                expectations.append(.always(invariants))
            }
        }
        return expectations
    }
}
