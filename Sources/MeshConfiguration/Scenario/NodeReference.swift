public import MeshWire

/// A node, or some nodes, that a scenario speaks of.
///
/// ```yaml
/// power_off: 7                                             # the node with this id
/// power_off: [7, best_connected]                           # several
/// power_off: { random: 3 }                                 # three, drawn from the seed when the time comes
/// power_off: { random: 30% }                               # so many of a hundred
/// power_off: { within: [[0, 0], [30, 20]] }                # all whose place is in this rectangle
/// power_off: { random: 2, within: [[0, 0], [30, 20]] }     # two of those
/// ```
public enum NodeReference: Sendable, Hashable {
    /// The node with this id; above 1,999 nodes, one of the first network.
    case node(NodeID)
    /// The powered node with the most handshaked mesh links at that instant, the lowest id on ties.
    case bestConnected
    /// Every node to which the action can apply: all that are on, or all that are off.
    case all
    /// Every sink.
    case sinks
    /// Some of the nodes to which the action can apply.
    case some(NodeChoice)
}

/// A choice among the nodes to which an action can apply.
public struct NodeChoice: Sendable, Hashable {
    /// How many of them are drawn.
    public enum Size: Sendable, Hashable {
        /// So many, or all if there are fewer.
        case count(Int)
        /// So many of a hundred, rounded to the nearest whole number.
        case percent(Double)
    }

    /// A part of the map, in metres.
    public struct Rectangle: Sendable, Hashable {
        /// The smaller coordinate to the right.
        public var left: Double
        /// The smaller coordinate down the map.
        public var top: Double
        /// The greater coordinate to the right.
        public var right: Double
        /// The greater coordinate down the map.
        public var bottom: Double

        /// A rectangle between two corners.
        public init(_ one: (x: Double, y: Double), _ other: (x: Double, y: Double)) {
            left = min(one.x, other.x)
            top = min(one.y, other.y)
            right = max(one.x, other.x)
            bottom = max(one.y, other.y)
        }

        /// Whether a place is inside, or on the edge.
        public func contains(x: Double, y: Double) -> Bool { x >= left && x <= right && y >= top && y <= bottom }
    }

    /// How many are drawn; nil: all.
    public var size: Size?
    /// Where they stand; nil: anywhere.
    public var rectangle: Rectangle?

    /// A choice.
    public init(size: Size? = nil, rectangle: Rectangle? = nil) {
        self.size = size
        self.rectangle = rectangle
    }
}

/// Reads references to nodes.
struct NodeReferenceReader {
    let isNode: (NodeID) -> Bool
    /// Which ids there are, for errors.
    let nodesHint: String

    /// One reference or a list of them; `symbols` are the words that may stand in the place of an id.
    func references(_ field: Field, symbols: [String]) throws(ConfigurationError) -> [NodeReference] {
        let hint = ([nodesHint] + symbols).joined(separator: ", ")
        if case .mapping = field.node.content { return [.some(try choice(field))] }
        var references: [NodeReference] = []
        for item in try field.itemsOrOne(hint) {
            let reference: NodeReference
            if case .mapping = item.node.content {
                reference = .some(try choice(item))
            } else if case .scalar(let text, _) = item.node.content, symbols.contains(text) {
                reference =
                    switch text {
                    case "all": .all
                    case "sinks": .sinks
                    default: .bestConnected
                    }
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

    /// A list of ids, each once.
    func ids(_ field: Field) throws(ConfigurationError) -> [NodeID] {
        var ids: [NodeID] = []
        for item in try field.itemsOrOne(nodesHint) {
            let id = try id(item)
            guard !ids.contains(id) else { throw item.error("'\(id)' is there already", allowed: "each node once") }
            ids.append(id)
        }
        guard !ids.isEmpty else { throw field.error("an empty list", allowed: nodesHint) }
        return ids
    }

    private func choice(_ field: Field) throws(ConfigurationError) -> NodeChoice {
        let keys = try field.section(ScenarioKeys.choice)
        guard !keys.names.isEmpty else {
            throw field.error("no choice", allowed: ScenarioKeys.choice.joined(separator: ", "))
        }
        return NodeChoice(
            size: try keys.optional("random").map { value throws(ConfigurationError) in try size(value) },
            rectangle: try keys.optional("within").map { value throws(ConfigurationError) in try Self.rectangle(value) }
        )
    }

    private func size(_ field: Field) throws(ConfigurationError) -> NodeChoice.Size {
        if case .scalar(let text, _) = field.node.content, text.hasSuffix("%") {
            guard let percent = Double(text.dropLast()), (0...100).contains(percent) else {
                throw field.error("unknown share '\(text.prefix(24))'", allowed: "0%...100%, or a number of nodes")
            }
            return .percent(percent)
        }
        return .count(try field.integer(1...ScenarioFile.nodeCountMax, unit: "nodes, or a share such as 30%"))
    }

    static func rectangle(_ field: Field) throws(ConfigurationError) -> NodeChoice.Rectangle {
        let corners = try field.items("two corners, as [[0, 0], [30, 20]]")
        guard corners.count == 2 else {
            throw field.error("\(corners.count) corners", allowed: "two corners, as [[0, 0], [30, 20]]")
        }
        return NodeChoice.Rectangle(try RadioReader.point(corners[0]), try RadioReader.point(corners[1]))
    }
}
