import ArgumentParser
import FoundationEssentials
import Glibc
import MeshConfiguration
import MeshControl
import MeshCore
import MeshSimulator
import RadioPort

extension Sim {
    /// Draws scenarios, looks for one that goes wrong, and makes it small.
    struct Swarm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "swarm",
            abstract: "Run random scenarios with faults, and shrink and write down what fails.",
            discussion: """
                Every scenario ends with all faults healed; then all nodes must become one cluster. Configurations in which \
                classic nodes are known to stay are counted, not failed. Ctrl-C prints the summary so far. Exit code 1 if \
                anything failed.
                """
        )

        @Option(
            help: ArgumentHelp("How long to go on, as 90s, 10m, 1h.", valueName: "DURATION"),
            transform: Self.budget
        )
        var budget: UInt64 = 60

        @Option(help: ArgumentHelp("The first seed; without it, one is drawn and told.", valueName: "N"))
        var seed: UInt64?

        @Option(help: "Runs at the same time; the default is the number of cores.")
        var jobs: Int?

        @Option(help: "Radio model: reference, ble.", transform: OptionValue.named("radio"))
        var radio: RadioProfile = .reference

        @Option(
            help: "How clusters form: \(OptionValue.names(ClusteringMode.self)); without it, drawn.",
            transform: OptionValue.named("clustering")
        )
        var clustering: ClusteringMode?

        @Option(help: ArgumentHelp("Where failing scenarios are written.", valueName: "FOLDER"), completion: .directory)
        var out = "."

        @Option(help: .hidden)
        var plant: UInt8 = 0

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let count = jobs ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
            guard (1...1024).contains(count) else { throw ValidationError("--jobs takes 1...1024") }
            let first = seed ?? UInt64.random(in: 1...UInt64(UInt32.max))
            Console.note("seed \(first)")
            Interrupt.watch()
            let clock = ContinuousClock()
            let start = clock.now
            let end = start.advanced(by: .seconds(Int64(budget)))
            let (radio, clustering, planted) = (radio, clustering, PlantedFaults(rawValue: plant))
            var (runs, turns, stuck, failures) = (0, 0, 0, 0)
            var failed: String?
            let isOver: @Sendable () -> Bool = { Interrupt.isRequested || ContinuousClock().now >= end }
            try await OrderedRuns.run(
                seeds: Seeds(first...UInt64.max),
                jobs: count,
                isInterrupted: isOver,
                one: { seed -> SwarmRun? in
                    let subject = SwarmCase(drawnFrom: seed, radio: radio, clustering: clustering)
                    let run = try SwarmRun(subject, planted: planted, isInterrupted: isOver)
                    return run.outcome == .interrupted ? nil : run
                }
            ) { run in
                runs += 1
                turns += run.turns
                if run.outcome == .knownStuck { stuck += 1 }
                Console.progress("", besideJSON: output.json)
                if output.json { Console.line(Self.json(run).line) }
                if run.failureKind != nil {
                    failures += 1
                    failed = report(run, planted: planted) ?? failed
                }
                Console.progress("\(runs) runs, \(failures) failures, \(stuck) known stuck", besideJSON: output.json)
            }
            Console.progress("", besideJSON: output.json)
            let minutes = (clock.now - start) / Duration.seconds(60)
            let perMinute = minutes > 0 ? Double(turns) / minutes : 0
            if output.json {
                var object = JSONObject(kind: "summary")
                object.append("first_seed", .unsigned(first))
                object.append("seeds", integer: runs)
                object.append("events_per_minute", .number(perMinute))
                object.append("stuck_known", integer: stuck)
                object.append("failures", integer: failures)
                if Interrupt.isRequested { object.append("interrupted", true) }
                Console.line(object.line)
            } else {
                Console.line(
                    "\(runs) seeds from \(first), \(Int(perMinute)) events a minute, \(stuck) known stuck, \(failures) failures"
                )
            }
            if let failed { throw ConfigurationError(file: failed, problem: "cannot be written") }
            if failures > 0 { throw ExitStatus.degraded.code }
        }

        /// Shrinks and writes a failing run.
        ///
        /// - Returns: the file, if it could not be written.
        private func report(_ run: SwarmRun, planted: PlantedFaults) -> String? {
            let small = SwarmShrinker(run, planted: planted, isInterrupted: { Interrupt.isRequested }).best
            guard case .failed(let kind, let at, let text) = small.outcome else { return nil }
            let path = "\(out)/swarm-\(run.subject.seed).yaml"
            let isWritten =
                (try? FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)) != nil
                && (try? small.subject.yaml.write(toFile: path, atomically: true, encoding: .utf8)) != nil
            let replay = ReplayCommand(scenario: path, seed: small.subject.seed, radio: nil).text
            if output.json {
                var object = JSONObject(kind: "failure")
                object.append("seed", .unsigned(run.subject.seed))
                object.append("what", text: kind)
                object.append("text", text: text)
                object.append("at_s", .seconds(at.microseconds))
                object.append("nodes", integer: small.subject.layout.nodes.count)
                object.append("faults", integer: small.subject.faults.count)
                object.append("file", text: path)
                object.append("replay", text: replay)
                Console.line(object.line)
            } else {
                let size = "\(small.subject.layout.nodes.count) nodes, \(small.subject.faults.count) faults"
                Console.line("FAILED seed \(run.subject.seed): \(kind): \(text) (\(size))")
                Console.line("replay \(replay)")
            }
            return isWritten ? nil : path
        }

        private static func json(_ run: SwarmRun) -> JSONObject {
            var object = JSONObject(kind: "run")
            object.append("seed", .unsigned(run.subject.seed))
            object.append("nodes", integer: run.subject.layout.nodes.count)
            object.append("faults", integer: run.subject.faults.count)
            var healed: UInt64?
            if case .healed(let microseconds) = run.outcome { healed = microseconds }
            object.append("healed_s", .optional(healed, JSONValue.seconds))
            object.append("stuck_known", .bool(run.outcome == .knownStuck))
            return object
        }

        /// Seconds of `90s`, `10m`, `1h` or plain seconds.
        static func budget(_ text: String) throws -> UInt64 {
            let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600]
            let unit = text.last.flatMap { units[$0] }
            guard let number = UInt64(unit == nil ? text[...] : text.dropLast()), (1...1_000_000).contains(number)
            else {
                throw ValidationError("'\(text)' is no duration; write 90s, 10m, 1h")
            }
            return number * (unit ?? 1)
        }
    }
}
