/// Nodes and undirected edges between them, numbered from 0; what is asked of it costs time in proportion to both.
///
/// Edges that are given twice, or lead from a node to itself, count once and not at all.
package struct MeshGraph: Sendable {
    /// What a node or an edge takes with it when it fails.
    package struct Cut: Equatable, Sendable {
        /// Nodes of the parts that its piece of the graph falls into, biggest first; two parts at least.
        package var parts: [Int]

        /// Nodes that no longer reach the biggest part.
        package var lost: Int { parts.dropFirst().reduce(0, +) }
    }

    /// An edge whose failure cuts the graph.
    package struct Bridge: Equatable, Sendable {
        /// The end with the lower number.
        package var first: Int
        /// The end with the higher number.
        package var second: Int
        /// What falls apart.
        package var cut: Cut
    }

    /// The neighbours of each node, in order.
    package let neighbours: [[Int]]

    /// A graph.
    ///
    /// - Parameters:
    ///   - count: nodes; both ends of every edge must be less.
    ///   - edges: in any order.
    package init(count: Int, edges: some Sequence<(Int, Int)>) {
        var neighbours = [[Int]](repeating: [], count: count)
        for (first, second) in edges where first != second {
            neighbours[first].append(second)
            neighbours[second].append(first)
        }
        self.neighbours = neighbours.map { list in
            var unique: [Int] = []
            for node in list.sorted() where unique.last != node { unique.append(node) }
            return unique
        }
    }

    /// Nodes.
    package var count: Int { neighbours.count }
    /// Edges.
    package var edgeCount: Int { neighbours.reduce(0) { $0 + $1.count } / 2 }

    /// The nodes that hang together, each piece in the order of the numbers; pieces by their first node.
    package var pieces: [[Int]] {
        var isSeen = [Bool](repeating: false, count: count)
        var pieces: [[Int]] = []
        for start in neighbours.indices where !isSeen[start] {
            let piece = reach(from: start).map(\.node)
            for node in piece { isSeen[node] = true }
            pieces.append(piece.sorted())
        }
        return pieces
    }

    /// Whether there is more than one way between any two nodes.
    package var hasLoops: Bool { edgeCount > count - pieces.count }

    /// Hops from a node to each; nil where none lead.
    package func hops(from start: Int) -> [Int?] {
        var hops = [Int?](repeating: nil, count: count)
        for (node, distance) in reach(from: start) { hops[node] = distance }
        return hops
    }

    /// Longest of the shortest ways between two nodes, in hops; in a graph without loops it is exact, else it may be longer.
    package var diameter: Int {
        pieces.map { piece in
            // The node farthest from any is an end of a longest way of a tree.
            let end = reach(from: piece[0]).last?.node ?? piece[0]
            return reach(from: end).last?.hops ?? 0
        }.max() ?? 0
    }

    /// What can be reached from a node, nearest first.
    private func reach(from start: Int) -> [(node: Int, hops: Int)] {
        var isSeen = [Bool](repeating: false, count: count)
        isSeen[start] = true
        var order = [(node: start, hops: 0)]
        var next = 0
        while next < order.count {
            let (node, hops) = order[next]
            next += 1
            for other in neighbours[node] where !isSeen[other] {
                isSeen[other] = true
                order.append((other, hops + 1))
            }
        }
        return order
    }

    /// The pieces that the piece of a node falls into without it: the nodes of each, biggest first, then by first node.
    package func pieces(without node: Int) -> [[Int]] {
        var isSeen = [Bool](repeating: false, count: count)
        isSeen[node] = true
        var pieces: [[Int]] = []
        for start in neighbours[node] where !isSeen[start] {
            isSeen[start] = true
            var piece = [start]
            var next = 0
            while next < piece.count {
                for other in neighbours[piece[next]] where !isSeen[other] {
                    isSeen[other] = true
                    piece.append(other)
                }
                next += 1
            }
            pieces.append(piece.sorted())
        }
        return pieces.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
    }

    // MARK: - What holds it together

    /// The nodes and edges whose failure cuts the graph (Tarjan's algorithm), by number.
    package func cuts() -> (nodes: [(node: Int, cut: Cut)], bridges: [Bridge]) {
        // A stack of our own: a mesh may be a chain of thousands of nodes.
        struct Visit {
            var node: Int
            var parent: Int
            var next = 0
            /// Nodes below that have no other way up, by branch.
            var severed: [Int] = []
        }
        var entered = [Int](repeating: -1, count: count)
        var lowest = [Int](repeating: 0, count: count)
        var below = [Int](repeating: 1, count: count)
        var clock = 0
        var nodes: [(node: Int, cut: Cut)] = []
        var bridges: [Bridge] = []
        for root in neighbours.indices where entered[root] < 0 {
            let total = reach(from: root).count
            var stack = [Visit(node: root, parent: -1)]
            while let visit = stack.last {
                let node = visit.node
                if entered[node] < 0 {
                    entered[node] = clock
                    lowest[node] = clock
                    clock += 1
                }
                if visit.next < neighbours[node].count {
                    let other = neighbours[node][visit.next]
                    stack[stack.count - 1].next += 1
                    if entered[other] < 0 {
                        stack.append(Visit(node: other, parent: node))
                    } else if other != visit.parent {
                        lowest[node] = min(lowest[node], entered[other])
                    }
                    continue
                }
                stack.removeLast()
                let above = total - 1 - visit.severed.reduce(0, +)
                let parts = (visit.severed + [above]).filter { $0 > 0 }
                if parts.count > 1 { nodes.append((node, Cut(parts: parts.sorted(by: >)))) }
                guard !stack.isEmpty else { continue }
                let parent = visit.parent
                below[parent] += below[node]
                lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] >= entered[parent] { stack[stack.count - 1].severed.append(below[node]) }
                if lowest[node] > entered[parent] {
                    let parts = [below[node], total - below[node]].sorted(by: >)
                    bridges.append(
                        Bridge(first: min(node, parent), second: max(node, parent), cut: Cut(parts: parts))
                    )
                }
            }
        }
        return (
            nodes.sorted { $0.node < $1.node },
            bridges.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
        )
    }
}
