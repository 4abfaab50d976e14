import ByteCoding
package import MeshCore
import MeshWire
package import RadioPort

/// The `status` object of the control socket.
package enum StatusReport {
    /// Builds it.
    package static func object(
        _ node: Node,
        _ surroundings: NodeSurroundings,
        counters: [RadioCounter],
        now: Instant
    ) -> JSONObject {
        let radio = surroundings.radio
        let health = Health(node, radio: radio, at: now)
        let edges = node.linkViews.filter(\.isMeshEdge)
        var object = JSONObject(kind: "status")
        object.append("health", text: health.word)
        object.append("reason", text: health.reason)
        object.append("node", integer: node.identity.node.rawValue)
        object.append("name", .optional(surroundings.name) { .text($0) })
        object.append("serial", text: SerialNumber(node.identity.serialNumberIndex).description)
        object.append("firmware", integer: node.identity.hardware.version)
        object.append("network", integer: node.identity.network.rawValue)
        object.append("enrolled", .bool(node.identity.network != .notEnrolled))
        // What was told over the air goes before the configuration.
        object.append("enrolment", text: node.stored.enrolment == nil ? "configuration" : "stored")
        object.append("cluster", integer: node.clusterID.rawValue)
        object.append("cluster_size", integer: node.clusterSize)
        object.append("expected_size", .optional(expected(node)) { .unsigned(UInt64($0)) })
        object.append("clustering", text: node.configuration.clustering.rawValue)
        let isGraft = node.configuration.clustering == .graft
        object.append("rank", isGraft ? .unsigned(UInt64(node.clusterKey.rank)) : .null)
        object.append("root", isGraft ? .bool(node.isRoot) : .null)
        let others = Health.otherMode(node, at: now)
        object.append("other_mode_nodes", .list(others.map { .unsigned(UInt64($0.rawValue)) }))
        let plan = node.stored.plannedClustering
        object.append("planned_clustering", .optional(plan) { .text($0.mode.rawValue) })
        object.append("planned_at", .optional(plan) { .unsigned(UInt64($0.at)) })
        let time = node.networkTime(at: now)
        object.append("network_time", time.isSet ? .unsigned(UInt64(time.seconds)) : .null)
        object.append("time_offset_min", integer: time.offsetMinutes)
        object.append("links_in", integer: edges.count { $0.role == .peripheral })
        object.append("links_out", integer: edges.count { $0.role == .central })
        object.append("master_bits", integer: edges.count(where: \.masterBit))
        object.append("sink", .bool(isSink(node)))
        object.append("hops_to_sink", .optional(hops(edges, node)) { .integer(Int64($0)) })
        object.append("address", .optional(node.radioAddress) { .text($0.description) })
        object.append("radio", text: radio.kind)
        object.append("adapter", text: radio.adapter)
        object.append("controller", text: radio.controller)
        object.append("radio_state", text: radio.state)
        object.append("version", text: Version.text)
        object.append("uptime_s", .seconds(now.microseconds(since: surroundings.startedAt)))
        object.append("history", .optional(surroundings.historyPath) { .text($0) })
        var counted = JSONObject()
        for counter in counters { counted.append(counter.name, .unsigned(counter.value)) }
        object.append("counters", .object(counted))
        return object
    }

    private static func expected(_ node: Node) -> UInt16? {
        node.stored.enrolledNodes > 0 ? node.stored.enrolledNodes : nil
    }

    private static func hops(_ edges: [LinkView], _ node: Node) -> Int16? {
        isSink(node) ? 0 : edges.map(\.hopsToSink).filter { $0 >= 0 }.min()
    }

    private static func isSink(_ node: Node) -> Bool { node.identity.deviceType == .sink }
}
