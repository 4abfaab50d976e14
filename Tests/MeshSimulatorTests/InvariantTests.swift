import ByteCoding
import MeshConfiguration
import MeshWire
import RadioPort
import Testing

@testable import MeshCore
@testable import MeshSimulator

/// Every checker must be able to fail: a formed mesh is damaged from outside, and the damage must be found.
@Suite struct InvariantTests {
    private func formed(_ seed: UInt64 = 2) throws -> Simulation {
        var options = Simulation.Options()
        options.radio = .reference
        options.checksInvariants = true
        var simulation = Simulation(
            placement: try Placement(.dense, nodes: 6, seed: seed),
            seed: seed,
            options: options
        )
        let at = simulation.runUntilFormed(limit: Instant(microseconds: 100_000_000))
        try #require(at != nil)
        simulation.run(until: simulation.now.advanced(byMicroseconds: 5_000_000))
        try #require(simulation.violation == nil)
        return simulation
    }

    /// A link that both ends count as handshaked, as (index, position) of either end.
    private func edge(of simulation: Simulation) throws -> (one: Int, other: Int) {
        let edge = try #require(simulation.tree.edges.first)
        return (edge.central, edge.peripheral)
    }

    @Test func findsTwoMasterBits() throws {
        var simulation = try formed()
        let edge = try edge(of: simulation)
        for (index, peer) in [(edge.one, edge.other), (edge.other, edge.one)] {
            let partner = simulation.placement.sites[peer].id
            let position = try #require(simulation.nodes[index].links.firstIndex { $0.partner == partner })
            simulation.nodes[index].links[position].masterBit = true
            simulation.checkInvariants(around: index)
        }
        #expect(simulation.violation?.invariant == .oneMasterBit)
    }

    @Test func findsAWrongSize() throws {
        var simulation = try formed()
        simulation.nodes[0].clusterSize += 1
        simulation.nodes[0].links[0].hopsToSink = 5
        simulation.checkInvariants(around: 0)
        #expect(simulation.violation?.invariant == .sizesConsistent)
    }

    @Test func findsSizesThatAgreeLocallyButNotWithTheTree() throws {
        var simulation = try formed()
        simulation.nodes[0].clusterSize += 1
        simulation.nodes[0].links[0].connectedSize += 1
        simulation.checkInvariants(around: 0)
        #expect(simulation.violation == nil)
        simulation.checkSizesIfQuiet()
        #expect(simulation.violation?.invariant == .sizesConsistent)
    }

    @Test func findsTooManyLinks() throws {
        var simulation = try formed()
        let index = try edge(of: simulation).one
        let link = simulation.nodes[index].links[0]
        for _ in 0..<4 {
            simulation.nodes[index].links.append(link)
        }
        simulation.checkInvariants(around: index)
        #expect(simulation.violation?.invariant == .degreeLimits)
    }

    @Test func findsAMessageDeliveredTwice() throws {
        var simulation = try formed()
        var message = MessageBytes()
        for byte: UInt8 in [80, 1, 0, 0, 0, 0xAA] {
            message.append(byte)
        }
        simulation.checker?.delivered(message, to: 0, isSender: true, losses: 0)
        simulation.checker?.delivered(message, to: 1, isSender: false, losses: 0)
        simulation.checkInvariants(around: 1)
        #expect(simulation.violation == nil)
        simulation.checker?.delivered(message, to: 1, isSender: false, losses: 0)
        simulation.checkInvariants(around: 1)
        #expect(simulation.violation?.invariant == .noDuplicates)
    }

    /// What was not confirmed is sent again over a link that is re-established (protocol §8.5), once by each end.
    @Test func allowsACopyForEachEndOfALinkThatIsReestablished() throws {
        var simulation = try formed()
        let index = try edge(of: simulation).one
        var message = MessageBytes()
        for byte: UInt8 in [80, 1, 0, 0, 0, 0xAA] {
            message.append(byte)
        }
        simulation.checker?.delivered(message, to: 0, isSender: true, losses: 0)
        let state = simulation.nodes[index].links[0].state
        simulation.nodes[index].links[0].state = .reestablishing
        simulation.checkInvariants(around: index)
        simulation.nodes[index].links[0].state = state
        // The copy comes in the turn in which the link is back.
        simulation.checker?.delivered(message, to: 1, isSender: false, losses: 0)
        simulation.checker?.delivered(message, to: 1, isSender: false, losses: 0)
        simulation.checkInvariants(around: index)
        #expect(simulation.violation == nil)
        simulation.checker?.delivered(message, to: 1, isSender: false, losses: 0)
        simulation.checkInvariants(around: index)
        #expect(simulation.violation?.invariant == .noDuplicates)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func holdThroughFormationAndFailures(seed: UInt64) throws {
        var simulation = try formed(seed)
        simulation.reboot(simulation.bestConnected)
        simulation.run(until: simulation.now.advanced(byMicroseconds: 20_000_000))
        let edge = try #require(simulation.tree.edges.first)
        simulation.dropLink(edge.central, edge.peripheral)
        simulation.run(until: simulation.now.advanced(byMicroseconds: 20_000_000))
        #expect(simulation.violation == nil, "\(simulation.violation.map(\.description) ?? "")")
        #expect(simulation.isFormed)
    }
}
