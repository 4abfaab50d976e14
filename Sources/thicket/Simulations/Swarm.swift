import ArgumentParser
import Glibc
import MeshConfiguration
import MeshControl
import MeshCore
import MeshSimulator

extension Sim {
    /// Draws scenarios, looks for one that goes wrong, and makes it small.
    struct Swarm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "swarm",
            abstract: "Run random scenarios with faults, and shrink and write down what fails.",
            discussion: """
                Draws nodes, radio, clustering and faults from one seed after the other. After every event the invariants \
                must hold; in the end all faults are healed, and the nodes of each network must become one cluster. What \
                fails is made as small as possible within a minute and written as a scenario file; the command that repeats \
                it is printed. Configurations in which classic clustering is known to stay are counted, not failed. Ctrl-C \
                prints the summary so far. Exit code 1 if anything failed.

                Examples:
                  thicket sim swarm --budget 10m
                  thicket sim swarm --seed 7 --cases 100 --radio ble --clustering graft --json
                """
        )

        @Option(
            help: ArgumentHelp(
                "How long new scenarios are begun, as 90s, 10m, 1h (default: 1m).",
                valueName: "DURATION"
            ),
            transform: OptionValue.budget
        )
        var budget: UInt64 = 60

        @Option(help: ArgumentHelp("The first seed; without it, one is drawn and told.", valueName: "N"))
        var seed: UInt64?

        @Option(help: ArgumentHelp("Run so many scenarios at most.", valueName: "N"))
        var cases: UInt64?

        @OptionGroup var parallel: JobOptions

        @Option(
            help: "Radio model: reference, ble; without it, drawn.",
            completion: .list(RadioProfile.allCases.map(\.rawValue)),
            transform: OptionValue.named("radio")
        )
        var radio: RadioProfile?

        @Option(
            help: "How clusters form: \(OptionValue.names(ClusteringMode.self)); without it, drawn.",
            completion: .list(ClusteringMode.allCases.map(\.rawValue)),
            transform: OptionValue.named("clustering")
        )
        var clustering: ClusteringMode?

        @Option(
            help: ArgumentHelp("Where failing scenarios are written.", valueName: "FOLDER"),
            completion: .directory
        )
        var out = "."

        @Option(help: .hidden, transform: PlantOption.fault)
        var plant: PlantedFaults = []

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let jobs = try parallel.count()
            if let cases, cases == 0 { throw ValidationError("--cases takes at least 1") }
            // Before anything is run: a failure that cannot be written would be lost.
            guard access(out, W_OK) == 0 || mkdir(out, 0o777) == 0 else {
                throw ConfigurationError(file: out, problem: "cannot be written: \(String(cString: strerror(errno)))")
            }
            let first = seed ?? UInt64.random(in: 1...UInt64(UInt32.max))
            Console.note("seed \(first)")
            Interrupt.watch()
            let isOver = WallClock.alarm(after: budget)
            var report = SwarmReport(folder: out, planted: plant, json: output.json)
            let (radio, clustering, plant) = (radio, clustering, plant)
            let last = first.addingReportingOverflow((cases ?? .max) - 1)
            try await OrderedRuns.run(
                seeds: Seeds(first...(last.overflow ? .max : last.partialValue)),
                jobs: jobs,
                isInterrupted: { isOver() || Interrupt.isRequested },
                one: { seed -> SwarmRun? in
                    let subject = SwarmCase(drawnFrom: seed, radio: radio, clustering: clustering)
                    let run = try SwarmRun(subject, planted: plant, isInterrupted: { Interrupt.isRequested })
                    return run.outcome == .interrupted ? nil : run
                },
                emit: { report.add($0) }
            )
            report.close(first: first)
            if let problem = report.problem { throw problem }
            if report.failures > 0 { throw ExitStatus.degraded.code }
        }
    }
}

/// Time that passes outside of any simulation.
enum WallClock {
    /// Whether so many seconds have passed from now on.
    static func alarm(after seconds: UInt64) -> @Sendable () -> Bool {
        let end = ContinuousClock.now.advanced(by: .seconds(Int64(seconds)))
        return { ContinuousClock.now >= end }
    }
}
