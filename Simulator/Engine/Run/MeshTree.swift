import MeshCore
import MeshWire
import RadioPort

/// The handshaked mesh links of a simulation at one instant.
public struct MeshTree: Sendable {
    /// One link, seen from both ends.
    public struct Edge: Sendable, Equatable {
        /// Index of the central.
        public var central: Int
        /// Index of the peripheral.
        public var peripheral: Int
        /// Index of the end that holds the master bit; nil while it is handed over.
        public var master: Int?
        /// Signal strength in dBm at the central; nil if the two are out of reach.
        public var rssi: Int8?
    }

    /// By central, then peripheral.
    public let edges: [Edge]
    private let neighbours: [[Int]]

    init(edges: [Edge], nodes: Int) {
        self.edges = edges
        var neighbours = [[Int]](repeating: [], count: nodes)
        for edge in edges {
            neighbours[edge.central].append(edge.peripheral)
            neighbours[edge.peripheral].append(edge.central)
        }
        self.neighbours = neighbours
    }

    /// Indices of the nodes linked to a node.
    public func neighbours(of index: Int) -> [Int] { neighbours[index] }

    /// Longest path in hops.
    public var diameter: Int {
        var longest = 0
        var isSeen = [Bool](repeating: false, count: neighbours.count)
        for start in neighbours.indices where !isSeen[start] {
            // The node farthest from any is an end of a longest path of a tree.
            let first = farthest(from: start)
            for index in first.reached {
                isSeen[index] = true
            }
            longest = max(longest, farthest(from: first.node).distance)
        }
        return longest
    }

    private func farthest(from start: Int) -> (node: Int, distance: Int, reached: [Int]) {
        var distances = [start: 0]
        var order = [start]
        var position = 0
        while position < order.count {
            let index = order[position]
            position += 1
            for other in neighbours[index] where distances[other] == nil {
                distances[other] = (distances[index] ?? 0) + 1
                order.append(other)
            }
        }
        let last = order[order.count - 1]
        return (last, distances[last] ?? 0, order)
    }
}

extension Simulation {
    /// The mesh links that both ends count as handshaked and usable, and over which something can pass.
    public var tree: MeshTree {
        var edges: [MeshTree.Edge] = []
        for central in nodes.indices where isPowered[central] {
            for position in 0..<nodes[central].linkCount {
                let view = nodes[central].linkView(position)
                guard view.role == .central, view.kind == .mesh, view.state == .handshakeDone,
                    air.carries(view.link, at: central),
                    let peripheral = air.peer(of: view.link, at: central)?.node, isPowered[peripheral],
                    let other = linkView(at: peripheral, towards: central), other.state == .handshakeDone
                else { continue }
                let master: Int? = view.masterBit ? central : other.masterBit ? peripheral : nil
                let rssi = air.rssi(of: peripheral, at: central)
                edges.append(
                    MeshTree.Edge(central: central, peripheral: peripheral, master: master, rssi: rssi)
                )
            }
        }
        return MeshTree(edges: edges.sorted { ($0.central, $0.peripheral) < ($1.central, $1.peripheral) }, nodes: count)
    }

    /// The peripheral end of the mesh link from a central.
    private func linkView(at index: Int, towards central: Int) -> LinkView? {
        let address = air.address(of: central)
        for position in 0..<nodes[index].linkCount {
            let view = nodes[index].linkView(position)
            if view.kind == .mesh, view.role == .peripheral, view.address == address { return view }
        }
        return nil
    }

    /// The node with the most handshaked mesh links, the lowest id of equals.
    public var bestConnected: Int {
        var best = 0
        for index in nodes.indices
        where isPowered[index] && (!isPowered[best] || nodes[index].meshEdgeCount > nodes[best].meshEdgeCount) {
            best = index
        }
        return best
    }
}
