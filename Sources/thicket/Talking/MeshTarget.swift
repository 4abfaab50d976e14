import MeshWire

/// Who a message is for, as people write it: a node, a group, the nearest sink, or everybody (protocol §1.1).
struct MeshTarget: Equatable {
    /// The receiver field of a message to it.
    let id: NodeID

    /// Reads `7`, `21001`, `sink` or `all`; nil for anything else.
    init?(_ text: String) {
        switch text {
        case "sink": id = .shortestSink
        case "all": id = .broadcast
        default:
            guard let number = UInt16(text) else { return nil }
            id = NodeID(number)
            switch id.kind {
            case .device, .staticGroup, .dynamicGroup: break
            default: return nil
            }
        }
    }

    /// What ``init(_:)`` reads, for errors.
    static let forms = "a node 1...1999, a group 20000...20999 or 21001...21999, 'sink' or 'all'"

    /// Whether a single node is meant, so that it can confirm something.
    var isOneNode: Bool { id.kind == .device || isSink }
    /// Whether the nearest sink is meant, whichever node that is.
    var isSink: Bool { id == .shortestSink }

    /// As in the middle of a sentence.
    var name: String {
        switch id.kind {
        case .broadcast: "all nodes"
        case .shortestSink: "the nearest sink"
        case .device: "node \(id)"
        default: "group \(id)"
        }
    }
}
