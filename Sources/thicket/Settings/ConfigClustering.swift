import ArgumentParser
import MeshControl
import MeshCore
import MeshWire

/// The clustering mode of the mesh.
struct ConfigClustering: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clustering",
        abstract: "Change how the clusters of the mesh form, or ask whether that can be done.",
        discussion: """
            With --check every node is asked whether it can graft. With a mode and a time every node is told to change to it \
            then; all must be able to and agree, else the change is withdrawn. Each node drops its links once. A node that is \
            away keeps its mode, is reported by its neighbours, and is changed by --local at its own daemon. \
            Exit codes: 0 done, 1 not all nodes can or agree, 3 daemon not reachable.

            Examples:
              thicket config clustering --check
              thicket config clustering graft --in 60
              thicket config clustering --cancel
            """
    )

    @Argument(help: "The mode to change to: classic or graft.", transform: OptionValue.named("clustering mode"))
    var mode: ClusteringMode?

    @Flag(help: "Only ask which nodes can graft.")
    var check = false

    @Option(help: ArgumentHelp("When to change, such as 2026-11-26T18:00:00Z, in network time.", valueName: "time"))
    var at: String?

    @Option(name: .customLong("in"), help: ArgumentHelp("In how many seconds to change.", valueName: "seconds"))
    var seconds: UInt32?

    @Flag(help: "Withdraw a change that was announced.")
    var cancel = false

    @Flag(help: "Change the node of this daemon alone, at once.")
    var local = false

    @Option(help: ArgumentHelp("How long to wait for the answers of all nodes.", valueName: "seconds"))
    var wait: UInt32 = 15

    @OptionGroup var live: LiveOptions

    func validate() throws {
        let times = [at != nil, seconds != nil, local].count { $0 }
        switch (mode, check, cancel) {
        case (nil, true, false), (nil, false, true):
            guard times == 0 else { throw ValidationError("a time is for a change to a mode") }
        case (.some, false, false):
            guard times == 1 else { throw ValidationError("give one of --at, --in and --local with a mode") }
        default: throw ValidationError("give a mode, --check or --cancel")
        }
        guard (1...3600).contains(wait) else { throw ValidationError("--wait is 1...3600 seconds") }
        if let at, UTCTime.seconds(at) == nil {
            throw ValidationError("'\(at)' is no time; write 2026-11-26T18:00:00Z or seconds since 1970")
        }
    }

    func run() throws {
        var mesh = try MeshDialogue(path: live.path)
        let status = try mesh.ask("status")
        let expected = ExpectedNodes(status)
        if local, let mode {
            try changeLocally(to: mode, status, &mesh)
        } else if let mode {
            // Before anybody is asked: whether there is a time at all, and enough of it.
            let time = try activation(status)
            try survey(expected, &mesh, isQuiet: true)
            try change(to: mode, at: time, expected, &mesh)
        } else if cancel {
            let vote = try ballot(ClusteringChange(mode: .none, at: 0), expected, &mesh)
            try tell(vote, "withdrawn", "\(vote.acceptedCount) of \(expected.count) \(expected.noun) keep their mode")
        } else {
            try survey(expected, &mesh, isQuiet: false)
        }
    }

    private var patience: Duration { .seconds(Int(wait)) }

    // MARK: - Asking

    /// Asks which nodes can graft; ends the command if not all can.
    private func survey(_ expected: ExpectedNodes, _ mesh: inout MeshDialogue, isQuiet: Bool) throws {
        var survey = GraftSurvey(expected: expected)
        try mesh.collect(GraftSurvey.request, for: patience) { message in
            survey.take(message)
            return survey.isDone
        }
        if !survey.passed || !isQuiet {
            let lines = live.json ? survey.objects().map(\.line) : survey.lines(waited: Int(wait))
            for line in lines { Console.line(line) }
        }
        guard survey.passed else { throw ExitStatus.degraded.code }
    }

    private func ballot(
        _ change: ClusteringChange,
        _ expected: ExpectedNodes,
        _ mesh: inout MeshDialogue
    ) throws -> ClusteringVote {
        var vote = ClusteringVote(expected: expected, handle: UInt8.random(in: 1...255))
        try mesh.collect(try vote.request(change), for: patience) { message in
            vote.take(message)
            return vote.isDone
        }
        return vote
    }

    // MARK: - Changing

    /// The network time of the change.
    private func activation(_ status: ControlAnswer) throws -> UInt32 {
        guard let now = UInt32(status.text("network_time")) else {
            Console.note("error: the mesh does not know the time; 'thicket time set' tells it")
            throw ExitStatus.degraded.code
        }
        let time = at.flatMap { UTCTime.seconds($0) } ?? now.addingReportingOverflow(seconds ?? 0).partialValue
        // Asking, announcing and, if need be, withdrawing take their time.
        let least = 3 * wait + 5
        guard time > now, time - now >= least else {
            let times = "three times --wait and 5; in the mesh it is \(UTCTime.text(now))"
            throw ValidationError("the change must be at least \(least) s ahead, \(times)")
        }
        return time
    }

    private func change(
        to mode: ClusteringMode,
        at time: UInt32,
        _ expected: ExpectedNodes,
        _ mesh: inout MeshDialogue
    ) throws {
        let vote = try ballot(ClusteringChange(mode: mode.onTheWire, at: time), expected, &mesh)
        if !vote.passed {
            // Also to those whose answer was lost.
            let end = try ballot(ClusteringChange(mode: .none, at: 0), expected, &mesh)
            if end.acceptedCount < expected.count {
                Console.note("warning: only \(end.acceptedCount) of \(expected.count) nodes confirm the withdrawal")
            }
        }
        try tell(
            vote,
            "change",
            vote.passed
                ? "all \(vote.acceptedCount) \(expected.noun) change to \(mode.rawValue) at \(UTCTime.text(time))"
                : "\(vote.acceptedCount) of \(expected.count) \(expected.noun) agree: withdrawn from all",
            at: time
        )
    }

    /// Says what came of it; ends the command if not all agree.
    private func tell(_ vote: ClusteringVote, _ kind: String, _ text: String, at time: UInt32? = nil) throws {
        if live.json {
            for object in vote.objects() { Console.line(object.line) }
            var object = JSONObject(kind: kind)
            object.append("clustering", .optional(mode) { .text($0.rawValue) })
            object.append("at", .optional(time) { .unsigned(UInt64($0)) })
            object.append("expected", integer: vote.expected.count)
            object.append("counted_by", text: vote.expected.word)
            object.append("accepted", integer: vote.acceptedCount)
            object.append("passed", .bool(vote.passed))
            Console.line(object.line)
        } else {
            for line in vote.refusals + [text] { Console.line(line) }
        }
        guard vote.passed else { throw ExitStatus.degraded.code }
    }

    private func changeLocally(to mode: ClusteringMode, _ status: ControlAnswer, _ mesh: inout MeshDialogue) throws {
        guard let node = UInt16(status.text("node")) else {
            throw ControlError("the daemon at \(live.path) does not tell its node; update it")
        }
        var one = ExpectedNodes(status)
        one.count = 1
        var vote = ClusteringVote(expected: one, handle: UInt8.random(in: 1...255))
        let change = ClusteringChange(mode: mode.onTheWire, at: 0)
        try mesh.collect(try vote.request(change, to: NodeID(node)), for: patience) { message in
            vote.take(message)
            return vote.isDone
        }
        let outcome = vote.passed ? "runs in \(mode.rawValue) now" : "did not change"
        try tell(vote, "change", "node \(node) \(outcome)")
    }
}

extension ClusteringMode {
    /// The mode in messages.
    fileprivate var onTheWire: ClusteringChange.Mode { self == .graft ? .graft : .classic }
}
