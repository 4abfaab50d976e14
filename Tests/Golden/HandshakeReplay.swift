import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// One end of a recorded link with a node of ours in its place.
///
/// The node is told what its partner wrote, some time after it was written: recorded is when a packet was written, not when it
/// arrived. Its own packets of the cluster handshake and of the bookkeeping behind it (types 20 to 23) must be those recorded,
/// in order; what comes after the last of them is not claimed.
///
/// What happened on other links of the recorded node is not recorded but for its traces in those packets. Helpers, neighbours
/// that the test plays, bring it about: cluster id, size and hops to the sink before the handshake, and afterwards a change of
/// them when an update is due that the node did not write of itself.
struct HandshakeReplay {
    /// What is not recorded.
    struct Unrecorded {
        /// Time in milliseconds that packets are on their way.
        var delay: UInt64
        /// Whether what a partner tells and a change elsewhere come at once and are told by the node in one update.
        var mergesChanges: Bool

        static let candidates = [false, true].flatMap { merges in
            [0, 50, 100, 150, 200].map { Unrecorded(delay: $0, mergesChanges: merges) }
        }
    }

    /// Longest time to wait for the node, in microseconds.
    private static let patience: UInt64 = 10_000_000

    private let recording: LinkRecording
    private let id: NodeID
    private let partner: Neighbour
    private let unrecorded: Unrecorded
    /// Recorded packets of the node that are claimed.
    private let own: [LinkRecording.Packet]
    private var matched = 0
    private var driven: DrivenNode
    private var helpers: [Neighbour] = []

    /// A node in the place of one end, with the link to its partner.
    init(_ recording: LinkRecording, isCentral: Bool, _ unrecorded: Unrecorded) throws {
        let end = isCentral ? recording.central : recording.peripheral
        let id = end.identity.node
        let welcome = try recording.welcome()
        self.recording = recording
        self.unrecorded = unrecorded
        self.id = id
        partner = (isCentral ? recording.peripheral : recording.central).neighbour
        own = recording.packets.filter { $0.from == id && $0.isOfHandshake }
        let bootNumber = UInt16(truncatingIfNeeded: welcome.cluster.rawValue >> 16)
        if isCentral {
            let handsOver = try own.contains { packet in
                guard packet.type == .clusterInfoUpdate else { return false }
                return try ClusterInfoUpdate(bytes: packet.bytes).masterBitHandover
            }
            driven = DrivenNode(end.identity, address: end.address, bootNumber: bootNumber)
            helpers = try driven.enter(
                welcome.cluster,
                size: welcome.clusterSize,
                hopsToSink: welcome.hopsToSink,
                holdingMasterBits: handsOver,
                with: .helpers(besides: [id, partner.id])
            )
            try driven.pickUp(partner)
        } else {
            // Whatever its own cluster was, it was another one.
            driven = DrivenNode(end.identity, address: end.address, bootNumber: ~bootNumber)
            driven.connect(from: partner)
        }
    }

    /// Runs through the recorded packets.
    mutating func run(_ result: inout CaseResult) throws {
        guard let first = recording.packets.first else { return }
        let start = driven.now
        for (packet, time) in events() {
            driven.advance(to: start.advanced(byMicroseconds: (time - first.milliseconds) * 1000))
            if packet.from == partner.id {
                try receive(packet)
            } else if packet.isOfHandshake {
                try expect(packet, &result)
            }
        }
    }

    private mutating func receive(_ packet: LinkRecording.Packet) throws {
        switch packet.type {
        case .clusterAck1: try tellEarlyChange()
        case .clusterInfoUpdate where unrecorded.mergesChanges:
            guard let next = try nextUpdate(), next.sizeChange != 0, !helpers.isEmpty else { break }
            driven.delayUpdates(to: partner)
            driven.write(packet.bytes, from: partner.id)
            try tell(next)
            driven.release(partner.id)
            return
        default: break
        }
        driven.write(packet.bytes, from: partner.id)
    }

    /// The next update that the node has not yet written.
    private func nextUpdate() throws -> ClusterInfoUpdate? {
        let written = written().count
        guard written < own.count, own[written].type == .clusterInfoUpdate else { return nil }
        return try ClusterInfoUpdate(bytes: own[written].bytes)
    }

    /// Waits until the node has closed the link.
    mutating func closesLink() -> Bool {
        let limit = driven.now.advanced(byMicroseconds: Self.patience)
        while !driven.hasClosed(partner.id), driven.wake(notAfter: limit) {}
        return driven.hasClosed(partner.id)
    }

    /// The recorded packets at the times in milliseconds at which they happen to the node.
    private func events() -> [(packet: LinkRecording.Packet, time: UInt64)] {
        recording.packets.enumerated()
            .map { (packet: $1, time: $1.milliseconds + ($1.from == partner.id ? unrecorded.delay : 0), position: $0) }
            .sorted { ($0.time, $0.position) < ($1.time, $1.position) }
            .map { ($0.packet, $0.time) }
    }

    // MARK: - Own packets

    private func written() -> [FrameBytes] {
        driven.frames(to: partner.id).filter { LinkRecording.isOfHandshake($0) }
    }

    private mutating func expect(_ packet: LinkRecording.Packet, _ result: inout CaseResult) throws {
        if written().count <= matched, packet.type == .clusterInfoUpdate {
            try tell(try ClusterInfoUpdate(bytes: packet.bytes))
        }
        let limit = driven.now.advanced(byMicroseconds: Self.patience)
        while written().count <= matched, driven.wake(notAfter: limit) {}
        let answers = written()
        let answer = matched < answers.count ? answers[matched].array : []
        result.compare("node \(id), own packet \(matched)", answer, recorded: packet.bytes.array)
        matched += 1
    }

    // MARK: - Changes elsewhere

    /// A helper tells of what the next recorded update says.
    private mutating func tell(_ update: ClusterInfoUpdate) throws {
        let hops = update.hopsToSink > 0 ? update.hopsToSink - 1 : -1
        if let helper = helpers.first {
            try driven.update(from: helper, sizeChange: update.sizeChange, hopsToSink: hops)
            return
        }
        helpers = .helpers(besides: [id, partner.id])
        // The helper counts as one as soon as it is won; the rest of the change must not be told apart from it.
        driven.delayUpdates(to: partner)
        try driven.win(helpers[0])
        if update.sizeChange != 1 || hops != -1 {
            try driven.update(from: helpers[0], sizeChange: update.sizeChange - 1, hopsToSink: hops)
        }
        driven.release(partner.id)
    }

    /// A winner that knows hops to the sink writes an update as soon as the handshake is done: a change of size in it happened
    /// before.
    private mutating func tellEarlyChange() throws {
        guard !helpers.isEmpty, try recording.welcome().hopsToSink > 0,
            let first = own.first(where: { $0.type == .clusterInfoUpdate })
        else { return }
        let update = try ClusterInfoUpdate(bytes: first.bytes)
        if update.sizeChange != 0 {
            try tell(update)
        }
    }
}

extension LinkRecording {
    /// The packet that opens the handshake.
    func welcome() throws -> ClusterWelcome {
        guard let packet = packets.first(where: { $0.type == .clusterWelcome }) else {
            throw VectorError(description: "no CLUSTER_WELCOME")
        }
        return try ClusterWelcome(bytes: packet.bytes)
    }

    /// Whether a packet belongs to the cluster handshake or the bookkeeping behind it.
    static func isOfHandshake(_ frame: FrameBytes) -> Bool {
        frame.isEmpty
            ? false : (MessageType.clusterWelcome.rawValue...MessageType.clusterInfoUpdate.rawValue).contains(frame[0])
    }
}

extension LinkRecording.Packet {
    var isOfHandshake: Bool { LinkRecording.isOfHandshake(bytes) }
}
