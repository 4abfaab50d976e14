import MeshConfiguration
import MeshCore

/// Which events a subscriber wants.
package struct EventFilter: Equatable, Sendable {
    /// Names of events; none: all.
    package var names: Set<String>
    /// Only what has to do with this node.
    package var node: UInt64?
    /// How much of what happened before is wanted first, in microseconds.
    package var past: UInt64

    /// Everything from now on.
    package init(names: Set<String> = [], node: UInt64? = nil, past: UInt64 = 0) {
        self.names = names
        self.node = node
        self.past = past
    }

    /// The event of a message that reached the node.
    static let delivered = "delivered"

    /// Keys that name the nodes of an event.
    private static let nodeKeys: Set<String> = [
        "node", "partner", "by", "sender", "receiver", "under", "child", "for", "lost",
    ]

    /// Whether an event is wanted.
    package func matches(_ event: JSONObject) -> Bool {
        var hasName = names.isEmpty
        var hasNode = node == nil
        for (key, value) in event.pairs {
            if key == "trace", case .text(let name) = value, names.contains(name) { hasName = true }
            guard let node, Self.nodeKeys.contains(key) else { continue }
            switch value {
            case .unsigned(let number): if number == node { hasNode = true }
            case .integer(let number): if number == Int64(node) { hasNode = true }
            default: break
            }
        }
        return hasName && hasNode
    }

    /// Longest time that events are asked back for, in seconds.
    private static let pastSeconds = 0.0...1e6

    /// The filter of a request.
    init(_ keys: Section) throws(ConfigurationError) {
        var names: Set<String> = []
        for item in try keys.optional("events")?.items("names of events") ?? [] {
            let name = try item.text("a name")
            if let problem = TraceEvent.problem(withName: name, others: [Self.delivered]) { throw item.error(problem) }
            names.insert(name)
        }
        let past = try keys.optional("since_s")?.number(Self.pastSeconds, unit: "s") ?? 0
        let node: UInt64? = try keys.optional("node")?.integer(1...65_535)
        self.init(names: names, node: node, past: UInt64(past * 1_000_000))
    }
}
