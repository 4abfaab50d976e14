import ByteCoding
import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort

/// Sends the messages of a scenario and follows every one of them to those it is meant for.
///
/// A message is meant for who has power when it is sent. A reception that has not come about after ten seconds counts as missed,
/// whatever comes later; one that is still open when the run ends counts as nothing.
struct Courier: Sendable {
    /// Given up after this time.
    static let patience: UInt64 = 10_000_000
    /// Numbers of messages begin here, so that nobody takes them for those of constant traffic.
    private static let firstNumber: UInt32 = 0x8000_0000

    private struct Parcel: Sendable {
        var kind: WorkloadKind
        var sender: Int
        var sentAt: Instant
        /// Number of a message, or handle of a ping.
        var number: UInt32
        /// Who has yet to receive it; for a ping, the sender, which waits for the answer.
        var awaited: Set<Int>
        /// Whom a ping was for.
        var target: Int?
    }

    /// Kinds of workload, as the figures count them.
    private static let kinds = WorkloadKind.allCases

    private let workloads: [Workload]
    private var dueAt: [Instant]
    private var underWay: [Parcel] = []
    private var nextNumber = firstNumber
    private var nextHandle: UInt8 = 1
    private var random: SeededGenerator
    private var expected: [Int]
    private var arrived: [Int]
    private var sent: [Int]
    private var latencies: [[UInt64]]

    init(_ workloads: [Workload], seed: UInt64) {
        self.workloads = workloads
        dueAt = workloads.map { Instant(microseconds: $0.startMicroseconds) }
        random = SeededGenerator(seed: seed, stream: Streams.messages)
        let none = Array(repeating: 0, count: Self.kinds.count)
        (expected, arrived, sent) = (none, none, none)
        latencies = Array(repeating: [], count: Self.kinds.count)
    }

    // MARK: - Sending

    /// The workloads of which a message is due, some perhaps more than once; to be asked before every step.
    mutating func takeDue(at now: Instant) -> [Workload] {
        giveUp(at: now)
        var due: [Workload] = []
        for index in workloads.indices {
            while dueAt[index] <= now, dueAt[index].microseconds <= workloads[index].untilMicroseconds {
                dueAt[index] = dueAt[index].advanced(byMicroseconds: workloads[index].periodMicroseconds)
                due.append(workloads[index])
            }
        }
        return due
    }

    /// Sends the message of a workload that a node has to send now.
    mutating func send(_ workload: Workload, from sender: Int, in simulation: inout Simulation) {
        let others = simulation.peers(of: sender)
        switch workload.kind {
        case .ping, .unicast:
            var receiver = workload.to.flatMap { simulation.index(of: $0) }
            if workload.to == nil, !others.isEmpty {
                receiver = others[Int(random.uniform(below: UInt32(others.count)))]
            }
            guard let receiver, receiver != sender, others.contains(receiver) else { return }
            if workload.kind == .ping {
                ping(receiver, from: sender, in: &simulation)
            } else {
                send(.unicast, from: sender, to: [receiver], bytes: workload.bytes, in: &simulation)
            }
        case .report:
            guard !simulation.placement.sites[sender].isSink else { return }
            send(.report, from: sender, to: [], bytes: workload.bytes, in: &simulation)
        case .broadcast:
            send(.broadcast, from: sender, to: others, bytes: workload.bytes, in: &simulation)
        }
    }

    /// Sends one message; a report goes to the nearest sink, a broadcast to all.
    mutating func send(
        _ kind: WorkloadKind,
        from sender: Int,
        to receivers: [Int],
        bytes: Int,
        in simulation: inout Simulation
    ) {
        let sites = simulation.placement.sites
        let address: NodeID
        var awaited = Set(receivers)
        switch kind {
        case .broadcast: address = .broadcast
        case .report:
            address = .shortestSink
            // Any of them will do.
            awaited = Set(simulation.peers(of: sender).filter { sites[$0].isSink })
        case .ping, .unicast:
            guard let receiver = receivers.first else { return }
            address = sites[receiver].id
        }
        let message = NumberedMessage.encoded(
            nextNumber,
            from: sites[sender].id,
            to: address,
            bytes: bytes,
            filler: 0x5A
        )
        guard let message else { return }
        take(
            Parcel(kind: kind, sender: sender, sentAt: simulation.now, number: nextNumber, awaited: awaited),
            receptions: kind == .report ? 1 : awaited.count
        )
        nextNumber &+= 1
        simulation.feed(.request(.send(message)), to: sender)
    }

    private mutating func ping(_ receiver: Int, from sender: Int, in simulation: inout Simulation) {
        let sites = simulation.placement.sites
        let request = ModuleMessage(
            sender: sites[sender].id,
            receiver: sites[receiver].id,
            requestHandle: nextHandle,
            content: .node(.ping)
        )
        guard let message: MessageBytes = try? request.encoded() else { return }
        take(
            Parcel(
                kind: .ping,
                sender: sender,
                sentAt: simulation.now,
                number: UInt32(nextHandle),
                awaited: [sender],
                target: receiver
            ),
            receptions: 1
        )
        nextHandle = nextHandle == .max ? 1 : nextHandle + 1
        simulation.feed(.request(.send(message)), to: sender)
    }

    private mutating func take(_ parcel: Parcel, receptions: Int) {
        sent[Self.place(of: parcel.kind)] += 1
        // Without anybody to receive it, a report is lost; a broadcast is not.
        expected[Self.place(of: parcel.kind)] += receptions
        underWay.append(parcel)
    }

    // MARK: - Arrival

    /// A node was handed a message.
    mutating func arrived(_ message: MessageBytes, at index: Int, now: Instant) {
        guard !underWay.isEmpty, message.count > MessageHeader.encodedSize else { return }
        if let number = NumberedMessage.number(of: message) {
            guard let position = position(of: number) else { return }
            receive(position, at: index, now: now)
        } else if message[0] == MessageType.moduleActionResponse.rawValue {
            guard let answer = try? ModuleMessage(bytes: message), case .node(.pingResponse) = answer.content,
                let position = underWay.firstIndex(where: {
                    $0.kind == .ping && $0.sender == index && $0.number == UInt32(answer.requestHandle)
                })
            else { return }
            receive(position, at: index, now: now)
        }
    }

    /// Numbers grow from one message to the next; pings, which have handles, lie in between.
    private func position(of number: UInt32) -> Int? {
        underWay.firstIndex { $0.kind != .ping && $0.number == number }
    }

    private mutating func receive(_ position: Int, at index: Int, now: Instant) {
        guard underWay[position].awaited.remove(index) != nil else { return }
        let place = Self.place(of: underWay[position].kind)
        arrived[place] += 1
        latencies[place].append(now.microseconds(since: underWay[position].sentAt))
        if underWay[position].kind == .report { underWay[position].awaited.removeAll() }
        if underWay[position].awaited.isEmpty { underWay.remove(at: position) }
    }

    private mutating func giveUp(at now: Instant) {
        underWay.removeAll { now.microseconds(since: $0.sentAt) >= Self.patience }
    }

    private static func place(of kind: WorkloadKind) -> Int { kinds.firstIndex(of: kind) ?? 0 }

    // MARK: - Figures

    /// What became of the messages of a kind, or of all; nil if none was sent.
    func figures(of kind: WorkloadKind?) -> MessageFigures? {
        let places = kind.map { [Self.place(of: $0)] } ?? Array(Self.kinds.indices)
        var figures = MessageFigures()
        for place in places {
            figures.sent += sent[place]
            figures.expected += expected[place]
            figures.arrived += arrived[place]
            figures.latencies += latencies[place]
        }
        guard figures.sent > 0 else { return nil }
        // What is still open counts as nothing.
        for parcel in underWay where kind == nil || parcel.kind == kind {
            figures.expected -= parcel.kind == .report ? 1 : parcel.awaited.count
        }
        figures.latencies.sort()
        return figures
    }
}

/// What became of messages.
public struct MessageFigures: Sendable, Equatable {
    /// Messages sent.
    public internal(set) var sent = 0
    /// Receptions that were meant to come about, without those that were still open when the run ended.
    public internal(set) var expected = 0
    /// Receptions that came about.
    public internal(set) var arrived = 0
    /// How long each took, ascending, in microseconds; a ping, there and back.
    public internal(set) var latencies: [UInt64] = []

    /// Share of the receptions that came about, in per cent.
    public var arrivedPercent: Double { expected <= 0 ? 100 : 100 * Double(arrived) / Double(expected) }

    /// The time within which so many per cent of those that arrived did so; nil if none arrived.
    public func latency(percent: Double) -> UInt64? {
        guard let last = latencies.indices.last else { return nil }
        let rank = Int((percent / 100 * Double(latencies.count)).rounded(.up)) - 1
        return latencies[max(0, min(last, rank))]
    }
}

extension Simulation {
    /// The other members of a node's network that have power.
    func peers(of index: Int) -> [Int] {
        let network = placement.sites[index].network
        return nodes.indices.filter {
            $0 != index && isPowered[$0] && isMember[$0] && placement.sites[$0].network == network
        }
    }
}
