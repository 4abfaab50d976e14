import ByteCoding
import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshSimulator

/// Radios without nodes: a test gives the commands and sees every event at its time.
struct AirBench {
    /// An event with the time at which it reached its host, in microseconds.
    struct Heard {
        var at: UInt64
        var node: Int
        var event: RadioEvent
    }

    var air: LowEnergyAir
    var heard: [Heard] = []
    /// What a host does about an event.
    var react: (inout LowEnergyAir, Heard) -> Void = { _, _ in }

    init(_ places: [(x: Double, y: Double)], seed: UInt64, settings: LowEnergySettings = .clear) {
        let nodes = places.enumerated().map { index, place in
            Layout.Node(id: NodeID(UInt16(index + 1)), xMetres: place.x, yMetres: place.y)
        }
        air = LowEnergyAir(placement: Placement(Layout(nodes: nodes)), seed: seed, settings: settings)
        for index in places.indices { air.ask(index) }
        run(for: 0.001)
        heard = []
    }

    /// Radios around the first, all as far from it.
    static func ring(_ count: Int, radius: Double) -> [(x: Double, y: Double)] {
        let sides: [(Double, Double)] = [
            (1, 0), (0, 1), (-1, 0), (0, -1), (0.6, 0.8), (-0.6, 0.8), (-0.6, -0.8), (0.6, -0.8),
        ]
        return [(0, 0)] + (0..<count).map { (sides[$0 % 8].0 * radius, sides[$0 % 8].1 * radius) }
    }

    var seconds: Double { Double(air.clock) / 1e9 }

    mutating func run(for seconds: Double) {
        let end = Instant(microseconds: air.clock / 1000 + UInt64(seconds * 1e6))
        while let index = air.nextTurn(before: end) {
            air.beginTurn(of: index)
            while let event = air.hasHeard ? air.takeHeard() : air.nextEvent(for: index) {
                let item = Heard(at: air.clock / 1000, node: index, event: event)
                heard.append(item)
                react(&air, item)
            }
            air.endTurn(of: index, deadline: nil)
        }
    }

    // MARK: - Commands

    mutating func advertise(_ index: Int, every microseconds: UInt32, connectable: Bool = true) {
        var data = AdvertisingData()
        for byte in 0..<31 { data.append(UInt8(byte)) }
        let command = RadioCommand.advertise(
            data: data,
            scanResponse: AdvertisingData(),
            connectable: connectable,
            intervalMicroseconds: microseconds
        )
        air.perform(command, by: index)
    }

    mutating func scan(_ index: Int, every interval: UInt32, window: UInt32) {
        air.perform(.scan(ScanTiming(intervalMicroseconds: interval, windowMicroseconds: window)), by: index)
    }

    mutating func connect(_ index: Int, to other: Int, interval: UInt16 = 12, timeout: UInt32 = 2_000_000) {
        let command = RadioCommand.connect(
            token: ConnectToken(rawValue: UInt32(other + 1)),
            address: air.address(of: other),
            parameters: ConnectionParameters(interval: interval, latency: 0, supervisionTimeout: 100),
            scan: ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 75_000),
            timeoutMicroseconds: timeout
        )
        air.perform(command, by: index)
    }

    /// Brings up a link and waits until both ends have heard each other; the number of its record.
    @discardableResult
    mutating func link(_ central: Int, to peripheral: Int, interval: UInt16 = 12) throws -> Int {
        // A link that falls on one that the peripheral has already does not come up: another attempt, another moment.
        for _ in 0..<5 where air.link(between: central, peripheral) == nil {
            advertise(peripheral, every: 20_000)
            connect(central, to: peripheral, interval: interval)
            run(for: 0.5)
        }
        let record = air.link(between: central, peripheral)
        return try #require(record)
    }

    // MARK: - What was heard

    /// Times at which a radio heard another, in microseconds.
    func reports(of sender: Int, at index: Int) -> [UInt64] {
        let wanted = air.address(of: sender)
        return heard.compactMap {
            guard $0.node == index, case .advertisement(let address, _, _, _) = $0.event, address == wanted else {
                return nil
            }
            return $0.at
        }
    }

    /// Losses of links, with their reasons.
    var losses: [(at: UInt64, node: Int, reason: HCIStatus)] {
        heard.compactMap {
            guard case .disconnected(_, let reason) = $0.event else { return nil }
            return ($0.at, $0.node, reason)
        }
    }
}
