import Glibc
import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshSimulator

/// How often advertisements are heard: closed forms from intervals, windows and airtimes.
@Suite struct AdvertisingTests {
    /// Mean time between two advertising events: the interval and half of the longest delay.
    private static func period(_ interval: Double) -> Double { interval + 0.005 }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func aRadioThatListensAlwaysHearsEveryEvent(seed: UInt64) {
        var bench = AirBench([(0, 0), (10, 0)], seed: seed)
        bench.advertise(1, every: 100_000)
        bench.scan(0, every: 10_240_000, window: 10_240_000)
        bench.run(for: 1)
        bench.heard = []
        bench.run(for: 300)
        // An event during which the scan changes channels may be missed: the scan is always just where the packet is not.
        let all = zip(bench.reports(of: 1, at: 0).dropFirst(), bench.reports(of: 1, at: 0)).map { $0 - $1 }
        let gaps = all.filter { $0 < 150_000 }
        #expect(all.count - gaps.count <= 4, "seed \(seed)")
        #expect(gaps.allSatisfy { (100_000...110_000).contains($0) }, "seed \(seed)")
        let mean = Double(gaps.reduce(0, +)) / Double(gaps.count) / 1e6
        // Delays are uniform in 0...10 ms: five standard errors.
        #expect(abs(mean - Self.period(0.1)) < 5 * 0.0029 / Double(gaps.count).squareRoot() + 1e-5, "seed \(seed)")
    }

    /// The share of events that is heard is the duty of the scan, whatever the channels.
    @Test(
        arguments: [(75_000, 7_500, 0.1), (250_000, 2_500, 0.01), (40_000, 20_000, 0.5)] as [(UInt32, UInt32, Double)]
    )
    func theShareHeardIsTheDutyOfTheScan(interval: UInt32, window: UInt32, duty: Double) {
        var heard = 0
        let (radios, seconds) = (20, 500.0)
        var bench = AirBench(AirBench.ring(radios, radius: 10), seed: 7)
        bench.advertise(0, every: 100_000)
        for index in 1...radios { bench.scan(index, every: interval, window: window) }
        bench.run(for: seconds)
        for index in 1...radios { heard += bench.reports(of: 0, at: index).count }
        let expected = Double(radios) * seconds / Self.period(0.1) * duty
        // The events are common to all, the windows are not: neighbouring events depend on each other a little.
        #expect(
            abs(Double(heard) / expected - 1) < 6 / expected.squareRoot() + 0.01,
            "seed 7: \(heard), not \(expected)"
        )
    }

    /// Time from the start of a scan that never pauses to the first report: uniform over the time between two events.
    @Test func latencyIsUniformWhenTheScanNeverPauses() {
        var latencies: [Double] = []
        var bench = AirBench([(0, 0), (10, 0)], seed: 11)
        bench.advertise(1, every: 100_000)
        for trial in 0..<1_000 {
            bench.air.perform(.stopScan, by: 0)
            bench.run(for: 0.2 + Double(trial % 97) * 0.0013)
            bench.heard = []
            let start = bench.seconds
            bench.scan(0, every: 1_000_000, window: 1_000_000)
            bench.run(for: 0.3)
            if let first = bench.reports(of: 1, at: 0).first { latencies.append(Double(first) / 1e6 - start) }
        }
        #expect(latencies.count > 950)
        latencies.sort()
        // Kolmogorov's distance from the distribution: critical value for one case in 1,000.
        let critical = 1.95 / Double(latencies.count).squareRoot()
        let distance = latencies.enumerated().filter { $0.element < 0.1 }.map {
            abs(Double($0.offset) / Double(latencies.count) - $0.element / Self.period(0.1))
        }.max()
        #expect(distance ?? 1 < critical, "seed 11")
    }

    /// Unslotted ALOHA: a packet survives if none of the others begins within its length before or after.
    @Test(arguments: [(20, 100_000), (50, 100_000), (30, 20_000)] as [(Int, UInt32)])
    func collisionsFollowUnslottedALOHA(radios: Int, interval: UInt32) {
        var settings = LowEnergySettings.clear
        settings.collisions = true
        var bench = AirBench(AirBench.ring(radios, radius: 10), seed: 3, settings: settings)
        for index in 1...radios { bench.advertise(index, every: interval) }
        bench.scan(0, every: 1_000_000, window: 1_000_000)
        bench.run(for: 2)
        bench.heard = []
        let seconds = 60.0
        bench.run(for: seconds)
        let heard = (1...radios).reduce(0) { $0 + bench.reports(of: $1, at: 0).count }
        let period = Self.period(Double(interval) / 1e6)
        let survival = pow(1 - 2 * 376e-6 / period, Double(radios - 1))
        let share = Double(heard) / (Double(radios) * seconds / period)
        #expect(abs(share - survival) < 0.02, "seed 3: \(share), not \(survival)")
    }

    /// Slotted ALOHA: who begins only where a slot begins loses a packet only to those who chose the same slot, (1 - p)^(n - 1).
    @Test(arguments: [(20, 0.05), (20, 0.02), (40, 0.05)] as [(Int, Double)])
    func collisionsFollowSlottedALOHA(radios: Int, chance: Double) {
        var settings = LowEnergySettings.clear
        settings.collisions = true
        var bench = AirBench(AirBench.ring(radios, radius: 10), seed: 3, settings: settings)
        // So rarely that none of their own accord falls into the test; then at times that the test chooses.
        for index in 1...radios { bench.advertise(index, every: 4_000_000_000) }
        bench.scan(0, every: 10_240_000, window: 10_240_000)
        bench.run(for: 1)
        bench.heard = []
        var random = SeededGenerator(seed: 3)
        var sent = 0
        let slots = 4_000
        // 2 ms: an advertising event with three packets lasts 1.73 ms.
        let start = bench.air.clock
        for slot in 0..<slots {
            for index in 1...radios where Double(random.next() % 1_000_000) < chance * 1_000_000 {
                let time = start + UInt64(slot) * 2_000_000
                bench.air.queue.push(
                    .advertise,
                    Int32(index),
                    at: time,
                    stamp: bench.air.stations[index].advertisingStamp
                )
                sent += 1
            }
        }
        bench.run(for: 0.002 * Double(slots))
        let heard = (1...radios).reduce(0) { $0 + bench.reports(of: $1, at: 0).count }
        let survival = pow(1 - chance, Double(radios - 1))
        // Those of one slot share their fate: the deviation is that of slots, not of packets; five of them.
        let error = 5 * (survival * (1 - survival) / Double(slots) / (Double(radios) * chance)).squareRoot()
        #expect(abs(Double(heard) / Double(sent) - survival) < max(error, 0.02), "seed 3: \(heard) of \(sent)")
    }

    /// With capture, the stronger of two survives, the weaker does not.
    @Test func theStrongerSurvivesByCapture() {
        var settings = LowEnergySettings.clear
        settings.collisions = true
        // 20 dB apart: one at 2 m, twenty at 20 m.
        let far = AirBench.ring(20, radius: 20)
        var bench = AirBench(far + [(2, 0)], seed: 3, settings: settings)
        for index in 1...21 { bench.advertise(index, every: 20_000) }
        bench.scan(0, every: 1_000_000, window: 1_000_000)
        bench.run(for: 30)
        let near = Double(bench.reports(of: 21, at: 0).count) / (30 / Self.period(0.02))
        let other = Double(bench.reports(of: 5, at: 0).count) / (30 / Self.period(0.02))
        #expect(near > 0.97)
        #expect(abs(other - pow(1 - 2 * 376e-6 / Self.period(0.02), 20)) < 0.06)
    }

    @Test func aRadioDoesNotHearWhileItSends() {
        var settings = LowEnergySettings.clear
        var bench = AirBench([(0, 0), (10, 0)], seed: 5, settings: settings)
        func share(_ bench: inout AirBench) -> Double {
            bench.advertise(0, every: 20_000)
            bench.advertise(1, every: 20_000)
            bench.scan(0, every: 1_000_000, window: 1_000_000)
            bench.run(for: 200)
            return Double(bench.reports(of: 1, at: 0).count) / (200 / Self.period(0.02))
        }
        // An event of three packets of 376 us, 676 us from start to start, covers a packet that begins within 1.728 + 0.376 ms.
        let expected = 1 - (2 * 676e-6 + 2 * 376e-6) / Self.period(0.02)
        let shared = share(&bench)
        #expect(abs(shared - expected) < 0.015, "\(shared), not \(expected)")
        settings.sharedRadio = false
        bench = AirBench([(0, 0), (10, 0)], seed: 5, settings: settings)
        #expect(share(&bench) > 0.99)
    }

    @Test func nobodyHearsWhoIsSwitchedOffOrBlockedOrAway() {
        let silencers: [(inout LowEnergyAir) -> Void] = [
            { $0.powerOff(1) }, { $0.block(0, 1) }, { $0.vanish(1) },
            { $0.setJammed(true, JammedChannels.advertising.mask) },
        ]
        for silence in silencers {
            var bench = AirBench([(0, 0), (10, 0)], seed: 5)
            bench.advertise(1, every: 100_000)
            bench.scan(0, every: 100_000, window: 100_000)
            bench.run(for: 1)
            #expect(!bench.heard.isEmpty)
            silence(&bench.air)
            bench.heard = []
            bench.run(for: 1)
            #expect(bench.heard.isEmpty)
        }
    }

    @Test func thoseWhoMoveAreHeardWhereTheyAre() throws {
        var bench = AirBench([(0, 0), (10, 0)], seed: 5)
        bench.advertise(1, every: 100_000)
        bench.scan(0, every: 100_000, window: 100_000)
        var site = Placement.Site(id: .init(2), network: .init(11), x: 500, y: 0, z: 0, isSink: false)
        bench.air.move(1, to: site)
        bench.run(for: 1)
        #expect(bench.heard.isEmpty)
        site.x = 20
        bench.air.move(1, to: site)
        bench.run(for: 1)
        guard case .advertisement(_, let rssi, _, _)? = bench.heard.first?.event else {
            Issue.record("not heard")
            return
        }
        #expect(rssi == -82)
    }

    /// A wall takes its decibels of every packet, and what gets through is what gets through at that strength without a wall.
    @Test(arguments: [0, 12, 18, 20] as [Double])
    func wallsTakeWhatTheyAreSaidTo(decibels: Double) throws {
        var settings = LowEnergySettings.clear
        settings.slope = 1
        settings.walls = [RadioWall(Segment(fromX: 5, fromY: -50, toX: 5, toY: 50), lossDecibels: decibels)]
        // 1 and 2 as far from 0, on either side of the wall.
        var bench = AirBench([(0, 0), (10, 0), (-10, 0)], seed: 6, settings: settings)
        for index in 1...2 { bench.advertise(index, every: 20_000) }
        bench.scan(0, every: 10_240_000, window: 10_240_000)
        bench.run(for: 200)
        for (index, loss) in [(1, decibels), (2, 0)] {
            let rssi = bench.heard.compactMap { item -> Int8? in
                guard case .advertisement(bench.air.address(of: index), let rssi, _, _) = item.event else { return nil }
                return rssi
            }
            #expect(Set(rssi) == [Int8(-76 - loss)])
            let chance = Double(LossTable(sensitivity: -95, slope: 1).chance(Int(-76_000 - loss * 1000), payload: 37))
            let share = Double(rssi.count) / (200 / Self.period(0.02))
            #expect(abs(share - chance / 65_536) < 0.02, "seed 6: \(share) of node \(index)")
        }
    }

    /// With noise as much gets through as of a signal that is weaker by as much; what is read of its strength stays.
    @Test(arguments: [0, 12, 18, 20] as [Double])
    func noiseTakesWhatItIsSaidTo(decibels: Double) {
        var settings = LowEnergySettings.clear
        settings.slope = 1
        var bench = AirBench([(0, 0), (10, 0), (0, 1)], seed: 6, settings: settings)
        bench.advertise(1, every: 20_000)
        for index in [0, 2] { bench.scan(index, every: 10_240_000, window: 10_240_000) }
        let channels = JammedChannels.advertising.mask
        bench.air.setNoisy(true, at: [0], riseDecibels: decibels, channels: channels)
        // What is on the data channels is of no interest to a scan.
        bench.air.setNoisy(true, at: [2], riseDecibels: 60, channels: JammedChannels.data.mask)
        bench.run(for: 200)
        func share(_ index: Int) -> Double { Double(bench.reports(of: 1, at: index).count) / (200 / Self.period(0.02)) }
        let chance = Double(LossTable(sensitivity: -95, slope: 1).chance(Int(-76_000 - decibels * 1000), payload: 37))
        #expect(abs(share(0) - chance / 65_536) < 0.02, "seed 6: \(share(0))")
        #expect(share(2) > 0.98)
        let readings = bench.heard.compactMap { item -> Int8? in
            guard item.node == 0, case .advertisement(_, let rssi, _, _) = item.event else { return nil }
            return rssi
        }
        #expect(Set(readings).isSubset(of: [-76]))
        bench.heard = []
        bench.air.setNoisy(false, at: [0], riseDecibels: decibels, channels: channels)
        bench.run(for: 200)
        #expect(share(0) > 0.98)
    }

    @Test func powersOfNoisesAddUp() {
        var floor = NoiseFloor(nodes: 3)
        floor.begin(at: [0, 1], riseDecibels: 10, channels: JammedChannels.all.mask)
        floor.begin(at: [1], riseDecibels: 10, channels: JammedChannels.data.mask)
        // 10 log10(1 + 9 + 9)
        #expect((0...2).map { floor.rise(at: $0, channel: 5) } == [10_000, 12_788, 0])
        #expect((0...2).map { floor.rise(at: $0, channel: 38) } == [10_000, 10_000, 0])
        floor.end(at: [0, 1], riseDecibels: 10, channels: JammedChannels.all.mask)
        #expect((0...2).map { floor.rise(at: $0, channel: 5) } == [0, 10_000, 0])
        floor.end(at: [1], riseDecibels: 10, channels: JammedChannels.data.mask)
        #expect(floor.rise(at: 1, channel: 5) == 0)
    }

    /// Wi-Fi on channel 1 covers 37 and nothing else: (1 - busy) e^(-T / pause) of the packets there survive.
    @Test func wiFiTakesItsShareOfTheChannelsItCovers() {
        var settings = LowEnergySettings.clear
        settings.wifi = [WiFiInterference(channel: 1, busyPercent: 40, burstMicroseconds: 1_000, levelDBm: -60)]
        var bench = AirBench([(0, 0), (10, 0)], seed: 9, settings: settings)
        bench.advertise(1, every: 20_000)
        bench.scan(0, every: 1_000_000, window: 1_000_000)
        bench.run(for: 400)
        let share = Double(bench.reports(of: 1, at: 0).count) / (400 / Self.period(0.02))
        let clear = 0.6 * exp(-376.0 / (1_000 * 0.6 / 0.4))
        #expect(abs(share - (2 + clear) / 3) < 0.015, "\(share)")
    }
}
