import ByteCoding
import MeshTerminal
import MeshWire

/// What is claimed where a node of ours does not act: requests encode as recorded, packets decode and encode again.
enum DecodeOnly {
    /// Payload of a write on the recorded mesh links.
    static let payloadSize = 60

    /// One direction of one link.
    private struct Direction: Hashable {
        var from: NodeID
        var to: NodeID
    }

    // MARK: - Packets

    /// Every recorded packet and every message put together decodes, and encodes to the same bytes.
    static func checkPackets(_ recording: TerminalRecording, _ result: inout CaseResult) {
        var reassemblers: [Direction: Reassembler] = [:]
        var waiting: [NodeID: [MessageBytes]] = [:]
        for (index, event) in recording.events.enumerated() {
            switch event {
            case .packet(let from, let to, let bytes, _, _):
                compareCoding(MessageBytes(bytes.array), "event \(index)", &result)
                switch reassemblers[Direction(from: from, to: to), default: Reassembler()]
                    .accept(bytes, payloadSize: payloadSize)
                {
                case .message(let message):
                    compareCoding(message, "event \(index)", &result)
                    if message.array != bytes.array { waiting[to, default: []].append(message) }
                case .incomplete: break
                case .dropped(let fault): result.fail("event \(index): dropped, \(fault)")
                case .ignored: result.fail("event \(index): a piece of a dropped message")
                }
            case .reassembled(let node, let message, _):
                let first = waiting[node]?.first
                if first != nil { waiting[node]?.removeFirst() }
                result.compare("event \(index): reassembled", first?.array ?? [], recorded: message.array)
            case .command, .json, .text: break
            }
        }
    }

    /// A message decodes, and encodes to the same bytes.
    static func compareCoding(_ bytes: MessageBytes, _ place: String, _ result: inout CaseResult) {
        do {
            let encoded = try MeshMessage(bytes: bytes).encoded()
            result.compare("\(place): encoded again", encoded.array, recorded: bytes.array)
        } catch {
            result.fail("\(place): \(bytes) does not decode: \(error)")
        }
    }

    // MARK: - Requests

    /// Every message that a typed line sends is written to each neighbour of the node, in order, before the next line.
    static func checkRequests(_ recording: TerminalRecording, _ result: inout CaseResult) {
        var terminals: [NodeID: Terminal] = [:]
        for node in recording.nodes {
            let isSink = node.deviceType == .sink
            terminals[node.id] = Terminal(mode: isSink ? .json : .prompt, ownNodeID: node.id, isSink: isSink)
        }
        for (index, event) in recording.events.enumerated() {
            guard case .command(let node, let line, let time) = event else { continue }
            let outcome = terminals[node]?.accept(line: line, atMilliseconds: time) ?? TerminalOutcome()
            let sent = outcome.requests.compactMap { request -> MessageBytes? in
                guard case .send(let message) = request else { return nil }
                return message
            }
            let onAir = sent.filter { header(of: $0)?.receiver != node }
            let written = writtenMessages(by: node, recording.events[(index + 1)...])
            if written.isEmpty, !onAir.isEmpty {
                result.fail("event \(index): \"\(line)\" sends \(onAir), nothing is recorded")
            }
            for (neighbour, messages) in written where !contains(onAir, inOrderIn: messages) {
                result.fail("event \(index): \"\(line)\" sends \(onAir), recorded to \(neighbour): \(messages)")
            }
            if sent.isEmpty, let request = written.values.joined().first(where: isRequest) {
                result.fail("event \(index): \"\(line)\" sends nothing, recorded \(request)")
            }
        }
    }

    /// Whole messages of a node's own, by neighbour, up to the next typed line.
    private static func writtenMessages(
        by node: NodeID,
        _ events: ArraySlice<TerminalRecording.Event>
    ) -> [NodeID: [MessageBytes]] {
        var written: [NodeID: [MessageBytes]] = [:]
        var reassemblers: [NodeID: Reassembler] = [:]
        for event in events {
            if case .command = event { break }
            guard case .packet(node, let to, let bytes, _, _) = event else { continue }
            let outcome = reassemblers[to, default: Reassembler()].accept(bytes, payloadSize: payloadSize)
            guard case .message(let message) = outcome, header(of: message)?.sender == node else { continue }
            written[to, default: []].append(message)
        }
        return written
    }

    private static func contains(_ wanted: [MessageBytes], inOrderIn messages: [MessageBytes]) -> Bool {
        var rest = messages[...]
        for message in wanted {
            guard let position = rest.firstIndex(of: message) else { return false }
            rest = rest[(position + 1)...]
        }
        return true
    }

    private static func isRequest(_ message: MessageBytes) -> Bool {
        header(of: message)?.type == .moduleTriggerAction || header(of: message)?.type == .moduleConfig
    }

    private static func header(of message: MessageBytes) -> MessageHeader? { try? MessageHeader(bytes: message) }
}
