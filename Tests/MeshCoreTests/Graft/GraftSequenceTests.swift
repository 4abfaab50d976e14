import ByteCoding
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// The sequences of graft §9 between real nodes, on an air as it should be.
@Suite struct GraftSequenceTests {
    /// Runs until something holds, checking the rules all the time.
    private func run(_ air: inout GraftAir, seconds: Int, until condition: (GraftAir) -> Bool) -> Bool {
        for _ in 0..<seconds * 50 {
            air.settle()
            if let violation = air.violation {
                Issue.record("\(violation)")
                return false
            }
            if condition(air) { return true }
        }
        return false
    }

    private func form(_ air: inout GraftAir, seconds: Int = 10) throws {
        let isFormed = run(&air, seconds: seconds) { $0.isOneCluster }
        try #require(isFormed)
    }

    @Test func twoNodesJoin() throws {
        var air = GraftAir(count: 2, seed: 1)
        try form(&air, seconds: 2)
        #expect(air.tally.grafts == 2, "told by both ends")
        #expect(air.nodes.map(\.meshEdgeCount) == [1, 1])
        #expect(air.nodes.map { $0.clusterKey.rank } == [2, 2], "the rank of the size")
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func lineOfSixFormsWithFiveLinks(seed: UInt64) throws {
        var air = GraftAir(count: 6, seed: seed, hears: { abs($0 - $1) == 1 })
        try form(&air)
        #expect(air.wires.count == 5)
        #expect(air.tally.grafts == 10, "each cluster hung itself under another once, as a whole")
        #expect(air.tally.splits == 0)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func twoClustersMeetAtNodesThatAreNotRoots(seed: UInt64) throws {
        // Two lines of three, 0-1-2 and 3-4-5; later 2 and 3 hear each other.
        let gate = Gate()
        var air = GraftAir(count: 6, seed: seed) { abs($0 - $1) == 1 && (gate.isOpen || Set([$0, $1]) != [2, 3]) }
        let isApart = run(&air, seconds: 10) { air in
            air.nodes[..<3].allSatisfy { $0.clusterSize == 3 } && air.nodes[3...].allSatisfy { $0.clusterSize == 3 }
        }
        try #require(isApart)
        for _ in 0..<100 where air.violation == nil { air.settle() }
        let wires = Set(air.wires.map(\.id.rawValue))
        let before = air.tally
        #expect(!air.nodes[2].isRoot && !air.nodes[3].isRoot, "the roots drifted to the middle")
        gate.isOpen = true
        try form(&air, seconds: 6)
        #expect(air.tally.grafts == before.grafts + 2)
        #expect(air.tally.handovers > before.handovers, "the role went to the boundary")
        #expect(wires.isSubset(of: air.wires.map(\.id.rawValue)), "every link is kept")
        #expect(air.wires.count == wires.count + 1)
    }

    /// Something that the reach of an air looks at.
    private final class Gate {
        var isOpen = false
    }

    @Test func cutOffPartKeepsItsLinksAndHeals() throws {
        let gate = Gate()
        gate.isOpen = true
        var air = GraftAir(count: 5, seed: 3) { abs($0 - $1) == 1 && (gate.isOpen || Set([$0, $1]) != [1, 2]) }
        try form(&air)
        let key = air.nodes[0].clusterKey
        gate.isOpen = false
        air.breakWire(try #require(air.wire(1, 2)))
        let kept = Set(air.wires.map(\.id.rawValue))
        let isSplit = run(&air, seconds: 4) { air in
            air.nodes[..<2].allSatisfy { $0.clusterSize == 2 } && air.nodes[2...].allSatisfy { $0.clusterSize == 3 }
        }
        #expect(isSplit)
        #expect(air.tally.splits == 1)
        #expect(air.nodes[0].clusterKey != air.nodes[4].clusterKey)
        #expect(air.nodes.allSatisfy { $0.clusterKey >= key })
        #expect(air.wires.count == 3)
        #expect(kept.isSuperset(of: air.wires.map(\.id.rawValue)), "nobody dissolved")
        gate.isOpen = true
        try form(&air, seconds: 5)
        #expect(air.wires.count == 4)
    }

    @Test func linkThatBreaksForAMomentComesBack() throws {
        var air = GraftAir(count: 3, seed: 4) { abs($0 - $1) == 1 }
        try form(&air)
        for _ in 0..<100 where air.violation == nil { air.settle() }
        let keys = air.nodes.map(\.clusterKey)
        air.breakWire(try #require(air.wire(0, 1)))
        for _ in 0..<100 where air.violation == nil { air.settle() }
        #expect(air.tally.returns == 2)
        #expect(air.tally.splits == 0)
        #expect(air.nodes.map(\.clusterKey) == keys)
        #expect(air.isOneCluster)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func roleOnADyingLinkLeavesTwoClustersThatMeetAgain(seed: UInt64) throws {
        var air = GraftAir(count: 4, seed: seed) { abs($0 - $1) == 1 }
        try form(&air)
        for _ in 0..<100 where air.violation == nil { air.settle() }
        let before = air.nodes.map(\.clusterKey)
        // The link between two inner nodes dies while the role may be on it, with whatever it carried.
        air.breakWire(try #require(air.wire(1, 2)))
        try form(&air, seconds: 8)
        #expect(zip(air.nodes, before).allSatisfy { $0.clusterKey >= $1 })
    }

    @Test func rebootedNodeJoinsUnderAFreshID() throws {
        var air = GraftAir(count: 3, seed: 5)
        try form(&air)
        let first = air.nodes[1].clusterKey
        air.take(.reboot(1))
        #expect(air.nodes[1].clusterKey.rank == 1)
        #expect(air.nodes[1].clusterKey.cluster != first.cluster)
        try form(&air, seconds: 8)
    }

    /// Four nodes with one way in and one way out each: 0-1-2 in a line; then 0 and 2 hear each other, and 3 hears 1 alone.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func loneNodeBesideAFullOneFindsRoom(seed: UInt64) throws {
        let gate = Gate()
        let first: [Set<Int>] = [[0, 1], [1, 2]]
        let later: [Set<Int>] = [[0, 1], [1, 2], [0, 2], [1, 3]]
        var air = GraftAir(
            count: 4,
            seed: seed,
            hears: { (gate.isOpen ? later : first).contains([$0, $1]) },
            configure: { _, configuration in
                configuration.meshInLinks = 1
                configuration.meshOutLinks = 1
            }
        )
        let isFull = run(&air, seconds: 20) { $0.nodes[..<3].allSatisfy { $0.clusterSize == 3 } }
        try #require(isFull)
        gate.isOpen = true
        try form(&air, seconds: 60)
        #expect(air.tally.rooms > 0)
        #expect(air.wire(1, 3) != nil)
    }
}
