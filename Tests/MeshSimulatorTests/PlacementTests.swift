import MeshConfiguration
import MeshWire
import Testing

@testable import MeshSimulator

@Suite struct PlacementTests {
    @Test(arguments: LayoutGenerator.allCases)
    func drawsInsideItsArea(generator: LayoutGenerator) throws {
        let placement = try Placement(generator, nodes: 40, seed: 5)
        let (width, height) = generator.area(nodes: 40)
        #expect(placement.sites.count == 40)
        #expect(placement.sites.map(\.id.rawValue) == Array(1...40))
        for site in placement.sites {
            #expect(site.x >= 0 && site.x <= Double(width) / 1000)
            #expect(site.y >= 0 && site.y <= Double(height) / 1000)
        }
    }

    @Test func sameSeedGivesTheSamePositions() throws {
        let one = try Placement(.random, nodes: 20, seed: 9)
        let other = try Placement(.random, nodes: 20, seed: 9)
        #expect(one.sites.map(\.x) == other.sites.map(\.x))
        #expect(one.sites.map(\.y) == other.sites.map(\.y))
    }

    @Test func everyNodeOfARandomLayoutCanBeReached() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let sites = try Placement(.random, nodes: 8, seed: seed).sites
            var reached: Set<Int> = [0]
            var grew = true
            while grew {
                grew = false
                for index in sites.indices where !reached.contains(index) {
                    let isNear = reached.contains { other in
                        let dx = sites[other].x - sites[index].x
                        let dy = sites[other].y - sites[index].y
                        return (dx * dx + dy * dy).squareRoot() <= 31.6
                    }
                    if isNear {
                        reached.insert(index)
                        grew = true
                    }
                }
            }
            #expect(reached.count == 8, "seed \(seed)")
        }
    }

    @Test func moreNodesThanANetworkHoldsFormSeveral() throws {
        let sites = try Placement(.dense, nodes: 2001, seed: 1).sites
        #expect(sites[1998].id.rawValue == 1999)
        #expect(sites[1998].network.rawValue == 11)
        #expect(sites[1999].id.rawValue == 1)
        #expect(sites[1999].network.rawValue == 12)
    }

    /// The sixth of six networks has five nodes only: they, too, must be where they can hear each other.
    @Test func eachNetworkHasAPartOfTheMapOfItsOwn() throws {
        let sites = try Placement(.scaled, nodes: 10_000, seed: 1).sites
        let networks = Dictionary(grouping: sites, by: \.network.rawValue)
        #expect(networks.mapValues(\.count) == [11: 1999, 12: 1999, 13: 1999, 14: 1999, 15: 1999, 16: 5])
        for (network, own) in networks {
            // Nodes with a node of their network within reach; of all nodes, a few in a thousand stand alone at an edge.
            let linked = own.count { site in
                own.contains { other in
                    let (dx, dy) = (other.x - site.x, other.y - site.y)
                    return other.id != site.id && dx * dx + dy * dy <= 31.6 * 31.6
                }
            }
            #expect(linked * 100 >= own.count * 99, "network \(network): \(linked) of \(own.count)")
        }
    }

    /// Every cell of a square is passed through once, in steps to a neighbour.
    @Test func theCurveStepsFromNeighbourToNeighbour() {
        var cells: [(x: Int, y: Int, position: UInt64)] = []
        for x in 0..<32 {
            for y in 0..<32 {
                cells.append((x, y, HilbertCurve.position(x: UInt32(x), y: UInt32(y))))
            }
        }
        cells.sort { $0.position < $1.position }
        #expect(cells.map(\.position) == Array(0..<1024))
        for (one, next) in zip(cells, cells.dropFirst()) {
            #expect(abs(one.x - next.x) + abs(one.y - next.y) == 1)
        }
    }
}
