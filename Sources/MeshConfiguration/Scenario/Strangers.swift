public import MeshWire

/// Nodes on the same air that do not belong to the network of the scenario.
///
/// ```yaml
/// strangers:
///   - { nodes: [5, 6], network: 12 }                                  # the mesh of the neighbours: a network of its own
///   - { nodes: [7], key: 000102030405060708090a0b0c0d0e0f }           # claims to belong here, but has another key
/// ```
///
/// Nodes of another network are expected to become one cluster of their own; nodes with another key are not counted among those
/// that shall become one.
public struct Strangers: Sendable, Equatable {
    /// Who they are.
    public var nodes: [NodeID]
    /// Their network; nil: that of the scenario.
    public var network: NetworkID?
    /// Their network key, 16 bytes; nil: that of the scenario.
    public var key: [UInt8]?

    /// Strangers from their fields.
    public init(nodes: [NodeID], network: NetworkID? = nil, key: [UInt8]? = nil) {
        self.nodes = nodes
        self.network = network
        self.key = key
    }

    static func read(_ list: Field, nodes: NodeReferenceReader) throws(ConfigurationError) -> [Strangers] {
        var all: [Strangers] = []
        var seen: Set<NodeID> = []
        for item in try list.items("entries with nodes and network or key") {
            let keys = try item.section(ScenarioKeys.stranger)
            let field = try keys.required("nodes", nodes.nodesHint)
            let ids = try nodes.ids(field)
            if let again = ids.first(where: { !seen.insert($0).inserted }) {
                throw field.error("node \(again) is a stranger already", allowed: "each node once")
            }
            guard keys.names.count > 1 else {
                throw item.error("nothing strange about them", allowed: "network or key")
            }
            let network = try keys.optional("network")?.integer(NetworkID.usable)
            all.append(
                Strangers(
                    nodes: ids,
                    network: network.map { NetworkID($0) },
                    key: try keys.optional("key")?.bytes(16...16)
                )
            )
        }
        return all
    }
}
