/// Who can hear whom: for each node the others in reach, by index, with signal strength.
///
/// Built once from a grid, so that its cost grows with pairs in reach, not with all pairs.
struct Neighbourhood: Sendable {
    /// Another node in reach.
    struct Neighbour: Sendable {
        var index: Int32
        /// In whole dBm.
        var rssi: Int8
        /// Class of reception probability.
        var reception: UInt8
    }

    /// Neighbours of all nodes, each node's by index.
    private var all: ContiguousArray<Neighbour> = []
    private var starts: ContiguousArray<Int32> = [0]
    /// For each run of 64 neighbours of a node, which of them are in each class.
    private var masks: ContiguousArray<InlineArray<4, UInt64>> = []
    private var maskStarts: ContiguousArray<Int32> = [0]

    init(_ sites: [Placement.Site]) {
        let size = ReferenceRadio.reach
        var squares: [Square: [Int]] = [:]
        for index in sites.indices {
            squares[Square(sites[index], size: size), default: []].append(index)
        }
        for index in sites.indices {
            let site = sites[index]
            let near = Square(site, size: size).neighbourhood.flatMap { squares[$0] ?? [] }.sorted()
            for other in near where other != index {
                guard
                    let rssi = ReferenceRadio.rssi(
                        dx: sites[other].x - site.x,
                        dy: sites[other].y - site.y,
                        dz: sites[other].z - site.z
                    ),
                    let reception = ReferenceRadio.receptionClass(rssi: rssi)
                else { continue }
                all.append(Neighbour(index: Int32(other), rssi: rssi, reception: reception))
            }
            starts.append(Int32(all.count))
            buildMasks(of: index)
        }
    }

    private mutating func buildMasks(of node: Int) {
        let range = self.range(of: node)
        var start = range.lowerBound
        while start < range.upperBound {
            var mask: InlineArray<4, UInt64> = InlineArray(repeating: 0)
            for position in start..<min(start + 64, range.upperBound) {
                mask[Int(all[position].reception)] |= 1 << UInt64(position - start)
            }
            masks.append(mask)
            start += 64
        }
        maskStarts.append(Int32(masks.count))
    }

    /// Positions of a node's neighbours.
    func range(of node: Int) -> Range<Int> { Int(starts[node])..<Int(starts[node + 1]) }

    /// The neighbour at a position.
    subscript(position: Int) -> Neighbour { all[position] }

    /// Which of the 64 neighbours from run `run` of a node on are in each class.
    func mask(of node: Int, run: Int) -> InlineArray<4, UInt64> { masks[Int(maskStarts[node]) + run] }

    /// The neighbour `other` of a node, nil if it is out of reach.
    func neighbour(_ other: Int, of node: Int) -> Neighbour? {
        var low = Int(starts[node])
        var high = Int(starts[node + 1])
        while low < high {
            let middle = (low + high) / 2
            if Int(all[middle].index) < other {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < Int(starts[node + 1]), Int(all[low].index) == other else { return nil }
        return all[low]
    }
}
