import ByteCoding
import MeshWire
import RadioFake
import RadioPort
import Testing

@testable import MeshCore

/// Every input is legal in every state: whatever a node is told, it neither traps nor exceeds its limits.
@Suite struct NodeFuzzTests {
    /// Random inputs that hit the states of a node: few links, few addresses, half of the bytes well formed.
    private struct Source {
        var random: SeededGenerator
        var lastToken: UInt32 = 0

        init(seed: UInt64) { random = SeededGenerator(seed: seed, stream: 77) }

        mutating func below(_ bound: UInt32) -> UInt32 { random.uniform(below: bound) }
        mutating func link() -> LinkID { LinkID(rawValue: below(8)) }
        mutating func address() -> Address {
            Address(value: 0xC000_0000_0000 + UInt64(below(6)), kind: below(8) == 0 ? .public : .random)
        }

        mutating func bytes<let capacity: Int>(upTo limit: Int = capacity) -> InlineBytes<capacity> {
            var bytes = InlineBytes<capacity>()
            for _ in 0..<Int(below(UInt32(limit) + 1)) {
                bytes.append(UInt8(truncatingIfNeeded: random.next()))
            }
            return bytes
        }

        mutating func node() -> NodeID { NodeID(UInt16(below(8))) }

        mutating func joinMe() -> AdvertisingData {
            let joinMe = JoinMe(
                network: NetworkID(below(8) == 0 ? 12 : 11),
                sender: node(),
                cluster: ClusterID(rawValue: below(5) << 16 | below(5)),
                clusterSize: Int16(truncatingIfNeeded: Int(below(8)) - 1),
                freeIn: UInt8(below(4)),
                freeOut: UInt8(below(4)),
                meshWriteHandle: 1
            )
            return (try? joinMe.encoded()) ?? AdvertisingData()
        }

        mutating func frame() -> AttributeValue {
            let sender = node()
            let frame: AttributeValue? =
                switch below(8) {
                case 0:
                    try? ClusterWelcome(
                        sender: sender,
                        cluster: ClusterID(rawValue: below(5) << 16 | below(5)),
                        clusterSize: Int16(below(9)),
                        meshWriteHandle: 1,
                        hopsToSink: -1,
                        network: NetworkID(11)
                    ).encoded()
                case 1:
                    try? ClusterAck1(
                        sender: sender,
                        receiver: NodeID(1),
                        hopsToSink: Int16(below(3)) - 1
                    ).encoded()
                case 2:
                    try? ClusterAck2(
                        sender: sender,
                        receiver: NodeID(1),
                        cluster: ClusterID(rawValue: below(5) << 16 | below(5)),
                        clusterSize: Int16(below(9)),
                        hopsToSink: -1
                    ).encoded()
                case 3:
                    try? ClusterInfoUpdate(
                        sender: sender,
                        sizeChange: Int16(below(7)) - 3,
                        hopsToSink: Int16(below(4)) - 1,
                        masterBitHandover: below(2) == 0,
                        counter: UInt8(below(2))
                    ).encoded()
                case 4: try? Reconnect(sender: sender, receiver: NodeID(1)).encoded()
                default: nil
                }
            return frame ?? bytes(upTo: 60)
        }

        mutating func event() -> RadioEvent {
            switch below(22) {
            case 0...3:
                return .advertisement(
                    address: address(),
                    rssi: Int8(below(60)) - 100,
                    connectable: true,
                    data: joinMe()
                )
            case 4: return .advertisement(address: address(), rssi: -60, connectable: true, data: bytes())
            case 5, 6:
                let isCentral = below(2) == 0
                return .connected(
                    token: isCentral ? ConnectToken(rawValue: lastToken) : .incoming,
                    link: link(),
                    role: isCentral ? .central : .peripheral,
                    address: address(),
                    parameters: ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
                )
            case 7: return .connectFailed(token: ConnectToken(rawValue: lastToken), reason: .connectionTimeout)
            case 8: return .encrypted(link: link(), status: below(4) == 0 ? .micFailure : .success)
            case 9: return .keyRequested(link: link())
            case 10: return .mtu(link: link(), value: UInt16(below(100)))
            case 11:
                return .discovered(
                    link: link(),
                    service: .meshAccess,
                    handles: below(2) == 0 ? nil : NodeHarness.handles
                )
            case 12...15:
                return .written(
                    link: link(),
                    handle: AttributeHandle(rawValue: UInt16(below(7))),
                    value: frame(),
                    kind: below(2) == 0 ? .command : .request
                )
            case 16: return .notified(link: link(), handle: AttributeHandle(rawValue: 4), value: bytes(upTo: 20))
            case 17: return .writeConfirmed(link: link())
            case 18: return .sent(link: link(), count: UInt8(below(9)))
            case 19: return .linkRSSI(link: link(), rssi: -70)
            case 20:
                let reasons: [HCIStatus] = [.connectionTimeout, .remoteUserTerminated, .localHostTerminated]
                return .disconnected(link: link(), reason: reasons[Int(below(3))])
            default:
                if below(20) == 0 { return .failed(.connectionTimeout) }
                return .ready(
                    address: Address(value: 0xC000_0000_0099, kind: .random),
                    capabilities: FakeRadio.capabilities,
                    handles: NodeHarness.handles
                )
            }
        }

        mutating func input() -> Input {
            switch below(40) {
            case 0: below(10) == 0 ? .started(boot: BootRecord()) : .wake
            case 1...7: .wake
            case 8: .request(.send(bytes(upTo: 60)))
            case 9: .request(.sendRaw(bytes()))
            case 10: .entropy(bytes())
            case 11: .request(.setTime(seconds: below(1000), offsetMinutes: 60))
            case 12: .request(.disconnect(below(2) == 0 ? nil : node()))
            default: .radio(event())
            }
        }
    }

    private func run(seed: UInt64, inputs: Int) -> [RadioCommand] {
        var source = Source(seed: seed)
        var node = Node(
            identity: Identity(node: NodeID(1)),
            configuration: Configuration(),
            seed: seed,
            cipher: { key, _ in key }
        )
        var outputs = Outputs()
        var commands: [RadioCommand] = []
        var now = Instant.zero
        node.handle(.started(boot: BootRecord(bootNumber: 1)), at: now, into: &outputs)
        for _ in 0..<inputs {
            now = now.advanced(byMicroseconds: UInt64(source.below(300_000)))
            node.handle(source.input(), at: now, into: &outputs)
            for output in outputs.items {
                guard case .radio(let command) = output else { continue }
                if case .connect(let token, _, _, _, _) = command {
                    source.lastToken = token.rawValue
                }
                commands.append(command)
            }
            outputs.removeAll()
            #expect(node.linkCount <= Limits.connections, "seed \(seed)")
            #expect(node.clusterSize >= 1, "seed \(seed)")
        }
        return commands
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func anythingMayHappen(seed: UInt64) {
        #expect(!run(seed: seed, inputs: 4000).isEmpty)
    }

    @Test func sameInputsGiveTheSameOutputs() {
        #expect(run(seed: 99, inputs: 3000) == run(seed: 99, inputs: 3000))
    }
}
