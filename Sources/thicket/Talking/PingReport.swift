import MeshControl
import MeshWire

/// What `thicket ping` shows.
struct PingReport {
    let target: MeshTarget
    /// The node, if it is one.
    let node: NodeID
    let paths: PathSearch
    let route: Bool
    let wait: Double
    let json: Bool

    /// The first line.
    func begin() {
        guard !json else { return }
        guard target.isOneNode else { return Console.line("pinging \(target.name)") }
        for line in Self.heading(node, paths.path, route: route) { Console.line(line) }
    }

    /// A node and how far it is, for people.
    static func heading(_ node: NodeID, _ path: [NodeID]?, route: Bool) -> [String] {
        guard let path else { return ["node \(node), path not known"] }
        let hops = path.count - 1
        let text = "node \(node), \(hops) hop\(hops == 1 ? "" : "s")"
        guard route else { return [text] }
        return FoldedText.lines(text + ": " + path.map(\.description).joined(separator: " "), indent: 4)
    }

    /// An answer came.
    func answered(_ answer: PingRun.Answer) {
        if json {
            Console.line(object(answer.sequence, answer.node, answer.roundTrip).line)
        } else {
            let time = DecimalText.right(Self.milliseconds(Double(answer.roundTrip)), 9)
            let who = target.isOneNode ? "" : "node \(DecimalText.left("\(answer.node)", 5)) "
            Console.line("\(DecimalText.right("\(answer.sequence)", 4))  \(who)\(time) ms")
        }
    }

    /// No answer came in time.
    func lost(_ sequence: Int) {
        if json {
            Console.line(object(sequence, node, nil).line)
        } else {
            let limit = DecimalText.decimals(wait, atMost: 3)
            Console.line("\(DecimalText.right("\(sequence)", 4))  no answer within \(limit) s")
        }
    }

    private func object(_ sequence: Int, _ node: NodeID, _ roundTrip: UInt64?) -> JSONObject {
        var object = JSONObject(kind: "ping")
        object.append("node", integer: node.rawValue)
        object.append("sequence", integer: sequence)
        object.append("rtt_s", .optional(roundTrip) { .seconds($0) })
        appendPath(to: node, &object)
        return object
    }

    private func appendPath(to node: NodeID, _ object: inout JSONObject) {
        let path = paths.path(to: node)
        object.append("hops", .optional(path) { .integer(Int64($0.count - 1)) })
        guard route else { return }
        object.append("path", .optional(path) { .list($0.map { .unsigned(UInt64($0.rawValue)) }) })
    }

    // MARK: - Summary

    /// The last lines.
    func end(_ run: PingRun) {
        let results = target.isOneNode ? [(node, run.result)] : run.results.filter { $0.node != paths.source }
        if json {
            for (node, trips) in results {
                var object = JSONObject(kind: "summary")
                object.append("node", integer: node.rawValue)
                appendPath(to: node, &object)
                object.append(contentsOf: Self.figures(trips))
                Console.line(object.line)
            }
        } else if target.isOneNode {
            for line in Self.lines(run.result) { Console.line(line) }
        } else {
            for line in table(results) { Console.line(line) }
            Console.line("\(run.sent) sent, \(results.count) node\(results.count == 1 ? " answers" : "s answer")")
        }
    }

    /// The counts and times for programs.
    static func figures(_ trips: RoundTrips) -> JSONObject {
        [
            "sent": .integer(Int64(trips.sent)), "received": .integer(Int64(trips.received)),
            "lost": .integer(Int64(trips.lost)), "loss_percent": .number(trips.lossPercent),
            "duplicates": .integer(Int64(trips.duplicates)), "rtt_s": .object(times(trips)),
        ]
    }

    /// The times for programs, in seconds; null if nothing came.
    static func times(_ trips: RoundTrips) -> JSONObject {
        [
            "min": .optional(trips.least) { .seconds($0) },
            "median": .optional(trips.percentile(50)) { .number($0 / 1e6) },
            "p95": .optional(trips.percentile(95)) { .number($0 / 1e6) },
            "max": .optional(trips.greatest) { .seconds($0) },
        ]
    }

    /// What came of pings to one node, for people.
    static func lines(_ trips: RoundTrips) -> [String] {
        let loss = DecimalText.decimals(trips.lossPercent, atMost: 1)
        let twice = trips.duplicates > 0 ? ", \(trips.duplicates) came twice" : ""
        let counts = "\(trips.sent) sent, \(trips.received) answered, \(loss) % lost\(twice)"
        let times = zip(["min", "median", "p95", "max"], columns(trips)).map { "\($0) \($1)" }.joined(separator: "  ")
        return trips.received == 0 ? [counts] : [counts, "round trip in ms: \(times)"]
    }

    private static func columns(_ trips: RoundTrips) -> [String] {
        let times = [
            trips.least.map { Double($0) }, trips.percentile(50), trips.percentile(95),
            trips.greatest.map { Double($0) },
        ]
        return times.map { $0.map(milliseconds) ?? "-" }
    }

    private func table(_ results: [(node: NodeID, trips: RoundTrips)]) -> [String] {
        var lines = [" node  hops  answered  % lost    min ms  median ms    p95 ms    max ms"]
        for (node, trips) in results {
            let path = paths.path(to: node)
            var line = DecimalText.right("\(node)", 5)
            line += DecimalText.right(path.map { "\($0.count - 1)" } ?? "-", 6)
            line += DecimalText.right("\(trips.received)", 10)
            line += DecimalText.right(DecimalText.decimals(trips.lossPercent, atMost: 1), 8)
            for (text, width) in zip(Self.columns(trips), [10, 11, 10, 10]) { line += DecimalText.right(text, width) }
            lines.append(line)
            guard route, let path else { continue }
            lines += FoldedText.lines("path: " + path.map(\.description).joined(separator: " "), indent: 6)
        }
        return lines
    }

    /// Microseconds in milliseconds for people.
    static func milliseconds(_ microseconds: Double) -> String { DecimalText.fixed(microseconds / 1000, 1) }
}
