import MeshControl
import TestSupport
import Testing

/// Graphs against counting by hand.
@Suite struct MeshGraphTests {
    /// Sizes of the pieces of a graph without a node or an edge, biggest first, counted the slow way.
    private static func pieces(_ count: Int, _ edges: [(Int, Int)], without node: Int? = nil) -> [Int] {
        var piece = Array(0..<count)
        for _ in 0..<count {
            for (first, second) in edges where first != node && second != node {
                let least = min(piece[first], piece[second])
                piece[first] = least
                piece[second] = least
            }
        }
        var sizes: [Int: Int] = [:]
        for (index, root) in piece.enumerated() where index != node { sizes[root, default: 0] += 1 }
        return sizes.values.sorted(by: >)
    }

    private static func distances(_ count: Int, _ edges: [(Int, Int)]) -> [[Int]] {
        let far = 1_000_000
        var hops = (0..<count).map { row in (0..<count).map { $0 == row ? 0 : far } }
        for (first, second) in edges where first != second {
            hops[first][second] = 1
            hops[second][first] = 1
        }
        for middle in 0..<count {
            for row in 0..<count {
                for column in 0..<count {
                    hops[row][column] = min(hops[row][column], hops[row][middle] + hops[middle][column])
                }
            }
        }
        return hops
    }

    @Test func cutsPiecesAndHopsAreThoseOfBruteForce() throws {
        var random = SplitMix.announced("cutsPiecesAndHopsAreThoseOfBruteForce")
        for round in 0..<300 {
            let count = 1 + random.below(14)
            let edges = (0..<random.below(2 * count)).map { _ in (random.below(count), random.below(count)) }
            let graph = MeshGraph(count: count, edges: edges)
            let whole = Self.pieces(count, edges)
            let text = "round \(round): \(count) nodes, \(edges)"
            #expect(graph.pieces.map(\.count).sorted(by: >) == whole, "\(text)")
            let cuts = graph.cuts()
            for node in 0..<count {
                let without = Self.pieces(count, edges, without: node)
                let cut = cuts.nodes.first { $0.node == node }?.cut
                #expect((cut != nil) == (without.count > whole.count), "\(text), node \(node)")
                let parts = graph.pieces(without: node).map(\.count)
                if let cut { #expect(cut.parts == parts, "\(text), node \(node)") }
                let others = graph.pieces.filter { !$0.contains(node) }.map(\.count)
                #expect((parts + others).sorted(by: >) == without, "\(text), node \(node)")
            }
            let unique = Set(edges.filter { $0 != $1 }.map { [min($0.0, $0.1), max($0.0, $0.1)] })
            #expect(graph.edgeCount == unique.count)
            for edge in unique {
                let left = unique.subtracting([edge]).map { ($0[0], $0[1]) }
                let isBridge = Self.pieces(count, left).count > whole.count
                let bridge = cuts.bridges.first { [$0.first, $0.second] == edge }
                #expect((bridge != nil) == isBridge, "\(text), edge \(edge)")
                if let bridge {
                    let rest = MeshGraph(count: count, edges: left)
                    let parts = [edge[0], edge[1]].map { end in rest.hops(from: end).count { $0 != nil } }
                    #expect(bridge.cut.parts == parts.sorted(by: >), "\(text), edge \(edge)")
                }
            }
            let distances = Self.distances(count, edges)
            for start in 0..<count {
                #expect(graph.hops(from: start) == distances[start].map { $0 < 1_000_000 ? $0 : nil }, "\(text)")
            }
            let longest = distances.joined().filter { $0 < 1_000_000 }.max() ?? 0
            if graph.hasLoops {
                #expect(graph.diameter <= longest)
            } else {
                #expect(graph.diameter == longest, "\(text)")
            }
        }
    }

    @Test func aLongChainIsNoProblem() {
        let graph = MeshGraph(count: 1999, edges: (0..<1998).map { ($0, $0 + 1) })
        #expect(graph.diameter == 1998)
        #expect(!graph.hasLoops)
        let cuts = graph.cuts()
        #expect(cuts.nodes.count == 1997)
        #expect(cuts.bridges.count == 1998)
        #expect(cuts.nodes[998].cut.parts == [999, 999])
    }
}
