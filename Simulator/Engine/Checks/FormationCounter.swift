import MeshCore
import MeshWire

/// Knows at every instant whether all nodes of every network are one cluster.
///
/// Counts the nodes that count everybody; only when all do, their cluster ids are compared.
struct FormationCounter: Sendable {
    private struct Network: Sendable {
        var counted: Int
        var complete = 0
    }

    private var networks: [Network] = []
    private var networkOf: ContiguousArray<Int32>
    private var isCounted: ContiguousArray<Bool>
    private var sizes: ContiguousArray<Int16>

    init(placement: Placement) {
        networkOf = []
        for (index, site) in placement.sites.enumerated() {
            if index == 0 || placement.sites[index - 1].network != site.network {
                networks.append(Network(counted: 0))
            }
            networks[networks.count - 1].counted += 1
            networkOf.append(Int32(networks.count - 1))
        }
        isCounted = ContiguousArray(repeating: true, count: placement.sites.count)
        sizes = ContiguousArray(repeating: 0, count: placement.sites.count)
    }

    /// A node ran.
    mutating func update(_ index: Int, size: Int16) {
        guard size != sizes[index] else { return }
        let network = Int(networkOf[index])
        if isCounted[index] {
            let whole = networks[network].counted
            networks[network].complete += (Int(size) == whole ? 1 : 0) - (Int(sizes[index]) == whole ? 1 : 0)
        }
        sizes[index] = size
    }

    /// A node joins or leaves those that shall be one cluster.
    mutating func setCounted(_ index: Int, _ counted: Bool) {
        guard isCounted[index] != counted else { return }
        isCounted[index] = counted
        let network = Int(networkOf[index])
        networks[network].counted += counted ? 1 : -1
        let whole = networks[network].counted
        networks[network].complete = networkOf.indices.count {
            Int(networkOf[$0]) == network && isCounted[$0] && Int(sizes[$0]) == whole
        }
    }

    /// Whether every node counts all of its network, and all have one cluster id.
    func isFormed(_ nodes: ContiguousArray<Node>) -> Bool {
        for network in networks where network.complete != network.counted {
            return false
        }
        var ids: [ClusterID?] = Array(repeating: nil, count: networks.count)
        for index in networkOf.indices where isCounted[index] {
            let network = Int(networkOf[index])
            if let id = ids[network], id != nodes[index].clusterID { return false }
            ids[network] = nodes[index].clusterID
        }
        return true
    }

    /// Nodes that shall be in one cluster, all networks together.
    var counted: Int { networks.reduce(0) { $0 + $1.counted } }

    /// Whether a node is among those that shall be one cluster.
    func isCounted(_ index: Int) -> Bool { isCounted[index] }
}
