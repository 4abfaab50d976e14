import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// Constant traffic: every node sends to one other, again and again, and every message is followed.
///
/// A message counts as *carried* if every link of the path that it had when it was sent stays up until it arrives or is given up:
/// then it must arrive, once, and behind those sent before it. What else happens to the tree meanwhile is no excuse.
struct Traffic: Sendable {
    /// Given up after this time.
    private static let patience: UInt64 = 10_000_000

    /// What became of the messages so far.
    struct Figures: Sendable, Equatable {
        /// Messages sent, whether there was a path or not.
        var sent = 0
        /// Of these, those that arrived.
        var delivered = 0
        /// Messages whose path stayed up, decided so far.
        var carried = 0
        /// Of these, those that did not arrive in time.
        var lost = 0
        /// Of these, those that arrived more than once.
        var repeated = 0
        /// Of these, those that arrived behind a later one.
        var overtaken = 0

        /// Delivered share of all that was sent and decided, 0...1.
        var share: Double { sent == 0 ? 1 : Double(delivered) / Double(sent) }
    }

    private struct Link: Sendable, Equatable {
        var one: Int
        var other: Int
        /// When either end completed its handshake: tells the link from a later one.
        var sinceAtOne: Instant?
        var sinceAtOther: Instant?
    }

    private struct Message: Sendable {
        var number: UInt32
        var sender: Int
        var receiver: Int
        var sentAt: Instant
        /// The links of its path; nil if there was none, or one of them was lost.
        var path: [Link]?
        var arrivals = 0
        var wasOvertaken = false
    }

    private let period: UInt64
    private let payload: Int
    private var nextAt: Instant
    private var receivers: [Int] = []
    private var underWay: [Message] = []
    private var nextNumber: UInt32 = 1
    private var newest: [Int: UInt32] = [:]
    private(set) var figures = Figures()

    /// Traffic with one message of each node per period.
    ///
    /// - Parameters:
    ///   - period: microseconds between two messages of a node.
    ///   - payload: bytes behind the header, at least 4.
    ///   - nodes: how many there are.
    ///   - random: draws who sends to whom.
    init(period: UInt64, payload: Int, nodes: Int, random: inout SeededGenerator) {
        self.period = period
        self.payload = payload
        nextAt = Instant(microseconds: period)
        guard nodes > 1 else { return }
        var order = Array(0..<nodes)
        for index in order.indices.dropLast() {
            order.swapAt(index, index + Int(random.uniform(below: UInt32(nodes - index))))
        }
        receivers = Array(repeating: 0, count: nodes)
        // A ring through all nodes: nobody sends to itself.
        for position in order.indices {
            receivers[order[position]] = order[(position + 1) % nodes]
        }
    }

    /// Sends what is due and follows what is under way; to be called before every step.
    mutating func advance(_ simulation: inout Simulation) {
        follow(simulation)
        let now = simulation.now
        guard now >= nextAt, !receivers.isEmpty else { return }
        nextAt = nextAt.advanced(byMicroseconds: period)
        for sender in receivers.indices
        where simulation.isPowered[sender] && simulation.isMember[sender] && simulation.isMember[receivers[sender]] {
            send(from: sender, in: &simulation)
        }
    }

    private mutating func send(from sender: Int, in simulation: inout Simulation) {
        let receiver = receivers[sender]
        let ids = [sender, receiver].map { simulation.nodes[$0].identity.node }
        let message = NumberedMessage.encoded(nextNumber, from: ids[0], to: ids[1], bytes: payload, filler: 0xA5)
        guard let message else { return }
        underWay.append(
            Message(
                number: nextNumber,
                sender: sender,
                receiver: receiver,
                sentAt: simulation.now,
                path: Self.path(from: sender, to: receiver, in: simulation)
            )
        )
        nextNumber += 1
        figures.sent += 1
        simulation.feed(.request(.send(message)), to: sender)
    }

    /// A node was handed a message.
    mutating func arrived(_ message: MessageBytes, at index: Int) {
        guard let number = NumberedMessage.number(of: message) else { return }
        guard let position = underWay.firstIndex(where: { $0.number == number && $0.receiver == index }) else { return }
        underWay[position].arrivals += 1
        guard underWay[position].arrivals == 1 else { return }
        figures.delivered += 1
        if number < newest[index] ?? 0 {
            underWay[position].wasOvertaken = true
        }
        newest[index] = max(number, newest[index] ?? 0)
    }

    /// Notes which paths are gone, and closes the books on what is old.
    private mutating func follow(_ simulation: Simulation) {
        let now = simulation.now
        for position in underWay.indices {
            guard underWay[position].arrivals == 0, let path = underWay[position].path else { continue }
            if !path.allSatisfy({ Self.link($0.one, $0.other, in: simulation) == $0 }) {
                underWay[position].path = nil
            }
        }
        while let oldest = underWay.first, now.microseconds(since: oldest.sentAt) >= Self.patience {
            underWay.removeFirst()
            guard oldest.path != nil else { continue }
            figures.carried += 1
            if oldest.arrivals == 0 { figures.lost += 1 }
            if oldest.arrivals > 1 { figures.repeated += 1 }
            if oldest.wasOvertaken { figures.overtaken += 1 }
        }
    }

    // MARK: - Paths

    /// The link between two nodes if both ends have it in use.
    private static func link(_ one: Int, _ other: Int, in simulation: Simulation) -> Link? {
        guard let first = end(at: one, towards: other, in: simulation),
            let second = end(at: other, towards: one, in: simulation)
        else { return nil }
        return Link(one: one, other: other, sinceAtOne: first.since, sinceAtOther: second.since)
    }

    private static func end(at index: Int, towards other: Int, in simulation: Simulation) -> LinkView? {
        let partner = simulation.nodes[other].identity.node
        for position in 0..<simulation.nodes[index].linkCount {
            let view = simulation.nodes[index].linkView(position)
            if view.kind == .mesh, view.state == .handshakeDone, view.partner == partner { return view }
        }
        return nil
    }

    /// The links from one node to another; nil if they are not in one tree.
    private static func path(from start: Int, to end: Int, in simulation: Simulation) -> [Link]? {
        var cameFrom = [start: start]
        var order = [start]
        var position = 0
        while position < order.count, cameFrom[end] == nil {
            let node = order[position]
            position += 1
            for place in 0..<simulation.nodes[node].linkCount {
                let view = simulation.nodes[node].linkView(place)
                guard view.kind == .mesh, view.state == .handshakeDone,
                    let peer = simulation.index(knownAs: view.partner), cameFrom[peer] == nil,
                    link(node, peer, in: simulation) != nil
                else { continue }
                cameFrom[peer] = node
                order.append(peer)
            }
        }
        guard cameFrom[end] != nil else { return nil }
        var links: [Link] = []
        var node = end
        while node != start, let previous = cameFrom[node] {
            guard let link = link(previous, node, in: simulation) else { return nil }
            links.append(link)
            node = previous
        }
        return links
    }
}
