import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshSimulator

/// Configurations in which the classic algorithm is known to stay are told apart by their condition.
@Suite struct KnownStuckTests {
    private static let full = KnownStuck.Neighbour(clusterSize: 4, freeOut: 0, freeIn: 1)

    @Test func aSingleNodeBesideNodesThatCannotReachOutIsStuck() {
        #expect(KnownStuck.holds(clusterSize: 1, heard: [Self.full]))
        #expect(
            KnownStuck.holds(
                clusterSize: 1,
                heard: [Self.full, KnownStuck.Neighbour(clusterSize: 9, freeOut: 0, freeIn: 2)]
            )
        )
    }

    @Test(
        arguments: [
            // More than one node may be the central of a bigger cluster's.
            (2, [full]),
            // Nobody is heard: no matter of clustering.
            (1, []),
            // Somebody could be its central.
            (1, [full, KnownStuck.Neighbour(clusterSize: 4, freeOut: 1, freeIn: 1)]),
            // Somebody would free a link for it.
            (1, [KnownStuck.Neighbour(clusterSize: 4, freeOut: 0, freeIn: 0)]),
            // Two single nodes may always link.
            (1, [full, KnownStuck.Neighbour(clusterSize: 1, freeOut: 0, freeIn: 2)]),
        ] as [(Int, [KnownStuck.Neighbour])]
    )
    func everythingElseIsAFault(size: Int, heard: [KnownStuck.Neighbour]) {
        #expect(!KnownStuck.holds(clusterSize: size, heard: heard))
    }

    /// A hub with three nodes that it is the central of, and a fourth that hears the hub alone.
    private static func star(_ clustering: ClusteringMode, seed: UInt64) -> Simulation {
        let places: [(Double, Double)] = [(0, 0), (20, 0), (-20, 0), (0, 20), (0, -31)]
        let layout = Layout(
            nodes: places.enumerated().map { Layout.Node(id: NodeID(UInt16($0 + 1)), xMetres: $1.0, yMetres: $1.1) }
        )
        var options = Simulation.Options()
        options.radio = .reference
        options.configuration = Configuration(clustering: clustering)
        return Simulation(placement: Placement(layout), seed: seed, options: options)
    }

    /// Runs that form, and one that does not in four minutes, twice what an emergency waits for; each is looked at.
    @Test func runsThatStayAreRecognised() {
        var (stuck, formed) = (0, 0)
        for seed in UInt64(20)...24 {
            var simulation = Self.star(.classic, seed: seed)
            if simulation.runUntilFormed(limit: Instant(microseconds: 250_000_000)) == nil {
                stuck += 1
                #expect(simulation.isKnownStuck, "seed \(seed)")
            } else {
                formed += 1
                #expect(!simulation.isKnownStuck, "seed \(seed)")
            }
        }
        #expect(stuck > 0 && formed > 0)
    }

    @Test func nodesThatHearNobodyAreNotStuck() {
        var simulation = Self.star(.classic, seed: 1)
        simulation.powerOff(0)
        simulation.run(until: Instant(microseconds: 60_000_000))
        // Without the hub the fifth node hears nobody.
        #expect(simulation.clusters.count > 1 && !simulation.isKnownStuck)
    }

    @Test func graftHasNoSuchExcuse() {
        var simulation = Self.star(.graft, seed: 1)
        #expect(!simulation.isKnownStuck)
        simulation.run(until: Instant(microseconds: 60_000_000))
        #expect(simulation.isFormed)
    }

    @Test func nodesThatCannotHearEachOtherAreFoundBefore() {
        func isConnected(_ distance: Double, margin: Int = 0) -> Bool {
            let nodes = [0, distance, 2 * distance].enumerated().map {
                Layout.Node(id: NodeID(UInt16($0 + 1)), xMetres: $1, yMetres: 0)
            }
            var options = Simulation.Options()
            options.radio = .reference
            let placement = Placement(Layout(nodes: nodes))
            return Air(placement: placement, seed: 1, options: options)
                .connects(placement, atLeast: Int(options.configuration.rssiThreshold) + margin)
        }
        #expect(isConnected(31) && !isConnected(33))
        #expect(!isConnected(31, margin: 3) && isConnected(20, margin: 3))
    }
}
