import ByteCoding
import MeshControl
import MeshWire
import RadioPort
import TestSupport

/// A tree of nodes that answer a survey as nodes do: late, not at all, or only with what a report has room for.
struct MadeUpMesh {
    /// A link, by the ids of its ends.
    struct Link: Hashable {
        var central: UInt16
        var peripheral: UInt16
    }

    let links: Set<Link>
    let count: Int
    private let of: [UInt16: [Link]]
    private let depth: [UInt16: Int]
    /// Nodes that never answer.
    var silent: Set<UInt16> = []
    /// Answers lost, in percent.
    var loss = 0
    private var random: SplitMix
    /// Answers on their way.
    private var underWay: [(at: Instant, message: ModuleMessage)] = []
    private(set) var questions: [(at: Instant, packets: Int, receiver: NodeID)] = []

    /// A random tree of nodes 1...count in which each has at most three links of each direction, and node 1 the root.
    init(count: Int, seed: UInt64) {
        var random = SplitMix(seed: seed)
        var links: Set<Link> = []
        var of: [UInt16: [Link]] = [:]
        var depth: [UInt16: Int] = [1: 0]
        for id in (2..<UInt16(count + 1)) {
            while true {
                let parent = UInt16(1 + random.below(Int(id) - 1))
                let link =
                    random.below(2) == 0 ? Link(central: parent, peripheral: id) : Link(central: id, peripheral: parent)
                let full = [
                    of[link.central, default: []].count { $0.central == link.central },
                    of[link.peripheral, default: []].count { $0.peripheral == link.peripheral },
                ].contains { $0 >= 3 }
                if full { continue }
                links.insert(link)
                of[parent, default: []].append(link)
                of[id, default: []].append(link)
                depth[id] = (depth[parent] ?? 0) + 1
                break
            }
        }
        self.links = links
        self.count = count
        self.of = of
        self.depth = depth
        self.random = random
    }

    /// The edges, as a survey should tell them.
    var edges: Set<[UInt16]> { Set(links.map { [$0.central, $0.peripheral].sorted() }) }

    /// Links of a node in the order of its slots.
    func links(of node: UInt16) -> [Link] { of[node] ?? [] }

    private static func heard(_ node: UInt16, _ by: UInt16) -> Int8 { -40 - Int8((node &+ by) % 40) }

    /// Takes a question; its answers come after the time that its way takes.
    mutating func ask(_ question: ModuleMessage, at now: Instant) {
        guard case .statusReporter(let asked) = question.content else { return }
        let packets = SurveyQuestion.allCases.first { $0.message.isSame(as: asked) }?.packets ?? 0
        questions.append((now, packets, question.receiver))
        let node = question.receiver.rawValue
        guard node <= count, !silent.contains(node) else { return }
        for answer in answers(to: asked, of: node) where random.below(100) >= loss {
            let message = ModuleMessage(sender: NodeID(node), receiver: .broadcast, content: .statusReporter(answer))
            let delay = UInt64(1 + (depth[node] ?? 0)) * 60_000 + UInt64(random.below(50_000))
            underWay.append((now.advanced(byMicroseconds: delay), message))
        }
    }

    private func answers(to question: StatusReporterMessage, of node: UInt16) -> [StatusReporterMessage] {
        let incoming = links(of: node).filter { $0.peripheral == node }.map(\.central)
        let outgoing = links(of: node).filter { $0.central == node }.map(\.peripheral)
        switch question {
        case .getConnections:
            var entries = PackedList<PartnerRSSI, 12>()
            for partner in [incoming.first] + (0..<3).map({ $0 < outgoing.count ? outgoing[$0] : nil }) {
                entries.append(
                    PartnerRSSI(
                        partner: NodeID(partner ?? 0),
                        rssi: partner.map { Self.heard($0, node) } ?? 0
                    )
                )
            }
            return [.connections(AllConnections(entries: entries))]
        case .getConnectionsVerbose:
            return (incoming + outgoing).enumerated().map { index, partner in
                .connectionVerbose(Self.verbose(index, partner, isOutgoing: index >= incoming.count))
            }
        case .getNearbyNodes:
            var nodes = PackedList<PartnerRSSI, 60>()
            for partner in incoming + outgoing { nodes.append(PartnerRSSI(partner: NodeID(partner), rssi: -50)) }
            return [.nearbyNodes(NearbyNodes(nodes: nodes))]
        default: return []
        }
    }

    private static func verbose(_ index: Int, _ partner: UInt16, isOutgoing: Bool) -> ConnectionVerbose {
        ConnectionVerbose(
            connectionIndex: UInt32(index),
            partnerID: NodeID(partner),
            partnerAddress: BleGapAddress(type: .randomStatic, value: UInt64(partner)),
            connectionType: 1,
            averageRSSI: -60,
            connectionState: 4,
            encryptionState: 2,
            connectionID: UInt8(index),
            uniqueConnectionID: 1,
            connectionHandle: 1,
            direction: isOutgoing ? 1 : 0,
            creationTimeDs: 0,
            handshakeStartedDs: 0,
            connectionHandshakedTimestampDs: 0,
            disconnectedTimestampDs: 0,
            droppedPackets: 0,
            sentReliable: 0,
            sentUnreliable: 0,
            pendingPackets: 0,
            connectionMtu: 20,
            clusterUpdateCounter: 0,
            nextExpectedClusterUpdateCounter: 0,
            manualPacketsSent: 0
        )
    }

    /// When the next answer arrives, nil if none is under way.
    var nextAnswerAt: Instant? { underWay.map(\.at).min() }

    /// Takes an answer that has arrived.
    mutating func takeAnswer(by now: Instant) -> ModuleMessage? {
        guard
            let index = underWay.indices.filter({ underWay[$0].at <= now }).min(by: {
                underWay[$0].at < underWay[$1].at
            })
        else { return nil }
        return underWay.remove(at: index).message
    }
}

extension StatusReporterMessage {
    /// Whether both are the same question.
    fileprivate func isSame(as other: StatusReporterMessage) -> Bool {
        switch (self, other) {
        case (.getConnections, .getConnections), (.getConnectionsVerbose, .getConnectionsVerbose),
            (.getDeviceInfo, .getDeviceInfo), (.getNearbyNodes, .getNearbyNodes):
            true
        default: false
        }
    }
}
