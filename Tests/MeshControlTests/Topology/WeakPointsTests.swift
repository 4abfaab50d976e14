import MeshWire
import TestSupport
import Testing

@testable import MeshControl

/// Where meshes are weak.
@Suite struct WeakPointsTests {
    @Test func onlyWhatCannotHealIsASinglePoint() {
        let weak = WeakPoints(Meshes.twoRooms)
        #expect(
            weak.nodes == [
                WeakPoints.Node(node: NodeID(3), fallsOff: 2, staysOff: 2),
                WeakPoints.Node(node: NodeID(4), fallsOff: 2, staysOff: 2),
                WeakPoints.Node(node: NodeID(2), fallsOff: 1, staysOff: 0),
                WeakPoints.Node(node: NodeID(5), fallsOff: 1, staysOff: 0),
            ]
        )
        #expect(weak.singlePoints.map(\.node) == [NodeID(3), NodeID(4)])
        #expect(weak.links.first == WeakPoints.Link(first: NodeID(3), second: NodeID(4), fallsOff: 3, staysOff: 3))
        #expect(weak.links.dropFirst().allSatisfy { $0.staysOff == 0 })
        #expect(weak.links.count == 5)
        // Beside 3 a node that hears 4 and the loudest of the first room.
        #expect(weak.place == WeakPoints.Place(beside: NodeID(3), near: NodeID(2), and: NodeID(4), saves: 2))
        #expect(weak.listeners == 3)
        #expect(weak.strangers == [])
    }

    @Test func whoIsHeardButNotLinkedIsAStranger() {
        let mesh = Meshes.mesh(2, edges: [(1, 2, -60)], heard: [(1, 77, -60), (2, 9, -88), (1, 2, -60)])
        #expect(WeakPoints(mesh).strangers == [NodeID(9), NodeID(77)])
        #expect(WeakPoints(mesh).place == nil)
    }

    @Test func aNodeInThePlaceTakesThePointAway() throws {
        var random = SplitMix.announced("aNodeInThePlaceTakesThePointAway")
        var helped = 0
        for _ in 0..<100 {
            let count = UInt16(4 + random.below(20))
            // A random tree, and a few pairs that hear each other.
            var edges = (2...count).map { (UInt16(1 + random.below(Int($0) - 1)), $0, Optional(-60)) }
            let heard = (0..<Int(count) / 2).map { _ in
                (UInt16(1 + random.below(Int(count))), UInt16(1 + random.below(Int(count))), -70)
            }
            let weak = WeakPoints(Meshes.mesh(count, edges: edges, heard: heard))
            #expect(weak.links.count == Int(count) - 1)
            #expect(weak.nodes.allSatisfy { $0.staysOff <= $0.fallsOff })
            guard let place = weak.place else {
                #expect(weak.singlePoints.isEmpty)
                continue
            }
            let before = try #require(weak.nodes.first { $0.node == place.beside })
            edges += [(place.near.rawValue, count + 1, -60)]
            let more = heard + [(count + 1, place.and.rawValue, -70), (count + 1, place.near.rawValue, -70)]
            let after = WeakPoints(Meshes.mesh(count + 1, edges: edges, heard: more))
            let left = after.nodes.first { $0.node == place.beside }?.staysOff ?? 0
            #expect(left == before.staysOff - place.saves, "seed \(random.seed)")
            helped += 1
        }
        #expect(helped > 50)
    }
}
