/// Who can hear whom: for each node the others in reach, by index, with signal strength.
///
/// Built once from a grid, so that its cost grows with pairs in reach, not with all pairs.
struct Neighbourhood: Sendable {
    /// Another node in reach, in three bytes: these are what most of the memory goes into, and what is waited for most.
    struct Neighbour: Sendable {
        // 17 bits of index, 7 bits of strength below 0 dBm.
        private let low: UInt8
        private let middle: UInt8
        private let high: UInt8

        init(index: Int, rssi: Int8) {
            precondition(index < 1 << 17 && rssi < 0, "more nodes than a neighbour can tell apart")
            let word = UInt32(index) << 7 | UInt32(-Int32(rssi)) & 0x7F
            low = UInt8(truncatingIfNeeded: word)
            middle = UInt8(truncatingIfNeeded: word >> 8)
            high = UInt8(truncatingIfNeeded: word >> 16)
        }

        @inline(__always)
        private var word: UInt32 { UInt32(low) | UInt32(middle) << 8 | UInt32(high) << 16 }

        var index: Int { Int(word >> 7) }
        /// In whole dBm, -127...-1.
        var rssi: Int8 { -Int8(word & 0x7F) }
        /// Class of reception probability, nil if nothing passes.
        var reception: UInt8? { ReferenceRadio.receptionClass(rssi: rssi) }
    }

    /// Neighbours of all nodes, each node's by index.
    private var all: ContiguousArray<Neighbour> = []
    private var starts: ContiguousArray<Int32> = [0]
    /// For each run of 64 neighbours of a node, which of them are in each class; those in none of these are in the last.
    private var masks: ContiguousArray<InlineArray<3, UInt64>> = []
    private var maskStarts: ContiguousArray<Int32> = [0]

    init(_ sites: [Placement.Site]) {
        let size = ReferenceRadio.reach
        var squares: [Square: [Int]] = [:]
        for index in sites.indices {
            squares[Square(sites[index], size: size), default: []].append(index)
        }
        // Room for all who may be in reach: to grow would mean to have most of it twice for a moment.
        all.reserveCapacity(
            squares.reduce(0) { sum, square in
                sum + square.value.count * square.key.neighbourhood.reduce(0) { $0 + (squares[$1]?.count ?? 0) }
            }
        )
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
                    ReferenceRadio.receptionClass(rssi: rssi) != nil
                else { continue }
                all.append(Neighbour(index: other, rssi: rssi))
            }
            starts.append(Int32(all.count))
            buildMasks(of: index)
        }
    }

    private mutating func buildMasks(of node: Int) {
        let range = self.range(of: node)
        var start = range.lowerBound
        while start < range.upperBound {
            var mask: InlineArray<3, UInt64> = InlineArray(repeating: 0)
            for position in start..<min(start + 64, range.upperBound) {
                guard let reception = all[position].reception, reception < 3 else { continue }
                mask[Int(reception)] |= 1 << UInt64(position - start)
            }
            masks.append(mask)
            start += 64
        }
        maskStarts.append(Int32(masks.count))
    }

    /// Neighbours of all nodes together.
    var count: Int { all.count }

    /// Positions of a node's neighbours.
    func range(of node: Int) -> Range<Int> { Int(starts[node])..<Int(starts[node + 1]) }

    /// The neighbour at a position.
    subscript(position: Int) -> Neighbour { all[position] }

    /// Which of the 64 neighbours from run `run` of a node on are in each class.
    @inline(__always)
    func mask(of node: Int, run: Int) -> InlineArray<4, UInt64> {
        let mask = masks[Int(maskStarts[node]) + run]
        let left = Int(starts[node + 1]) - Int(starts[node]) - 64 * run
        let all = left < 64 ? 1 << UInt64(left) - 1 : UInt64.max
        return [mask[0], mask[1], mask[2], all & ~(mask[0] | mask[1] | mask[2])]
    }

    /// The neighbour `other` of a node, nil if it is out of reach.
    func neighbour(_ other: Int, of node: Int) -> Neighbour? {
        var low = Int(starts[node])
        var high = Int(starts[node + 1])
        while low < high {
            let middle = (low + high) / 2
            if all[middle].index < other {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < Int(starts[node + 1]), all[low].index == other else { return nil }
        return all[low]
    }
}
