import ArgumentParser
import MeshConfiguration
import MeshControl
import MeshHistory

/// What happened to a node.
struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what happened to the node: uptime, lost links, formation times.",
        discussion: """
            Reads the database that the daemon keeps, also while the daemon does not run. Its path is what --file says; else \
            what the daemon says; else what follows from the configuration, that of --config or the default one.

            Examples:
              thicket history --since 7d
              thicket history --losses --since 2026-11-26T18:00:00Z --json
              thicket history --boots --file node-7.sqlite

            Exit codes: 0 good, 3 daemon not reachable, 65 no history there, or one that cannot be read.
            """
    )

    @OptionGroup var live: LiveOptions

    @Flag(help: "What to show instead of a summary.")
    var part: HistoryPart?

    @Option(
        help: ArgumentHelp(
            "From a time on: UTC as 2026-11-26T18:00:00Z, or so long ago as 90min, 12h, 7d.",
            valueName: "time"
        )
    )
    var since: String?

    @Option(help: ArgumentHelp("The database.", valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("The configuration of the daemon.", valueName: "file"))
    var config: String?

    func validate() throws {
        if let since, Self.milliseconds(since, now: UTCTime.now) == nil {
            throw ValidationError("--since '\(since)': allowed: 2026-11-26T18:00:00Z, 90min, 12h, 7d")
        }
        if file != nil, config != nil || live.node != nil {
            throw ValidationError("--file says it all; leave --config and --node out")
        }
        if config != nil, live.node != nil {
            throw ValidationError("--config or --node, not both")
        }
    }

    func run() throws {
        let path = try databasePath()
        do throws(HistoryError) {
            let reader = try HistoryReader(path: path)
            let start = since.flatMap { Self.milliseconds($0, now: UTCTime.now) }
            let contents = try reader.contents(since: start)
            let lines =
                if let part {
                    live.json ? HistoryJSON.objects(part, contents).map(\.line) : HistoryText.lines(part, contents)
                } else {
                    live.json
                        ? HistoryJSON.summary(HistorySummary(contents, since: start), path: path).map(\.line)
                        : HistoryText.lines(HistorySummary(contents, since: start), contents, path: path)
                }
            for line in lines { Console.line(line) }
        } catch {
            Console.note("error: \(error)")
            throw ExitStatus.badInput.code
        }
    }

    /// Milliseconds since 1970 of a time, or of a time so long ago; nil for anything else.
    static func milliseconds(_ text: String, now: UInt32) -> Int64? {
        if text.contains("T") { return UTCTime.seconds(text).map { Int64($0) * 1000 } }
        let units: [(String, Int64)] = [("min", 60), ("h", 3600), ("d", 86_400)]
        guard let (unit, seconds) = units.first(where: { text.hasSuffix($0.0) }),
            let count = UInt32(text.dropLast(unit.count)), count <= 100_000
        else { return nil }
        return (Int64(now) - Int64(count) * seconds) * 1000
    }

    // MARK: - Where the database is

    private func databasePath() throws -> String {
        if let file { return file }
        if let config { return try Self.path(configuration: config) }
        do {
            var path = ""
            try live.ask("status") { path = $0.text("history", otherwise: "") }
            guard path.isEmpty else { return path }
        } catch let error as ControlError {
            // Somebody who names a daemon means that one.
            let configuration = NodeConfigurationFile.defaultPath(adapter: "hci0")
            guard live.node == nil, let path = try? Self.path(configuration: configuration) else {
                throw ControlError("\(error.text); or give --file or --config", isUnreachable: error.isUnreachable)
            }
            Console.note("\(error.text); reading \(path)")
            return path
        }
        Console.note("error: this daemon keeps no history: 'history.enabled' is false; or give --file or --config")
        throw ExitStatus.badInput.code
    }

    private static func path(configuration: String) throws -> String {
        let file = try NodeConfigurationFile(path: configuration)
        guard let path = file.historyPath else {
            throw ConfigurationError(
                file: configuration,
                key: "history.enabled",
                problem: "no history is kept",
                allowed: "true"
            )
        }
        return path
    }
}

/// What of a history is shown.
enum HistoryPart: String, EnumerableFlag {
    case losses
    case formations
    case boots
    case clusters
    case days

    static func help(for value: HistoryPart) -> ArgumentHelp? {
        switch value {
        case .losses: "Every link that ended."
        case .formations: "Every way from alone to together."
        case .boots: "Every boot and how it ended."
        case .clusters: "Every change of the cluster."
        case .days: "Counters of each day (UTC)."
        }
    }
}
