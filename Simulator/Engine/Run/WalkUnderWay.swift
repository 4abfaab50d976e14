import MeshConfiguration
import RadioPort

/// A node that walks along a path.
struct WalkUnderWay: Sendable {
    /// The air is told where a node is so often.
    static let stride: UInt64 = 500_000

    let node: Int
    private let start: Walk.Point
    private let startedAt: Instant
    /// Corners with the seconds after the start at which the node is there.
    private var corners: [(point: Walk.Point, seconds: Double)] = []

    init(_ walk: Walk, node: Int, from site: Placement.Site, at now: Instant) {
        self.node = node
        start = Walk.Point(x: site.x, y: site.y)
        startedAt = now
        var place = start
        var seconds = 0.0
        for _ in 0..<walk.laps {
            for point in walk.path {
                let goal = walk.isRelative ? Walk.Point(x: start.x + point.x, y: start.y + point.y) : point
                let (dx, dy) = (goal.x - place.x, goal.y - place.y)
                seconds += (dx * dx + dy * dy).squareRoot() / walk.speed
                corners.append((goal, seconds))
                place = goal
            }
        }
    }

    /// Whether the end of the path is reached.
    func isOver(at now: Instant) -> Bool { seconds(at: now) >= corners.last?.seconds ?? 0 }

    /// Where the node is.
    func place(at now: Instant) -> Walk.Point {
        let passed = seconds(at: now)
        var (from, since) = (start, 0.0)
        for corner in corners {
            if passed < corner.seconds {
                let share = (passed - since) / (corner.seconds - since)
                return Walk.Point(
                    x: from.x + (corner.point.x - from.x) * share,
                    y: from.y + (corner.point.y - from.y) * share
                )
            }
            (from, since) = (corner.point, corner.seconds)
        }
        return from
    }

    private func seconds(at now: Instant) -> Double { Double(now.microseconds(since: startedAt)) / 1e6 }
}
