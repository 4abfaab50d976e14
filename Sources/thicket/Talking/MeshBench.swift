import ArgumentParser
import MeshControl
import MeshWire

/// How much gets through to a node.
struct MeshBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the throughput to a node, for a bounded time.",
        discussion: """
            Messages of 200 bytes that the node confirms one by one, at most 8 on their way at a time, so that no queue on the \
            way is overrun. Examples:
              thicket bench 7
              thicket bench 7 --bytes 20000
            It loads the mesh: unless the node is a neighbour, every message visits every node of the cluster. \
            Exit codes: 0 measured, 1 nothing got through, 3 daemon not reachable, 64 usage.
            """
    )

    @Argument(help: "A node or 'sink'.", transform: OptionValue.oneNode)
    var target: MeshTarget

    @Option(
        help: ArgumentHelp("How long to send; 10 unless --bytes is given.", valueName: "seconds"),
        transform: OptionValue.seconds(0.1...600)
    )
    var seconds: Double?

    @Option(
        help: ArgumentHelp("How much to send, within 600 s.", valueName: "bytes"),
        transform: OptionValue.whole("number of bytes", 1...10_000_000)
    )
    var bytes: Int?

    @OptionGroup var live: LiveOptions

    /// How long a message may take before it counts as lost.
    private static let patience: Duration = .seconds(5)

    func validate() throws {
        if seconds != nil, bytes != nil { throw ValidationError("give --seconds or --bytes, not both") }
    }

    func run() throws {
        Interrupt.watch()
        var mesh = try MeshDialogue(path: live.path)
        let own = try mesh.ownNode()
        let size = try mesh.clusterSize()
        guard let node = try mesh.node(of: target) else {
            Console.note("no sink answers")
            throw ExitStatus.degraded.code
        }
        let path = try mesh.path(from: own, to: node).path
        // Only a neighbour is sent to directly; everybody else is found by flooding.
        let links = path.map { $0.count <= 2 ? $0.count - 1 : size - 1 } ?? size - 1
        if !live.json {
            for line in PingReport.heading(node, path, route: false) { Console.line(line) }
            Console.line("every message goes over \(links) link\(links == 1 ? "" : "s") of the mesh")
        }
        var run = ThroughputRun(to: node)
        try measure(&run, &mesh)
        report(run, path, links)
        guard run.trips.received > 0 else {
            if !Interrupt.isRequested { Console.note(try mesh.explainSilence(of: node)) }
            throw ExitStatus.degraded.code
        }
    }

    private func measure(_ run: inout ThroughputRun, _ mesh: inout MeshDialogue) throws {
        let count = bytes.map { ($0 + ThroughputRun.messageBytes - 1) / ThroughputRun.messageBytes } ?? Int.max
        let begin = ContinuousClock.now
        let end = begin + .seconds(seconds ?? (bytes == nil ? 10 : 600))
        while !Interrupt.isRequested {
            let now = ContinuousClock.now
            run.expire(at: now)
            let mayGo = run.trips.sent < count && now < end
            if !mayGo, run.isQuiet { break }
            if mayGo, run.hasRoom {
                let handle = mesh.handles.next()
                let at = try mesh.send(bytes: try run.message(handle: handle))
                run.sent(handle: handle, at: at, deadline: .now + Self.patience)
            }
            // What has come is taken without waiting as long as there is room for more.
            let wake = mayGo && run.hasRoom ? now : min(run.nextDeadline ?? end, mayGo ? end : .now + Self.patience)
            guard let delivery = try mesh.next(before: wake) else { continue }
            run.take(delivery.message, at: delivery.at)
            Console.progress("\(run.trips.received) messages, \(run.lost) lost", besideJSON: live.json)
        }
        Console.progress("", besideJSON: live.json)
    }

    private func report(_ run: ThroughputRun, _ path: [NodeID]?, _ links: Int) {
        guard live.json else {
            for line in Self.lines(run) { Console.line(line) }
            return
        }
        var object = JSONObject(kind: "throughput")
        object.append("node", integer: run.target.rawValue)
        object.append("hops", .optional(path) { .integer(Int64($0.count - 1)) })
        object.append("links_loaded", integer: links)
        object.append("duration_s", .seconds(run.duration))
        object.append("messages", integer: run.trips.received)
        object.append("bytes", integer: run.confirmedBytes)
        object.append("lost", integer: run.lost)
        object.append("messages_per_s", .number(run.messagesPerSecond))
        object.append("bit_per_s", .number(run.bitsPerSecond))
        object.append("rtt_s", .object(PingReport.times(run.trips)))
        Console.line(object.line)
    }

    /// The result for people.
    static func lines(_ run: ThroughputRun) -> [String] {
        let seconds = DecimalText.fixed(Double(run.duration) / 1e6, 1)
        let messages = "\(run.confirmedBytes) bytes in \(run.trips.received) messages"
        let sent = "\(messages) arrived in \(seconds) s, \(run.lost) lost"
        guard run.trips.received > 0 else { return [sent] }
        let bits = DecimalText.fixed(run.bitsPerSecond, 0)
        let rate = DecimalText.fixed(run.messagesPerSecond, 1)
        return [sent, "\(bits) bit/s, \(rate) messages/s", PingReport.lines(run.trips)[1]]
    }
}
