import ByteCoding
import MeshCore
import MeshWire
import RadioPort

// What neighbours say to the node under test before a recording begins: genuine handshakes and updates, so that the node comes
// into a cluster, a size, a route and master bits of its own accord.
extension DrivenNode {
    /// Longest time between two decisions of a node, with some to spare, in microseconds.
    private static let decisionTime: UInt64 = 5_000_000

    /// A neighbour says a message.
    mutating func say(_ message: some WireMessage, _ neighbour: Neighbour) throws {
        write(try message.encoded(), from: neighbour.id)
    }

    /// The JOIN_ME of a neighbour in a cluster of its own is heard.
    mutating func hear(_ neighbour: Neighbour) throws {
        let own = node.clusterID
        let first = ClusterID(node: neighbour.id, connectionLossCounter: 0, bootNumber: 1)
        let second = ClusterID(node: neighbour.id, connectionLossCounter: 0, bootNumber: 2)
        try hear(neighbour, in: own == first ? second : first)
    }

    /// The JOIN_ME of a neighbour in some cluster is heard.
    mutating func hear(_ neighbour: Neighbour, in cluster: ClusterID) throws {
        let joinMe = JoinMe(
            network: node.identity.network,
            sender: neighbour.id,
            cluster: cluster,
            clusterSize: 1,
            freeIn: 2,
            freeOut: 3,
            meshWriteHandle: Self.handles.meshValue.rawValue
        )
        let data: AdvertisingData = try joinMe.encoded()
        handle(
            .radio(.advertisement(address: neighbour.address, rssi: neighbour.rssi, connectable: true, data: data))
        )
    }

    /// The node connects to a neighbour that calls.
    mutating func pickUp(_ neighbour: Neighbour) throws {
        try hear(neighbour)
        try connect(to: neighbour, within: Self.decisionTime)
    }

    /// The node wins a neighbour.
    mutating func win(_ neighbour: Neighbour, hopsToSink: Int16 = -1) throws {
        try pickUp(neighbour)
        try say(
            ClusterAck1(sender: neighbour.id, receiver: node.identity.node, hopsToSink: hopsToSink),
            neighbour
        )
    }

    /// The node yields to a neighbour and is told a cluster, its size with the node, and the neighbour's hops to the sink.
    mutating func yield(
        to neighbour: Neighbour,
        cluster: ClusterID,
        size: Int16,
        hopsToSink: Int16 = -1
    ) throws {
        connect(from: neighbour)
        // The cluster may be one that the node created itself: it yields to the neighbour's, and is told the other after that.
        try welcome(from: neighbour)
        try say(
            ClusterAck2(
                sender: neighbour.id,
                receiver: node.identity.node,
                cluster: cluster,
                clusterSize: size,
                hopsToSink: hopsToSink
            ),
            neighbour
        )
    }

    /// A neighbour in a cluster of its own, as large as that of the node, opens the handshake.
    private mutating func welcome(from neighbour: Neighbour) throws {
        try say(
            ClusterWelcome(
                sender: neighbour.id,
                cluster: ClusterID(node: neighbour.id, connectionLossCounter: 0, bootNumber: 3),
                clusterSize: node.clusterSize,
                meshWriteHandle: Self.handles.meshValue.rawValue,
                hopsToSink: -1,
                network: node.identity.network
            ),
            neighbour
        )
    }

    /// A neighbour tells of a change behind it.
    mutating func update(
        from neighbour: Neighbour,
        sizeChange: Int16,
        hopsToSink: Int16 = -1,
        handsOver: Bool = false
    ) throws {
        try say(
            ClusterInfoUpdate(
                sender: neighbour.id,
                sizeChange: sizeChange,
                hopsToSink: hopsToSink,
                masterBitHandover: handsOver,
                counter: takeUpdateCounter(of: neighbour.id)
            ),
            neighbour
        )
    }

    /// Until ``release(_:)``, changes that neighbours tell merge into one update to a partner: the node is in the middle of a long
    /// message to it, which the radio does not take (protocol §8.1).
    mutating func delayUpdates(to partner: Neighbour) {
        hold(partner.id)
        var message = MessageBytes([MessageType.data1.rawValue, 0, 0, 0, 0])
        while message.count < MessageBytes.capacity { message.append(0) }
        // Two of these are more pieces than the radio takes at a time.
        for _ in 0..<2 {
            handle(.request(.send(message)))
        }
    }

    /// A neighbour comes and goes in the middle of the handshake: one connection lost.
    mutating func loseConnection(with neighbour: Neighbour) throws {
        connect(from: neighbour)
        try welcome(from: neighbour)
        lose(neighbour.id, reason: .remoteUserTerminated)
    }

    /// Lets time pass; neighbours confirm the number of enrolled nodes that they are told, as every node does.
    mutating func settle(until instant: Instant) throws {
        repeat {
            for link in links {
                for frame in link.frames {
                    try confirmEnrolledNodes(frame, link.neighbour)
                }
            }
            forgetOutputs()
        } while wake(notAfter: instant) || links.contains { !$0.frames.isEmpty }
        advance(to: instant)
    }

    private mutating func confirmEnrolledNodes(_ frame: FrameBytes, _ neighbour: Neighbour) throws {
        guard let message = try? ModuleMessage(bytes: MessageBytes(frame.array)),
            message.receiver == neighbour.id, case .node(.setEnrolledNodes(let count)) = message.content
        else { return }
        try say(
            ModuleMessage(
                sender: neighbour.id,
                receiver: message.sender,
                content: .node(.setEnrolledNodesResult(count: count))
            ),
            neighbour
        )
    }
}
