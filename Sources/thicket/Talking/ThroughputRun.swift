import ByteCoding
import MeshWire

/// Measures how much gets through to a node: pings that are as long as a message may be, a few on their way at a time.
///
/// Every node answers a ping and ignores what follows it, so that nothing has to run at the other end, and each message that
/// arrived is confirmed by itself. The window of unconfirmed messages grows by one for each window that was confirmed and is
/// halved by a loss, as long ago in TCP; it never exceeds what the queue of a link holds beside other traffic (protocol §5.9).
struct ThroughputRun {
    /// Bytes of each message.
    static let messageBytes = 200
    /// Messages on their way at most: 1,600 bytes, a quarter of a link's send memory.
    static let windowMax = 8

    private struct Request {
        var handle: UInt8
        var sentAt: UInt64
        var deadline: ContinuousClock.Instant
    }

    let target: NodeID
    /// Messages that may be on their way.
    private(set) var window = 2
    private(set) var trips = RoundTrips()
    /// Messages given up.
    private(set) var lost = 0
    /// When the first message was sent and the last one confirmed, in microseconds of the node's clock.
    private(set) var firstSentAt: UInt64?
    private(set) var lastConfirmedAt: UInt64?
    private var requests: [Request] = []
    private var confirmedInWindow = 0

    init(to target: NodeID) { self.target = target }

    /// Whether another message may go.
    var hasRoom: Bool { requests.count < window }
    /// Whether nothing is on its way.
    var isQuiet: Bool { requests.isEmpty }
    /// When the first message is given up.
    var nextDeadline: ContinuousClock.Instant? { requests.first?.deadline }

    /// A message with a handle.
    func message(handle: UInt8) throws(CodingError) -> MessageBytes {
        let ping = ModuleMessage(sender: NodeID(0), receiver: target, requestHandle: handle, content: .node(.ping))
        var bytes: MessageBytes = try ping.encoded()
        while bytes.count < Self.messageBytes { bytes.append(0x91) }
        return bytes
    }

    /// A message went out; times as in ``PingRun``.
    mutating func sent(handle: UInt8, at: UInt64, deadline: ContinuousClock.Instant) {
        trips.sent += 1
        firstSentAt = firstSentAt ?? at
        requests.append(Request(handle: handle, sentAt: at, deadline: deadline))
    }

    /// Takes a message that may be a confirmation.
    mutating func take(_ message: MessageBytes, at: UInt64) {
        guard let answer = try? ModuleMessage(bytes: message), case .node(.pingResponse) = answer.content,
            answer.sender == target, let index = requests.firstIndex(where: { $0.handle == answer.requestHandle })
        else { return }
        trips.add(at - min(at, requests[index].sentAt))
        lastConfirmedAt = at
        requests.remove(at: index)
        confirmedInWindow += 1
        if confirmedInWindow >= window {
            confirmedInWindow = 0
            window = min(Self.windowMax, window + 1)
        }
    }

    /// Gives up what is not confirmed in time.
    mutating func expire(at now: ContinuousClock.Instant) {
        let count = requests.count
        requests.removeAll { $0.deadline <= now }
        guard requests.count < count else { return }
        lost += count - requests.count
        window = max(1, window / 2)
        confirmedInWindow = 0
    }

    /// Bytes of messages that arrived.
    var confirmedBytes: Int { trips.received * Self.messageBytes }
    /// From the first message to the last confirmation, in microseconds.
    var duration: UInt64 { (lastConfirmedAt ?? 0) - min(lastConfirmedAt ?? 0, firstSentAt ?? 0) }
    /// Messages per second that arrived.
    var messagesPerSecond: Double { duration == 0 ? 0 : Double(trips.received) * 1e6 / Double(duration) }
    /// Bits of messages per second that arrived, with their headers.
    var bitsPerSecond: Double { messagesPerSecond * Double(Self.messageBytes * 8) }
}
