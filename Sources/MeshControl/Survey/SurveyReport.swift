import ByteCoding
package import MeshWire
package import RadioPort

/// The objects that tell a survey, made one by one: there may be thousands.
///
/// | kind      | one for each                         |
/// |-----------|--------------------------------------|
/// | `node`    | node, by id                          |
/// | `edge`    | link, by its ends                    |
/// | `heard`   | node that told whom it hears, by id  |
/// | `summary` | survey                               |
package struct SurveyReport: Sequence, IteratorProtocol {
    private let survey: MeshSurvey
    private let request: SurveyRequest
    private let now: Instant
    private let ownName: String?
    private let isComplete: Bool
    private let tree: SurveyTree
    private let edges: [SurveyedEdge]
    /// Positions of the nodes, by id.
    private let order: [Int]
    private var cursor = 0

    /// A report of a moment.
    ///
    /// - Parameters:
    ///   - survey: what is known.
    ///   - request: what was wanted.
    ///   - isComplete: whether all of it could be had.
    ///   - ownName: how people call the node that asks.
    ///   - now: the moment.
    package init(
        _ survey: MeshSurvey,
        for request: SurveyRequest,
        isComplete: Bool,
        ownName: String?,
        at now: Instant
    ) {
        self.survey = survey
        self.request = request
        self.isComplete = isComplete
        self.ownName = ownName
        self.now = now
        tree = survey.tree()
        edges = survey.edges()
        order = survey.nodes.indices.sorted { survey.nodes[$0].node < survey.nodes[$1].node }
    }

    package mutating func next() -> JSONObject? {
        while true {
            let position = cursor
            cursor += 1
            let behindNodes = position - order.count
            let behindEdges = behindNodes - edges.count
            if behindNodes < 0 { return node(order[position]) }
            if behindEdges < 0 { return edge(edges[behindNodes]) }
            if behindEdges < order.count {
                guard request.hearing, let object = heard(order[behindEdges]) else { continue }
                return object
            }
            return behindEdges == order.count ? summary : nil
        }
    }

    private func node(_ position: Int) -> JSONObject {
        let node = survey.nodes[position]
        let place = tree.places[position]
        let uplink = place?.uplink.map { survey.nodes[$0].node }
        let rssi = uplink.flatMap { node.link(to: $0)?.rssi }
        var object = JSONObject(kind: "node")
        object.append("node", integer: node.node.rawValue)
        object.append("name", position == 0 ? .optional(ownName) { .text($0) } : .null)
        object.append("state", text: state(position))
        object.append("hops", .optional(place) { .integer(Int64($0.hops)) })
        object.append("uplink", .optional(uplink) { .unsigned(UInt64($0.rawValue)) })
        object.append("uplink_rssi_dbm", .optional(rssi) { .integer(Int64($0)) })
        object.append("type", .optional(node.device) { .text($0.type.word) })
        object.append("serial", .optional(node.device) { .text($0.serialNumber.text) })
        object.append("version", .optional(node.device) { .text(Self.version($0.version)) })
        object.append("links_age_s", age(node.linksAt))
        object.append("heard_s", age(node.heardAt))
        return object
    }

    /// `own`, `known`; `silent`: it does not answer; `pending`: it has not been asked to the end; `gone`: no link leads to it.
    private func state(_ position: Int) -> String {
        let node = survey.nodes[position]
        if position == 0 { return "own" }
        // Of those that answered while others are asked yet, the way is not known yet.
        if tree.places[position] == nil, isComplete || node.linksAt == nil { return "gone" }
        if node.isSilent { return "silent" }
        return node.linksAt == nil ? "pending" : "known"
    }

    private func edge(_ edge: SurveyedEdge) -> JSONObject {
        var object = JSONObject(kind: "edge")
        object.append("first", integer: edge.first.rawValue)
        object.append("second", integer: edge.second.rawValue)
        object.append("central", integer: edge.central.rawValue)
        object.append("rssi_at_first_dbm", .optional(edge.rssiAtFirst) { .integer(Int64($0)) })
        object.append("rssi_at_second_dbm", .optional(edge.rssiAtSecond) { .integer(Int64($0)) })
        return object
    }

    private func heard(_ position: Int) -> JSONObject? {
        let node = survey.nodes[position]
        guard node.heardNodesAt != nil else { return nil }
        let nodes = node.heardNodes.sorted { $0.node < $1.node }
        var object = JSONObject(kind: "heard")
        object.append("node", integer: node.node.rawValue)
        object.append("nodes", .list(nodes.map { .unsigned(UInt64($0.node.rawValue)) }))
        object.append("rssi_dbm", .list(nodes.map { .integer(Int64($0.rssi)) }))
        object.append("age_s", age(node.heardNodesAt))
        return object
    }

    private var summary: JSONObject {
        let states = survey.nodes.indices.map(state)
        let oldest = survey.nodes.indices.filter { tree.places[$0] != nil }.compactMap { survey.nodes[$0].linksAt }
            .min()
        var object = JSONObject(kind: "summary")
        object.append("nodes", integer: states.count { $0 != "gone" })
        object.append("expected", integer: survey.expected)
        object.append("edges", integer: edges.count)
        for word in ["silent", "pending", "gone"] { object.append(word, integer: states.count { $0 == word }) }
        object.append("complete", .bool(isComplete))
        object.append("oldest_s", age(oldest))
        object.append("round_s", .seconds(survey.roundMicroseconds(request)))
        object.append("share_percent", .unsigned(SurveyPace.percent))
        object.append("packets", .unsigned(survey.packets))
        return object
    }

    private func age(_ instant: Instant?) -> JSONValue {
        .optional(instant) { .seconds(now.microseconds(since: $0) / 1000 * 1000) }
    }

    /// `1.1.1640` of 10,011,640.
    private static func version(_ version: UInt32) -> String {
        "\(version / 10_000_000).\(version / 10_000 % 1000).\(version % 10_000)"
    }
}

extension DeviceType {
    /// The name of the type, its number if it has none.
    package var word: String {
        switch self {
        case .static: "static"
        case .roaming: "roaming"
        case .sink: "sink"
        case .asset: "asset"
        case .leaf: "leaf"
        default: "\(rawValue)"
        }
    }
}
