import MeshCore
import MeshWire
import RadioPort

/// Configurations in which classic clustering is known to stay for ever, as the reference firmware does.
///
/// A single node hears only nodes of bigger clusters. It may not be their central, because a one-node cluster never is that of a
/// bigger one; and they cannot be its central, because none has a free out-link. It would ask one of them to give a link up for
/// it, but that is refused as long as that node has a free in-link.
enum KnownStuck {
    /// What counts of a node that the single node hears well enough.
    struct Neighbour: Equatable {
        var clusterSize: Int
        var freeOut: Int
        var freeIn: Int
    }

    /// Whether a cluster of a size stays apart from the neighbours that its nodes hear well enough.
    static func holds(clusterSize: Int, heard: [Neighbour]) -> Bool {
        clusterSize == 1 && !heard.isEmpty
            && heard.allSatisfy { $0.clusterSize > 1 && $0.freeOut == 0 && $0.freeIn > 0 }
    }
}

extension Simulation {
    /// Whether every cluster but the biggest of its network is stuck as classic ones are known to be.
    var isKnownStuck: Bool {
        guard options.configuration.clustering == .classic else { return false }
        var biggest: Set<NetworkID> = []
        let apart = clusters.filter { !biggest.insert($0.network).inserted }
        return !apart.isEmpty
            && apart.allSatisfy { cluster in
                guard let node = cluster.nodes.first else { return false }
                return KnownStuck.holds(clusterSize: cluster.nodes.count, heard: neighbours(heardBy: node))
            }
    }

    /// Nodes of the own network that a node hears well enough to link with.
    private func neighbours(heardBy index: Int) -> [KnownStuck.Neighbour] {
        nodes.indices.compactMap { other in
            guard other != index, isPowered[other], isMember[other],
                placement.sites[other].network == placement.sites[index].network,
                let rssi = air.rssi(of: other, at: index), rssi >= options.configuration.rssiThreshold
            else { return nil }
            let mesh = nodes[other].linkViews.filter { $0.kind == .mesh }
            let outgoing = mesh.count { $0.role == .central }
            return KnownStuck.Neighbour(
                clusterSize: Int(nodes[other].clusterSize),
                freeOut: Int(options.configuration.meshOutLinks) - outgoing,
                freeIn: Int(options.configuration.meshInLinks) - (mesh.count - outgoing)
            )
        }
    }
}
