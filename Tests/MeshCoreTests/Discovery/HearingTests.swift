import ByteCoding
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// To be told of advertisements together, read already, or late where the node says that it makes no difference, is the same
/// as to be told of each when it comes.
@Suite struct HearingTests {
    /// A node, what it wanted, and when it has to be told of what waits for it.
    private struct Told {
        var node: Node
        var digest = OutputDigest()
        var commands = 0
        var traces: [TraceEvent] = []
        var waiting: [Reception] = []
        private var outputs = Outputs()

        init(_ configuration: Configuration, seed: UInt64) {
            node = Node(identity: Identity(node: NodeID(7)), configuration: configuration, seed: seed) { _, block in
                block
            }
        }

        mutating func tell(_ input: Input, at now: Instant) {
            node.handle(input, at: now, into: &outputs)
            drain(at: now)
        }

        mutating func hearWaiting(_ advertisements: [Advertisement]) {
            var left = waiting
            waiting = []
            while !left.isEmpty {
                let taken = node.hear(left.span, of: advertisements.span, into: &outputs)
                drain(at: left[taken - 1].at)
                left.removeFirst(taken)
            }
        }

        /// When the node has to be told at the latest.
        var due: Instant? { waiting.first.map { node.hearsLater ? node.tick(after: $0.at) : $0.at } }

        private mutating func drain(at now: Instant) {
            for output in outputs.items {
                digest.add(output, node: 7, at: now)
                switch output {
                case .radio: commands += 1
                case .trace(let event): traces.append(event)
                default: break
                }
            }
            outputs.removeAll()
        }
    }

    /// What some neighbours say: of both modes, of another network, of the own cluster now and then, and nonsense.
    private static func advertisement(_ random: inout SeededGenerator, own: ClusterID) -> (Advertisement, RadioEvent)? {
        let sender = UInt16(10 + random.uniform(below: 40))
        let address = Address(value: 0xC000_0000_0000 | UInt64(sender), kind: .random)
        let network = NetworkID(random.chance(1, in: 10) ? 12 : 11)
        let cluster = random.chance(1, in: 4) ? own : ClusterID(rawValue: 1 + random.uniform(below: 12))
        let size = Int16(1 + random.uniform(below: 6))
        let (freeIn, freeOut) = (UInt8(random.uniform(below: 3)), UInt8(random.uniform(below: 4)))
        let data: AdvertisingData?
        switch random.uniform(below: 10) {
        case 0:
            data = AdvertisingData((0..<random.uniform(below: 32)).map { _ in UInt8(random.uniform(below: 256)) })
        case 1...3:
            let broadcast = MeshAccessBroadcast(
                network: network,
                isEnrolled: !random.chance(1, in: 8),
                hasFreeInConnection: true,
                serialNumber: SerialNumber(UInt32(sender)),
                tail: nil
            )
            data = try? broadcast.encoded()
        case 4, 5:
            let graftMe = GraftMe(
                network: network,
                sender: NodeID(sender),
                key: ClusterKey(rank: UInt32(size), cluster: cluster),
                clusterSize: size,
                freeIn: freeIn,
                freeOut: freeOut,
                isRoot: true,
                calls: random.chance(1, in: 3),
                meshWriteHandle: 11
            )
            data = try? graftMe.encoded()
        default:
            let joinMe = JoinMe(
                network: network,
                sender: NodeID(sender),
                cluster: cluster,
                clusterSize: size,
                freeIn: freeIn,
                freeOut: freeOut,
                meshWriteHandle: 11
            )
            data = try? joinMe.encoded()
        }
        guard let data else { return nil }
        let rssi = Int8(-40 - Int(random.uniform(below: 50)))
        return (
            Advertisement(address: address, connectable: true, data: data),
            .advertisement(address: address, rssi: rssi, connectable: true, data: data)
        )
    }

    private static var configurations: [Configuration] {
        var eager = Configuration()
        eager.decision = .eager
        var traced = Configuration()
        traced.tracing = true
        return [Configuration(), eager, traced, Configuration(clustering: .graft)]
    }

    @Test(arguments: 0..<4, 1...6 as ClosedRange<UInt64>)
    func toBeToldLateOrTogetherMakesNoDifference(_ kind: Int, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: 99)
        var atOnce = Told(Self.configurations[kind], seed: seed)
        var late = atOnce
        let ready = RadioEvent.ready(
            address: Address(value: 0xC000_0000_0007, kind: .random),
            capabilities: RadioCapabilities(
                linksAsCentral: 3,
                linksAsPeripheral: 3,
                dualRole: true,
                advertiseWhileLinked: true,
                linkEncryption: true,
                dataLength: true,
                extendedAdvertising: false,
                mtuMax: 63
            ),
            handles: NodeHarness.handles
        )
        var advertisements: [Advertisement] = []
        for step in 0..<600 as Range<UInt64> {
            let now = Instant(microseconds: 1_000_000 + step * 50_000)
            var inputs: [Input] = []
            if step == 0 { inputs += [.started(boot: BootRecord()), .radio(ready)] }
            if let deadline = atOnce.node.nextDeadline, deadline <= now { inputs.append(.wake) }
            if let attempt = atOnce.node.connectAttempt, random.chance(1, in: 4) {
                inputs.append(.radio(.connectFailed(token: attempt.token, reason: .connectionTimeout)))
            }
            if !inputs.isEmpty || late.due.map({ $0 <= now }) ?? false {
                late.hearWaiting(advertisements)
            }
            #expect(late.node.hearsLater == (kind == 0 && step > 0))
            for input in inputs {
                atOnce.tell(input, at: now)
                late.tell(input, at: now)
            }
            for _ in 0..<random.uniform(below: 8) {
                guard let (read, event) = Self.advertisement(&random, own: atOnce.node.clusterID),
                    case .advertisement(_, let rssi, _, _) = event
                else { continue }
                atOnce.tell(.radio(event), at: now)
                let place = UInt32(advertisements.count)
                advertisements.append(read)
                late.waiting.append(Reception(at: now, advertisement: place, rssi: rssi))
            }
            if !late.node.hearsLater { late.hearWaiting(advertisements) }
        }
        late.hearWaiting(advertisements)
        let end = Instant(microseconds: 40_000_000)
        #expect(atOnce.commands > 10)
        #expect(late.digest == atOnce.digest)
        #expect(late.traces == atOnce.traces)
        #expect(late.node.nextDeadline == atOnce.node.nextDeadline)
        #expect(late.node.classic.joinMeBuffer.entries == atOnce.node.classic.joinMeBuffer.entries)
        #expect(late.node.graft.neighbours.entries.count == atOnce.node.graft.neighbours.entries.count)
        let devices = atOnce.node.heardDevices.latest(Limits.heardDevices, now: end)
        #expect(devices.count > 10)
        #expect(late.node.heardDevices.latest(Limits.heardDevices, now: end) == devices)
        let nearby = atOnce.node.status.nearby.take()
        #expect(late.node.status.nearby.take() == nearby)
    }
}
