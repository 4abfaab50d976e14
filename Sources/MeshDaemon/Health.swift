import MeshCore
import MeshWire
import RadioPort

/// How a node is, in one word, and why.
struct Health: Equatable {
    /// `good`, `degraded` or `isolated`.
    let word: String
    /// One sentence.
    let reason: String

    init(_ node: Node, radio: RadioSummary) {
        let edges = node.linkViews.filter(\.isMeshEdge)
        let lost = edges.filter { $0.state == .reestablishing || $0.state == .reestablishingHandshake }
        let expected = Int(node.stored.enrolledNodes)
        if !node.isUp {
            word = "isolated"
            reason = "the radio is not ready: \(radio.state)"
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
    }
}
