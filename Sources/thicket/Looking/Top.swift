import ArgumentParser
import Glibc
import MeshControl

/// A node as it goes, on the whole screen.
struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch the node: health, cluster, rates and queues of its links, latest events.",
        discussion: """
            On a terminal the screen is redrawn until Ctrl-C; into a pipe each look is printed below the last. With --json each \
            look is one object of kind 'top'.

            Examples:
              thicket top
              thicket top --json --interval 10
            """
    )

    @OptionGroup var live: LiveOptions

    @Option(help: ArgumentHelp("Seconds between two looks, 0.1...60.", valueName: "SECONDS"))
    var interval = 1.0

    @Option(name: .customShort("n"), help: ArgumentHelp("End after so many looks.", valueName: "COUNT"))
    var looks: Int?

    func validate() throws {
        guard (0.1...60).contains(interval) else { throw ValidationError("--interval is 0.1...60 seconds") }
        if let looks, looks < 1 { throw ValidationError("-n is at least 1") }
    }

    func run() throws {
        Interrupt.watch()
        var events = EventTail(try ControlClient(path: live.path))
        try events.begin()
        var screen = Screen()
        var last: NodeLook?
        var count = 0
        while !Interrupt.isRequested {
            var look = NodeLook(previous: last)
            try live.ask("status") { look.status = $0 }
            try live.ask("links") { look.links.append($0) }
            look.events = events.latest
            show(look, on: &screen)
            count += 1
            if count == looks { return }
            last = look
            try events.collect(for: interval)
        }
    }

    private func show(_ look: NodeLook, on screen: inout Screen) {
        if live.json { return Console.line(look.object.line) }
        guard let terminal = TerminalTraits.current() else {
            for line in look.lines { Console.line(line.plain) }
            return Console.line("")
        }
        Console.text(screen.update(look.lines, for: terminal))
    }
}

/// The latest events of a node.
private struct EventTail: ~Copyable {
    private static let kept = 8

    private var client: ControlClient
    private(set) var latest: [String] = []

    init(_ client: consuming ControlClient) { self.client = client }

    mutating func begin() throws {
        try client.send(["request": "monitor"])
    }

    /// Takes events for so many seconds, or until Ctrl-C.
    mutating func collect(for seconds: Double) throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end, !Interrupt.isRequested {
            guard let event = try client.nextAnswer(before: end), let line = Monitor.line(event) else { continue }
            latest = latest.suffix(Self.kept - 1) + [line]
        }
    }
}

/// One look at a node.
struct NodeLook {
    var status: ControlAnswer?
    var links: [ControlAnswer] = []
    var events: [String] = []
    private let at = ContinuousClock.now
    private let sentBefore: [String: Int]
    private let before: ContinuousClock.Instant?

    init(previous: NodeLook?) {
        sentBefore = previous.map { Dictionary($0.links.map { ($0.text("link"), $0.count("sent")) }) { $1 } } ?? [:]
        before = previous?.at
    }

    /// Packets a second that went over a link since the look before; nil at first, and where a counter began anew.
    private func rate(_ link: ControlAnswer) -> Double? {
        guard let before, let old = sentBefore[link.text("link")], link.count("sent") >= old else { return nil }
        return Double(link.count("sent") - old) / ((at - before) / .seconds(1))
    }

    /// For people.
    var lines: [StyledLine] {
        guard let status else { return [] }
        let health = status.text("health")
        var heading = StyledLine("node \(status.text("node"))  ", .bold)
        heading.add(health, health == "good" ? .good : .bad)
        heading.add("  \(status.text("reason"))")
        var lines = [heading]
        lines.append(
            StyledLine(
                "cluster \(status.text("cluster")), \(status.text("cluster_size")) nodes, up \(status.text("uptime_s")) s, "
                    + "radio \(status.text("radio_state"))"
            )
        )
        lines.append("")
        lines.append(
            StyledLine(Self.row("link", "partner", "role", "state", "dBm", "behind", "sent/s", "queued", "lost"), .bold)
        )
        for link in links {
            lines.append(
                StyledLine(
                    Self.row(
                        link.text("link"),
                        link.text("partner"),
                        link.text("role"),
                        link.text("state"),
                        link.text("rssi_dbm"),
                        link.text("nodes_behind"),
                        rate(link).map { DecimalText.decimals($0, atMost: 1) } ?? "-",
                        link.text("queued_bytes"),
                        link.text("dropped")
                    )
                )
            )
        }
        if links.isEmpty { lines.append(StyledLine("no links", .dim)) }
        lines.append("")
        return lines + events.map { StyledLine($0, .dim) }
    }

    private static func row(_ cells: String...) -> String {
        let widths = [5, 7, 10, 15, 5, 7, 8, 7, 5]
        return zip(cells, widths).map { DecimalText.left($0, $1) }.joined(separator: " ")
    }

    /// For programs.
    var object: JSONObject {
        var object = JSONObject(kind: "top")
        for key in ["health", "reason"] { object.append(key, text: status?.text(key) ?? "") }
        for key in ["node", "cluster", "cluster_size"] { object.append(key, integer: status?.count(key) ?? 0) }
        object.append(
            "links",
            .list(
                links.map { link in
                    .object([
                        "link": .integer(Int64(link.count("link"))), "partner": .integer(Int64(link.count("partner"))),
                        "sent_per_s": .optional(rate(link)) { .number($0) },
                        "queued_bytes": .integer(Int64(link.count("queued_bytes"))),
                        "dropped": .integer(Int64(link.count("dropped"))),
                    ])
                }
            )
        )
        return object
    }
}

extension ControlAnswer {
    /// A whole number, 0 if there is none.
    fileprivate func count(_ key: String) -> Int { Int(text(key)) ?? 0 }
}
