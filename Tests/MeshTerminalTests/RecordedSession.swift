import ByteCoding
import MeshTerminal
import MeshWire
import Testing

/// Replays one recorded case: each node gets a terminal, and everything it sends and prints is compared.
struct RecordedSession {
    private var terminals: [UInt16: Terminal] = [:]
    /// Messages on their way to a node, which may print when they arrive.
    private var arriving: [UInt16: [MessageBytes]] = [:]
    /// What the last command of a node must still send, per neighbour that has got anything of it.
    private var expected: [UInt16: [MessageBytes]] = [:]
    private var sent: [UInt16: [UInt16: Int]] = [:]
    private var acknowledgements: [UInt16: [String]] = [:]
    private var reassembler = Reassembler()
    /// The two ends of a MeshAccess link, which know each other by virtual ids.
    private let accessPartners: [UInt16: UInt16]
    private let sinks: Set<UInt16>

    /// Lines compared with a message that arrived.
    private(set) var matchedLines = 0
    /// Lines of the node about itself, whose message never was on the air.
    private(set) var loopbackLines = 0
    /// Messages compared with a command.
    private(set) var matchedMessages = 0

    init(_ session: Recording.Case) {
        let nodes = session.nodes ?? (1...3).map { Recording.Node(nodeId: $0, deviceType: 1) }
        if let central = session.central, let peripheral = session.peripheral {
            accessPartners = [central: peripheral, peripheral: central]
        } else {
            accessPartners = [:]
        }
        sinks = Set(nodes.filter { $0.deviceType == DeviceType.sink.rawValue }.map(\.nodeId))
        for node in nodes {
            let isSink = sinks.contains(node.nodeId)
            terminals[node.nodeId] = Terminal(
                mode: isSink ? .json : .prompt,
                ownNodeID: NodeID(node.nodeId),
                isSink: isSink
            )
        }
    }

    mutating func replay(_ events: [Recording.Event]) throws {
        for event in events {
            switch event.event {
            case "command": try command(event)
            case "packet": try packet(event)
            case "json_printed", "text_printed": try printed(event)
            default: break
            }
        }
        for (node, _) in expected { checkAllSent(by: node) }
        for (node, lines) in acknowledgements { #expect(lines.isEmpty, "node \(node) never printed \(lines)") }
        for (node, messages) in arriving {
            for message in messages {
                #expect(MeshJSON.line(for: message) == nil, "node \(node) never printed \(message)")
            }
        }
    }

    private mutating func command(_ event: Recording.Event) throws {
        let node = try #require(event.onNode)
        let line = try #require(event.lineSentWithCrc ?? event.line)
        checkAllSent(by: node)
        var terminal = try #require(terminals[node])
        let outcome = terminal.accept(line: line, atMilliseconds: event.milliseconds)
        terminals[node] = terminal
        acknowledgements[node, default: []] += outcome.lines + (outcome.acknowledgement.map { [$0] } ?? [])
        sent[node] = [:]
        expected[node] = try outcome.requests.compactMap { request in
            guard case .send(let message) = request else { return nil }
            return try onAir(message, from: node)
        }
    }

    /// The form that a message has on the air; nil if it stays inside the node.
    private func onAir(_ message: MessageBytes, from node: UInt16) throws -> MessageBytes? {
        var header = try MessageHeader(bytes: message)
        switch header.receiver {
        case NodeID(node), .loopback: return nil
        case .anycastThenBroadcast: header.receiver = .broadcast
        default:
            guard let partner = accessPartners[node], header.receiver.kind == .virtual else { break }
            header.receiver = NodeID(partner)
        }
        return try header.replacing(in: message)
    }

    private mutating func packet(_ event: Recording.Event) throws {
        let from = try #require(event.from)
        let to = try #require(event.to)
        let bytes = try #require(Hex.decode(event.plaintext ?? event.hex ?? ""))
        guard var message = reassembler.message(from: from, to: to, packet: bytes),
            var header = try? MessageHeader(bytes: message)
        else { return }
        if header.sender == NodeID(from), header.isRequest(message) { checkSent(message, by: from, to: to) }
        if accessPartners[to] != nil {
            header.sender = NodeID(to).virtualPartner(slot: 0)
            message = try header.replacing(in: message)
        }
        if accepts(header.receiver, at: to) { arriving[to, default: []].append(message) }
    }

    private func accepts(_ receiver: NodeID, at node: UInt16) -> Bool {
        switch receiver.kind {
        case .broadcast, .hops, .staticGroup: true
        case .shortestSink: sinks.contains(node)
        default: receiver.rawValue == node
        }
    }

    private mutating func checkSent(_ message: MessageBytes, by node: UInt16, to neighbour: UInt16) {
        let index = sent[node, default: [:]][neighbour, default: 0]
        sent[node, default: [:]][neighbour] = index + 1
        guard let messages = expected[node] else { return }
        #expect(index < messages.count, "node \(node) must not send \(message)")
        guard index < messages.count else { return }
        #expect(messages[index] == message)
        matchedMessages += 1
    }

    private func checkAllSent(by node: UInt16) {
        guard let messages = expected[node] else { return }
        let most = sent[node]?.values.max() ?? 0
        // A key with reduced rights keeps the node from sending over a MeshAccess link, which the terminal does not know.
        if !accessPartners.isEmpty && most == 0 { return }
        #expect(most == messages.count, "node \(node) sent \(most) of \(messages)")
    }

    private mutating func printed(_ event: Recording.Event) throws {
        let node = try #require(event.onNode)
        let line = try #require(event.line)
        if acknowledgements[node]?.first == line {
            acknowledgements[node]?.removeFirst()
            return
        }
        let terminal = try #require(terminals[node])
        let position = arriving[node]?.firstIndex {
            terminal.line(for: $0, atMilliseconds: event.milliseconds) == line
        }
        if let position {
            // What arrived before and printed nothing will not print any more.
            arriving[node]?.remove(at: position)
            matchedLines += 1
        } else if event.event == "json_printed" {
            let isOwn = line.contains(#""nodeId":\#(node),"#) || line.contains(#""init""#)
            #expect(isOwn, "node \(node): \(line)")
            loopbackLines += 1
        } else {
            let failures = ["Command not found", "Not enough", "CRC invalid", "Internal Terminal"]
            #expect(!failures.contains { line.hasPrefix($0) }, "node \(node): \(line)")
        }
    }
}

extension MessageHeader {
    /// The same message under this header.
    func replacing(in message: MessageBytes) throws -> MessageBytes {
        var result: MessageBytes = try encoded()
        for index in MessageHeader.encodedSize..<message.count {
            result.append(message[index])
        }
        return result
    }

    /// Whether only a command makes a node send the message in the recordings.
    func isRequest(_ message: MessageBytes) -> Bool {
        switch type {
        case .moduleTriggerAction: message[5] != ModuleID.debug.rawValue || message[7] != 18
        case .moduleConfig: message[7].isMultiple(of: 2) && message[7] != 8
        case .capability: message[5] == 0
        case .moduleRawData, .moduleRawDataLight, .componentAct, .data1: true
        // The recorded node senses by itself in the plain module 3 alone.
        case .componentSense: message[5] != ModuleID.statusReporter.rawValue
        default: false
        }
    }
}
