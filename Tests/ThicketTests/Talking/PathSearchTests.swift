import MeshWire
import TestSupport
import Testing

@testable import thicket

/// Ways between nodes of a tree, found by asking.
@Suite struct PathSearchTests {
    /// A tree: the links of each node.
    private struct Tree {
        var links: [NodeID: [LinkEnd]] = [:]
        var parents: [NodeID: NodeID] = [:]

        mutating func link(_ parent: Int, _ child: Int, turned: Bool = false) {
            let (upper, lower) = (NodeID(UInt16(parent)), NodeID(UInt16(child)))
            parents[lower] = upper
            links[upper, default: []].append(LinkEnd(partner: lower, rssi: -50, isIncoming: turned))
            links[lower, default: []].append(LinkEnd(partner: upper, rssi: -60, isIncoming: !turned))
        }

        /// Any tree of so many nodes; some links may be opened from below.
        static func random(_ count: Int, turned percent: Int, _ random: inout SplitMix) -> Tree {
            var tree = Tree()
            for node in 2...count { tree.link(1 + random.below(node - 1), node, turned: random.below(100) < percent) }
            return tree
        }

        private func ancestors(_ node: NodeID) -> [NodeID] {
            var list = [node]
            while let next = list.last.flatMap({ parents[$0] }) { list.append(next) }
            return list
        }

        /// The one path.
        func path(_ from: NodeID, _ to: NodeID) -> [NodeID] {
            let up = ancestors(from)
            let down = ancestors(to)
            guard let top = up.first(where: down.contains) else { return [] }
            return Array(up.prefix { $0 != top }) + [top] + down.prefix { $0 != top }.reversed()
        }
    }

    /// Asks until the search is content; returns how often.
    private static func run(_ search: inout PathSearch, _ tree: Tree, silent: Set<NodeID> = []) -> Int {
        var questions = 0
        while let node = search.nextQuestion() {
            questions += 1
            if !silent.contains(node) { search.take(tree.links[node] ?? [], of: node) }
        }
        return questions
    }

    @Test func climbingFindsTheWayWithFewQuestions() {
        var seeds = SplitMix.announced("climbingFindsTheWayWithFewQuestions")
        for _ in 0..<300 {
            let seed = seeds.next()
            var random = SplitMix(seed: seed)
            let count = 2 + random.below(120)
            let tree = Tree.random(count, turned: 0, &random)
            let from = NodeID(UInt16(1 + random.below(count)))
            let target = NodeID(UInt16(1 + random.below(count)))
            var search = PathSearch(from: from, to: target)
            let questions = Self.run(&search, tree)
            let path = tree.path(from, target)
            #expect(search.path == path, "seed \(seed)")
            // Both climb at the same pace: neither goes further beyond the meeting than the other has to climb.
            #expect(questions <= 2 * path.count, "seed \(seed)")
        }
    }

    @Test func linksOpenedFromBelowCostQuestionsOnly() {
        var seeds = SplitMix.announced("linksOpenedFromBelowCostQuestionsOnly")
        for _ in 0..<200 {
            let seed = seeds.next()
            var random = SplitMix(seed: seed)
            let count = 2 + random.below(60)
            let tree = Tree.random(count, turned: 40, &random)
            let from = NodeID(UInt16(1 + random.below(count)))
            let target = NodeID(UInt16(1 + random.below(count)))
            var search = PathSearch(from: from, to: target)
            let questions = Self.run(&search, tree)
            #expect(search.path == tree.path(from, target), "seed \(seed)")
            #expect(questions <= count, "seed \(seed)")
        }
    }

    @Test func aSilentNodeIsGoneAround() {
        var tree = Tree()
        for node in 2...6 { tree.link(node - 1, node) }
        var search = PathSearch(from: NodeID(1), to: NodeID(6))
        // Its neighbours tell of both its links.
        _ = Self.run(&search, tree, silent: [NodeID(3)])
        #expect(search.path == (1...6).map { NodeID($0) })
        #expect(search.link(from: NodeID(2), to: NodeID(3))?.rssi == -50)
        #expect(search.link(from: NodeID(3), to: NodeID(2)) == nil)
    }

    @Test func thereMayBeNoWay() {
        var tree = Tree()
        for node in 2...6 { tree.link(node - 1, node) }
        var absent = PathSearch(from: NodeID(1), to: NodeID(99))
        #expect(Self.run(&absent, tree) <= 7)
        #expect(absent.path == nil)
        var own = PathSearch(from: NodeID(4), to: NodeID(4))
        #expect(Self.run(&own, tree) == 0)
        #expect(own.path == [NodeID(4)])
    }

    @Test func arbitraryReportsEndTheSearch() {
        var seeds = SplitMix.announced("arbitraryReportsEndTheSearch")
        for _ in 0..<200 {
            let seed = seeds.next()
            var random = SplitMix(seed: seed)
            var search = PathSearch(from: NodeID(1), to: NodeID(1000))
            var questions = 0
            while let node = search.nextQuestion(), questions <= PathSearch.questionsMax {
                questions += 1
                let links = (0..<random.below(5)).map { _ in
                    LinkEnd(partner: NodeID(UInt16(1 + random.below(900))), isIncoming: random.below(2) == 0)
                }
                search.take(links, of: node)
            }
            #expect(questions <= PathSearch.questionsMax, "seed \(seed)")
            // What is found was told by somebody, link by link.
            let path = search.path ?? [NodeID(1)]
            for (node, next) in zip(path, path.dropFirst()) {
                let isTold = search.link(from: node, to: next) != nil || search.link(from: next, to: node) != nil
                #expect(isTold, "seed \(seed)")
            }
            #expect(path.count == Set(path).count, "seed \(seed)")
        }
    }
}
