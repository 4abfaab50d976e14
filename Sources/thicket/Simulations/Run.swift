import ArgumentParser
import MeshConfiguration
import MeshCore
import MeshSimulator

extension Sim {
    /// Runs one scenario and answers its question.
    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Run a scenario, watch it, and check what it expects.",
            discussion: """
                On a terminal the clusters are drawn as they merge, at no more than 20 times real time, so that there is \
                something to see; into a pipe or a file go plain lines, as fast as they come. Ctrl-C ends with the figures so \
                far. Exit code 1 if an expectation or an invariant failed; the command that repeats the run is printed then.

                Examples:
                  thicket sim run Simulator/Scenarios/power-cut.yaml
                  thicket sim run hall.yaml --seed 7 --json --trace trace.jsonl
                """
        )

        @Argument(
            help: ArgumentHelp("A scenario file.", valueName: "SCENARIO.yaml"),
            completion: .file(extensions: ["yaml"])
        )
        var scenario: String

        @Option(help: ArgumentHelp("Takes the place of the scenario's seed.", valueName: "N"))
        var seed: UInt64?

        @Option(
            help: "Radio model: ble, reference; else that of the scenario, or ble.",
            completion: .list(RadioProfile.allCases.map(\.rawValue)),
            transform: OptionValue.named("radio")
        )
        var radio: RadioProfile?

        @OptionGroup var behaviour: BehaviourOptions

        @Flag(help: "A simulated second takes a second.")
        var realtime = false

        @OptionGroup var tracing: TraceOptions

        @Option(
            help: ArgumentHelp(
                "Write the air to a file for Wireshark; what links carry is in the clear.",
                valueName: "FILE.pcapng"
            ),
            completion: .file()
        )
        var capture: String?

        @Option(
            help: ArgumentHelp(
                "Record what a node is told, for 'thicket replay'; may be given for several nodes.",
                valueName: "NODE=FILE"
            ),
            completion: .file(),
            transform: NodeRecording.init(option:)
        )
        var record: [NodeRecording] = []

        @Option(help: .hidden, transform: PlantOption.fault)
        var plant: PlantedFaults = []

        @OptionGroup var output: OutputOptions

        /// Simulated seconds per second on a terminal, at most.
        private static let watchingSpeed = 20.0

        func run() throws {
            var file = try ScenarioFile(path: scenario)
            if let radio {
                guard radio == .ble || !file.needsLowEnergy else {
                    throw ValidationError(
                        "the scenario moves nodes, jams channels, makes noise or raises walls with loss_db: "
                            + "--radio reference cannot do that"
                    )
                }
                file.radio = radio
            }
            try behaviour.apply(to: &file.network)
            var options = Simulation.Options(file)
            // Grafts are told from what nodes trace.
            options.configuration.tracing = tracing.trace != nil || file.network.clustering == .graft
            options.configuration.graft.plantedFaults = plant
            options.keepsRadioEvents = capture != nil
            options.recorded = Set(record.map(\.node))
            var run = try Self.started(file, seed: seed, options: options)
            let report = RunReport(
                replay: ReplayCommand(
                    scenario: scenario,
                    seed: run.simulation.seed,
                    radio: radio,
                    options: behaviour.words + PlantOption.words(plant)
                )
            )
            let filter = tracing.filter
            var traces: TraceFile? =
                if let path = tracing.trace { try TraceFile(path: path, filter: filter) } else { nil }
            let comment = "\(file.name), seed \(run.simulation.seed), radio \(file.radio.rawValue): \(file.question)"
            var air: CaptureFile? =
                if let capture { try CaptureFile(path: capture, comment: comment) } else { nil }
            let recordings = try RunRecordings(record, of: run)
            let pace = RunPace(speed: realtime ? 1 : nil)

            Interrupt.watch()
            let ending: RunEnding
            if output.json {
                ending = try pace.drive(
                    &run,
                    into: JSONRunView(report: report),
                    tracing: &traces,
                    recording: recordings,
                    capturing: &air
                )
            } else if let terminal = TerminalTraits.current() {
                let pace = RunPace(speed: pace.speed ?? Self.watchingSpeed)
                let view = PictureRunView(report: report, terminal: terminal)
                ending = try pace.drive(&run, into: view, tracing: &traces, recording: recordings, capturing: &air)
            } else {
                ending = try pace.drive(
                    &run,
                    into: PlainRunView(report: report),
                    tracing: &traces,
                    recording: recordings,
                    capturing: &air
                )
            }
            if ending.isInterrupted || !run.isPassed { throw ExitStatus.degraded.code }
        }

        static func started(
            _ scenario: ScenarioFile,
            seed: UInt64?,
            options: Simulation.Options
        ) throws(ConfigurationError) -> ScenarioRun {
            do {
                return try ScenarioRun(scenario, seed: seed, options: options)
            } catch {
                throw ConfigurationError(error, in: scenario)
            }
        }
    }
}
