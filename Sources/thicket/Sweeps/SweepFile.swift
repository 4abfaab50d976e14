import ByteCoding
import MeshConfiguration
import MeshControl

/// What a sweep or a recovery printed with `--json`.
struct SweepFile {
    /// The longest file that is read, in bytes; a row has about 200.
    private static let sizeMax = 1 << 30

    /// As the person called it.
    let path: String
    /// The runs, as they stand in the file.
    private(set) var rows: [SweepRow] = []
    /// Wall-clock seconds, as far as a summary tells them.
    private(set) var wallSeconds = 0.0
    /// Simulated seconds, as far as a summary tells them.
    private(set) var simulatedSeconds = 0.0
    /// Whether it ends with a summary, and that of a sweep that was not interrupted.
    private(set) var isWhole = false

    /// Reads a file.
    ///
    /// A last line that is cut short is left out: that is how a job that was killed ends.
    ///
    /// - Throws: ``ConfigurationError`` if it is no such file.
    init(path: String) throws(ConfigurationError) {
        self.path = path
        let text = String(decoding: try FileContent.read(path, atMost: Self.sizeMax), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.isEmpty {
            guard let answer = ControlAnswer(String(line)) else {
                if index == lines.count - 1, !rows.isEmpty { break }
                throw ConfigurationError(file: path, line: index + 1, problem: "no JSON object with a 'kind'")
            }
            try take(answer, line: index + 1)
        }
        guard !rows.isEmpty else {
            throw ConfigurationError(
                file: path,
                problem: "there is no run in it",
                allowed: "what 'thicket sim sweep --json' or 'sim recover --json' prints"
            )
        }
    }

    private mutating func take(_ answer: ControlAnswer, line: Int) throws(ConfigurationError) {
        switch answer.kind {
        case "run":
            guard let row = SweepRow(answer) else {
                throw ConfigurationError(file: path, line: line, problem: "a run lacks something")
            }
            rows.append(row)
        case "summary":
            let wall = Double(answer.text("wall_s")) ?? 0
            wallSeconds += wall
            simulatedSeconds += wall * (Double(answer.text("sim_s_per_wall_s")) ?? 0)
            isWhole = answer.text("interrupted") == "-"
        default:
            throw ConfigurationError(
                file: path,
                line: line,
                problem: "an object of kind '\(answer.kind)'",
                allowed: "run, summary"
            )
        }
    }
}

extension SweepRow {
    /// The row of a `run` object; nil if it is none.
    init?(_ answer: ControlAnswer) {
        func microseconds(_ key: String) -> UInt64? {
            Double(answer.text(key)).flatMap { $0 >= 0 && $0 < 1e12 ? UInt64(($0 * 1e6).rounded()) : nil }
        }
        guard let seed = UInt64(answer.text("seed")), let nodes = Int(answer.text("nodes")), nodes > 0,
            let links = Int(answer.text("links_made")), let digest = UInt64(answer.text("digest"), radix: 16)
        else { return nil }
        let event = answer.text("event", otherwise: "")
        let outcome: Outcome
        if event.isEmpty {
            guard let formed = Bool(answer.text("formed")) else { return nil }
            let time = microseconds("formed_s")
            guard formed == (time != nil) else { return nil }
            outcome = .formed(microseconds: time)
        } else {
            guard let recovered = Bool(answer.text("recovered")), let changed = Bool(answer.text("cluster_changed"))
            else { return nil }
            let time = microseconds("recovery_s")
            guard recovered == (time != nil) else { return nil }
            outcome = .recovered(event: event, microseconds: time, clusterChanged: changed)
        }
        self.init(
            seed: seed,
            layout: answer.text("layout"),
            nodes: nodes,
            outcome: outcome,
            linksMade: links,
            treeDiameterHops: Int(answer.text("tree_diameter_hops")),
            digest: digest,
            simulatedMicroseconds: 0
        )
    }

    /// The event to recover from, nil for formation.
    var event: String? { if case .recovered(let event, _, _) = outcome { event } else { nil } }
}
