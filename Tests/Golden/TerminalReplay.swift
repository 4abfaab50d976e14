import ByteCoding
import MeshCore
import MeshTerminal
import MeshWire
import RadioPort

/// One node of a recorded terminal session with a node of ours in its place.
///
/// The nodes are a chain in the order of the recording, all in one cluster. The node is told what was typed on it and what its
/// neighbours wrote. What it writes over each link and the JSON lines that it prints must be those recorded, in order; live
/// reports are left out on both sides.
struct TerminalReplay {
    /// What is not recorded.
    struct Unrecorded {
        /// The neighbour that connected to the node; the node connected to the others.
        var central: NodeID?
        /// Uptime at the first command in milliseconds, which sets the phase of the main timer, too.
        var uptime: UInt64
        /// Time in milliseconds that packets are on their way.
        var delay: UInt64
    }

    /// Longest time to wait for a packet, in microseconds.
    private static let patience: UInt64 = 10_000_000
    /// A tick of the main timer, in microseconds.
    private static let tick: UInt64 = 200_000

    private let recording: TerminalRecording
    private let own: TerminalRecording.RecordedNode
    private let told: ToldState
    private let unrecorded: Unrecorded
    private var driven: DrivenNode
    private var terminal: Terminal
    private var printed: [String] = []
    /// Packets expected so far, by neighbour.
    private var expected: [NodeID: Int] = [:]
    /// Recorded answers to queries for neighbours heard that were prepared.
    private var answeredQueries = 0
    private var start = Instant.zero

    /// A node in the place of the one at a position, with the links to its neighbours.
    init(_ recording: TerminalRecording, position: Int, _ told: ToldState, _ unrecorded: Unrecorded) throws {
        self.recording = recording
        self.told = told
        self.unrecorded = unrecorded
        own = recording.nodes[position]
        let isSink = own.deviceType == .sink
        terminal = Terminal(mode: isSink ? .json : .prompt, ownNodeID: own.id, isSink: isSink)
        driven = DrivenNode(own.identity, address: own.address)
        driven.holdsTimeOffers = true
        try prepare(at: position)
    }

    mutating func run(_ result: inout CaseResult) throws {
        for (event, milliseconds) in events() {
            driven.advance(to: start.advanced(byMicroseconds: milliseconds * 1000))
            printDelivered(at: milliseconds)
            switch event {
            case .command(own.id, let line, let time): try type(line, at: time)
            case .packet(let from, own.id, let bytes, _, _):
                try hearNeighbours(before: MessageBytes(bytes.array))
                driven.write(bytes, from: from)
                printDelivered(at: milliseconds)
            case .packet(own.id, let to, let bytes, _, _) where !LiveReports.isOne(bytes):
                wait(for: to)
                if TimeOffer.isOffer(bytes) { driven.release(to) }
            default: continue
            }
        }
        compare(&result)
    }

    /// The recorded events at the times in milliseconds at which they happen to the node.
    private func events() -> [(event: TerminalRecording.Event, milliseconds: UInt64)] {
        recording.events.enumerated()
            .map { (event: $1, time: $1.milliseconds + (isReceived($1) ? unrecorded.delay : 0), position: $0) }
            .sorted { ($0.time, $0.position) < ($1.time, $1.position) }
            .map { ($0.event, $0.time) }
    }

    private func isReceived(_ event: TerminalRecording.Event) -> Bool {
        guard case .packet(_, own.id, _, _, _) = event else { return false }
        return true
    }

    // MARK: - Terminal

    private mutating func type(_ line: String, at milliseconds: UInt64) throws {
        let outcome = terminal.accept(line: line, atMilliseconds: milliseconds)
        printed += outcome.lines
        for request in outcome.requests {
            try perform(request)
            printDelivered(at: milliseconds)
        }
        if let line = outcome.acknowledgement { printed.append(line) }
    }

    private mutating func perform(_ request: TerminalRequest) throws {
        switch request {
        case .send(let message):
            try hearNeighbours(before: message)
            driven.handle(.request(.sendRaw(message)))
        case .setTime(let unix, let offset):
            driven.handle(.request(.setTime(seconds: unix, offsetMinutes: offset)))
        case .reset(let time): driven.handle(.request(.reset(afterDeciseconds: UInt32(time))))
        case .discovery(let isEnabled): driven.handle(.request(.discovery(running: isEnabled)))
        case .disconnectAll: driven.handle(.request(.disconnect(nil)))
        case .printPluggedIn:
            let serialNumber = SerialNumber(own.serialNumberIndex)
            let line = MeshJSON.pluggedIn(
                node: own.id,
                serialNumber: serialNumber,
                version: own.identity.hardware.version
            )
            printed.append(terminal.printed(json: line))
        // Lines for people, and links outside of the mesh.
        case .printTime, .printStatus, .printJoinMeBuffer, .printAdvertisingJobs, .printScanJobs, .toggleScanLog,
            .disconnect, .disconnectRadio, .connectMeshAccess, .logMeshAccess, .scanBoost, .log:
            return
        }
    }

    private mutating func printDelivered(at milliseconds: UInt64) {
        for message in driven.takeDelivered() {
            guard let line = terminal.line(for: message, atMilliseconds: milliseconds) else { continue }
            printed.append(line)
        }
        for _ in 0..<driven.takeRestarts() {
            printed.append(terminal.printed(json: MeshJSON.initialized))
        }
    }

    // MARK: - Neighbours heard

    private static func nearbyQuery(to node: NodeID) -> ModuleMessage {
        ModuleMessage(sender: node, receiver: node, content: .statusReporter(.getNearbyNodes))
    }

    /// Ahead of a query, the neighbours that the recorded answer tells are heard.
    private mutating func hearNeighbours(before message: MessageBytes) throws {
        guard let query = try? ModuleMessage(bytes: message), query.content == Self.nearbyQuery(to: own.id).content,
            answeredQueries < told.heard.count
        else { return }
        for (node, rssi) in told.heard[answeredQueries] {
            guard var neighbour = recording.nodes.first(where: { $0.id == node })?.neighbour else { continue }
            neighbour.rssi = rssi
            try driven.hear(neighbour, in: driven.node.clusterID)
        }
        answeredQueries += 1
    }

    // MARK: - Comparison

    private func written(to neighbour: NodeID) -> [FrameBytes] {
        driven.frames(to: neighbour).filter { !LiveReports.isOne($0) }
    }

    /// Waits until the node has written one packet more to a neighbour.
    private mutating func wait(for neighbour: NodeID) {
        expected[neighbour, default: 0] += 1
        let limit = driven.now.advanced(byMicroseconds: Self.patience)
        while written(to: neighbour).count < expected[neighbour, default: 0], driven.wake(notAfter: limit) {}
    }

    private func compare(_ result: inout CaseResult) {
        for node in recording.nodes where node.id != own.id {
            let recorded = recording.events.compactMap { event -> FrameBytes? in
                guard case .packet(own.id, node.id, let bytes, _, _) = event, !LiveReports.isOne(bytes) else {
                    return nil
                }
                return told.withFirstSignal(bytes)
            }
            let answers = written(to: node.id)
            for index in 0..<max(recorded.count, answers.count) {
                result.compare(
                    "to \(node.id), packet \(index)",
                    index < answers.count ? answers[index].array : [],
                    recorded: index < recorded.count ? recorded[index].array : []
                )
            }
        }
        let recorded = recording.events.compactMap { event -> String? in
            guard case .json(own.id, let line, _) = event, !LiveReports.isOne(line) else { return nil }
            return told.withFirstSignal(line)
        }
        let answers = printed.filter { $0.hasPrefix("{") && !LiveReports.isOne($0) }
        result.compare("printed", answers, recorded: recorded)
    }

    // MARK: - Before the recording

    /// The node comes into the state of the recording: losses, neighbours heard, cluster and route, signal strengths, uptime.
    private mutating func prepare(at position: Int) throws {
        let nodes = recording.nodes
        let stranger = [Neighbour].helpers(besides: nodes.map(\.id))[0]
        for _ in 0..<told.losses {
            try driven.loseConnection(with: stranger)
        }
        let adjacent = adjacent(to: position)
        for side in adjacent where side.neighbour.id == unrecorded.central {
            try driven.yield(
                to: side.neighbour,
                cluster: told.cluster
                    ?? ClusterID(node: side.neighbour.id, connectionLossCounter: 0, bootNumber: 1),
                size: side.size + 1,
                hopsToSink: side.hopsToSink
            )
        }
        for side in adjacent where side.neighbour.id != unrecorded.central {
            try driven.win(side.neighbour, hopsToSink: side.hopsToSink == 0 ? 0 : -1)
            if side.size > 1 || side.hopsToSink > 0 {
                try driven.update(from: side.neighbour, sizeChange: side.size - 1, hopsToSink: side.hopsToSink)
            }
        }
        for (partner, rssi) in told.linkRSSI {
            driven.measure(partner, rssi: rssi)
        }
        for _ in 0..<told.messagesSent {
            let ping = ModuleMessage(sender: own.id, receiver: .broadcast, content: .node(.pingResponse))
            try driven.handle(.request(.send(ping.encoded())))
        }
        // A query empties the table of neighbours heard.
        try driven.handle(.request(.send(Self.nearbyQuery(to: own.id).encoded())))
        start = Instant(microseconds: unrecorded.uptime * 1000)
        while start < driven.now {
            start = start.advanced(byMicroseconds: Self.tick)
        }
        try driven.settle(until: start)
    }

    /// One side of the chain, as seen from the node.
    private struct Side {
        var neighbour: Neighbour
        /// Nodes on this side.
        var size: Int16
        /// Hops of the neighbour to the sink not over the node, -1 if the sink is not on this side.
        var hopsToSink: Int16
    }

    private func adjacent(to position: Int) -> [Side] {
        let nodes = recording.nodes
        let sides = [(position - 1, position), (position + 1, nodes.count - 1 - position)]
        return sides.filter { nodes.indices.contains($0.0) }.map { index, size in
            let hops = nodes[index].hopsToSink
            return Side(
                neighbour: nodes[index].neighbour,
                size: Int16(size),
                hopsToSink: hops >= 0 && hops < own.hopsToSink ? hops : -1
            )
        }
    }
}

extension TerminalReplay.Unrecorded {
    /// Steps of the clock of the recordings, in milliseconds.
    private static let step: UInt64 = 50

    /// All that may have been with a node of a recording.
    static func candidates(
        for position: Int,
        in recording: TerminalRecording,
        _ told: ToldState
    ) -> [TerminalReplay.Unrecorded] {
        let neighbours = [position - 1, position + 1].filter { recording.nodes.indices.contains($0) }
        let centrals: [NodeID?] = neighbours.map { recording.nodes[$0].id } + [nil]
        return [0, step].flatMap { delay in
            centrals.flatMap { central in
                uptimes(told).map { TerminalReplay.Unrecorded(central: central, uptime: $0, delay: delay) }
            }
        }
    }

    private static func uptimes(_ told: ToldState) -> [UInt64] {
        guard let clock = told.clock else {
            // Any time in a stable cluster, at every phase of the main timer and of what happens every 5 s.
            return (0..<100).map { 40_000 + $0 * step }
        }
        // The second in which the clock stood, less up to two ticks on the way.
        let latest = clock.seconds * 1000 + 1400
        guard latest >= clock.milliseconds else { return [] }
        let first = latest - clock.milliseconds
        return (0..<32).compactMap { first >= $0 * step ? first - $0 * step : nil }
    }
}
