/// A mesh as a NetJSON NetworkGraph (netjson.org), in one line.
///
/// Every link costs 1, so that the cost of a way is its hops.
enum NetJSONText {
    static func text(_ picture: TopologyPicture) -> String {
        var graph: JSONObject = [
            "type": "NetworkGraph", "protocol": "FruityMesh", "version": "1.1.1640", "metric": "hops",
        ]
        let own = picture.nodes.first { $0.node.state == "own" }
        graph.append("router_id", .optional(own) { .text("\($0.id)") })
        graph.append("nodes", .list(picture.nodes.map { .object(node($0)) }))
        graph.append("links", .list(picture.edges.map { .object(link($0)) }))
        return graph.line
    }

    private static func node(_ node: TopologyPicture.Node) -> JSONObject {
        var properties: JSONObject = ["state": .text(node.node.state)]
        properties.append("hops", .optional(node.node.hops) { .integer(Int64($0)) })
        if let type = node.node.type { properties.append("type", text: type) }
        if let staysOff = node.staysOff { properties.append("stays_off", integer: staysOff) }
        return ["id": .text("\(node.id)"), "label": .text(node.label), "properties": .object(properties)]
    }

    private static func link(_ edge: TopologyPicture.Edge) -> JSONObject {
        var properties: JSONObject = ["rssi_dbm": .optional(edge.rssi) { .integer(Int64($0)) }]
        if let staysOff = edge.staysOff { properties.append("stays_off", integer: staysOff) }
        return [
            "source": .text("\(edge.first)"), "target": .text("\(edge.second)"), "cost": 1,
            "properties": .object(properties),
        ]
    }
}
