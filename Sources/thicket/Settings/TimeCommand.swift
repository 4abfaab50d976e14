import ArgumentParser
import Glibc
import MeshControl
import MeshWire

/// The time of the mesh.
struct TimeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time",
        abstract: "Show the time of every node, or set that of the mesh.",
        subcommands: [TimeGet.self, TimeSet.self],
        defaultSubcommand: TimeGet.self
    )
}

/// The time as every node knows it.
struct TimeGet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show the time of every node, and how far it is from this machine's clock.",
        discussion: """
            Nodes tell whole seconds, and their answers take a while: an offset of one second means nothing.

            Exit codes: 0 all nodes know the time, 1 some do not, or did not answer, 3 daemon not reachable.

            Example: thicket time get --wait 10
            """
    )

    @Option(help: ArgumentHelp("How long to wait for the answers of all nodes.", valueName: "SECONDS"))
    var wait = 5.0

    @OptionGroup var live: LiveOptions

    func validate() throws {
        guard (0.1...3600).contains(wait) else { throw ValidationError("--wait is 0.1...3600 seconds") }
    }

    func run() throws {
        var mesh = try MeshDialogue(path: live.path)
        var survey = TimeSurvey(expected: ExpectedNodes(try mesh.ask("status")))
        try mesh.collect(TimeSurvey.request, for: .seconds(wait)) { message in
            survey.take(message, clock: UTCTime.now)
            return survey.isDone
        }
        let lines = live.json ? survey.objects.map(\.line) : survey.lines
        for line in lines { Console.line(line) }
        guard survey.passed else { throw ExitStatus.degraded.code }
    }
}

/// Tells the mesh what time it is.
struct TimeSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Tell the mesh the time of this machine's clock.",
        discussion: """
            It goes from node to node, a few seconds for each.

            Example: thicket time set --offset 60
            """
    )

    @Option(
        help: ArgumentHelp(
            "Minutes from the time of the mesh to local time; without it, that of this machine.",
            valueName: "MINUTES"
        )
    )
    var offset: Int16?

    @OptionGroup var live: LiveOptions

    func run() throws {
        let now = UTCTime.now
        let offset = offset ?? UTCTime.localOffsetMinutes(at: now)
        try live.ask(
            "set_time",
            ["seconds": .unsigned(UInt64(now)), "offset_min": .integer(Int64(offset))]
        ) { _ in }
        if live.json {
            var object = JSONObject(kind: "time")
            object.append("network_time", integer: now)
            object.append("local_offset_min", integer: offset)
            Console.line(object.line)
        } else {
            Console.line("the time is \(UTCTime.text(now)), local time \(UTCTime.offsetText(offset)) of it")
        }
    }
}
