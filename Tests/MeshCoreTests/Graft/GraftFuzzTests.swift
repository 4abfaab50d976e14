import ByteCoding
import MeshWire
import RadioFake
import RadioPort
import Testing

@testable import MeshCore

/// Every input is legal in every state of a grafting node: whatever it is told, its tree stays one and its key does not fall.
@Suite struct GraftFuzzTests {
    /// Random events of a radio with a few partners: links come up and go, partners say what they may and what they may not.
    private struct Source {
        /// A link as the radio has it.
        struct Live {
            var id: LinkID
            var partner: UInt16
        }

        var random: SeededGenerator
        var live: [Live] = []
        var attempt: (token: ConnectToken, address: Address)?
        var nonces: [UInt32] = [0, 1]
        var keys: [ClusterKey] = []
        private var nextLink: UInt32 = 1
        private var pending: [RadioEvent] = []
        private var isDead = false

        init(seed: UInt64) { random = SeededGenerator(seed: seed, stream: 4046) }

        static let ready = RadioEvent.ready(
            address: NodeHarness.address(of: 1),
            capabilities: FakeRadio.capabilities,
            handles: NodeHarness.handles
        )

        mutating func below(_ bound: UInt32) -> UInt32 { random.uniform(below: bound) }

        mutating func key(_ own: ClusterKey) -> ClusterKey {
            switch below(100) {
            case 0...24: own
            case 25...39: ClusterKey(rank: own.rank &+ 1, cluster: own.cluster)
            case 40...54: keys.isEmpty ? own : keys[Int(below(UInt32(keys.count)))]
            case 55: ClusterKey(rank: .max - below(20), cluster: ClusterID(rawValue: below(8)))
            case 56...69:
                ClusterKey(rank: own.rank &+ below(3), cluster: ClusterID(rawValue: below(4) << 16 | below(8)))
            default: ClusterKey(rank: below(6), cluster: ClusterID(rawValue: below(4) << 16 | below(8)))
            }
        }

        mutating func beacon(_ own: ClusterKey) -> RadioEvent {
            let sender = UInt16(below(8))
            let graftMe = GraftMe(
                network: NetworkID(below(16) == 0 ? 12 : 11),
                sender: NodeID(sender),
                key: key(own),
                clusterSize: Int16(below(6)),
                freeIn: UInt8(below(3)),
                freeOut: UInt8(below(3)),
                isRoot: below(2) == 0,
                calls: below(3) == 0,
                eccentricity: UInt8(below(256)),
                meshWriteHandle: 11
            )
            var data: AdvertisingData = (try? graftMe.encoded()) ?? AdvertisingData()
            if below(8) == 0, !data.isEmpty {
                data[Int(below(UInt32(data.count)))] ^= UInt8(1 << below(8))
            }
            let rssi = Int8(below(60)) - 100
            return .advertisement(address: NodeHarness.address(of: sender), rssi: rssi, connectable: true, data: data)
        }

        mutating func message(from partner: UInt16, to own: ClusterKey) -> AttributeValue {
            let sender = NodeID(below(40) == 0 ? UInt16(below(9)) : partner)
            let receiver = NodeID(below(20) == 0 ? UInt16(below(9)) : 1)
            let branch = GraftBranch(
                behind: below(8) == 0 ? Int16(truncatingIfNeeded: Int(below(1 << 16))) : Int16(below(5)),
                height: UInt8(below(5)),
                alternatives: UInt8(below(5)),
                hopsToSink: Int16(below(4)) - 1
            )
            let nonce = nonces[Int(below(UInt32(nonces.count)))]
            let encoded: AttributeValue? =
                switch below(16) {
                case 0...3:
                    try? GraftHello(
                        sender: sender,
                        version: below(30) == 0 ? 2 : 1,
                        isRoot: below(2) == 0,
                        isFull: below(5) == 0,
                        isMove: false,
                        key: key(own),
                        size: Int16(below(6)),
                        writeHandle: 11,
                        network: NetworkID(below(30) == 0 ? 12 : 11),
                        eccentricity: 1,
                        alternatives: 1,
                        hopsToSink: -1,
                        nonce: nonce
                    ).encoded()
                case 4, 5:
                    try? GraftConcede(sender: sender, receiver: receiver, key: key(own), branch: branch).encoded()
                case 6...8:
                    try? GraftUpdate(
                        sender: sender,
                        receiver: receiver,
                        key: key(own),
                        isKeyValid: below(3) > 0,
                        branch: branch
                    ).encoded()
                case 9: try? GraftRole(sender: sender, receiver: receiver, key: key(own)).encoded()
                case 10: try? GraftRequest(sender: sender, receiver: receiver).encoded()
                case 11:
                    try? GraftRequest(sender: sender, receiver: receiver, cost: GraftRequest.withdrawn).encoded()
                case 12: try? GraftKnock(sender: sender, receiver: receiver).encoded()
                case 13: try? GraftReconnect(sender: sender, receiver: receiver, nonce: nonce).encoded()
                case 14: below(10) == 0 ? try? Reconnect(sender: sender, receiver: receiver).encoded() : nil
                default: nil
                }
            var bytes = encoded ?? AttributeValue()
            if encoded == nil {
                for _ in 0..<below(40) { bytes.append(UInt8(truncatingIfNeeded: random.next())) }
            }
            switch below(20) {
            case 0: bytes = AttributeValue((0..<Int(below(UInt32(bytes.count + 1)))).map { bytes[$0] })
            case 1 where !bytes.isEmpty: bytes[Int(below(UInt32(bytes.count)))] ^= UInt8(1 << below(8))
            default: break
            }
            return bytes
        }

        /// What a partner may say next, as far as a node can tell.
        mutating func answer(_ live: Live, of node: Node) -> AttributeValue {
            guard let link = node.links.first(where: { $0.id == live.id }) else { return AttributeValue() }
            let (sender, receiver, own) = (NodeID(live.partner), NodeID(1), node.clusterKey)
            let branch = GraftBranch(behind: Int16(below(6)), height: UInt8(below(4)), alternatives: 1, hopsToSink: -1)
            let raised = ClusterKey(rank: min(own.rank, 1 << 30) + below(2), cluster: own.cluster)
            let encoded: AttributeValue?
            switch (link.state, link.graft.relation) {
            case (.reestablishingHandshake, _):
                encoded = try? GraftReconnect(sender: sender, receiver: receiver, nonce: link.graft.nonce).encoded()
            case (_, .engaged) where below(2) == 0 && link.graft.said != nil:
                encoded = try? GraftConcede(sender: sender, receiver: receiver, key: own, branch: branch).encoded()
            case (_, .engaged):
                encoded = try? GraftHello(
                    sender: sender,
                    isRoot: true,
                    isFull: false,
                    isMove: false,
                    key: key(own),
                    size: 1,
                    writeHandle: 11,
                    network: NetworkID(11),
                    eccentricity: 0,
                    alternatives: 0,
                    hopsToSink: -1,
                    nonce: 7
                ).encoded()
            case (_, .conceded):
                let key = link.graft.offered ?? raised
                encoded = try? GraftUpdate(
                    sender: sender,
                    receiver: receiver,
                    key: key,
                    isKeyValid: true,
                    branch: branch
                ).encoded()
            case (_, .parent) where below(3) == 0:
                encoded = try? GraftRole(sender: sender, receiver: receiver, key: raised).encoded()
            case (_, .child) where below(3) == 0:
                encoded = try? GraftRequest(sender: sender, receiver: receiver).encoded()
            case (_, .parent), (_, .child):
                encoded = try? GraftUpdate(
                    sender: sender,
                    receiver: receiver,
                    key: raised,
                    isKeyValid: link.graft.relation == .parent,
                    branch: branch
                ).encoded()
            }
            return encoded ?? AttributeValue()
        }

        mutating func up(_ token: ConnectToken, _ role: LinkRole, _ address: Address) -> RadioEvent {
            let link = LinkID(rawValue: nextLink)
            nextLink += 1
            live.append(Live(id: link, partner: UInt16(truncatingIfNeeded: address.value)))
            pending.append(.encrypted(link: link, status: below(20) == 0 ? .micFailure : .success))
            pending.append(.mtu(link: link, value: 63))
            return .connected(
                token: token,
                link: link,
                role: role,
                address: address,
                parameters: NodeHarness.parameters
            )
        }

        mutating func event(_ node: Node) -> RadioEvent {
            let own = node.clusterKey
            if isDead, below(4) == 0 {
                isDead = false
                return Self.ready
            }
            if !pending.isEmpty, below(3) > 0 { return pending.removeFirst() }
            let index = live.isEmpty ? nil : Int(below(UInt32(live.count)))
            switch below(20) {
            case 0...4: return beacon(own)
            case 5:
                guard live.count < 6 else { return beacon(own) }
                if let lost = node.links.first(where: { $0.state == .reestablishing && $0.role == .peripheral }) {
                    return up(.incoming, .peripheral, lost.address)
                }
                return up(.incoming, .peripheral, NodeHarness.address(of: UInt16(below(7)) + 1))
            case 6, 7:
                guard let (token, address) = attempt else { return beacon(own) }
                attempt = nil
                return below(3) == 0
                    ? .connectFailed(token: token, reason: .connectionTimeout) : up(token, .central, address)
            case 8:
                guard let index, below(4) == 0 else { return beacon(own) }
                let reasons: [HCIStatus] = [.connectionTimeout, .connectionTimeout, .remoteUserTerminated]
                return .disconnected(link: live.remove(at: index).id, reason: reasons[Int(below(3))])
            case 9:
                guard let index else { return beacon(own) }
                return .sent(link: live[index].id, count: UInt8(below(4)))
            case 10:
                guard below(40) == 0 else { return beacon(own) }
                live = []
                pending = []
                attempt = nil
                isDead = true
                return .failed(.connectionTimeout)
            default:
                guard let index else { return beacon(own) }
                let value = below(4) > 0 ? answer(live[index], of: node) : message(from: live[index].partner, to: own)
                return .written(
                    link: live[index].id,
                    handle: NodeHarness.handles.meshValue,
                    value: value,
                    kind: .command
                )
            }
        }

        mutating func input(_ node: Node) -> Input {
            switch below(60) {
            case 0...9: .wake
            case 10: below(10) == 0 ? .request(.disconnect(below(2) == 0 ? nil : NodeID(UInt16(below(8))))) : .wake
            case 11: .request(.send(MessageBytes([80, 1, 0, 0, 0, 1])))
            case 12: .request(.discovery(running: below(4) > 0))
            default: .radio(event(node))
            }
        }
    }

    /// What came of a run.
    private struct Outcome: Equatable {
        var commands: [RadioCommand] = []
        var grafts = 0
        var splits = 0
        var handovers = 0
        var returns = 0
    }

    private func run(seed: UInt64, inputs: Int) -> Outcome {
        var source = Source(seed: seed)
        var configuration = Configuration(clustering: .graft)
        configuration.tracing = true
        var node = Node(identity: Identity(node: NodeID(1)), configuration: configuration, seed: seed) { key, _ in key }
        var outputs = Outputs()
        var outcome = Outcome()
        var now = Instant.zero
        node.handle(.started(boot: BootRecord(bootNumber: 1)), at: now, into: &outputs)
        node.handle(.radio(Source.ready), at: now, into: &outputs)
        for count in 0..<inputs {
            now = now.advanced(byMicroseconds: UInt64(source.below(source.below(20) == 0 ? 1_000_000 : 30_000)))
            let before = node.clusterKey
            node.handle(source.input(node), at: now, into: &outputs)
            let startedOver = take(&outputs, into: &outcome, source: &source, node: node)
            check(node, "seed \(seed), input \(count)")
            let fell = node.clusterKey < before
            #expect(!fell || startedOver, "seed \(seed), input \(count): \(before) to \(node.clusterKey)")
            node.handle(.wake, at: now, into: &outputs)
            _ = take(&outputs, into: &outcome, source: &source, node: node)
            let isPatient = node.nextDeadline.map { $0 > now } ?? true
            #expect(isPatient, "seed \(seed), input \(count): wants to be called again at once")
            source.keys.append(node.clusterKey)
            if source.keys.count > 4 { source.keys.removeFirst() }
        }
        return outcome
    }

    /// Gives the radio what it is told.
    ///
    /// - Returns: whether the node began again with a cluster of its own, all links gone.
    private func take(_ outputs: inout Outputs, into outcome: inout Outcome, source: inout Source, node: Node) -> Bool {
        var startedOver = false
        for output in outputs.items {
            switch output {
            case .radio(let command):
                outcome.commands.append(command)
                switch command {
                case .connect(let token, let address, _, _, _): source.attempt = (token, address)
                case .cancelConnect: source.attempt = nil
                case .disconnect(let link, _): source.live.removeAll { $0.id == link }
                case .write(_, _, let value, _):
                    guard let hello = try? GraftHello(bytes: value), hello.nonce != 0 else { break }
                    source.nonces.append(hello.nonce)
                    if source.nonces.count > 6 { source.nonces.removeFirst() }
                default: break
                }
            case .trace(.newCluster):
                // A partner that comes back anew may be conceded to at once, but it knows no key of before.
                startedOver = node.linkViews.allSatisfy { $0.kind != .mesh || !$0.isMeshEdge }
            case .trace(.grafted): outcome.grafts += 1
            case .trace(.split): outcome.splits += 1
            case .trace(.role): outcome.handovers += 1
            case .trace(.reestablished): outcome.returns += 1
            default: break
            }
        }
        outputs.removeAll()
        return startedOver
    }

    private func check(_ node: Node, _ comment: String) {
        var upward = 0
        var size = 1
        for index in node.links.indices where node.links[index].kind == .mesh {
            let relation = node.links[index].graft.relation
            if relation == .conceded || relation == .parent { upward += 1 }
            if relation != .engaged { size += Int(node.links[index].connectedSize) }
            #expect(node.links[index].masterBit == (relation == .child), "\(comment): master bit")
        }
        #expect(upward <= 1, "\(comment): \(upward) links upwards")
        let counted = Int(node.clusterSize)
        #expect(counted == min(size, Int(Int16.max)), "\(comment): counts \(counted) of \(size)")
        #expect(node.linkCount <= Limits.connections, "\(comment)")
    }

    @Test(arguments: 1...16 as ClosedRange<UInt64>)
    func anythingMayHappen(seed: UInt64) {
        let outcome = run(seed: seed, inputs: 2500)
        #expect(!outcome.commands.isEmpty)
    }

    @Test func everyPartOfTheTreeIsHit() {
        var all = Outcome()
        for seed in UInt64(101)...106 {
            let outcome = run(seed: seed, inputs: 2500)
            all.grafts += outcome.grafts
            all.splits += outcome.splits
            all.handovers += outcome.handovers
            all.returns += outcome.returns
        }
        #expect(all.grafts > 100)
        #expect(all.splits > 20)
        #expect(all.handovers > 20)
        #expect(all.returns > 0)
    }

    @Test func sameInputsGiveTheSameOutputs() {
        #expect(run(seed: 99, inputs: 2000) == run(seed: 99, inputs: 2000))
    }
}
