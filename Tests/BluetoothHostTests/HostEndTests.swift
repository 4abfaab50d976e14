import BluetoothHost
import BluetoothWire
import ByteCoding
import RadioPort
import Testing

/// How a host ends its work, or loses its controller.
@Suite struct HostEndTests {
    private static let advertise = RadioCommand.advertise(
        data: AdvertisingData([2, 1, 6]),
        scanResponse: AdvertisingData(),
        connectable: true,
        intervalMicroseconds: 100_000
    )

    /// A host, and what it says to a controller that does all it is told.
    private struct Bench {
        var host: Host
        var packets: [[UInt8]] = []
        var events: [RadioEvent] = []
        private var waiting: [[UInt8]] = []
        private var isAnswering = false

        init() { host = ControllerPair.readyHost() }

        mutating func take(_ outputs: [HostOutput]) {
            for output in outputs {
                switch output {
                case .packet(let packet):
                    packets.append(packet)
                    answer(packet)
                case .event(let event): events.append(event)
                case .notice, .fault: Issue.record("\(output)")
                }
            }
            guard !isAnswering else { return }
            isAnswering = true
            while !waiting.isEmpty {
                var outputs: [HostOutput] = []
                host.receive(waiting.removeFirst(), at: .zero, into: &outputs)
                take(outputs)
            }
            isAnswering = false
        }

        mutating func receive(_ code: UInt8, _ parameters: [UInt8]) {
            waiting.append([4, code, UInt8(parameters.count)] + parameters)
            take([])
        }

        mutating func perform(_ command: RadioCommand) {
            var outputs: [HostOutput] = []
            host.perform(command, at: .zero, into: &outputs)
            take(outputs)
        }

        mutating func link(_ handle: UInt8) {
            receive(0x3E, [1, 0, handle, 0, 1, 0] + [handle, 0, 0, 0, 0, 0] + [12, 0, 0, 0, 100, 0, 0])
        }

        private mutating func answer(_ packet: [UInt8]) {
            guard packet[0] == 1 else { return }
            switch UInt16(packet[1]) | UInt16(packet[2]) << 8 {
            case HCIOpcode.disconnect.rawValue:
                receive(0x0F, [0, 1, packet[1], packet[2]])
                receive(0x05, [0, packet[4], packet[5], 0x16])
            case HCIOpcode.leCreateConnection.rawValue: receive(0x0F, [0, 1, packet[1], packet[2]])
            default: receive(0x0E, [1, packet[1], packet[2], 0])
            }
        }
    }

    // MARK: - Shutting down

    @Test func everyLinkIsClosedWithItsReasonAndNothingStaysOnAir() {
        var bench = Bench()
        for handle in 0x40...0x42 as ClosedRange<UInt8> { bench.link(handle) }
        bench.perform(Self.advertise)
        bench.perform(.scan(ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 37_500)))
        #expect(bench.host.linkCount == 3)
        bench.packets = []
        var outputs: [HostOutput] = []
        bench.host.shutDown(at: .zero, into: &outputs)
        bench.take(outputs)
        #expect(bench.host.linkCount == 0)
        let disconnects = bench.packets.filter { $0[1] == 0x06 && $0[2] == 0x04 }
        #expect(disconnects == (0x40...0x42).map { [1, 0x06, 0x04, 3, $0, 0, 0x13] })
        // Advertising off, scan off.
        #expect(bench.packets.contains([1, 0x0A, 0x20, 1, 0]))
        #expect(bench.packets.contains { $0.starts(with: [1, 0x0C, 0x20, 2, 0]) })
        #expect(bench.packets.count == 5)
        let ended = (1...3).map { RadioEvent.disconnected(link: LinkID(rawValue: $0), reason: .localHostTerminated) }
        #expect(Array(bench.events.suffix(3)) == ended)
    }

    @Test func aConnectAttemptIsCancelled() {
        var bench = Bench()
        bench.perform(
            .connect(
                token: ConnectToken(rawValue: 1),
                address: Address(value: 1, kind: .public),
                parameters: ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100),
                scan: ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 37_500),
                timeoutMicroseconds: 2_000_000
            )
        )
        var outputs: [HostOutput] = []
        bench.host.shutDown(at: .zero, into: &outputs)
        #expect(outputs == [.packet([1, 0x0E, 0x20, 0])])
    }

    @Test func aHostThatIsNotReadySaysNothing() {
        var host = Host()
        var outputs: [HostOutput] = []
        host.shutDown(at: .zero, into: &outputs)
        #expect(outputs.isEmpty)
    }

    // MARK: - Abandoning

    @Test func withTheTransportAllLinksAreGoneAtOnce() {
        var bench = Bench()
        bench.link(0x40)
        bench.link(0x41)
        bench.perform(Self.advertise)
        var outputs: [HostOutput] = []
        bench.host.abandon(into: &outputs)
        // No fault: whoever calls knows.
        #expect(outputs == [.event(.failed(.connectionTimeout))])
        #expect(bench.host.linkCount == 0)
        #expect(bench.host.nextDeadline == nil)
        outputs = []
        bench.host.abandon(into: &outputs)
        #expect(outputs.isEmpty)
    }

    @Test func untilTheNextStartNothingIsDone() {
        var bench = Bench()
        var outputs: [HostOutput] = []
        bench.host.abandon(into: &outputs)
        outputs = []
        bench.host.receive([4, 0x10, 1, 0x42], at: .zero, into: &outputs)
        bench.host.wake(at: Instant(microseconds: 60_000_000), into: &outputs)
        bench.host.perform(Self.advertise, at: .zero, into: &outputs)
        #expect(outputs.isEmpty)
        #expect(bench.host.counters.refusedCommands == 1)
        bench.host.start(at: .zero, into: &outputs)
        #expect(outputs == [.packet([1, 0x03, 0x0C, 0])])
        // What was counted stays.
        #expect(bench.host.counters.refusedCommands == 1)
    }

    @Test func aHostThatIsOffHasNothingToAbandon() {
        var host = Host()
        var outputs: [HostOutput] = []
        host.abandon(into: &outputs)
        #expect(outputs.isEmpty)
    }

    @Test func numbersOfLinksGoOnAfterwards() {
        var pair = ControllerPair()
        pair.start()
        pair.perform(Self.advertise, 1)
        let connect = RadioCommand.connect(
            token: ConnectToken(rawValue: 1),
            address: Address(value: ControllerPair.addresses[1], kind: .public),
            parameters: ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100),
            scan: ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 37_500),
            timeoutMicroseconds: 2_000_000
        )
        pair.perform(connect, 0)
        #expect(pair.link(0) == LinkID(rawValue: 1))
        pair.perform(.disconnect(link: pair.link(0), reason: .remoteUserTerminated), 0)
        var outputs: [HostOutput] = []
        pair.hosts[0].abandon(into: &outputs)
        pair.start()
        pair.perform(Self.advertise, 1)
        pair.perform(connect, 0)
        #expect(pair.link(0) == LinkID(rawValue: 2))
    }
}
