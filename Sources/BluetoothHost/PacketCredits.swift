public import BluetoothWire

/// Shares the controller's buffers between links (Core 5.4 Vol 4 Part E 4.1.1, 7.7.19).
///
/// Frames of one link go out in order, packet by packet; links with something to send take turns, so that a busy one cannot
/// starve the others. A packet occupies a buffer until the controller says that it is out, or until its link is gone.
public struct PacketCredits: Sendable {
    /// Frames that may wait on one link; a further one is refused.
    public static let framesMax = 32

    private struct Packet: Sendable {
        var bytes: [UInt8]
        /// Whether a frame ends with it.
        var endsFrame: Bool
        /// Whether it ends a frame whose sending is to be reported.
        var isReported: Bool
    }

    private struct Queue: Sendable {
        var connection: ConnectionHandle
        var waiting: [Packet] = []
        var frames = 0
        /// Packets that the controller holds, oldest first.
        var held: [Bool] = []
    }

    private let packetSize: Int
    private let bufferCount: Int
    private var queues: [Queue] = []
    /// Whose turn it is.
    private var turn = 0
    /// Buffers of the controller that are free.
    public private(set) var free: Int
    /// Packets reported out that were never sent: the controller counts wrongly.
    public private(set) var excess = 0

    /// Buffers as the controller describes them: bytes that one holds, and how many there are; both at least 1.
    public init(packetSize: Int, count: Int) {
        precondition(packetSize > 0 && count > 0)
        self.packetSize = packetSize
        bufferCount = count
        free = count
    }

    /// Begins a link.
    public mutating func open(_ connection: ConnectionHandle) {
        close(connection)
        queues.append(Queue(connection: connection))
    }

    /// Ends a link: what waits is dropped, what the controller held is free again.
    public mutating func close(_ connection: ConnectionHandle) {
        guard let index = index(connection) else { return }
        free += queues[index].held.count
        queues.remove(at: index)
        if turn > index { turn -= 1 }
    }

    /// Queues a frame.
    ///
    /// - Parameters:
    ///   - payload: of the frame.
    ///   - channel: the channel it goes to.
    ///   - connection: the link.
    ///   - isReported: whether ``completed(_:_:)`` counts it once it is out.
    /// - Returns: false if there is no such link or too much waits on it.
    public mutating func append(
        _ payload: some Collection<UInt8>,
        to channel: UInt16,
        over connection: ConnectionHandle,
        isReported: Bool
    ) -> Bool {
        guard let index = index(connection), queues[index].frames < Self.framesMax else { return false }
        let packets = L2CAPFragments.packets(of: payload, to: channel, over: connection, packetSize: packetSize)
        for (position, bytes) in packets.enumerated() {
            let isLast = position == packets.count - 1
            queues[index].waiting.append(Packet(bytes: bytes, endsFrame: isLast, isReported: isReported && isLast))
        }
        queues[index].frames += 1
        return true
    }

    /// The next packet to hand to the controller as H4; nil if nothing waits or no buffer is free.
    public mutating func next() -> [UInt8]? {
        guard free > 0, !queues.isEmpty else { return nil }
        for step in 0..<queues.count {
            let index = (turn + step) % queues.count
            guard !queues[index].waiting.isEmpty else { continue }
            let packet = queues[index].waiting.removeFirst()
            queues[index].held.append(packet.isReported)
            free -= 1
            turn = (index + 1) % queues.count
            if packet.endsFrame { queues[index].frames -= 1 }
            return packet.bytes
        }
        return nil
    }

    /// The controller sent packets of a link.
    ///
    /// - Returns: how many frames to report as sent are out by that.
    public mutating func completed(_ connection: ConnectionHandle, _ count: Int) -> Int {
        guard let index = index(connection) else { return 0 }
        let known = min(count, queues[index].held.count)
        excess += count - known
        let reported = queues[index].held.prefix(known).count { $0 }
        queues[index].held.removeFirst(known)
        free = min(bufferCount, free + known)
        return reported
    }

    private func index(_ connection: ConnectionHandle) -> Int? {
        queues.firstIndex { $0.connection == connection }
    }
}
