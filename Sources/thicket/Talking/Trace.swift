import ArgumentParser
import MeshControl
import MeshWire

/// The way to a node, hop by hop.
struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show the path to a node: round trip, signal and queues of every hop.",
        discussion: """
            Every node on the path is pinged three times and asked for its links. Example:
              thicket trace 7
            'dBm' is how the node hears the one before it, 'back' how that one hears it; 'queue' is what waits at the one \
            before to be sent to it, with its own way back behind. Exit codes: 0 all hops answered, 1 no path found or a hop \
            did not answer, 3 daemon not reachable, 64 usage.
            """
    )

    @Argument(help: "A node or 'sink'.", transform: OptionValue.oneNode)
    var target: MeshTarget

    @OptionGroup var live: LiveOptions

    /// Pings to each node; the median counts.
    private static let pings = 3

    /// A node on the path and the link that leads to it.
    struct Hop {
        var number: Int
        var node: NodeID
        /// Median in microseconds, from the own node and back; nil if the node does not answer.
        var roundTrip: Double?
        /// The link as reported by the node before; nil for the own node and if it did not report.
        var out: LinkEnd?
        /// The same link as reported by the node itself.
        var back: LinkEnd?
    }

    func run() throws {
        Interrupt.watch()
        var mesh = try MeshDialogue(path: live.path)
        let own = try mesh.ownNode()
        guard let node = try mesh.node(of: target) else {
            Console.note("no sink answers")
            throw ExitStatus.degraded.code
        }
        var search = try mesh.path(from: own, to: node)
        guard let path = search.path else {
            if !Interrupt.isRequested { Console.note("no path found: \(try mesh.explainSilence(of: node))") }
            throw ExitStatus.degraded.code
        }
        for node in path where search.reports[node] == nil && !Interrupt.isRequested {
            if let links = try mesh.links(of: node) { search.take(links, of: node) }
        }
        if !live.json {
            for line in PingReport.heading(node, path, route: true) + [Self.titles] { Console.line(line) }
        }
        var isWhole = true
        for (number, node) in path.enumerated().dropFirst() where !Interrupt.isRequested {
            let before = path[number - 1]
            let hop = Hop(
                number: number,
                node: node,
                roundTrip: try roundTrip(to: node, &mesh),
                out: search.link(from: before, to: node),
                back: search.link(from: node, to: before)
            )
            if hop.roundTrip == nil { isWhole = false }
            Console.line(live.json ? Self.object(hop).line : Self.line(hop))
        }
        if live.json { Console.line(Self.object(node, path, isWhole: isWhole && !Interrupt.isRequested).line) }
        guard isWhole, !Interrupt.isRequested else { throw ExitStatus.degraded.code }
    }

    private func roundTrip(to node: NodeID, _ mesh: inout MeshDialogue) throws -> Double? {
        var run = PingRun(to: node, answersMax: 1)
        for _ in 0..<Self.pings {
            let handle = mesh.handles.next()
            let deadline = ContinuousClock.now + .seconds(3)
            run.sent(handle: handle, at: try mesh.send(run.message(handle: handle)), deadline: deadline)
            while let delivery = try mesh.next(before: deadline) {
                if run.take(delivery.message, at: delivery.at) != nil { break }
            }
        }
        return run.result.percentile(50)
    }

    // MARK: - Output

    static let titles = "  hop  node     rtt ms   dBm  back  queue  back  dropped  back"

    /// A hop for people.
    static func line(_ hop: Hop) -> String {
        func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "-" }
        let columns = [
            ("\(hop.number)", 5), ("\(hop.node)", 6), (hop.roundTrip.map(PingReport.milliseconds) ?? "-", 11),
            (number(hop.back?.rssi), 6), (number(hop.out?.rssi), 6), (number(hop.out?.queue), 7),
            (number(hop.back?.queue), 6), (number(hop.out?.dropped), 9), (number(hop.back?.dropped), 6),
        ]
        return columns.map { DecimalText.right($0.0, $0.1) }.joined()
    }

    /// A hop for programs.
    static func object(_ hop: Hop) -> JSONObject {
        var object = JSONObject(kind: "hop")
        object.append("hop", integer: hop.number)
        object.append("node", integer: hop.node.rawValue)
        object.append("rtt_s", .optional(hop.roundTrip) { .number($0 / 1e6) })
        object.append("rssi_dbm", .optional(hop.back) { .integer(Int64($0.rssi)) })
        object.append("rssi_back_dbm", .optional(hop.out) { .integer(Int64($0.rssi)) })
        object.append("queue", .optional(hop.out) { .unsigned(UInt64($0.queue)) })
        object.append("queue_back", .optional(hop.back) { .unsigned(UInt64($0.queue)) })
        object.append("dropped", .optional(hop.out) { .unsigned(UInt64($0.dropped)) })
        object.append("dropped_back", .optional(hop.back) { .unsigned(UInt64($0.dropped)) })
        return object
    }

    private static func object(_ node: NodeID, _ path: [NodeID], isWhole: Bool) -> JSONObject {
        var object = JSONObject(kind: "path")
        object.append("node", integer: node.rawValue)
        object.append("hops", integer: path.count - 1)
        object.append("path", .list(path.map { .unsigned(UInt64($0.rawValue)) }))
        object.append("answered", .bool(isWhole))
        return object
    }
}
