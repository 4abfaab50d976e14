public import MeshConfiguration
public import MeshCore
import MeshWire

extension SwarmCase {
    private static let second: UInt64 = 1_000_000

    /// Time that nodes have to become one cluster; classic nodes may need the emergency disconnect, which waits two minutes.
    private static func bound(_ clustering: ClusteringMode) -> UInt64 {
        clustering == .classic ? 400 * second : 120 * second
    }

    /// Draws a case; the same arguments give the same case.
    ///
    /// - Parameters:
    ///   - seed: where all of it comes from.
    ///   - radio: the radio model, nil: the `reference` radio.
    ///   - clustering: the mode, nil: drawn.
    ///   - nodesMax: nodes at most, at least 2.
    public init(drawnFrom seed: UInt64, radio: RadioProfile?, clustering: ClusteringMode?, nodesMax: Int = 20) {
        var random = SeededGenerator(seed: seed, stream: Streams.swarm)
        func draw(_ range: ClosedRange<UInt64>) -> UInt64 {
            range.lowerBound + UInt64(random.uniform(below: UInt32(range.upperBound - range.lowerBound + 1)))
        }
        self.seed = seed
        self.radio = radio ?? .reference
        network = ScenarioFile.Network(clustering: clustering ?? (random.chance(1, in: 2) ? .classic : .graft))
        if network.clustering == .classic, random.chance(1, in: 4) { network.decision = .eager }
        let count = Int(draw(2...UInt64(max(2, nodesMax))))
        let generator: LayoutGenerator = random.chance(1, in: 3) ? .dense : .random
        let placement =
            (try? Placement(generator, nodes: count, seed: seed)) ?? Placement(Layout(nodes: []))
        // Under `ble` shadowing makes some paths worse than their length says.
        let scale = self.radio == .ble ? 0.6 : 1
        layout = Layout(
            nodes: placement.sites.map { site in
                Layout.Node(
                    id: site.id,
                    xMetres: (site.x * scale * 10).rounded(.down) / 10,
                    yMetres: (site.y * scale * 10).rounded(.down) / 10
                )
            }
        )
        lowEnergy = LowEnergySettings()
        if self.radio == .ble {
            let controllers: [ControllerProfile] = [.ideal, .bcm43438, .bcm43455, .rtl8761b]
            lowEnergy.controller = controllers[Int(random.uniform(below: 4))]
            lowEnergy.clockPPM = Int(draw(0...200))
            lowEnergy.bootSpreadMicroseconds = draw(0...5) * Self.second
            lowEnergy.failures.connectFailsPercent = Double(draw(0...20))
        }
        bound = Self.bound(network.clustering)
        let start = draw(5...40)
        let length = draw(10...60)
        healAt = (start + length) * Self.second
        faults = []
        for _ in 0..<draw(0...12) {
            let node = layout.nodes[Int(random.uniform(below: UInt32(max(1, layout.nodes.count))))].id
            let other = layout.nodes[Int(random.uniform(below: UInt32(max(1, layout.nodes.count))))].id
            let at = start * Self.second + draw(0...(length * 1000)) * 1000
            let duration = draw(1...200) * 100_000
            switch random.uniform(below: self.radio == .ble ? 5 : 4) {
            case 0: faults.append(.down(node, at: at, length: duration))
            case 1: faults.append(.reboot(node, at: at))
            case 2:
                guard node != other else { continue }
                faults.append(.block(node, other, at: at, length: duration))
            case 3:
                let inside = layout.nodes.map(\.id).filter { _ in random.chance(1, in: 2) }
                faults.append(.partition(inside, at: at, length: duration))
            default:
                // Beside another node, so that it is heard at its new place.
                let beside = layout.nodes.first { $0.id == other } ?? layout.nodes[0]
                faults.append(.move(node, x: beside.xMetres + 1, y: beside.yMetres + 1, at: at))
            }
        }
    }
}
