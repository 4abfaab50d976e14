import ByteCoding
import MeshConfiguration
import MeshControl
import MeshCore
import MeshSimulator
import MeshWire
import RadioPort

/// What is said when a run is over.
struct RunReport {
    var replay: ReplayCommand

    private static let treeLinesMax = 60

    // MARK: - For people

    /// What is about to run.
    func heading(_ run: ScenarioRun) -> [String] {
        let nodes = Self.count(run.simulation.count, "node")
        let duration = DecimalText.seconds(run.scenario.durationMicroseconds)
        return [run.scenario.question, "\(title(run)), \(nodes), \(duration) s"]
    }

    /// Name and seed.
    func title(_ run: ScenarioRun) -> String { "\(run.scenario.name), seed \(run.simulation.seed)" }

    /// Tree, figures and verdicts.
    func lines(_ run: ScenarioRun, _ ending: RunEnding, unicode: Bool) -> [String] {
        [""] + tree(run, unicode: unicode) + [""] + figures(run, ending) + verdicts(run, ending)
    }

    private func tree(_ run: ScenarioRun, unicode: Bool) -> [String] {
        let simulation = run.simulation
        let sites = simulation.placement.sites
        // Ids are unique within a network only: the tree of the first one stands for all.
        let network = sites.first?.network
        let nodes = sites.indices.filter { simulation.isPowered[$0] && sites[$0].network == network }
        let links = simulation.tree.edges.filter { sites[$0.central].network == network }.map { edge in
            MeshLink(
                first: sites[edge.central].id,
                second: sites[edge.peripheral].id,
                rssi: edge.rssi,
                master: edge.master.map { sites[$0].id }
            )
        }
        var drawing = TreeDrawing(hasUnicode: unicode)
        drawing.linesMax = Self.treeLinesMax
        let lines = drawing.lines(
            nodes: nodes.map { sites[$0].id },
            sinks: Set(nodes.filter { sites[$0].isSink }.map { sites[$0].id }),
            links: links
        )
        return run.hasOneNetwork ? lines : ["network \(network?.rawValue ?? 0); the others are not drawn"] + lines
    }

    private func figures(_ run: ScenarioRun, _ ending: RunEnding) -> [String] {
        var formed = "never"
        if let formedAt = run.formedAt, let links = run.linksUntilFormed, let hops = run.treeDiameter {
            formed = "at \(DecimalText.seconds(formedAt.microseconds)) s, after "
            formed += "\(Self.count(links, "link set-up")), \(Self.count(hops, "hop")) across"
        }
        let wall = DecimalText.fixed(ending.wallSeconds, 1)
        var simulated = "\(DecimalText.seconds(run.now.microseconds)) s in \(wall) s"
        if ending.isInterrupted { simulated += ", interrupted" }
        var delivery: [String] = []
        if let figures = run.delivery {
            let share = figures.sent > 0 ? 100 * Double(figures.delivered) / Double(figures.sent) : 0
            delivery = [
                "delivered  \(figures.delivered) of \(figures.sent) messages, \(DecimalText.fixed(share, 1)) %",
                "carried    \(figures.carried) had a path that stayed up: \(figures.lost) lost, "
                    + "\(figures.repeated) repeated, \(figures.overtaken) overtaken",
            ]
        }
        return [
            "formed     \(formed)",
            "links      \(run.simulation.tree.edges.count) now, \(Self.count(run.simulation.linksMade, "set-up")) in all",
        ] + radio(run) + [
            "simulated  \(simulated)",
            "digest     \(Hex.encode(run.simulation.digest.value))",
        ] + delivery + messages(run)
    }

    private func messages(_ run: ScenarioRun) -> [String] {
        WorkloadKind.allCases.flatMap { kind -> [String] in
            guard let figures = run.messages(of: kind) else { return [] }
            let share = DecimalText.fixed(figures.arrivedPercent, 1)
            let line = "messages   \(kind.rawValue): \(figures.arrived) of \(figures.expected) arrived, \(share) %"
            guard let half = figures.latency(percent: 50), let most = figures.latency(percent: 95) else {
                return [line]
            }
            return [
                line,
                "latency    half within \(DecimalText.fixed(Double(half) / 1e6, 2)) s, "
                    + "95 % within \(DecimalText.fixed(Double(most) / 1e6, 2)) s",
            ]
        }
    }

    /// What the radios spent: a model, and said so.
    private func radio(_ run: ScenarioRun) -> [String] {
        guard let figures = run.radio, figures.poweredSeconds > 0 else { return [] }
        func current(_ activity: RadioActivity) -> String {
            let share = figures.charge[activity.rawValue] * 3600 / figures.poweredSeconds
            return "\(DecimalText.fixed(share, 0)) \(activity)"
        }
        func time(_ activity: RadioActivity) -> String {
            let share = 100 * figures.onAirSeconds[activity.rawValue] / figures.poweredSeconds
            return "\(DecimalText.fixed(share, 1)) \(activity)"
        }
        let activities = RadioActivity.allCases.filter { $0 != .idle }
        var lifetime = ""
        if let seconds = figures.meanLinkSeconds {
            lifetime = ", those after \(DecimalText.fixed(seconds, 1)) s on average"
        }
        return [
            "link ends  \(2 * figures.linksEstablished) came up, \(figures.linkEndsLost) went down\(lifetime)",
            "current    \(DecimalText.fixed(figures.meanMicroamperes, 0)) uA a node by model, "
                + "\(DecimalText.fixed(figures.leastMicroamperes, 0)) to "
                + "\(DecimalText.fixed(figures.greatestMicroamperes, 0)), \(current(.idle))",
            "of it      \(activities.map(current).joined(separator: ", "))",
            "on air     \(DecimalText.fixed(100 * figures.onAirShare, 1)) % of the time by model",
            "of it      \(activities.map(time).joined(separator: ", "))",
        ]
    }

    private func verdicts(_ run: ScenarioRun, _ ending: RunEnding) -> [String] {
        var lines = run.verdicts.map { verdict in
            switch verdict.outcome {
            case .undecided: return "open       \(verdict.expectation.label)"
            case .passed(let at):
                let when = DecimalText.seconds(at.microseconds)
                return "passed     \(verdict.expectation.label), at \(when) s"
            case .failed(let failure): return "FAILED     \(verdict.expectation.label): \(sentence(failure, in: run))"
            }
        }
        if !run.isPassed, !ending.isInterrupted { lines.append("replay     \(replay.text)") }
        return lines
    }

    /// What failed, with seed, time, nodes; and how to see it again.
    func problems(_ run: ScenarioRun) -> [String] {
        var lines = run.verdicts.compactMap { verdict in
            verdict.failure.map { "failed: \(verdict.expectation.label): \(sentence($0, in: run))" }
        }
        if !lines.isEmpty { lines.append("replay: \(replay.text)") }
        return lines
    }

    private func sentence(_ failure: ScenarioVerdict.Failure, in run: ScenarioRun) -> String {
        var text = failure.finding
        text += " (seed \(run.simulation.seed), at \(DecimalText.seconds(failure.at.microseconds)) s"
        if !failure.nodes.isEmpty {
            let names = failure.nodes.prefix(10).map { run.name(of: $0) }.joined(separator: ", ")
            let rest = failure.nodes.count - 10
            text += ", outside the biggest: \(failure.nodes.count == 1 ? "node" : "nodes") \(names)"
            if rest > 0 { text += " and \(rest) more" }
        }
        return text + ")"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    // MARK: - For programs

    /// Messages, links and what the radios spent, by model; stands before the result.
    func statistics(_ run: ScenarioRun) -> JSONObject {
        var object = JSONObject(kind: "statistics")
        object.append(
            "messages",
            .list(
                WorkloadKind.allCases.compactMap { kind in
                    guard let figures = run.messages(of: kind) else { return nil }
                    func latency(_ percent: Double) -> JSONValue {
                        .optional(figures.latency(percent: percent)) { .seconds($0) }
                    }
                    return .object([
                        "of": .text(kind.rawValue), "sent": .integer(Int64(figures.sent)),
                        "expected": .integer(Int64(figures.expected)), "arrived": .integer(Int64(figures.arrived)),
                        "median_s": latency(50), "p95_s": latency(95), "max_s": latency(100),
                    ])
                }
            )
        )
        guard let figures = run.radio else { return object }
        object.append(
            "links",
            .object([
                "established": .integer(Int64(figures.linksEstablished)),
                "ends_lost": .integer(Int64(figures.linkEndsLost)),
                "mean_s": .optional(figures.meanLinkSeconds) { .number($0) },
            ])
        )
        var charge: JSONObject = [:]
        var onAir: JSONObject = [:]
        for activity in RadioActivity.allCases {
            charge.append("\(activity)", .number(figures.charge[activity.rawValue]))
            onAir.append("\(activity)", .number(figures.onAirSeconds[activity.rawValue]))
        }
        object.append(
            "energy",
            .object([
                "model": "protocol 12.3", "powered_s": .number(figures.poweredSeconds),
                "mean_ua": .number(figures.meanMicroamperes), "least_ua": .number(figures.leastMicroamperes),
                "most_ua": .number(figures.greatestMicroamperes), "charge_uah": .object(charge),
                "on_air_s": .object(onAir),
            ])
        )
        return object
    }

    /// The `result` object of the contract.
    func json(_ run: ScenarioRun, _ ending: RunEnding) -> JSONObject {
        var object = JSONObject(kind: "result")
        object.append("passed", .bool(run.isPassed && !ending.isInterrupted))
        object.append("formed_s", .optional(run.formedAt) { .seconds($0.microseconds) })
        object.append(
            "expectations",
            .list(
                run.verdicts.map { verdict in
                    .object([
                        "expect": .text(verdict.expectation.name), "passed": .bool(verdict.passed == true),
                        "at_s": .optional(verdict.decidedAt) { .seconds($0.microseconds) },
                    ])
                }
            )
        )
        if let figures = run.delivery {
            object.append(
                "delivery",
                .object([
                    "sent": .integer(Int64(figures.sent)), "delivered": .integer(Int64(figures.delivered)),
                    "carried": .integer(Int64(figures.carried)), "lost": .integer(Int64(figures.lost)),
                    "repeated": .integer(Int64(figures.repeated)), "overtaken": .integer(Int64(figures.overtaken)),
                ])
            )
        }
        object.append("digest", text: Hex.encode(run.simulation.digest.value))
        if ending.isInterrupted { object.append("interrupted", true) }
        return object
    }
}

/// The command that repeats a run.
struct ReplayCommand {
    var scenario: String
    var seed: UInt64
    /// If it was not the scenario's own.
    var radio: RadioProfile?
    /// Other options that were given, as they are written.
    var options: [String] = []

    /// The command, ready to be pasted into a shell.
    var text: String {
        var text = "thicket sim run \(Self.quoted(scenario)) --seed \(seed)"
        if let radio { text += " --radio \(radio.rawValue)" }
        return ([text] + options).joined(separator: " ")
    }

    private static func quoted(_ path: String) -> String {
        let isPlain = path.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "/._-+".unicodeScalars.contains($0)
        }
        guard !isPlain || path.isEmpty else { return path }
        return "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
