import ByteCoding
package import MeshCore
import MeshWire
package import RadioPort

/// A `link` object of the control socket.
package enum LinkReport {
    /// Builds it.
    package static func object(_ link: LinkView, _ now: Instant) -> JSONObject {
        var object = JSONObject(kind: "link")
        object.append("link", integer: link.link.rawValue)
        object.append("purpose", text: "\(link.kind)")
        object.append("role", text: RoleName(link.role).rawValue)
        object.append("state", text: "\(link.state)")
        object.append("partner", .optional(partner(link)) { .unsigned(UInt64($0.rawValue)) })
        object.append("address", text: link.address.description)
        object.append("rssi_dbm", .optional(link.rssi) { .integer(Int64($0)) })
        object.append("master_bit", .bool(link.masterBit))
        object.append("relation", .optional(link.relation) { .text("\($0)") })
        object.append("nodes_behind", integer: link.connectedSize)
        object.append("hops_to_sink", .optional(link.hopsToSink >= 0 ? link.hopsToSink : nil) { .integer(Int64($0)) })
        object.append("protection", text: "\(link.protection)")
        object.append("age_s", .optional(link.since) { .seconds(now.microseconds(since: $0)) })
        object.append("sent", .unsigned(UInt64(link.sent)))
        object.append("dropped", .unsigned(UInt64(link.dropped)))
        object.append("queued_bytes", integer: link.queuedBytes)
        return object
    }

    private static func partner(_ link: LinkView) -> NodeID? { link.partner.rawValue > 0 ? link.partner : nil }
}
