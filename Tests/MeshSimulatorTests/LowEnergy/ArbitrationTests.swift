import ByteCoding
import MeshConfiguration
import MeshCore
import RadioFake
import RadioPort
import Testing

@testable import MeshSimulator

/// One radio with more to do than it can: how its links share it.
@Suite struct ArbitrationTests {
    /// When writes of each saturated link of radio 0 were acknowledged, in microseconds.
    private static func acknowledged(links count: Int, spread: Int, seed: UInt64, seconds: Double) throws -> [[UInt64]]
    {
        var settings = LowEnergySettings.clear
        settings.intervalSpread = spread
        var bench = AirBench(AirBench.ring(count, radius: 10), seed: seed, settings: settings)
        for index in 1...count { try bench.link(0, to: index) }
        var value = AttributeValue()
        for _ in 0..<20 { value.append(0x55) }
        let handle = AttributeHandle(rawValue: 14)
        let links = bench.air.stations[0].links.map(\.id)
        for link in links {
            for _ in 0..<16 {
                bench.air.perform(.write(link: link, handle: handle, value: value, kind: .command), by: 0)
            }
        }
        bench.react = { air, heard in
            guard heard.node == 0, case .sent(let link, let count) = heard.event else { return }
            for _ in 0..<count { air.perform(.write(link: link, handle: handle, value: value, kind: .command), by: 0) }
        }
        bench.heard = []
        bench.run(for: seconds)
        try #require(bench.losses.isEmpty, "seed \(seed)")
        return links.map { link in
            bench.heard.compactMap { item in
                guard item.node == 0, case .sent(link, _) = item.event else { return nil }
                return item.at
            }
        }
    }

    /// With intervals that differ by more than an exchange takes, of n links none waits for longer than n + 1 of the longest.
    ///
    /// An event is missed if one of another link has begun before, and ends when one of another link begins. The same link cannot
    /// come first twice in a row, because by then it is further away than an exchange takes.
    @Test(arguments: 2...5, 1...3 as ClosedRange<UInt64>)
    func ofNLinksNoneWaitsForLongerThanNPlusOneIntervals(links: Int, seed: UInt64) throws {
        let spread = 8
        let times = try Self.acknowledged(links: links, spread: spread, seed: seed, seconds: 30)
        // An acknowledgement is seen in the event after that of the packet, at the latest.
        let longest = UInt64((12 + spread) * 1_250 * (links + 1))
        for (link, at) in times.enumerated() {
            let gaps = zip(at.dropFirst(), at).map { $0 - $1 }
            #expect(gaps.max() ?? .max <= longest, "seed \(seed), link \(link): \(gaps.max() ?? 0) us")
        }
    }

    /// Nobody is left with less than a third of an equal share.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func spreadIntervalsShareTheRadioFairly(seed: UInt64) throws {
        let events = try Self.acknowledged(links: 4, spread: 8, seed: seed, seconds: 30).map(\.count)
        let share = events.reduce(0, +) / 4
        #expect(events.allSatisfy { 3 * $0 > share }, "seed \(seed): \(events)")
    }
}
