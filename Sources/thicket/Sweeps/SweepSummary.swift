import MeshControl

/// What came out of all seeds of a sweep so far.
struct SweepSummary {
    /// Which goal the rows had; nil is formation, else the name of the event to recover from.
    var event: String?
    private(set) var rows: [SweepRow] = []
    private var simulatedSeconds = 0.0

    /// Nothing so far.
    init(event: String?) {
        self.event = event
    }

    mutating func add(_ row: SweepRow) {
        rows.append(row)
        simulatedSeconds += Double(row.simulatedMicroseconds) / 1e6
    }

    /// Takes simulated time that rows do not tell.
    mutating func add(simulatedSeconds seconds: Double) { simulatedSeconds += seconds }

    /// Rows that reached the goal.
    var reached: Int { rows.count { $0.reachedMicroseconds != nil } }

    /// Whether all rows reached the goal.
    var isGood: Bool { reached == rows.count }

    private func distribution(_ figure: (SweepRow) -> Double?) -> Distribution? {
        Distribution(rows.filter { $0.reachedMicroseconds != nil }.compactMap(figure))
    }

    private var times: Distribution? { distribution { $0.reachedMicroseconds.map { Double($0) / 1e6 } } }
    private var links: Distribution? { distribution { Double($0.linksMade) } }
    private var diameters: Distribution? { distribution { $0.treeDiameterHops.map(Double.init) } }

    private func speed(wallSeconds: Double) -> Double {
        wallSeconds > 0 ? simulatedSeconds / wallSeconds : 0
    }

    /// The `summary` object of the contract.
    ///
    /// - Parameters:
    ///   - wallSeconds: time the sweep took.
    ///   - interrupted: whether it was ended early.
    /// - Returns: the object.
    func json(wallSeconds: Double, interrupted: Bool) -> JSONObject {
        var object = JSONObject(kind: "summary")
        object.append("runs", integer: rows.count)
        if let event {
            object.append("event", text: event)
            object.append("recovered", integer: reached)
            object.append("recovery_s", Distribution.json(times))
            let changed = rows.count {
                if case .recovered(_, _, clusterChanged: true) = $0.outcome { true } else { false }
            }
            object.append("cluster_changed", integer: changed)
        } else {
            object.append("formed", integer: reached)
            object.append("formed_s", Distribution.json(times))
        }
        object.append("links_made", Distribution.json(links))
        object.append("tree_diameter_hops", Distribution.json(diameters))
        object.append("wall_s", .number(wallSeconds))
        object.append("sim_s_per_wall_s", .number(speed(wallSeconds: wallSeconds)))
        if interrupted { object.append("interrupted", true) }
        return object
    }

    /// The summary for people.
    func text(wallSeconds: Double, interrupted: Bool) -> [String] {
        let goal = event == nil ? "formed" : "recovered"
        var lines = ["\(reached) of \(rows.count) runs \(goal)" + (interrupted ? ", interrupted" : "")]
        let table = [("seconds", times, 2), ("link set-ups", links, 0), ("hops across", diameters, 0)]
        if times != nil {
            let titles = ["median", "p10", "p90", "min", "max", "mean"].map { DecimalText.right($0, 9) }
            lines.append(DecimalText.left("", 13) + titles.joined())
        }
        for case (let title, let figures?, let decimals) in table {
            let columns = [figures.median, figures.p10, figures.p90, figures.min, figures.max, figures.mean]
            lines.append(
                DecimalText.left(title, 13)
                    + columns.map { DecimalText.right(DecimalText.fixed($0, decimals), 9) }.joined()
            )
        }
        let speed = DecimalText.fixed(speed(wallSeconds: wallSeconds), 0)
        lines.append("\(DecimalText.fixed(wallSeconds, 1)) s, \(speed) simulated seconds per second")
        return lines
    }
}
