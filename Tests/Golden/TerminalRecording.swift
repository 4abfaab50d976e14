import ByteCoding
import MeshWire

/// A recorded case of a `terminal_*` file: nodes of one cluster, what was typed, written and printed.
struct TerminalRecording {
    /// A node as recorded.
    struct RecordedNode {
        var id: NodeID
        var network: NetworkID
        var serialNumberIndex: UInt32
        var deviceType: DeviceType
        /// Hops to the sink, -1 if there is none or it is not recorded.
        var hopsToSink: Int16
        var bleAddress: [UInt8]
        /// The two words of the chip id in memory order.
        var chipID: [UInt8]
    }

    /// One thing that happened, in order.
    enum Event {
        /// Typed on a node, with a checksum if one was typed.
        case command(on: NodeID, line: String, atMilliseconds: UInt64)
        /// Written to a neighbour.
        case packet(from: NodeID, to: NodeID, bytes: FrameBytes, isRequest: Bool, atMilliseconds: UInt64)
        /// Printed as JSON.
        case json(on: NodeID, line: String)
        /// Printed for people; not compared.
        case text(on: NodeID, line: String)
        /// Put together from pieces.
        case reassembled(on: NodeID, message: MessageBytes)
    }

    var nodes: [RecordedNode]
    var events: [Event]

    init(_ recorded: JSONValue) throws {
        nodes = try recorded.array("nodes").map(RecordedNode.init)
        events = try recorded.array("events").map(Event.init)
    }

    /// What was typed, in order.
    var lines: [String] {
        events.compactMap { event in
            guard case .command(_, let line, _) = event else { return nil }
            return line
        }
    }
}

extension TerminalRecording.RecordedNode {
    fileprivate init(_ recorded: JSONValue) throws {
        id = NodeID(try recorded.integer("nodeId"))
        network = NetworkID(try recorded.integer("networkId"))
        serialNumberIndex = try recorded.integer("serialNumberIndex")
        deviceType = recorded["deviceType"] == nil ? .static : DeviceType(rawValue: try recorded.integer("deviceType"))
        hopsToSink = recorded["hopsToSink"] == nil ? -1 : try recorded.integer("hopsToSink")
        bleAddress = try recorded.hex("bleAddress")
        chipID = try recorded.hex("chipId")
    }
}

extension TerminalRecording.Event {
    fileprivate init(_ recorded: JSONValue) throws {
        switch try recorded.string("event") {
        case "command":
            self = .command(
                on: NodeID(try recorded.integer("onNode")),
                line: try recorded.string(recorded["lineSentWithCrc"] == nil ? "line" : "lineSentWithCrc"),
                atMilliseconds: try recorded.integer("t_rel_ms")
            )
        case "packet":
            self = .packet(
                from: NodeID(try recorded.integer("from")),
                to: NodeID(try recorded.integer("to")),
                bytes: try recorded.bytes("hex"),
                isRequest: try recorded.string("att_operation") == "WRITE_REQ",
                atMilliseconds: try recorded.integer("t_rel_ms")
            )
        case "json_printed":
            self = .json(on: NodeID(try recorded.integer("onNode")), line: try recorded.string("line"))
        case "text_printed":
            self = .text(on: NodeID(try recorded.integer("onNode")), line: try recorded.string("line"))
        case "message_reassembled":
            self = .reassembled(on: NodeID(try recorded.integer("onNode")), message: try recorded.bytes("hex"))
        case let other:
            throw VectorError(description: "unknown event \(other)")
        }
    }
}
