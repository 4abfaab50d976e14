import MeshConfiguration
import MeshWire
import RadioPort
import Testing

@testable import MeshCore
@testable import MeshSimulator

/// Every check of the trees of grafting must be able to fail: a formed mesh is damaged from outside, and the damage must be found.
@Suite struct TreeCheckTests {
    private func formed(_ seed: UInt64 = 2) throws -> Simulation {
        var scenario = ScenarioFile(
            name: "eight",
            durationMicroseconds: 100_000_000,
            placement: .generated(.dense, count: 8)
        )
        scenario.radio = .reference
        scenario.network.clustering = .graft
        var options = Simulation.Options(scenario)
        options.checksInvariants = true
        var simulation = Simulation(placement: try Placement(scenario, seed: seed), seed: seed, options: options)
        let at = simulation.runUntilFormed(limit: Instant(microseconds: 100_000_000))
        try #require(at != nil)
        simulation.run(until: simulation.now.advanced(byMicroseconds: 5_000_000))
        try #require(simulation.violation == nil)
        return simulation
    }

    /// A node that is not the root, and the position of the link to its parent.
    private func child(in simulation: Simulation) throws -> (index: Int, link: Int) {
        let index = try #require(simulation.nodes.indices.first { !simulation.nodes[$0].isRoot })
        let link = try #require(simulation.nodes[index].links.firstIndex { $0.graft.relation == .parent })
        return (index, link)
    }

    @Test func aFormedMeshIsSound() throws {
        var simulation = try formed()
        simulation.checkSizesIfQuiet()
        #expect(simulation.violation == nil)
        #expect(simulation.nodes.count(where: \.isRoot) == 1)
    }

    @Test func findsTwoRoots() throws {
        var simulation = try formed()
        let child = try child(in: simulation)
        simulation.nodes[child.index].links[child.link].graft.relation = .engaged
        simulation.checkInvariants(around: child.index)
        #expect(simulation.violation?.invariant == .oneRoot)
    }

    @Test func findsTwoParents() throws {
        var simulation = try formed()
        let index = try #require(
            simulation.nodes.indices.first { index in
                !simulation.nodes[index].isRoot && simulation.nodes[index].links.count > 1
            }
        )
        let link = try #require(simulation.nodes[index].links.firstIndex { $0.graft.relation == .child })
        simulation.nodes[index].links[link].graft.relation = .parent
        simulation.checkInvariants(around: index)
        #expect(simulation.violation?.invariant == .oneMasterBit)
    }

    @Test func findsAChildThatKnowsMoreThanItsParent() throws {
        var simulation = try formed()
        let child = try child(in: simulation)
        simulation.nodes[child.index].graft.rank += 1
        simulation.checkInvariants(around: child.index)
        #expect(simulation.violation?.invariant == .keysOrdered)
    }

    @Test func findsKeysThatDifferInOneTree() throws {
        var simulation = try formed()
        let child = try child(in: simulation)
        simulation.nodes[child.index].graft.rank -= 1
        simulation.checkInvariants(around: child.index)
        #expect(simulation.violation == nil, "news may be on its way")
        simulation.checkSizesIfQuiet()
        #expect(simulation.violation?.invariant == .keysUnique)
    }

    @Test func findsOneKeyInTwoTrees() throws {
        var simulation = try formed()
        let child = try child(in: simulation)
        let key = simulation.nodes[child.index].clusterKey
        simulation.vanish(child.index)
        simulation.run(until: simulation.now.advanced(byMicroseconds: 6_000_000))
        try #require(simulation.violation == nil)
        try #require(simulation.nodes[child.index].clusterKey != key)
        let rest = try #require(simulation.nodes.indices.first { $0 != child.index })
        simulation.nodes[child.index].clusterID = simulation.nodes[rest].clusterID
        simulation.nodes[child.index].graft.rank = simulation.nodes[rest].graft.rank
        simulation.checkKeysOnceQuiet()
        #expect(simulation.violation?.invariant == .keysUnique)
    }

    @Test func constantTrafficFindsALostMessage() throws {
        var simulation = try formed()
        simulation.startTraffic(period: 1_000_000, payload: 8)
        for _ in 0..<200 {
            simulation.advanceTraffic()
            simulation.step()
        }
        // From here on nobody is handed anything.
        var lost = try #require(simulation.traffic)
        #expect(lost.figures.delivered > 0)
        #expect(lost.figures.lost == 0)
        for _ in 0..<500 {
            lost.advance(&simulation)
            simulation.traffic = nil
            simulation.step()
        }
        #expect(lost.figures.lost > 0)
    }
}
