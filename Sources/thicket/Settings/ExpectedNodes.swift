import MeshControl

/// How many nodes must answer when all are asked.
struct ExpectedNodes: Equatable {
    /// The number.
    var count: Int
    /// Whether it is that of the enrolled nodes; else it is that of the nodes in the cluster, for nobody knows better.
    var isEnrolled: Bool

    /// What the status of a node says.
    init(_ status: ControlAnswer) {
        let enrolled = Int(status.text("expected_size"))
        isEnrolled = enrolled != nil
        count = enrolled ?? Int(status.text("cluster_size")) ?? 1
    }

    /// What they are called.
    var noun: String {
        let nodes = count == 1 ? "node" : "nodes"
        return isEnrolled ? "enrolled \(nodes)" : "\(nodes) of the cluster"
    }
    /// The same for programs.
    var word: String { isEnrolled ? "enrolled" : "cluster" }
}
