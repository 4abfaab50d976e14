public import MeshConfiguration
import MeshCore
public import MeshWire
public import RadioPort

/// Where the nodes of a simulation stand, in metres.
public struct Placement: Sendable {
    /// One node.
    public struct Site: Sendable {
        /// Its id, 1...1999.
        public var id: NodeID
        /// Its network.
        public var network: NetworkID
        /// Position in metres.
        public var x: Double
        /// Position in metres.
        public var y: Double
        /// Height in metres.
        public var z: Double
        /// Whether it is a sink.
        public var isSink: Bool
        /// Whether it begins as a member of its network.
        public var isEnrolled = true
        /// Its network key, nil: that of all.
        public var key: Key128?
        /// What it has to do with the others.
        public var standing = Standing.member

        /// Whether it shall become one cluster with the others of its network, from the beginning.
        var isMember: Bool { standing == .member && isEnrolled }
    }

    /// What a node has to do with those that shall become one cluster.
    public enum Standing: Sendable {
        /// It is one of them.
        case member
        /// It runs, but is not counted.
        case stranger
        /// It does not run; its radio is somebody else's.
        case puppet
    }

    /// Nodes of one network, at most; above, several networks share the air (protocol §13.1).
    public static let nodesPerNetwork = 1999

    /// In the order of ids, network by network.
    public private(set) var sites: [Site]

    /// The nodes of a layout, in one network.
    public init(_ layout: Layout, network: NetworkID = NetworkID(11)) {
        sites = layout.nodes.sorted { $0.id < $1.id }.map {
            Site(
                id: $0.id,
                network: network,
                x: $0.xMetres,
                y: $0.yMetres,
                z: $0.zMetres,
                isSink: $0.isSink
            )
        }
    }

    /// Draws positions.
    ///
    /// Coordinates are whole millimetres. `random` and `scaled` are redrawn until all nodes are connected by pairs within
    /// 31.6 m. If they are several networks, each has a part of the map of its own: spread over all of it, the nodes of one would
    /// be too far apart to link.
    ///
    /// - Parameters:
    ///   - generator: the kind of layout.
    ///   - nodes: how many, at least 1.
    ///   - seed: the same seed gives the same positions.
    ///   - network: the first network.
    ///   - area: the map, if the generator's own is not wanted.
    /// - Throws: ``PlacementError/unconnected(generator:nodes:draws:)`` after 1,000 draws.
    public init(
        _ generator: LayoutGenerator,
        nodes: Int,
        seed: UInt64,
        network: NetworkID = NetworkID(11),
        area: ScenarioFile.Area? = nil
    ) throws(PlacementError) {
        var random = SeededGenerator(seed: seed, stream: Streams.layout)
        let (width, height) =
            area.map { (UInt32($0.widthMetres * 1000), UInt32($0.heightMetres * 1000)) } ?? generator.area(nodes: nodes)
        for _ in 0..<Self.draws {
            var places = (0..<nodes).map { _ in
                (x: random.uniform(below: width + 1), y: random.uniform(below: height + 1))
            }
            if nodes > Self.nodesPerNetwork {
                func cell(_ coordinate: UInt32, of extent: UInt32) -> UInt32 {
                    UInt32(UInt64(coordinate) * 65_535 / UInt64(max(1, extent)))
                }
                func rank(_ place: (x: UInt32, y: UInt32)) -> UInt64 {
                    HilbertCurve.position(x: cell(place.x, of: width), y: cell(place.y, of: height))
                }
                // Swift's sort is stable.
                places.sort { rank($0) < rank($1) }
            }
            sites = places.enumerated().map { index, place in
                Site(
                    id: NodeID(UInt16(1 + index % Self.nodesPerNetwork)),
                    network: NetworkID(network.rawValue + UInt16(index / Self.nodesPerNetwork)),
                    x: Double(place.x) / 1000,
                    y: Double(place.y) / 1000,
                    z: 0,
                    isSink: false
                )
            }
            if !generator.mustConnect || isConnected { return }
        }
        throw .unconnected(generator: generator, nodes: nodes, draws: Self.draws)
    }

    /// The nodes of a scenario; `seed` takes the place of the scenario's own.
    ///
    /// - Throws: ``PlacementError/unconnected(generator:nodes:draws:)``.
    public init(_ scenario: ScenarioFile, seed: UInt64) throws(PlacementError) {
        let network = scenario.network.id
        switch scenario.placement {
        case .fixed(let layout):
            self.init(layout, network: network)
        case .generated(let generator, let count):
            try self.init(generator, nodes: count, seed: seed, network: network, area: scenario.area)
        }
        for index in sites.indices where sites[index].network == network && scenario.sinks.contains(sites[index].id) {
            sites[index].isSink = true
        }
        for index in sites.indices
        where sites[index].network == network && scenario.unenrolled.contains(sites[index].id) {
            sites[index].isEnrolled = false
        }
        admit(scenario)
    }

    /// Gives strangers their networks, keys and standing.
    private mutating func admit(_ scenario: ScenarioFile) {
        let home = scenario.network.id
        for strangers in scenario.strangers {
            for index in sites.indices where sites[index].network == home && strangers.nodes.contains(sites[index].id) {
                sites[index].key = strangers.key.flatMap { Key128($0) }
                if strangers.network == nil || strangers.network == home {
                    sites[index].standing = .stranger
                }
                sites[index].network = strangers.network ?? home
            }
        }
        for case .adversary(let adversary) in scenario.timeline.map(\.action) {
            for index in sites.indices where sites[index].network == home && sites[index].id == adversary.node {
                sites[index].standing = .puppet
            }
        }
        // Network by network, that of the scenario first. Swift's sort is stable.
        func rank(_ site: Site) -> Int { site.network == home ? -1 : Int(site.network.rawValue) }
        sites.sort { rank($0) < rank($1) }
    }

    private static let draws = 1000
    private static let connectedWithin = 31.6

    /// Whether pairs within 31.6 m connect all nodes.
    private var isConnected: Bool {
        let reach = Self.connectedWithin
        // Nodes by squares of that size: only the eight squares around can hold a neighbour.
        var squares: [Square: [Int]] = [:]
        for index in sites.indices {
            squares[Square(sites[index], size: reach), default: []].append(index)
        }
        var isReached = [Bool](repeating: false, count: sites.count)
        var frontier = [0]
        isReached[0] = true
        while let index = frontier.popLast() {
            for square in Square(sites[index], size: reach).neighbourhood {
                for other in squares[square] ?? [] where !isReached[other] {
                    let dx = sites[other].x - sites[index].x
                    let dy = sites[other].y - sites[index].y
                    guard dx * dx + dy * dy <= reach * reach else { continue }
                    isReached[other] = true
                    frontier.append(other)
                }
            }
        }
        return isReached.allSatisfy(\.self)
    }
}

/// A square of a grid over the layout.
struct Square: Hashable {
    var column: Int
    var row: Int

    init(_ site: Placement.Site, size: Double) {
        column = Int(site.x / size)
        row = Int(site.y / size)
    }

    private init(column: Int, row: Int) {
        self.column = column
        self.row = row
    }

    /// The square and those around it.
    var neighbourhood: [Square] {
        (-1...1).flatMap { dx in (-1...1).map { dy in Square(column: column + dx, row: row + dy) } }
    }
}

extension LayoutGenerator {
    /// Whether a draw is only good if all nodes are connected.
    var mustConnect: Bool { self != .dense }

    /// Width and height in millimetres.
    func area(nodes: Int) -> (UInt32, UInt32) {
        switch self {
        case .random: (60_000, 40_000)
        case .dense: (10_000, 10_000)
        case .scaled:
            (
                UInt32((60_000 * (Double(nodes) / 10).squareRoot())),
                UInt32((40_000 * (Double(nodes) / 10).squareRoot()))
            )
        }
    }
}

/// Why a layout cannot be drawn.
public enum PlacementError: Error, Equatable {
    /// No draw connected all nodes.
    case unconnected(generator: LayoutGenerator, nodes: Int, draws: Int)
}

extension PlacementError: CustomStringConvertible {
    /// What is wrong and what to do, in one line.
    public var description: String {
        switch self {
        case .unconnected(let generator, let nodes, let draws):
            "layout \(generator.rawValue): \(nodes) nodes did not connect in \(draws) draws; take more nodes or less area"
        }
    }
}

/// Numbers of the separate random streams of one seed.
enum Streams {
    static let layout: UInt64 = 1
    static let air: UInt64 = 2
    static let failures: UInt64 = 3
    static let traffic: UInt64 = 4
    static let messages: UInt64 = 5
    static let adversaries: UInt64 = 6
    /// What a swarm draws.
    static let swarm: UInt64 = 7
    static let disturbances: UInt64 = 8
    /// One per node, by index.
    static let nodes: UInt64 = 1 << 32
    /// One per node's end of all its links, by index.
    static let links: UInt64 = 2 << 32
    /// One per advertiser, by index.
    static let advertisers: UInt64 = 3 << 32

    /// A seed for a stream that somebody else makes a generator of.
    static func seed(of seed: UInt64, stream: UInt64) -> UInt64 {
        var random = SeededGenerator(seed: seed, stream: stream)
        return random.next()
    }
}
