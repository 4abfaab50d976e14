import ArgumentParser
import MeshControl
import MeshWire

/// Whether nodes answer, how fast, and over which path.
struct Ping: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Ask a node for a sign of life: hops, round trip, loss.",
        discussion: """
            Every node answers, of whatever make. Examples:
              thicket ping 7
              thicket ping 7 -c 20 -i 0.2 -R
              thicket ping all
              thicket ping sink --watch
            Times are those of the node's clock, from handing over the ping to getting the answer. Exit codes: 0 answered, \
            1 nobody answered, 3 daemon not reachable, 64 usage.
            """
    )

    @Argument(
        help: "A node, a group, 'sink' or 'all'; of many, all that answer are shown.",
        transform: OptionValue.meshTarget
    )
    var target: MeshTarget

    @Option(
        name: [.customShort("c"), .long],
        help: "How many pings.",
        transform: OptionValue.whole("number of pings", 1...100_000)
    )
    var count: Int?

    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp("Time between two pings.", valueName: "seconds"),
        transform: OptionValue.seconds(0.05...3600)
    )
    var interval: Double = 1

    @Flag(
        name: [.customShort("R"), .customLong("route")],
        help: "Show the path; of many, ask each node for its links."
    )
    var route = false

    @Option(
        help: ArgumentHelp("How long to wait for an answer.", valueName: "seconds"),
        transform: OptionValue.seconds(0.1...60)
    )
    var wait: Double = 3

    @Flag(help: "Go on until Ctrl-C; then there is a summary, too.")
    var watch = false

    @OptionGroup var live: LiveOptions

    /// Pings unless somebody says how many.
    private static let usualCount = 5

    func validate() throws {
        if watch, count != nil { throw ValidationError("--count and --watch contradict each other") }
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
        var paths = PathSearch(from: own, to: node)
        if target.isOneNode {
            paths = try mesh.path(from: own, to: node)
        } else if route {
            paths = try mesh.paths(from: own, size: size)
        }
        let report = PingReport(target: target, node: node, paths: paths, route: route, wait: wait, json: live.json)
        report.begin()
        let answersMax = target.isOneNode ? 1 : node == .broadcast ? size : nil
        var run = PingRun(to: node, answersMax: answersMax)
        try exchange(&run, report, &mesh, own: own)
        report.end(run)
        guard run.nodes.isEmpty else { return }
        if target.isOneNode, !Interrupt.isRequested { Console.note(try mesh.explainSilence(of: node)) }
        throw ExitStatus.degraded.code
    }

    private func exchange(
        _ run: inout PingRun,
        _ report: PingReport,
        _ mesh: inout MeshDialogue,
        own: NodeID
    ) throws {
        let count = watch ? Int.max : self.count ?? Self.usualCount
        var nextAt = ContinuousClock.now
        while !Interrupt.isRequested {
            let now = ContinuousClock.now
            for sequence in run.expire(at: now) where target.isOneNode { report.lost(sequence) }
            if run.sent < count, now >= nextAt {
                let handle = mesh.handles.next()
                let at = try mesh.send(run.message(handle: handle))
                run.sent(handle: handle, at: at, deadline: .now + .seconds(wait))
                nextAt = max(nextAt + .seconds(interval), now)
            }
            let deadlines = [run.sent < count ? nextAt : nil, run.nextDeadline].compactMap { $0 }
            guard let deadline = deadlines.min() else { return }
            guard let delivery = try mesh.next(before: deadline) else { continue }
            // That the own node is there needs no asking.
            let answer = run.take(delivery.message, at: delivery.at)
            if let answer, target.isOneNode || answer.node != own { report.answered(answer) }
        }
    }
}
