import MeshConfiguration
import MeshCore
package import MeshWire
package import RadioPort

/// What a client has the node do that is no message of the mesh (protocol §11.5); always wants the right to change.
package enum NodeOrder: Equatable, Sendable {
    /// Sends bytes as they are, whatever sender they name.
    case sendRaw(MessageBytes)
    /// Makes the node the time master: seconds since 1970, offset of local time in minutes.
    case setTime(seconds: UInt32, offsetMinutes: Int16)
    /// Restarts the node after a time in deciseconds.
    case reset(afterDeciseconds: UInt32)
    /// Stops or starts the search for other nodes.
    case discovery(running: Bool)
    /// Drops a mesh link; nil: all of them.
    case disconnect(LinkID?)

    /// The keys of the requests that no other request has.
    static let keys = ["seconds", "offset_min", "after_s", "running"]

    private static let resetSeconds = 0.0...86_400

    static func setTime(_ keys: Section) throws(ConfigurationError) -> NodeOrder {
        .setTime(
            seconds: try keys.required("seconds", "seconds since 1970").integer(0...UInt32.max),
            offsetMinutes: try keys.optional("offset_min")?.integer(Int16.min...Int16.max) ?? 0
        )
    }

    static func reset(_ keys: Section) throws(ConfigurationError) -> NodeOrder {
        let seconds = try keys.optional("after_s")?.number(resetSeconds, unit: "s") ?? 0
        return .reset(afterDeciseconds: UInt32(seconds * 10))
    }

    static func disconnect(_ keys: Section) throws(ConfigurationError) -> NodeOrder {
        let link: UInt32? = try keys.optional("link")?.integer(1...UInt32.max)
        return .disconnect(link.map { LinkID(rawValue: $0) })
    }

    /// What the node is told.
    ///
    /// - Throws: ``ControlError`` if it has no such link.
    func request(of node: Node) throws(ControlError) -> MeshCore.Request {
        switch self {
        case .sendRaw(let message): return .sendRaw(message)
        case .setTime(let seconds, let offset): return .setTime(seconds: seconds, offsetMinutes: offset)
        case .reset(let time): return .reset(afterDeciseconds: time)
        case .discovery(let running): return .discovery(running: running)
        case .disconnect(nil): return .disconnect(nil)
        case .disconnect(let link?):
            guard let view = node.linkViews.first(where: { $0.link == link && $0.kind == .mesh }) else {
                throw ControlError("there is no mesh link \(link.rawValue); 'thicket links' shows which there are")
            }
            return .disconnect(view.partner)
        }
    }
}
