import MeshConfiguration
import MeshCore
package import MeshWire

/// Which events a subscriber wants.
package struct EventFilter: Equatable, Sendable {
    /// Names of events; none: all.
    package var names: Set<String>
    /// Only what has to do with this node.
    package var node: NodeID?
    /// How much of what happened before is wanted first, in microseconds.
    package var past: UInt64

    /// Everything from now on.
    package init(names: Set<String> = [], node: NodeID? = nil, past: UInt64 = 0) {
        self.names = names
        self.node = node
        self.past = past
    }

    /// The event of a message that reached the node.
    static let delivered = "delivered"

    /// Whether an event is wanted.
    package func matches(_ event: ControlEvent) -> Bool {
        if let node, !event.nodes.contains(node) { return false }
        return names.isEmpty
            || event.object.pairs.contains { key, value in
                guard key == "trace", case .text(let name) = value else { return false }
                return names.contains(name)
            }
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
        let node: UInt16? = try keys.optional("node")?.integer(1...65_535)
        self.init(names: names, node: node.map { NodeID($0) }, past: UInt64(past * 1_000_000))
    }
}
