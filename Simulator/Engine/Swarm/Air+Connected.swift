import MeshWire
import RadioPort

extension Air {
    /// Whether the members of each network hear each other at a strength in dBm, over others if need be.
    func connects(_ placement: Placement, atLeast threshold: Int) -> Bool {
        let sites = placement.sites
        var left = Set(sites.indices.filter { sites[$0].isMember })
        var reached: Set<NetworkID> = []
        while let start = left.min() {
            let network = sites[start].network
            guard reached.insert(network).inserted else { return false }
            var frontier = [start]
            left.remove(start)
            while let index = frontier.popLast() {
                for other in left where sites[other].network == network && hear(index, other, threshold) {
                    left.remove(other)
                    frontier.append(other)
                }
            }
        }
        return true
    }

    private func hear(_ one: Int, _ other: Int, _ threshold: Int) -> Bool {
        guard let there = rssi(of: one, at: other), let back = rssi(of: other, at: one) else { return false }
        return Int(min(there, back)) >= threshold
    }
}
