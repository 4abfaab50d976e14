import MeshCore
import MeshSimulator
import MeshWire
import RadioPort

/// Who is at the other end of the links of a run: most of what nodes think of links names them by their numbers.
struct TracedLinks {
    private struct End: Hashable {
        var node: Int
        var link: LinkID
    }

    private var partners: [End: NodeID] = [:]

    /// The partner over the link that an event names; nil if it names none.
    ///
    /// To be asked of every event, for a link says only as it comes up whose it is.
    mutating func partner(in event: TraceEvent, at node: Int, of simulation: Simulation) -> NodeID? {
        guard let link = event.link else { return nil }
        let end = End(node: node, link: link)
        if case .linkUp(_, _, let address) = event, let other = simulation.node(at: address) {
            partners[end] = simulation.placement.sites[other].id
        }
        guard case .linkDown = event else { return partners[end] }
        return partners.removeValue(forKey: end)
    }
}
