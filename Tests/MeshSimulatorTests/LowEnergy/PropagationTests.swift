import Glibc
import MeshConfiguration
import MeshCore
import MeshWire
import Testing

@testable import MeshSimulator

/// How strong packets are, and how many get through.
@Suite struct PropagationTests {
    private static func site(_ x: Double, _ y: Double = 0) -> Placement.Site {
        Placement.Site(id: NodeID(1), network: NetworkID(11), x: x, y: y, z: 0, isSink: false)
    }

    private static func strengths(_ settings: LowEnergySettings, seed: UInt64 = 1, at metres: Double = 10) -> [Int] {
        let propagation = Propagation(settings, draws: AirDraws(seed: seed))
        return (0..<2_000).compactMap {
            propagation.average(from: 2 * $0, at: site(0), to: 2 * $0 + 1, at: site(metres))
        }
    }

    @Test(arguments: RadioEnvironment.allCases)
    func strengthFallsWithTheExponentOfTheEnvironment(environment: RadioEnvironment) throws {
        var settings = LowEnergySettings.clear
        settings.exponent = environment.exponent
        let propagation = Propagation(settings, draws: AirDraws(seed: 1))
        let near = try #require(propagation.average(from: 0, at: Self.site(0), to: 1, at: Self.site(1)))
        let far = try #require(propagation.average(from: 0, at: Self.site(0), to: 1, at: Self.site(5)))
        #expect(near == -56_000)
        #expect(abs(Double(near - far) - 10_000 * environment.exponent * log10(5)) <= 1)
    }

    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func shadowingHasItsDeviationAndIsFrozen(seed: UInt64) {
        var settings = LowEnergySettings.clear
        settings.shadowing = 4
        let strengths = Self.strengths(settings, seed: seed)
        #expect(strengths == Self.strengths(settings, seed: seed))
        let mean = Double(strengths.reduce(0, +)) / 2_000
        let deviation =
            (strengths.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 2_000).squareRoot()
        // Five standard errors of 2,000 draws.
        #expect(abs(mean + 76_000) < 5 * 4_000 / 2_000.0.squareRoot(), "seed \(seed)")
        #expect(abs(deviation / 4_000 - 1) < 5 / 4_000.0.squareRoot(), "seed \(seed)")
    }

    @Test func directionsDifferByAtMostTheAsymmetryAndByHalfOfItOnAverage() throws {
        var settings = LowEnergySettings.clear
        settings.asymmetry = 4
        settings.shadowing = 8
        let propagation = Propagation(settings, draws: AirDraws(seed: 1))
        var sum = 0
        for pair in 0..<1_000 {
            let there = try #require(propagation.average(from: pair, at: Self.site(0), to: 5_000, at: Self.site(2)))
            let back = try #require(propagation.average(from: 5_000, at: Self.site(2), to: pair, at: Self.site(0)))
            #expect(abs(there - back) <= 4_000)
            sum += abs(there - back)
        }
        #expect(abs(sum / 1_000 - 2_000) < 200)
    }

    @Test func wallsWeakenWhatCrossesThem() {
        let propagation = Propagation(.clear, draws: AirDraws(seed: 1))
        let walls = [RadioWall(Segment(fromX: 5, fromY: -1, toX: 5, toY: 1), lossDecibels: 12)]
        func average(_ one: Placement.Site, _ other: Placement.Site) -> Int? {
            propagation.average(from: 0, at: one, to: 1, at: other, walls: walls)
        }
        #expect(average(Self.site(0), Self.site(10)) == -88_000)
        // Beside the wall, and on one side of it.
        #expect(average(Self.site(0, 5), Self.site(10, 5)) == -76_000)
        #expect(average(Self.site(-8), Self.site(2)) == -76_000)
    }

    @Test func packetsVaryByFadingAndChannel() {
        var settings = LowEnergySettings.clear
        settings.fading = 3
        let fading = Propagation(settings, draws: AirDraws(seed: 1))
        let packets = (0..<4_000).map { Double(fading.variation(from: 0, to: 1, channel: 37, at: UInt64($0))) }
        let deviation = (packets.reduce(0) { $0 + $1 * $1 } / 4_000).squareRoot()
        #expect(abs(deviation / 3_000 - 1) < 0.06)

        settings.fading = 0
        settings.channelSpread = 2
        let spread = Propagation(settings, draws: AirDraws(seed: 1))
        let channels = (37...39).map { spread.variation(from: 0, to: 1, channel: $0, at: 5) }
        #expect(Set(channels).count == 3)
        #expect(channels == (37...39).map { spread.variation(from: 1, to: 0, channel: $0, at: 99) })
    }

    // MARK: - Loss

    /// The definition of the sensitivity; and where loss is rare, it is proportional to the length.
    @Test func lossAtTheSensitivityIsThatOfItsDefinition() {
        let table = LossTable(sensitivity: -95, slope: 1)
        #expect(abs(Double(table.chance(-95_000, payload: 37)) / 65_536 - 0.692) < 0.03)
        let (short, long) = (65_536 - table.chance(-91_000, payload: 0), 65_536 - table.chance(-91_000, payload: 120))
        // The table goes by steps of 8 bytes: 10 + 4 bytes against 10 + 124.
        let ratio = Double(long) / Double(short) * 14 / 134
        #expect(ratio > 0.9 && ratio < 1.1)
        #expect(table.chance(-80_000, payload: 251) > 65_530)
        #expect(table.chance(-110_000, payload: 0) < 100)
    }

    @Test func strongerAndShorterIsNeverWorse() {
        let table = LossTable(sensitivity: -95, slope: 1)
        for strength in stride(from: -112_000, to: -80_000, by: 250) {
            for payload in stride(from: 0, to: 240, by: 8) {
                let chance = table.chance(strength, payload: payload)
                #expect(table.chance(strength + 250, payload: payload) >= chance)
                #expect(table.chance(strength, payload: payload + 8) <= chance)
            }
        }
    }

    @Test func withoutSlopeTheSensitivityIsAnEdge() {
        let table = LossTable(sensitivity: -90, slope: 0)
        #expect(table.chance(-90_000, payload: 37) == 65_536)
        #expect(table.chance(-90_250, payload: 37) == 0)
    }

    // MARK: - Moving

    /// A node that was moved is heard where it is, exactly as if it had always been there.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func movedNodesAreHeardWhereTheyAre(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var sites = (0..<40).map { _ in Self.site(Double(random.next() % 600), Double(random.next() % 600)) }
        let propagation = Propagation(LowEnergySettings(), draws: AirDraws(seed: seed))
        var moved = Audibility(sites, propagation, walls: [])
        for _ in 0..<10 {
            let index = Int(random.next() % 40)
            sites[index] = Self.site(Double(random.next() % 600), Double(random.next() % 600))
            moved.move(index, to: sites[index])
        }
        let fresh = Audibility(sites, propagation, walls: [])
        Self.expectSame(moved, fresh, sites.count)
    }

    private static func expectSame(_ one: Audibility, _ other: Audibility, _ count: Int) {
        for index in 0..<count {
            #expect(one.listeners(of: index).map(\.index) == other.listeners(of: index).map(\.index))
            #expect(one.listeners(of: index).map(\.strength) == other.listeners(of: index).map(\.strength))
        }
    }

    /// After a wall was raised all is as if it had always stood there, and after it was removed as if it had not.
    @Test func wallsThatComeAndGoLeaveNothingBehind() {
        var random = SeededGenerator(seed: 5)
        let sites = (0..<40).map { _ in Self.site(Double(random.next() % 200), Double(random.next() % 200)) }
        let propagation = Propagation(LowEnergySettings(), draws: AirDraws(seed: 5))
        let walls = [12.0, 3].map { RadioWall(Segment(fromX: 100, fromY: 0, toX: 100, toY: 200), lossDecibels: $0) }
        var built = Audibility(sites, propagation, walls: [])
        for wall in walls { built.raise(wall) }
        Self.expectSame(built, Audibility(sites, propagation, walls: walls), sites.count)
        // Somewhere else, or of another loss, there is none.
        built.remove(Segment(fromX: 100, fromY: 0, toX: 100, toY: 199), lossDecibels: nil)
        built.remove(walls[0].segment, lossDecibels: 5)
        Self.expectSame(built, Audibility(sites, propagation, walls: walls), sites.count)
        built.remove(walls[0].segment, lossDecibels: 12)
        Self.expectSame(built, Audibility(sites, propagation, walls: [walls[1]]), sites.count)
        built.remove(walls[1].segment, lossDecibels: nil)
        Self.expectSame(built, Audibility(sites, propagation, walls: []), sites.count)
    }
}
