public import MeshConfiguration
public import MeshCore
import MeshWire

extension SwarmCase {
    private static let second: UInt64 = 1_000_000
    private static let millisecond: UInt64 = 1_000

    /// Time that nodes have to become one cluster again, in microseconds.
    ///
    /// In graft twice the slowest of the runs that were measured, which took 6.6 s. Of classic the slowest took 42 s, but a single
    /// node that nobody takes in waits two minutes before it asks for a place (protocol §4.8), and is one of many then.
    private static func bound(_ clustering: ClusteringMode) -> UInt64 {
        switch clustering {
        case .classic: 300 * second
        case .graft: 15 * second
        }
    }

    /// Draws a case; the same arguments give the same case.
    ///
    /// - Parameters:
    ///   - seed: where all of it comes from.
    ///   - radio: the radio model, nil: drawn.
    ///   - clustering: the mode, nil: drawn.
    ///   - nodesMax: nodes at most, at least 2.
    public init(drawnFrom seed: UInt64, radio: RadioProfile?, clustering: ClusteringMode?, nodesMax: Int = 20) {
        var random = SeededGenerator(seed: seed, stream: Streams.swarm)
        func draw(_ range: ClosedRange<UInt64>) -> UInt64 {
            range.lowerBound + UInt64(random.uniform(below: UInt32(range.upperBound - range.lowerBound + 1)))
        }
        self.seed = seed
        let (drawnRadio, drawnMode) = (random.chance(1, in: 2), random.chance(1, in: 2))
        self.radio = radio ?? (drawnRadio ? .ble : .reference)
        network = ScenarioFile.Network(clustering: clustering ?? (drawnMode ? .classic : .graft))
        let (isEager, isBrisk) = (random.chance(1, in: 4), random.chance(1, in: 8))
        if network.clustering == .classic {
            network.decision = isEager ? .eager : .periodic
            network.timing = isBrisk ? .brisk : .stock
        }
        network.linkEncryption = !random.chance(1, in: 4)
        let count = Int(draw(2...UInt64(max(2, nodesMax))))
        let generator: LayoutGenerator = random.chance(1, in: 3) ? .dense : .random
        layout = Self.layout(generator, nodes: count, radio: self.radio, seed: seed)
        // In a dense layout everybody hears everybody, so that a part of them is connected, too.
        let hasNeighbours = generator == .dense && count >= 4 && random.chance(1, in: 4)
        neighbours = hasNeighbours ? layout.nodes.suffix(Int(draw(1...UInt64(count / 2)))).map(\.id) : []
        lowEnergy = LowEnergySettings()
        if self.radio == .ble {
            let controllers: [ControllerProfile] = [.ideal, .bcm43438, .bcm43455, .rtl8761b]
            lowEnergy.controller = controllers[Int(random.uniform(below: 4))]
            lowEnergy.clockPPM = Int(draw(0...200))
            lowEnergy.intervalSpread = Int(draw(0...1) * draw(0...8))
            lowEnergy.bootSpreadMicroseconds = draw(0...5) * Self.second
            lowEnergy.failures.connectFailsPercent = Double(draw(0...20))
        }
        traffic = nil
        if random.chance(1, in: 3) {
            traffic = ScenarioFile.Traffic(
                periodMicroseconds: draw(5...100) * 100 * Self.millisecond,
                bytes: Int(draw(4...100))
            )
        }
        bound = Self.bound(network.clustering)
        let start = draw(5...40)
        let length = draw(10...60)
        healAt = (start + length) * Self.second
        faults = []
        for _ in 0..<draw(0...12) {
            let at = start * Self.second + draw(0...(length * 1000 - 1)) * Self.millisecond
            let duration = draw(1...200) * 100 * Self.millisecond
            if let kind = Self.fault(of: layout, radio: self.radio, random: &random) {
                faults.append(SwarmFault(kind, atMicroseconds: at, forMicroseconds: kind.lasts ? duration : nil))
            }
        }
    }

    private static func layout(_ generator: LayoutGenerator, nodes: Int, radio: RadioProfile, seed: UInt64) -> Layout {
        let placement = (try? Placement(generator, nodes: nodes, seed: seed)) ?? Placement(Layout(nodes: []))
        // Under `ble` shadowing makes some paths worse than their length says.
        let scale = radio == .ble ? 0.6 : 1
        return Layout(
            nodes: placement.sites.map { site in
                Layout.Node(
                    id: site.id,
                    xMetres: (site.x * scale * 10).rounded(.down) / 10,
                    yMetres: (site.y * scale * 10).rounded(.down) / 10
                )
            }
        )
    }

    /// Something that goes wrong, or nil if the dice make no sense.
    private static func fault(
        of layout: Layout,
        radio: RadioProfile,
        random: inout SeededGenerator
    ) -> SwarmFault.Kind? {
        func percent(_ most: UInt32) -> Double { Double(1 + random.uniform(below: most)) }
        let one = layout.nodes[Int(random.uniform(below: UInt32(layout.nodes.count)))].id
        let other = layout.nodes[Int(random.uniform(below: UInt32(layout.nodes.count)))]
        let some = layout.nodes.map(\.id).filter { _ in random.chance(1, in: 2) }
        // Half of what can concern several nodes concerns one.
        let those = random.chance(1, in: 2) || some.isEmpty ? [one] : some
        switch random.uniform(below: radio == .ble ? 11 : 10) {
        case 0: return .powerOff(those)
        case 1: return .reboot(those)
        case 2: return one == other.id ? nil : .blockLink(one, other.id)
        case 3: return some.isEmpty ? nil : .partition(some)
        case 4: return .adapterReset(those)
        case 5: return .disturb(those, .packetLoss(percent: percent(90)))
        case 6: return .disturb(those, .slowHost(periodMicroseconds: UInt64(1 + random.uniform(below: 30)) * 100_000))
        case 7: return .disturb(those, .busyStack(percent: percent(60)))
        case 8: return .disturb(those, .repeatedData(percent: percent(20)))
        case 9: return .disturb(those, .corruptedData(percent: percent(20)))
        // Beside another node, so that it is heard at its new place.
        default: return .move(one, x: other.xMetres + 1, y: other.yMetres + 1)
        }
    }
}
