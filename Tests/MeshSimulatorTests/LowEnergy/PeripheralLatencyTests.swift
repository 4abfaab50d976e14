import ByteCoding
import MeshConfiguration
import MeshCore
import RadioFake
import RadioPort
import Testing

@testable import MeshSimulator

/// A peripheral with latency n sleeps through n events while it has nothing to say (Core 5.4 Vol 6 Part B 4.5.1).
@Suite struct PeripheralLatencyTests {
    /// Two radios with a link of 15 ms whose peripheral attends every so manieth event.
    private static func bench(latency: UInt16, seed: UInt64) throws -> (bench: AirBench, record: Int) {
        var bench = AirBench([(0, 0), (10, 0)], seed: seed)
        let record = try bench.link(0, to: 1)
        let link = try #require(bench.air.stations[0].links.first?.id)
        let parameters = ConnectionParameters(interval: 12, latency: latency, supervisionTimeout: 100)
        bench.air.perform(.updateParameters(link: link, parameters: parameters), by: 0)
        bench.run(for: 1)
        try #require(bench.air.links[record].parameters == parameters)
        bench.heard = []
        return (bench, record)
    }

    /// Times in seconds that single writes of one end take to the other, each at a moment of its own.
    private static func waits(from sender: Int, latency: UInt16, seed: UInt64) throws -> [Double] {
        var (bench, _) = try bench(latency: latency, seed: seed)
        let link = try #require(bench.air.stations[sender].links.first?.id)
        var value = AttributeValue()
        value.append(1)
        var waits: [Double] = []
        for trial in 0..<600 {
            // Moments that no interval divides.
            bench.run(for: 0.3 + Double(trial * 37 % 600) * 0.000_251)
            bench.heard = []
            let start = bench.seconds
            let handle = AttributeHandle(rawValue: 14)
            bench.air.perform(
                sender == 0
                    ? .write(link: link, handle: handle, value: value, kind: .command)
                    : .notify(link: link, handle: handle, value: value),
                by: sender
            )
            bench.run(for: 0.3)
            let arrival = bench.heard.first { item in
                switch item.event {
                case .written, .notified: item.node == 1 - sender
                default: false
                }
            }
            waits.append(Double(try #require(arrival).at) / 1e6 - start)
        }
        #expect(bench.losses.isEmpty)
        return waits
    }

    /// What the central has waits for an event that the peripheral attends: uniform over n + 1 intervals.
    @Test(arguments: [0, 1, 4, 9] as [UInt16])
    func dataOfTheCentralWaitsForThePeripheralToListen(latency: UInt16) throws {
        let waits = try Self.waits(from: 0, latency: latency, seed: 2)
        let longest = Double(latency + 1) * 0.015
        #expect(waits.allSatisfy { $0 < longest + 0.001 }, "seed 2")
        #expect(waits.contains { $0 > 0.9 * longest }, "seed 2")
        // The mean of 600 numbers uniform in 0...longest: five standard errors, and a packet's time.
        let mean = waits.reduce(0, +) / 600
        let error = longest / 12.0.squareRoot() / 600.0.squareRoot()
        #expect(abs(mean - longest / 2) < 5 * error + 0.001, "seed 2: \(mean)")
    }

    /// What the peripheral has goes out with the next event, whatever the latency.
    @Test(arguments: [0, 4, 9] as [UInt16])
    func dataOfThePeripheralWaitsForTheNextEvent(latency: UInt16) throws {
        let waits = try Self.waits(from: 1, latency: latency, seed: 2)
        #expect(waits.allSatisfy { $0 < 0.016 }, "seed 2")
        let mean = waits.reduce(0, +) / 600
        #expect(abs(mean - 0.0075) < 5 * 0.015 / 12.0.squareRoot() / 600.0.squareRoot() + 0.001, "seed 2: \(mean)")
    }

    /// While idle it is there in every (n + 1)th event and in no other, and the link stays up.
    @Test func theOthersItSleepsThrough() throws {
        var (bench, record) = try Self.bench(latency: 4, seed: 3)
        let first = bench.air.links[record].firstEvent(from: bench.air.clock).number
        #expect((first..<first + 100).count { bench.air.links[record].isAttended($0) } == 20)
        bench.run(for: 60)
        #expect(bench.losses.isEmpty)
        // The last event that it heard was one of those.
        bench.air.lookBack(record)
        let link = bench.air.links[record]
        let heardAt = bench.air.ends[2 * record + 1].heardAt
        let event = link.firstEvent(from: heardAt)
        #expect(event.anchor == heardAt && event.number % 5 == 0)
        #expect(bench.air.clock - heardAt < 5 * link.period)
    }

    /// Latency does not lengthen the supervision time-out.
    @Test func silenceEndsTheLinkAllTheSame() throws {
        var (bench, _) = try Self.bench(latency: 9, seed: 4)
        let start = bench.seconds
        bench.air.block(0, 1)
        bench.run(for: 2)
        #expect(Set(bench.losses.map(\.node)) == [0, 1])
        for loss in bench.losses {
            // The last good event was at most ten intervals before.
            #expect((0.85...1.0).contains(Double(loss.at) / 1e6 - start), "seed 4")
        }
    }
}
