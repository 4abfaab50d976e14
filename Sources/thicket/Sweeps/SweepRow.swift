import ByteCoding
import MeshControl

/// What came out of one seed of a sweep.
struct SweepRow: Sendable, Equatable {
    /// What the run was about.
    enum Outcome: Sendable, Equatable {
        /// From power-on; nil if the cluster never formed.
        case formed(microseconds: UInt64?)
        /// From the event; nil if the cluster never recovered.
        case recovered(event: String, microseconds: UInt64?, clusterChanged: Bool)
    }

    var seed: UInt64
    /// Generator or file.
    var layout: String
    var nodes: Int
    var outcome: Outcome
    /// Link-layer connections of any kind, each counted once.
    var linksMade: Int
    /// Longest path over handshaked links when the goal was reached.
    var treeDiameterHops: Int?
    var digest: UInt64
    /// Simulated time of the whole run.
    var simulatedMicroseconds: UInt64

    /// Time to the goal, nil if it was not reached.
    var reachedMicroseconds: UInt64? {
        switch outcome {
        case .formed(let microseconds), .recovered(_, let microseconds, _): microseconds
        }
    }

    /// The `run` object of the contract.
    var json: JSONObject {
        var object = JSONObject(kind: "run")
        object.append("seed", .unsigned(seed))
        object.append("layout", text: layout)
        object.append("nodes", integer: nodes)
        switch outcome {
        case .formed(let microseconds):
            object.append("formed", .bool(microseconds != nil))
            object.append("formed_s", .optional(microseconds, JSONValue.seconds))
        case .recovered(let event, let microseconds, let clusterChanged):
            object.append("event", text: event)
            object.append("recovered", .bool(microseconds != nil))
            object.append("recovery_s", .optional(microseconds, JSONValue.seconds))
            object.append("cluster_changed", .bool(clusterChanged))
        }
        object.append("links_made", integer: linksMade)
        object.append("tree_diameter_hops", .optional(treeDiameterHops) { .integer(Int64($0)) })
        object.append("digest", text: Hex.encode(digest))
        return object
    }

    /// The row for people.
    var text: String {
        let time = reachedMicroseconds.map { DecimalText.fixed(Double($0) / 1e6, 2) + " s" } ?? "never"
        var line = "seed " + DecimalText.right(String(seed), 5) + DecimalText.right(time, 11)
        line += DecimalText.right(String(linksMade), 8) + " link set-ups"
        line += DecimalText.right(treeDiameterHops.map(String.init) ?? "-", 5) + " hops  "
        if case .recovered(_, _, let clusterChanged) = outcome {
            line += clusterChanged ? "new id   " : "same id  "
        }
        return line + Hex.encode(digest)
    }
}
