import ByteCoding
package import MeshCore
import MeshWire
package import RadioPort

/// How a node is, in one word, and why.
package struct Health: Equatable {
    /// `good`, `degraded` or `isolated`.
    package let word: String
    /// One sentence.
    package let reason: String

    /// How long ago a neighbour of the other clustering mode was heard at most to be spoken of, in microseconds.
    static let otherModeAge: UInt64 = 300_000_000

    /// Neighbours that run the other clustering mode and were heard of late, by number.
    static func otherMode(_ node: Node, at now: Instant) -> [NodeID] {
        node.otherModeNeighbours.filter { now.microseconds(since: $0.heardAt) <= otherModeAge }.map(\.node)
            .sorted { $0.rawValue < $1.rawValue }
    }

    package init(_ node: Node, radio: RadioSummary, at now: Instant) {
        let edges = node.linkViews.filter(\.isMeshEdge)
        let lost = edges.filter { $0.state == .reestablishing || $0.state == .reestablishingHandshake }
        let expected = Int(node.stored.enrolledNodes)
        let reason: String
        if !node.isUp {
            word = "isolated"
            reason = "the radio is not ready: \(radio.state)"
        } else if node.identity.network == .notEnrolled {
            word = "isolated"
            reason = "not enrolled: it waits for somebody to take it into a network"
        } else if edges.isEmpty {
            word = "isolated"
            reason = "no mesh link"
        } else if !lost.isEmpty {
            word = "degraded"
            reason = "lost the link to " + lost.map { "node \($0.partner.rawValue)" }.joined(separator: ", ")
        } else if Int(node.clusterSize) < expected {
            word = "degraded"
            reason = "\(node.clusterSize) of \(expected) nodes are in the cluster"
        } else {
            word = "good"
            reason = expected > 1 ? "all \(expected) nodes are in the cluster" : "in a cluster of \(node.clusterSize)"
        }
        self.reason = reason + Self.otherModeText(node, at: now)
    }
    /// What to add to the reason because of neighbours that cannot be linked with.
    private static func otherModeText(_ node: Node, at now: Instant) -> String {
        let neighbours = otherMode(node, at: now)
        guard let first = neighbours.first else { return "" }
        let mode = node.configuration.clustering.other.rawValue
        return neighbours.count == 1
            ? "; \(mode) node \(first.rawValue) is near" : "; \(neighbours.count) \(mode) nodes are near"
    }
}
