import MeshConfiguration

/// Who can hear whom: for each node those that it reaches, by index, with the average strength.
///
/// Built from a grid, so that its cost grows with pairs in reach; a node that moves is taken out and put in again. When a wall is
/// raised or removed, all is built anew but the grid.
struct Audibility: Sendable {
    /// Another node that a node reaches.
    struct Listener: Sendable {
        var index: Int32
        /// What the node's packets have there on average, in thousandths of a dBm.
        var strength: Int32
    }

    private let propagation: Propagation
    private var sites: [Placement.Site]
    private var walls: [RadioWall]
    private var squares: [Square: [Int]] = [:]
    private var listeners: ContiguousArray<ContiguousArray<Listener>>

    init(_ sites: [Placement.Site], _ propagation: Propagation, walls: [RadioWall]) {
        self.sites = sites
        self.walls = walls
        self.propagation = propagation
        listeners = ContiguousArray(repeating: [], count: sites.count)
        for index in sites.indices {
            squares[Square(sites[index], size: propagation.reach), default: []].append(index)
        }
        build()
    }

    private mutating func build() {
        for index in sites.indices {
            listeners[index] = reached(by: index)
        }
    }

    private func reached(by index: Int) -> ContiguousArray<Listener> {
        var found = ContiguousArray<Listener>()
        for square in Square(sites[index], size: propagation.reach).neighbourhood {
            for other in squares[square] ?? [] where other != index {
                if let strength = average(from: index, to: other) {
                    found.append(Listener(index: Int32(other), strength: Int32(strength)))
                }
            }
        }
        found.sort { $0.index < $1.index }
        // As large as it has to be, and no larger: this is what a node costs most.
        var listeners = ContiguousArray<Listener>()
        listeners.reserveCapacity(found.count)
        listeners.append(contentsOf: found)
        return listeners
    }

    private func average(from one: Int, to other: Int) -> Int? {
        propagation.average(from: one, at: sites[one], to: other, at: sites[other], walls: walls)
    }

    /// Those that a node reaches.
    func listeners(of index: Int) -> ContiguousArray<Listener> { listeners[index] }

    /// Strength of one node at another; nil if out of reach.
    func strength(of one: Int, at other: Int) -> Int? {
        let list = listeners[one]
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(list[middle].index) < other {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < list.count, Int(list[low].index) == other else { return nil }
        return Int(list[low].strength)
    }

    /// Puts a node somewhere else.
    mutating func move(_ index: Int, to site: Placement.Site) {
        squares[Square(sites[index], size: propagation.reach)]?.removeAll { $0 == index }
        // Who reached it before need not be those that it reached: links differ by direction.
        for other in sites.indices where other != index { forget(index, by: other) }
        sites[index] = site
        squares[Square(site, size: propagation.reach), default: []].append(index)
        listeners[index] = reached(by: index)
        for square in Square(site, size: propagation.reach).neighbourhood {
            for other in squares[square] ?? [] where other != index {
                guard let strength = average(from: other, to: index) else { continue }
                let position = listeners[other].firstIndex { $0.index > index } ?? listeners[other].endIndex
                listeners[other].insert(Listener(index: Int32(index), strength: Int32(strength)), at: position)
            }
        }
    }

    /// Puts up a wall.
    mutating func raise(_ wall: RadioWall) {
        walls.append(wall)
        build()
    }

    /// Takes away one wall; nothing if there is none along that line, with that loss if one is given.
    mutating func remove(_ segment: Segment, lossDecibels: Double?) {
        guard
            let position = walls.lastIndex(where: {
                $0.segment == segment && (lossDecibels == nil || $0.lossDecibels == lossDecibels)
            })
        else { return }
        walls.remove(at: position)
        build()
    }

    private mutating func forget(_ index: Int, by other: Int) {
        guard strength(of: other, at: index) != nil else { return }
        listeners[other].removeAll { Int($0.index) == index }
    }
}
