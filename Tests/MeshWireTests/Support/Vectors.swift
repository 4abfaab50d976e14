import ByteCoding
import FoundationEssentials

/// The recordings in `Tests/Golden`.
enum Vectors {
    private static let directory: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/") + "/Golden"
    }()

    static func file(_ name: String) throws -> JSON {
        let data = try Data(contentsOf: URL(filePath: "\(directory)/\(name).json"))
        return try JSONDecoder().decode(JSON.self, from: data)
    }

    static func cases(_ name: String) throws -> [JSON] {
        try file(name)["cases"]?.list ?? []
    }

    /// A message as a node sent it, and how the reference decoded it.
    struct Packet {
        var file: String
        var bytes: [UInt8]
        var decoded: JSON
    }

    /// Every clear packet of every file that records packets, equal ones once.
    static func packets() throws -> [Packet] {
        let names = [
            "access_encryption_handshake", "mesh_handshake", "mesh_handshake_rejected", "mesh_reconnect",
            "split_packets", "terminal_crc", "terminal_other", "terminal_ping", "terminal_raw_data",
            "terminal_routing", "terminal_status_reporter", "terminal_time_sync",
        ]
        var seen: Set<[UInt8]> = []
        var packets: [Packet] = []
        for name in names {
            collect(try file(name)) { bytes, decoded in
                guard seen.insert(bytes).inserted else { return }
                packets.append(Packet(file: name, bytes: bytes, decoded: decoded))
            }
        }
        return packets
    }

    private static func collect(_ json: JSON, _ body: ([UInt8], JSON) -> Void) {
        switch json {
        case .list(let elements):
            for element in elements { collect(element, body) }
        case .object(let members):
            if let decoded = members["decoded"] ?? members["message_decoded"], decoded["messageType"] != nil,
                let text = (members["plaintext"] ?? members["message"] ?? members["hex"])?.text,
                let bytes = Hex.decode(text)
            {
                body(bytes, decoded)
            }
            for key in members.keys.sorted() {
                if let member = members[key] { collect(member, body) }
            }
        default: break
        }
    }
}
