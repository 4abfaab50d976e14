import ByteCoding
import MeshWire

/// Pings that are under way to one node or to many, and what came back (protocol §10.2).
///
/// Two clocks are told apart: round trips are measured on the node's, patience is that of the program.
struct PingRun {
    /// An answer that came for the first time.
    struct Answer: Equatable {
        var sequence: Int
        var node: NodeID
        /// Microseconds of the node's clock.
        var roundTrip: UInt64
    }

    /// A ping that may still be answered.
    private struct Request {
        var handle: UInt8
        var sequence: Int
        var sentAt: UInt64
        var deadline: ContinuousClock.Instant
        var answered: Set<NodeID> = []
    }

    /// Pings whose answers are waited for at a time; of more, the oldest counts as lost.
    static let requestsMax = 100

    /// The receiver.
    let target: NodeID
    /// How many nodes can answer a ping, so that nothing more is waited for; nil if that is not known.
    let answersMax: Int?
    /// Pings sent.
    private(set) var sent = 0
    private(set) var nodes: [NodeID: RoundTrips] = [:]
    private var requests: [Request] = []

    init(to target: NodeID, answersMax: Int?) {
        self.target = target
        self.answersMax = answersMax
    }

    /// The ping with a handle.
    func message(handle: UInt8) -> ModuleMessage {
        ModuleMessage(sender: NodeID(0), receiver: target, requestHandle: handle, content: .node(.ping))
    }

    /// A ping went out.
    ///
    /// - Parameters:
    ///   - handle: tells its answers.
    ///   - at: microseconds of the node's clock.
    ///   - deadline: until when it may be answered.
    mutating func sent(handle: UInt8, at: UInt64, deadline: ContinuousClock.Instant) {
        sent += 1
        if requests.count == Self.requestsMax { requests.removeFirst() }
        requests.append(Request(handle: handle, sequence: sent, sentAt: at, deadline: deadline))
    }

    /// Takes a message that may be an answer.
    ///
    /// - Returns: the answer if it is one and the first of its node to its ping.
    mutating func take(_ message: MessageBytes, at: UInt64) -> Answer? {
        guard let answer = try? ModuleMessage(bytes: message), case .node(.pingResponse) = answer.content,
            target.kind != .device || target == answer.sender,
            let index = requests.firstIndex(where: { $0.handle == answer.requestHandle })
        else { return nil }
        let node = answer.sender
        guard requests[index].answered.insert(node).inserted else {
            nodes[node]?.duplicates += 1
            return nil
        }
        let roundTrip = at - min(at, requests[index].sentAt)
        nodes[node, default: RoundTrips()].add(roundTrip)
        return Answer(sequence: requests[index].sequence, node: node, roundTrip: roundTrip)
    }

    /// Pings of one node whose time is up without an answer; they are no longer waited for.
    mutating func expire(at now: ContinuousClock.Instant) -> [Int] {
        let lost = requests.filter { $0.deadline <= now && $0.answered.isEmpty }.map(\.sequence)
        requests.removeAll { $0.deadline <= now }
        return lost
    }

    /// When the first ping that is waited for is given up; nil if none is.
    var nextDeadline: ContinuousClock.Instant? {
        requests.filter { $0.answered.count < answersMax ?? .max }.map(\.deadline).min()
    }

    /// What each node that answered made of it, by number.
    var results: [(node: NodeID, trips: RoundTrips)] {
        nodes.sorted { $0.key < $1.key }.map { node, trips in
            var trips = trips
            trips.sent = sent
            return (node, trips)
        }
    }

    /// What the one node made of it.
    var result: RoundTrips {
        var trips = nodes[target] ?? RoundTrips()
        trips.sent = sent
        return trips
    }
}
