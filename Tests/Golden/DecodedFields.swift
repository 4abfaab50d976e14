import ByteCoding
import MeshWire

/// Compares a packet with the header fields that a recording gives as `decoded`.
enum DecodedFields {
    /// Compares a packet of a link: a message, or a piece of one.
    static func compare(packet: MessageBytes, with recorded: JSONValue, _ result: inout CaseResult) throws {
        guard recorded["splitCounter"] != nil else {
            try compare(packet, with: recorded, &result)
            return
        }
        let fragment = try SplitFragment(bytes: packet)
        let type: MessageType = fragment.isLast ? .splitEnd : .split
        result.compare("messageType", type.rawValue, recorded: try recorded.integer("messageType"))
        result.compare("splitCounter", fragment.counter, recorded: try recorded.integer("splitCounter"))
        result.compare("fragment", fragment.piece.array, recorded: try recorded.hex("fragment"))
    }

    /// Compares a whole message.
    static func compare(_ message: MessageBytes, with recorded: JSONValue, _ result: inout CaseResult) throws {
        let header = try MessageHeader(bytes: message)
        result.compare("messageType", header.type.rawValue, recorded: try recorded.integer("messageType"))
        result.compare("sender", header.sender.rawValue, recorded: try recorded.integer("sender"))
        result.compare("receiver", header.receiver.rawValue, recorded: try recorded.integer("receiver"))
        guard case .integer = recorded["moduleId"] else { return }
        let module = try ModuleHeader(bytes: message)
        if case .plain(let id) = module.module {
            result.compare("moduleId", id.rawValue, recorded: try recorded.integer("moduleId"))
        }
        result.compare("requestHandle", module.requestHandle, recorded: try recorded.integer("requestHandle"))
        result.compare("actionType", module.actionType, recorded: try recorded.integer("actionType"))
        guard recorded["payload"] != nil else { return }
        let payload = Array(message.array.dropFirst(module.encodedSize))
        result.compare("payload", payload, recorded: try recorded.hex("payload"))
    }
}
