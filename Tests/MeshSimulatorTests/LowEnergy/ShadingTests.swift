import MeshConfiguration
import MeshCore
import RadioPort
import Testing

@testable import MeshSimulator

/// Connection shading: two links of one radio whose centrals' clocks differ drift over each other.
@Suite struct ShadingTests {
    /// A radio that is the peripheral of two centrals, 40 ppm apart; the records of the two links.
    private static func bench(
        seed: UInt64,
        _ change: (inout LowEnergySettings) -> Void = { _ in }
    ) throws -> (AirBench, Int, Int) {
        var settings = LowEnergySettings.clear
        change(&settings)
        var bench = AirBench([(0, 0), (10, 0), (-10, 0)], seed: seed, settings: settings)
        bench.air.stations[1].clockPPM = 20
        bench.air.stations[2].clockPPM = -20
        let first = try bench.link(1, to: 0)
        bench.run(for: Double(seed) * 0.0017)
        let second = try bench.link(2, to: 0)
        bench.heard = []
        return (bench, first, second)
    }

    /// Time until the two overlap, from where they stand and how fast they drift: one interval in 375 s.
    private static func timeToOverlap(_ bench: AirBench, _ first: Int, _ second: Int) -> Double {
        let one = bench.air.links[first].firstEvent(from: bench.air.clock).anchor
        let other = bench.air.links[second].firstEvent(from: one).anchor
        let gap = Double(other - one) / 1e9
        // The second's interval is the shorter: its events come nearer to those of the first from behind.
        let drift = 40e-6
        return (gap - Double(Airtime.emptyExchange) / 1e9) / drift
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func linksThatDriftOverEachOtherStarve(seed: UInt64) throws {
        var (bench, first, second) = try Self.bench(seed: seed)
        let start = bench.seconds
        let overlap = Self.timeToOverlap(bench, first, second)
        guard overlap > 2 else { return }
        bench.run(for: overlap - 1)
        #expect(bench.losses.isEmpty, "seed \(seed)")
        bench.run(for: 5)
        // The one that comes second is starved, and lost after the supervision time-out; the other goes on.
        #expect(Set(bench.losses.map(\.node)) == [0, 2], "seed \(seed)")
        let lostAt = Double(try #require(bench.losses.first).at) / 1e6 - start
        #expect(abs(lostAt - overlap - 1) < 0.6, "seed \(seed): lost at \(lostAt), overlap from \(overlap)")
    }

    /// How often: with 15 ms and 40 ppm, anchors meet every 375 s.
    @Test func anchorsMeetOncePerIntervalOverDrift() throws {
        let parameters = ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
        let ahead = LowEnergyLink.period(parameters, ppm: 20)
        let behind = LowEnergyLink.period(parameters, ppm: -20)
        #expect(ahead == 15_000_300 && behind == 14_999_700)
        let period = 15_000_000.0 / Double(ahead - behind) * 0.015
        #expect(abs(period - 375) < 0.01)
    }

    @Test func withARadioPerLinkNothingStarves() throws {
        var (bench, _, _) = try Self.bench(seed: 1) { $0.sharedRadio = false }
        bench.run(for: 400)
        #expect(bench.losses.isEmpty)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func differentIntervalsCureIt(seed: UInt64) throws {
        var settings = LowEnergySettings.clear
        settings.intervalSpread = 6
        var bench = AirBench([(0, 0), (10, 0), (-10, 0)], seed: seed, settings: settings)
        bench.air.stations[1].clockPPM = 20
        bench.air.stations[2].clockPPM = -20
        let first = try bench.link(1, to: 0)
        let second = try bench.link(2, to: 0)
        bench.heard = []
        // Two centrals do not know of each other: by chance they may choose the same.
        guard bench.air.links[first].parameters.interval != bench.air.links[second].parameters.interval else { return }
        bench.run(for: 400)
        #expect(bench.losses.isEmpty, "seed \(seed)")
    }

    @Test func aCentralKeepsItsOwnLinksApart() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            var bench = AirBench(AirBench.ring(5, radius: 10), seed: seed)
            for index in 1...5 { try bench.link(0, to: index) }
            let anchors = (0..<5).map { bench.air.links[$0].firstEvent(from: bench.air.clock).anchor }.sorted()
            for (one, other) in zip(anchors, anchors.dropFirst()) {
                #expect(other - one >= Airtime.emptyExchange, "seed \(seed)")
            }
            bench.run(for: 100)
            #expect(bench.losses.isEmpty, "seed \(seed)")
        }
    }
}
