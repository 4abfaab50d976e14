import MeshConfiguration
import MeshControl
import MeshCore
import MeshSimulator
import RadioPort

/// What a swarm has found so far, and how it is told.
struct SwarmReport {
    /// Seconds that a failure may be shrunk for.
    private static let shrinkSeconds: UInt64 = 60
    /// Of failures of one kind that are made small and written; others are told only.
    private static let writtenMax = 3

    /// Runs in which something went wrong.
    private(set) var failures = 0
    /// Why a file could not be written.
    private(set) var problem: ConfigurationError?
    private let folder: String
    private let planted: PlantedFaults
    private let json: Bool
    private let start = ContinuousClock.now
    private var runs = 0
    private var turns = 0
    private var stuck = 0
    private var apart = 0
    private var written: [String: Int] = [:]
    private var healed: [UInt64] = []

    init(folder: String, planted: PlantedFaults, json: Bool) {
        self.folder = folder
        self.planted = planted
        self.json = json
    }

    mutating func add(_ run: SwarmRun) {
        runs += 1
        turns += run.turns
        switch run.outcome {
        case .healed(let microseconds): healed.append(microseconds)
        case .knownStuck: stuck += 1
        case .apart: apart += 1
        case .failed: fail(run)
        case .interrupted: break
        }
        Console.progress("\(runs) scenarios, \(failures) failures, \(stuck) known stuck", besideJSON: json)
    }

    private mutating func fail(_ run: SwarmRun) {
        failures += 1
        let kind = "\(run.failureKind ?? ""), \(run.subject.network.clustering), \(run.subject.radio)"
        written[kind, default: 0] += 1
        Console.progress("", besideJSON: json)
        guard written[kind, default: 0] <= Self.writtenMax else {
            tell(run, as: run, file: nil)
            return
        }
        Console.progress(
            "seed \(run.subject.seed) failed: made smaller for \(Self.shrinkSeconds) s at most",
            besideJSON: json
        )
        let isOver = WallClock.alarm(after: Self.shrinkSeconds)
        let small = SwarmShrinker(run, planted: planted, isOver: { isOver() || Interrupt.isRequested }).best
        Console.progress("", besideJSON: json)
        let path = folder == "." ? "swarm-\(run.subject.seed).yaml" : "\(folder)/swarm-\(run.subject.seed).yaml"
        do {
            try FileContent.write(small.subject.yaml(replay: replay(small, path)), to: path)
        } catch {
            problem = error
        }
        tell(run, as: small, file: path)
    }

    private func replay(_ run: SwarmRun, _ path: String) -> String {
        ReplayCommand(scenario: path, seed: run.subject.seed, options: PlantOption.words(planted)).text
    }

    private func tell(_ run: SwarmRun, as small: SwarmRun, file: String?) {
        guard case .failed(let kind, let at, let text) = small.outcome else { return }
        let (nodes, faults) = (small.subject.layout.nodes.count, small.subject.faults.count)
        guard json else {
            let seconds = Double(at.microseconds / 1000) / 1000
            Console.line("seed \(run.subject.seed) failed: \(kind) at \(seconds) s: \(text)")
            if let file {
                Console.line("  smallest: \(nodes) nodes, \(faults) faults, in \(file)")
                Console.line("  repeat:   \(replay(small, file))")
            }
            return
        }
        var object = JSONObject(kind: "failure")
        object.append("seed", .unsigned(run.subject.seed))
        object.append("what", text: kind)
        object.append("text", text: text)
        object.append("at_s", .seconds(at.microseconds))
        object.append("nodes", integer: nodes)
        object.append("faults", integer: faults)
        object.append("file", .optional(file) { .text($0) })
        object.append("replay", .optional(file) { .text(replay(small, $0)) })
        Console.line(object.line)
    }

    /// Tells the summary.
    func close(first: UInt64) {
        Console.progress("", besideJSON: json)
        let minutes = (ContinuousClock.now - start) / Duration.seconds(60)
        let perMinute = minutes > 0 ? Int(Double(turns) / minutes) : 0
        let slowest = healed.max()
        guard json else {
            let time = slowest.map { ", the slowest after \(Double($0 / 1000) / 1000) s" } ?? ""
            Console.line("\(runs) scenarios from seed \(first): \(healed.count) healed\(time)")
            Console.line("\(failures) failed, \(stuck) known stuck, \(apart) too far apart")
            Console.line("\(perMinute) events a minute")
            return
        }
        var object = JSONObject(kind: "summary")
        object.append("first_seed", .unsigned(first))
        object.append("scenarios", integer: runs)
        object.append("healed", integer: healed.count)
        object.append("slowest_s", .optional(slowest, JSONValue.seconds))
        object.append("failures", integer: failures)
        object.append("known_stuck", integer: stuck)
        object.append("apart", integer: apart)
        object.append("events_per_minute", integer: perMinute)
        if Interrupt.isRequested { object.append("interrupted", true) }
        Console.line(object.line)
    }
}
