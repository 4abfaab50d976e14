import MeshConfiguration
package import MeshWire
package import RadioPort

/// What is asked of a decision log.
package enum WhyQuestion: Equatable, Sendable {
    /// Why the node is as it is.
    case summary
    /// What is with another node.
    case node(NodeID)
    /// What is, or was, with a link.
    case link(LinkID)
    /// How the cluster came to be what it is.
    case cluster

    /// The question of a request: of one of the keys `node`, `link` and `cluster`, or of none.
    init(_ keys: Section) throws(ConfigurationError) {
        if let field = keys.optional("node") {
            self = .node(NodeID(UInt16(try field.integer(1...65_535))))
        } else if let field = keys.optional("link") {
            self = .link(LinkID(rawValue: UInt32(try field.integer(1...UInt64(UInt32.max)))))
        } else if let field = keys.optional("cluster"), try field.flag() {
            self = .cluster
        } else {
            self = .summary
        }
    }

    /// The keys of a request that asks this.
    package var keys: JSONObject {
        switch self {
        case .summary: [:]
        case .node(let node): ["node": .unsigned(UInt64(node.rawValue))]
        case .link(let link): ["link": .unsigned(UInt64(link.rawValue))]
        case .cluster: ["cluster": true]
        }
    }
}
