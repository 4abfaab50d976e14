import ArgumentParser
import MeshConfiguration
import MeshSimulator

/// What sweep and recover have in common: which nodes, which seeds, how long.
struct SweepOptions: ParsableArguments {
    @Argument(help: "A scenario file; its nodes and radio are used.", completion: .file(extensions: ["yaml"]))
    var scenario: String?

    @Option(
        help: ArgumentHelp("Where the nodes stand: random, dense, scaled, or a layout file.", valueName: "layout"),
        completion: LayoutChoice.completion,
        transform: LayoutChoice.init(option:)
    )
    var layout: LayoutChoice?

    @Option(help: "Number of nodes, for a generated layout.", transform: OptionValue.nodes)
    var nodes: Int?

    @Option(help: ArgumentHelp("First and last seed.", valueName: "A...B"), transform: OptionValue.seeds)
    var seeds: ClosedRange<UInt64>

    @Option(
        help: "Radio model: ble, reference; else that of the scenario, or ble.",
        completion: .list(RadioProfile.allCases.map(\.rawValue)),
        transform: OptionValue.named("radio")
    )
    var radio: RadioProfile?

    @OptionGroup var behaviour: BehaviourOptions

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp("Give a run up after so many simulated seconds (default: 600).", valueName: "seconds"),
        transform: OptionValue.seconds
    )
    var limitMicroseconds: UInt64 = 600_000_000

    @Option(
        help: ArgumentHelp("Run only the I-th of N parts of the seeds, as on one of N machines.", valueName: "I/N"),
        transform: OptionValue.shard
    )
    var shard = Shard.whole

    @Flag(help: "Check after every event what must never be; the first violation ends the command.")
    var check = false

    @OptionGroup var parallel: JobOptions

    /// Checks what only makes sense together.
    ///
    /// Not done while parsing: it would come before unknown options are noticed, and speak of something else.
    ///
    /// - Throws: a usage error.
    private func checkCombination() throws {
        _ = try parallel.count()
        switch (scenario, layout) {
        case (nil, nil): throw ValidationError("name a scenario file or a --layout")
        case (.some, .some): throw ValidationError("name a scenario file or a --layout, not both")
        case (.some, nil):
            if nodes != nil { throw ValidationError("--nodes goes with a generated layout; the scenario has its own") }
        case (nil, .some(let layout)): try layout.validate(nodes: nodes)
        }
    }

    /// What is run with every seed, and how results call its layout.
    ///
    /// - Returns: the scenario and the name of its layout.
    /// - Throws: a usage error, or ``ConfigurationError`` if a file is wrong.
    func subject() throws -> (scenario: ScenarioFile, layout: String) {
        try checkCombination()
        var subject: ScenarioFile
        let label: String
        if let path = scenario {
            subject = try ScenarioFile(path: path)
            label =
                switch subject.placement {
                case .generated(let generator, _): generator.rawValue
                case .fixed: path
                }
        } else if let layout {
            subject = try layout.scenario(nodes: nodes ?? 0, limit: limitMicroseconds)
            label = layout.label
        } else {
            throw InternalError(text: "a sweep without nodes passed validation")
        }
        if let radio { subject.radio = radio }
        try behaviour.apply(to: &subject.network)
        return (subject, label)
    }

    /// How the nodes of a run behave and how it is watched.
    func options(_ scenario: ScenarioFile) -> Simulation.Options {
        var options = Simulation.Options(scenario)
        options.checksInvariants = check
        return options
    }

    /// Ends the command if something happened that must never be.
    ///
    /// - Throws: exit code 1 after saying what it was.
    static func report(_ violation: Violation?) throws {
        guard let violation else { return }
        Console.note("error: \(violation)")
        throw ExitStatus.degraded.code
    }
}
