import ArgumentParser
import Glibc
import MeshControl

/// How a survey of the mesh is made.
struct SurveyOptions: ParsableArguments {
    @Option(
        name: .customLong("max-age"),
        help: ArgumentHelp(
            "Ask nodes again whose answer is older; by default a minute, longer in big meshes.",
            valueName: "seconds"
        )
    )
    var maxAge: Double?

    @Option(help: ArgumentHelp("How long to gather before what is known is shown.", valueName: "seconds"))
    var wait: Double = 60

    @Flag(help: "Show it again whenever it changes, until Ctrl-C.")
    var watch = false

    func validate() throws {
        let range = 0...SurveyRequest.secondsMax
        guard range.contains(wait), range.contains(maxAge ?? 0) else {
            throw ValidationError("--wait and --max-age are 0...86400 seconds")
        }
    }

    /// Asks the daemon, and tells on standard error how far it is.
    func survey(_ live: LiveOptions, hearing: Bool = false, devices: Bool = false) throws -> SurveyAnswers {
        var details: JSONObject = ["hearing": .bool(hearing), "devices": .bool(devices), "wait_s": .number(wait)]
        if let maxAge { details.append("max_age_s", .number(maxAge)) }
        var answers = SurveyAnswers()
        try live.ask("survey", details) { answer in
            guard answer.kind == "progress" else { return answers.take(answer) }
            Console.progress(
                "asking: \(answer.text("answered")) of \(answer.text("expected")) nodes",
                besideJSON: live.json
            )
        }
        Console.progress("", besideJSON: live.json)
        return answers
    }

    /// Shows a survey, and with --watch the next one, once it differs.
    ///
    /// - Parameters:
    ///   - survey: makes one.
    ///   - lines: what is printed of it.
    /// - Throws: the exit code that the survey deserves, or what `survey` and `lines` throw.
    func show(_ survey: () throws -> SurveyAnswers, _ lines: (SurveyAnswers) throws -> [String]) throws {
        guard watch else {
            let answers = try survey()
            for line in try lines(answers) { Console.line(line) }
            if let note = answers.note { Console.note(note) }
            guard answers.isWhole else { throw ExitStatus.degraded.code }
            return
        }
        var screen = Screen()
        var shown: MeshTopology?
        while true {
            let answers = try survey()
            if answers.topology != shown {
                let lines = try lines(answers)
                if let terminal = TerminalTraits.current() {
                    Console.text(screen.update(lines.map { StyledLine($0) }, for: terminal))
                } else {
                    for line in lines { Console.line(line) }
                }
                shown = answers.topology
            }
            sleep(2)
        }
    }
}

/// What a survey told.
struct SurveyAnswers {
    /// Nodes and links.
    private(set) var topology = MeshTopology()
    /// As it came: nodes, edges, what was heard.
    private(set) var objects: [ControlAnswer] = []
    /// The last object; nil if the daemon told none.
    private(set) var summary: ControlAnswer?

    mutating func take(_ answer: ControlAnswer) {
        topology.take(answer)
        if answer.kind == "summary" { summary = answer } else { objects.append(answer) }
    }

    private func number(_ key: String) -> Int { Int(summary?.text(key) ?? "") ?? 0 }

    /// Nodes that the cluster has.
    var expected: Int { number("expected") }
    /// Whether everything is known: every node of the cluster, and each from its own answer.
    var isWhole: Bool {
        number("nodes") >= expected && number("silent") + number("pending") == 0
            && summary?.text("complete") == "true"
    }

    /// What is missing, nil if nothing is.
    var note: String? {
        guard !isWhole else { return nil }
        var parts: [String] = []
        if number("silent") > 0 { parts.append("\(number("silent")) do not answer") }
        if number("pending") > 0 { parts.append("\(number("pending")) have not answered yet") }
        let missing = expected - number("nodes")
        if missing > 0 { parts.append("\(missing) are not found") }
        var text =
            "note: of \(expected) nodes " + (parts.isEmpty ? "some answers are old" : parts.joined(separator: ", "))
        if summary?.text("complete") != "true", let round = Double(summary?.text("round_s") ?? "") {
            text += "; asking goes on, all nodes take \(Int(round.rounded(.up))) s: repeat, or --wait longer"
        }
        return text
    }
}
