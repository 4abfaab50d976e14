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
}
