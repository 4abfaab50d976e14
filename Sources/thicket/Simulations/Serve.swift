import ArgumentParser
import Glibc
import LinuxSystem
import MeshConfiguration
import MeshControl
import MeshCore
import MeshSimulator
import RadioPort

extension Sim {
    /// Runs a scenario whose nodes can be looked at.
    struct Serve: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "serve",
            abstract: "Run a scenario and give each of its nodes a control socket.",
            discussion: """
                Every verb for a daemon works on a simulated node: 'thicket status --node 3', 'thicket monitor --node 3'. Time \
                passes as on the clock unless --speed says otherwise, and goes on behind the end of the scenario until Ctrl-C.

                Example: thicket sim serve Simulator/Scenarios/power-cut.yaml --skip formed
                """
        )

        @Argument(
            help: ArgumentHelp("A scenario file.", valueName: "SCENARIO.yaml"),
            completion: .file(extensions: ["yaml"])
        )
        var scenario: String

        @Option(help: ArgumentHelp("Takes the place of the scenario's seed.", valueName: "N"))
        var seed: UInt64?

        @OptionGroup var behaviour: BehaviourOptions

        @Flag(help: "A simulated second takes a second; so it does without this, too.")
        var realtime = false

        @Option(
            help: ArgumentHelp("Simulated seconds per second, or 'max' for as many as there can be.", valueName: "X")
        )
        var speed: ServingSpeed = .times(1)

        @Option(
            help: ArgumentHelp(
                "First run so far as fast as it goes: 'formed', until all are one cluster, or simulated seconds.",
                valueName: "formed|SECONDS"
            )
        )
        var skip: SkippedTime?

        @Option(
            help: ArgumentHelp("Where the sockets lie.", valueName: "FOLDER"),
            completion: .directory
        )
        var sockets: String?

        @OptionGroup var output: OutputOptions

        func validate() throws {
            if realtime, speed != .times(1) { throw ValidationError("--realtime and --speed contradict each other") }
        }

        func run() throws {
            var file = try ScenarioFile(path: scenario)
            try behaviour.apply(to: &file.network)
            // It is served until somebody ends it.
            file.durationMicroseconds = .max
            var options = Simulation.Options(file)
            options.configuration.tracing = true
            options.keepsDeliveries = true
            let run = try Run.started(file, seed: seed, options: options)

            Self.allowManyDescriptors()
            let loop = try EventLoop()
            signal(SIGPIPE, SIG_IGN)
            try loop.watchSignals([SIGINT, SIGTERM]) { _ in loop.stop() }
            let served = ServedSimulation(run, speed: speed.factor, loop: loop)
            let folder = sockets ?? ServedSimulation.defaultFolder
            try served.listen(in: folder)
            try skip?.pass(in: served)
            served.start()
            announce(served.run, folder)
            try withExtendedLifetime(served) { try loop.run() }
        }

        private func announce(_ run: ScenarioRun, _ folder: String) {
            let count = run.simulation.count
            if output.json {
                var object = JSONObject(kind: "serving")
                object.append("nodes", integer: count)
                object.append("sockets", text: folder)
                object.append("at_s", .seconds(run.now.microseconds))
                object.append("seed", .unsigned(run.simulation.seed))
                Console.line(object.line)
            } else {
                let first = run.simulation.placement.sites.first.map { "\($0.id)" } ?? "1"
                Console.line("\(count) nodes at \(DecimalText.seconds(run.now.microseconds)) s, sockets in \(folder)")
                Console.line("try: thicket status --node \(sockets == nil ? first : "\(folder)/\(first).sock")")
            }
        }

        /// Each node has a socket, and so has each client.
        private static func allowManyDescriptors() {
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
    }
}

/// Simulated seconds per second.
enum ServingSpeed: ExpressibleByArgument, Equatable {
    case times(Double)
    case max

    init?(argument: String) {
        if argument == "max" {
            self = .max
        } else if let factor = Double(argument), (0.001...100_000).contains(factor) {
            self = .times(factor)
        } else {
            return nil
        }
    }

    /// nil: as fast as it can.
    var factor: Double? {
        guard case .times(let factor) = self else { return nil }
        return factor
    }
}

/// What passes before anybody looks.
enum SkippedTime: ExpressibleByArgument {
    case formed
    case seconds(Double)

    init?(argument: String) {
        if argument == "formed" {
            self = .formed
        } else if let seconds = Double(argument), (0...1e6).contains(seconds) {
            self = .seconds(seconds)
        } else {
            return nil
        }
    }

    /// Simulated time in which a network must have formed, in microseconds.
    private static let formationLimit: UInt64 = 600_000_000

    /// Lets it pass.
    ///
    /// - Throws: ``ControlError`` if the nodes do not become one cluster.
    func pass(in served: ServedSimulation) throws {
        switch self {
        case .seconds(let seconds):
            let end = Instant(microseconds: UInt64(seconds * 1_000_000))
            served.run { $0.now >= end }
        case .formed:
            served.run { $0.formedAt != nil || $0.now.microseconds >= Self.formationLimit }
            guard served.run.formedAt != nil else {
                throw ControlError("the nodes are not one cluster after 600 simulated seconds; see 'thicket sim run'")
            }
        }
    }
}
