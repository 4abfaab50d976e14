import MeshCore
import RadioPort

/// One fault after the other for a minute, none of them lasting.
///
/// Every half second one of: a node dies and is back within a second; one end of a link closes it; the two ends of a link cannot
/// hear each other for up to three seconds; a part of the nodes cannot hear the rest for up to three seconds.
struct Churn {
    /// How long faults go on.
    static let microseconds: UInt64 = 60_000_000
    private static let period: UInt64 = 500_000

    private enum End {
        case powerOn(Int)
        case unblock([(Int, Int)])
    }

    private var ends: [(at: Instant, end: End)] = []
    private var nextAt: Instant
    private let until: Instant

    init(at start: Instant) {
        nextAt = start
        until = start.advanced(byMicroseconds: Self.microseconds)
    }

    /// Whether the last fault is over.
    func isOver(at now: Instant) -> Bool { now >= until && ends.isEmpty }

    /// Begins and ends what is due; to be called before every step.
    mutating func advance(_ simulation: inout Simulation) {
        let now = simulation.now
        for (at, end) in ends where at <= now {
            switch end {
            case .powerOn(let index): simulation.powerOn(index)
            case .unblock(let pairs): pairs.forEach { simulation.unblock($0.0, $0.1) }
            }
        }
        ends.removeAll { $0.at <= now }
        guard now < until, now >= nextAt else { return }
        nextAt = nextAt.advanced(byMicroseconds: Self.period)
        strike(&simulation, now: now)
    }

    private mutating func strike(_ simulation: inout Simulation, now: Instant) {
        // What lasts ends before the minute does.
        let left = until.microseconds(since: now)
        func draw(_ most: UInt64) -> Instant {
            now.advanced(byMicroseconds: UInt64(simulation.random.uniform(below: UInt32(min(most, left) + 1))))
        }
        switch simulation.random.uniform(below: 4) {
        case 0:
            let index = Int(simulation.random.uniform(below: UInt32(simulation.count)))
            guard simulation.isPowered[index] else { return }
            simulation.powerOff(index)
            ends.append((draw(1_000_000), .powerOn(index)))
        case 1:
            guard let edge = edge(of: &simulation) else { return }
            simulation.closeLink(of: edge.0, to: edge.1)
        case 2:
            guard let edge = edge(of: &simulation) else { return }
            simulation.block(edge.0, edge.1)
            ends.append((draw(3_000_000), .unblock([edge])))
        default:
            var isInside = [Bool](repeating: false, count: simulation.count)
            for index in isInside.indices { isInside[index] = simulation.random.chance(1, in: 2) }
            var pairs: [(Int, Int)] = []
            for one in isInside.indices {
                for other in one + 1..<isInside.count where isInside[one] != isInside[other] {
                    pairs.append((one, other))
                }
            }
            pairs.forEach { simulation.block($0.0, $0.1) }
            ends.append((draw(3_000_000), .unblock(pairs)))
        }
    }

    private func edge(of simulation: inout Simulation) -> (Int, Int)? {
        let edges = simulation.tree.edges
        guard !edges.isEmpty else { return nil }
        let edge = edges[Int(simulation.random.uniform(below: UInt32(edges.count)))]
        return simulation.random.chance(1, in: 2) ? (edge.central, edge.peripheral) : (edge.peripheral, edge.central)
    }
}
