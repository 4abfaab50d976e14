import ByteCoding
import MeshCore
import MeshWire
import RadioPort

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
        var address: Address
        /// The two words of the chip id in memory order.
        var chipID: [UInt8]

        /// The node as the others meet it.
        var neighbour: Neighbour { Neighbour(id: id, address: address) }

        /// The keys of the recorded build; the last is the id, four times in 32 bits.
        private var keys: NodeKeys {
            let word = [UInt8(truncatingIfNeeded: id.rawValue), UInt8(truncatingIfNeeded: id.rawValue >> 8), 0, 0]
            return NodeKeys(
                network: Key128(repeating: 0x22),
                node: Key128(word + word + word + word) ?? .unset,
                userBase: Key128(repeating: 0x33),
                organization: Key128(repeating: 0x44)
            )
        }

        /// The node, with the record of the recorded build.
        var identity: Identity {
            // Reported with the most significant byte of each word first.
            let reported = [3, 2, 1, 0, 7, 6, 5, 4].map { chipID.indices.contains($0) ? chipID[$0] : 0 }
            return Identity(
                node: id,
                network: network,
                deviceType: deviceType,
                keys: keys,
                serialNumberIndex: serialNumberIndex,
                hardware: HardwareRecord(
                    manufacturer: 0x024D,
                    chipID: reported.reversed().reduce(0) { $0 << 8 | UInt64($1) },
                    version: 10_011_640,
                    receiveSensitivity: -90,
                    transmitPower: 4,
                    calibratedTransmitPower: -60,
                    chipGroup: NodeID(20001),
                    // Sinks run a build of their own (protocol §1.7).
                    featuresetGroup: deviceType == .sink ? NodeID(20029) : NodeID(20031),
                    bootloaderVersion: 123
                )
            )
        }
    }

    /// One thing that happened, in order.
    enum Event {
        /// Typed on a node, with a checksum if one was typed.
        case command(on: NodeID, line: String, atMilliseconds: UInt64)
        /// Written to a neighbour.
        case packet(from: NodeID, to: NodeID, bytes: FrameBytes, isRequest: Bool, atMilliseconds: UInt64)
        /// Printed as JSON.
        case json(on: NodeID, line: String, atMilliseconds: UInt64)
        /// Printed for people; not compared.
        case text(on: NodeID, line: String, atMilliseconds: UInt64)
        /// Put together from pieces.
        case reassembled(on: NodeID, message: MessageBytes, atMilliseconds: UInt64)

        /// When it happened, from the first command on.
        var milliseconds: UInt64 {
            switch self {
            case .command(_, _, let time), .packet(_, _, _, _, let time), .json(_, _, let time), .text(_, _, let time),
                .reassembled(_, _, let time):
                time
            }
        }
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
        address = Address(recordedBytes: try recorded.hex("bleAddress"))
        chipID = try recorded.hex("chipId")
    }
}

extension TerminalRecording.Event {
    fileprivate init(_ recorded: JSONValue) throws {
        let milliseconds: UInt64 = try recorded.integer("t_rel_ms")
        switch try recorded.string("event") {
        case "command":
            self = .command(
                on: NodeID(try recorded.integer("onNode")),
                line: try recorded.string(recorded["lineSentWithCrc"] == nil ? "line" : "lineSentWithCrc"),
                atMilliseconds: milliseconds
            )
        case "packet":
            self = .packet(
                from: NodeID(try recorded.integer("from")),
                to: NodeID(try recorded.integer("to")),
                bytes: try recorded.bytes("hex"),
                isRequest: try recorded.string("att_operation") == "WRITE_REQ",
                atMilliseconds: milliseconds
            )
        case "json_printed":
            self = .json(
                on: NodeID(try recorded.integer("onNode")),
                line: try recorded.string("line"),
                atMilliseconds: milliseconds
            )
        case "text_printed":
            self = .text(
                on: NodeID(try recorded.integer("onNode")),
                line: try recorded.string("line"),
                atMilliseconds: milliseconds
            )
        case "message_reassembled":
            self = .reassembled(
                on: NodeID(try recorded.integer("onNode")),
                message: try recorded.bytes("hex"),
                atMilliseconds: milliseconds
            )
        case let other:
            throw VectorError(description: "unknown event \(other)")
        }
    }
}
