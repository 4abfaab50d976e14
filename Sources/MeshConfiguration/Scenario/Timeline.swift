public import MeshWire

/// A node that a scenario speaks of.
public enum NodeReference: Sendable, Hashable {
    /// The node with this id; above 1,999 nodes, one of the first network.
    case node(NodeID)
    /// The powered node with the most handshaked mesh links at that instant, the lowest id on ties.
    case bestConnected
    /// Every node to which the action can apply: all that are on, or all that are off.
    case all
}

/// What happens to the nodes and to the air.
public enum TimelineAction: Sendable, Equatable {
    /// The nodes stop: their links die by supervision, their memory is lost.
    case powerOff([NodeReference])
    /// The nodes that are off start.
    case powerOn([NodeReference])
    /// The nodes restart at once: links drop on both ends with reason 0x08, memory is lost, no down time.
    case reboot([NodeReference])
    /// Nothing passes between the two nodes any more, in either direction.
    case blockLink(NodeID, NodeID)
    /// What passes between the two nodes is up to the radio again.
    case unblockLink(NodeID, NodeID)
}

/// Something that happens at an instant of a scenario.
public struct TimelineEntry: Sendable, Equatable {
    /// When, from the start of the simulation.
    public var atMicroseconds: UInt64
    /// What.
    public var action: TimelineAction

    /// An action at an instant.
    public init(atMicroseconds: UInt64, action: TimelineAction) {
        self.atMicroseconds = atMicroseconds
        self.action = action
    }
}

/// Reads the timeline of a scenario.
struct TimelineReader {
    private static let actions = ["power_off", "power_on", "reboot", "block_link", "unblock_link"]

    let duration: UInt64
    let isNode: (NodeID) -> Bool
    /// Which ids there are, for errors.
    let nodesHint: String

    /// All entries in the order of time; equal times keep the order of the file.
    func entries(_ list: Field) throws(ConfigurationError) -> [TimelineEntry] {
        var entries: [TimelineEntry] = []
        for item in try list.items("entries with at and an action") {
            let keys = try item.section(["at"] + Self.actions)
            let at = try keys.required("at", "a time such as 60s").duration(0...duration)
            let (name, value) = try keys.exactlyOne(of: Self.actions, what: "action")
            entries.append(TimelineEntry(atMicroseconds: at, action: try action(name, value)))
        }
        // Swift's sort is stable.
        return entries.sorted { $0.atMicroseconds < $1.atMicroseconds }
    }

    private func action(_ name: String, _ value: Field) throws(ConfigurationError) -> TimelineAction {
        switch name {
        case "power_off": return .powerOff(try references(value, symbols: ["best_connected", "all"]))
        case "power_on": return .powerOn(try references(value, symbols: ["all"]))
        case "reboot": return .reboot(try references(value, symbols: ["best_connected", "all"]))
        default:
            let ends = try value.items("two different nodes, as [1, 2]")
            guard ends.count == 2 else {
                throw value.error("\(ends.count) nodes", allowed: "two different nodes, as [1, 2]")
            }
            let (first, second) = (try id(ends[0]), try id(ends[1]))
            guard first != second else {
                throw value.error("the same node twice", allowed: "two different nodes, as [1, 2]")
            }
            return name == "block_link" ? .blockLink(first, second) : .unblockLink(first, second)
        }
    }

    private func references(_ field: Field, symbols: [String]) throws(ConfigurationError) -> [NodeReference] {
        let hint = ([nodesHint] + symbols).joined(separator: ", ")
        var references: [NodeReference] = []
        for item in try field.itemsOrOne(hint) {
            let reference: NodeReference
            if case .scalar(let text, _) = item.node.content, symbols.contains(text) {
                reference = text == "all" ? .all : .bestConnected
            } else {
                reference = .node(try id(item, hint: hint))
            }
            guard !references.contains(reference) else {
                throw item.error("\(item.node.summary) is there already", allowed: "each node once")
            }
            references.append(reference)
        }
        guard !references.isEmpty else { throw field.error("an empty list", allowed: hint) }
        return references
    }

    /// A node id that exists in the scenario.
    func id(_ field: Field, hint: String? = nil) throws(ConfigurationError) -> NodeID {
        guard case .scalar(let text, isQuoted: false) = field.node.content, let value = Int(text) else {
            throw field.error("expected a node, found \(field.node.summary)", allowed: hint ?? nodesHint)
        }
        guard let raw = UInt16(exactly: value), isNode(NodeID(raw)) else {
            throw field.error("no node \(value)", allowed: hint ?? nodesHint)
        }
        return NodeID(raw)
    }
}
