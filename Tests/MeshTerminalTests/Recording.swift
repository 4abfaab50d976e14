import ByteCoding
import FoundationEssentials
import MeshWire

/// A file of recorded terminal sessions.
struct Recording: Decodable {
    var name: String
    var cases: [Case]

    struct Case: Decodable {
        var nodes: [Node]?
        var central: UInt16?
        var peripheral: UInt16?
        var events: [Event]
    }

    struct Node: Decodable {
        var nodeId: UInt16
        var deviceType: UInt8?
    }

    struct Event: Decodable {
        var event: String
        var t_rel_ms: UInt64?
        var t_ms: UInt64?
        var onNode: UInt16?
        var from: UInt16?
        var to: UInt16?
        var line: String?
        var lineSentWithCrc: String?
        var hex: String?
        var plaintext: String?

        var milliseconds: UInt64 { t_rel_ms ?? t_ms ?? 0 }
    }

    /// Reads `name` from the folder of recordings, or from the one that the environment names.
    init(named name: String) throws {
        let folder =
            ProcessInfo.processInfo.environment["THICKET_VECTORS"]
            ?? #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Golden"
        let data = try Data(contentsOf: URL(filePath: "\(folder)/\(name).json"))
        self = try JSONDecoder().decode(Recording.self, from: data)
    }
}

/// Puts the pieces of split messages together, per link.
struct Reassembler {
    private var pieces: [Link: [UInt8]] = [:]

    private struct Link: Hashable {
        var from: UInt16
        var to: UInt16
    }

    /// The message that a packet is, or completes.
    mutating func message(from: UInt16, to: UInt16, packet: [UInt8]) -> MessageBytes? {
        let link = Link(from: from, to: to)
        switch packet.first {
        case MessageType.split.rawValue:
            pieces[link, default: []] += packet.dropFirst(2)
            return nil
        case MessageType.splitEnd.rawValue:
            let whole = (pieces.removeValue(forKey: link) ?? []) + packet.dropFirst(2)
            return MessageBytes(whole)
        default: return MessageBytes(packet)
        }
    }
}
