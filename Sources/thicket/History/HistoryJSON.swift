import MeshControl
import MeshHistory

/// A history as objects of the command line contract.
enum HistoryJSON {
    /// `history`, then one `history_partner` for each node at the other end of a link.
    static func summary(_ summary: HistorySummary, path: String) -> [JSONObject] {
        var object = JSONObject(kind: "history")
        object.append("file", text: path)
        object.append("node", .optional(summary.node) { .integer(Int64($0)) })
        object.append("network", .optional(summary.network) { .integer(Int64($0)) })
        object.append("from", text: HistoryText.time(summary.from))
        object.append("to", text: HistoryText.time(summary.to))
        object.append("up_s", seconds(summary.up))
        object.append("up_share", .optional(summary.upShare, JSONValue.number))
        object.append("boots", integer: summary.boots)
        object.append("boots_cut_off", integer: summary.cutOff)
        object.append("clock_jumps", integer: summary.jumps)
        object.append("losses", integer: summary.lost)
        object.append("reestablished", integer: summary.back)
        object.append("closed", integer: summary.closed)
        object.append("formations", integer: summary.formations)
        object.append("formed", integer: summary.formed)
        object.append("formed_s", Distribution.json(summary.formationSeconds))
        return [object] + summary.partners.map(partner)
    }

    private static func partner(_ partner: HistorySummary.Partner) -> JSONObject {
        var object = JSONObject(kind: "history_partner")
        object.append("partner", integer: partner.node)
        object.append("losses", integer: partner.lost)
        object.append("reestablished", integer: partner.back)
        object.append("closed", integer: partner.closed)
        object.append("reestablished_s", Distribution.json(partner.backAfter))
        var reasons = JSONObject()
        for reason in partner.reasons { reasons.append(reason.name, integer: reason.count) }
        object.append("reasons", .object(reasons))
        return object
    }

    /// One object for each row.
    static func objects(_ part: HistoryPart, _ contents: HistoryReader.Contents) -> [JSONObject] {
        let jumps = part == .days ? [] : contents.jumps.map(jump)
        let rows: [JSONObject] =
            switch part {
            case .losses: contents.losses.map(loss)
            case .formations: contents.formations.map(formation)
            case .boots: contents.boots.map(boot)
            case .clusters: contents.clusters.map(cluster)
            case .days: contents.days.map(day)
            }
        return rows + jumps
    }

    private static func object(_ kind: String, _ boot: Int64, _ time: RecordedTime) -> JSONObject {
        var object = JSONObject(kind: kind)
        object.append("boot", integer: boot)
        object.append("at", text: HistoryText.time(time.at))
        object.append("clock_correction_s", seconds(time.correction))
        object.append("uptime_s", seconds(time.uptime))
        return object
    }

    private static func loss(_ row: LossRow) -> JSONObject {
        var object = object("history_loss", row.boot, row.time)
        object.append("partner", integer: row.partner)
        object.append("reason", text: row.reason)
        object.append("wanted", .bool(row.isWanted))
        object.append("age_s", seconds(row.age))
        object.append("outcome", .optional(row.outcome) { .text($0) })
        object.append("after_s", .optional(row.after, seconds))
        return object
    }

    private static func formation(_ row: FormationRow) -> JSONObject {
        var object = object("history_formation", row.boot, row.time)
        object.append("cause", text: row.cause)
        object.append("duration_s", seconds(row.duration))
        object.append("cluster_size", integer: row.size)
        object.append("expected_size", .optional(row.expected) { .integer(Int64($0)) })
        object.append("outcome", text: row.outcome)
        return object
    }

    private static func boot(_ row: BootRow) -> JSONObject {
        var object = object("history_boot", row.boot, row.began)
        object.append("last", text: HistoryText.time(row.last))
        object.append("up_s", seconds(row.up))
        object.append("end", text: row.end.rawValue)
        object.append("boot_reason", integer: row.reason)
        object.append("version", text: row.version)
        object.append("node", integer: row.node)
        object.append("network", integer: row.network)
        return object
    }

    private static func cluster(_ row: ClusterRow) -> JSONObject {
        var object = object("history_cluster", row.boot, row.time)
        object.append("cluster", integer: row.cluster)
        object.append("cluster_size", integer: row.size)
        return object
    }

    private static func jump(_ row: JumpRow) -> JSONObject {
        var object = object("history_clock_jump", row.boot, row.time)
        object.append("by_s", seconds(row.by))
        return object
    }

    private static func day(_ row: DayRow) -> JSONObject {
        var object = JSONObject(kind: "history_day")
        object.append("day", text: HistoryText.day(row.day))
        object.append("up_s", seconds(row.up))
        object.append("links_made", integer: row.links)
        object.append("losses", integer: row.losses)
        object.append("reestablished", integer: row.reestablished)
        object.append("closed", integer: row.closed)
        object.append("formations", integer: row.formations)
        return object
    }

    /// Milliseconds in seconds, which may be negative.
    private static func seconds(_ milliseconds: Int64) -> JSONValue { .number(Double(milliseconds) / 1000) }
}
