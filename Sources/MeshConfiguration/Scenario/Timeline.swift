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
    /// A node is somewhere else from now on, in metres; under the `ble` radio.
    case move(NodeID, x: Double, y: Double)
    /// Nothing passes on the channels any more; under the `ble` radio.
    case jam(JammedChannels)
    /// The channels are free again.
    case unjam(JammedChannels)
}

/// What a jammer covers.
public enum JammedChannels: String, CaseIterable, Sendable {
    /// 37, 38 and 39: nobody is discovered, no link comes up.
    case advertising
    /// 0...36: no link carries anything.
    case data
    /// All of them.
    case all
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
    private static let actions = ["power_off", "power_on", "reboot", "block_link", "unblock_link", "move", "jam"]

    let duration: UInt64
    let radio: RadioProfile
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
            if name == "jam" {
                let (channels, period) = try jam(value)
                entries.append(TimelineEntry(atMicroseconds: at, action: .jam(channels)))
                entries.append(TimelineEntry(atMicroseconds: at + period, action: .unjam(channels)))
            } else {
                entries.append(TimelineEntry(atMicroseconds: at, action: try action(name, value)))
            }
        }
        // Swift's sort is stable.
        return entries.sorted { $0.atMicroseconds < $1.atMicroseconds }
    }

    private func action(_ name: String, _ value: Field) throws(ConfigurationError) -> TimelineAction {
        switch name {
        case "power_off": return .powerOff(try references(value, symbols: ["best_connected", "all"]))
        case "power_on": return .powerOn(try references(value, symbols: ["all"]))
        case "reboot": return .reboot(try references(value, symbols: ["best_connected", "all"]))
        case "move":
            try requireLowEnergy(value)
            let keys = try value.section(["node", "to"])
            let node = try id(try keys.required("node", nodesHint))
            let (x, y) = try RadioReader.point(try keys.required("to", "[x, y] in metres"))
            return .move(node, x: x, y: y)
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

    private func jam(_ value: Field) throws(ConfigurationError) -> (JammedChannels, UInt64) {
        try requireLowEnergy(value)
        let keys = try value.section(["channels", "for"])
        let channels: JammedChannels = try keys.optional("channels")?.choice() ?? .all
        return (channels, try keys.required("for", "a time such as 5s").duration(1_000...duration))
    }

    private func requireLowEnergy(_ value: Field) throws(ConfigurationError) {
        guard radio == .ble else { throw value.error("the reference radio cannot do this", allowed: "with radio: ble") }
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
