import MeshConfiguration

/// What keeps pairs of nodes from hearing each other, and how often: blocked links, partitions, raised walls.
///
/// The air knows only whether a pair is blocked; two reasons for one pair must both be gone before it hears again.
struct Obstacles: Sendable {
    /// A pair of nodes, by index.
    struct Pair: Sendable, Hashable, Comparable {
        let one: Int
        let other: Int

        init(_ one: Int, _ other: Int) {
            self.one = min(one, other)
            self.other = max(one, other)
        }

        static func < (left: Pair, right: Pair) -> Bool { (left.one, left.other) < (right.one, right.other) }
    }

    private var counts: [Pair: Int] = [:]
    private(set) var partitions: [[Pair]] = []
    private(set) var walls: [Segment] = []
    private var walled: Set<Pair> = []

    /// Pairs whose state changed, in order.
    struct Change {
        var blocked: [Pair] = []
        var freed: [Pair] = []
    }

    mutating func block(_ pairs: [Pair]) -> Change {
        var change = Change()
        for pair in pairs {
            counts[pair, default: 0] += 1
            if counts[pair] == 1 { change.blocked.append(pair) }
        }
        return change
    }

    mutating func free(_ pairs: [Pair]) -> Change {
        var change = Change()
        for pair in pairs {
            guard let count = counts[pair] else { continue }
            counts[pair] = count == 1 ? nil : count - 1
            if count == 1 { change.freed.append(pair) }
        }
        return change
    }

    /// Cuts groups of nodes off from each other; one group, from all others.
    mutating func partition(_ groups: [[Int]], count: Int) -> (Change, [Pair]) {
        var groupOf = [Int](repeating: -1, count: count)
        for (number, group) in groups.enumerated() {
            for index in group { groupOf[index] = number }
        }
        var pairs: [Pair] = []
        for one in 0..<count {
            for other in one + 1..<max(count, one + 1) where groupOf[one] != groupOf[other] {
                // With several groups, who is in none of them hears all.
                guard groups.count == 1 || (groupOf[one] >= 0 && groupOf[other] >= 0) else { continue }
                pairs.append(Pair(one, other))
            }
        }
        partitions.append(pairs)
        return (block(pairs), pairs)
    }

    /// Ends a partition; nil: all of them.
    mutating func rejoin(_ pairs: [Pair]?) -> Change {
        guard let pairs else {
            let all = partitions.flatMap(\.self)
            partitions.removeAll()
            return free(all)
        }
        guard let position = partitions.firstIndex(of: pairs) else { return Change() }
        partitions.remove(at: position)
        return free(pairs)
    }

    mutating func raise(_ wall: Segment, sites: [Placement.Site]) -> Change {
        walls.append(wall)
        return rebuild(sites)
    }

    mutating func remove(_ wall: Segment, sites: [Placement.Site]) -> Change {
        guard let position = walls.firstIndex(of: wall) else { return Change() }
        walls.remove(at: position)
        return rebuild(sites)
    }

    /// Works out anew which pairs a wall lies between; to be called when walls or nodes have moved.
    mutating func rebuild(_ sites: [Placement.Site]) -> Change {
        var now: Set<Pair> = []
        if !walls.isEmpty {
            for one in sites.indices {
                for other in one + 1..<max(sites.count, one + 1)
                where walls.contains(where: { $0.isCrossed(from: sites[one], to: sites[other]) }) {
                    now.insert(Pair(one, other))
                }
            }
        }
        var change = block(now.subtracting(walled).sorted())
        change.freed = free(walled.subtracting(now).sorted()).freed
        walled = now
        return change
    }
}

extension Segment {
    /// Whether the straight line between two sites crosses this one; heights do not matter.
    func isCrossed(from one: Placement.Site, to other: Placement.Site) -> Bool {
        /// On which side of the line a-b a point is.
        func isLeft(_ ax: Double, _ ay: Double, _ bx: Double, _ by: Double, _ px: Double, _ py: Double) -> Bool {
            (bx - ax) * (py - ay) - (by - ay) * (px - ax) > 0
        }
        return isLeft(fromX, fromY, toX, toY, one.x, one.y) != isLeft(fromX, fromY, toX, toY, other.x, other.y)
            && isLeft(one.x, one.y, other.x, other.y, fromX, fromY) != isLeft(one.x, one.y, other.x, other.y, toX, toY)
    }
}
