import MeshWire

/// Which node somebody may have meant who wrote the number of one that is not there.
enum SimilarNumber {
    /// The node whose number takes the fewest slips of the finger; of several, the nearest number.
    static func closest(to node: NodeID, among nodes: Set<NodeID>) -> NodeID? {
        let written = Array(node.description.utf8)
        func distance(_ other: NodeID) -> (Int, Int, UInt16) {
            let difference = abs(Int(other.rawValue) - Int(node.rawValue))
            return (slips(from: written, to: Array(other.description.utf8)), difference, other.rawValue)
        }
        return nodes.min { distance($0) < distance($1) }
    }

    /// Digits that were left out, added, mistaken or swapped with their neighbour.
    private static func slips(from left: [UInt8], to right: [UInt8]) -> Int {
        var rows = [Array(0...right.count)]
        for i in 1...left.count {
            rows.append([i])
            for j in 1...right.count {
                var best = min(rows[i - 1][j], rows[i][j - 1]) + 1
                best = min(best, rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1))
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    best = min(best, rows[i - 2][j - 2] + 1)
                }
                rows[i].append(best)
            }
        }
        return rows[left.count][right.count]
    }
}
