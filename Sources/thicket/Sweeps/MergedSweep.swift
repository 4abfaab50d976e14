import MeshConfiguration

/// The rows of several parts of one sweep, in the order of their seeds.
struct MergedSweep {
    let summary: SweepSummary
    let wallSeconds: Double
    /// Parts that were cut short.
    let unfinished: [String]

    /// Joins parts.
    ///
    /// A seed that several parts have counts once; a run is the same wherever it runs.
    ///
    /// - Throws: ``ConfigurationError`` if they are not parts of one sweep, or if one seed came out differently.
    init(_ files: [SweepFile]) throws(ConfigurationError) {
        var rows: [UInt64: (row: SweepRow, path: String)] = [:]
        var first: SweepRow?
        for file in files {
            for row in file.rows {
                let model = first ?? row
                first = model
                guard row.layout == model.layout, row.nodes == model.nodes, row.event == model.event else {
                    throw ConfigurationError(
                        file: file.path,
                        problem: "seed \(row.seed) is of another sweep: \(Self.name(row)), not \(Self.name(model))"
                    )
                }
                if let other = rows[row.seed], other.row != row {
                    throw ConfigurationError(
                        file: file.path,
                        problem: "seed \(row.seed) came out otherwise than in \(other.path); "
                            + "the versions or options differ"
                    )
                }
                rows[row.seed] = (row, file.path)
            }
        }
        var summary = SweepSummary(event: first?.event)
        for (_, entry) in rows.sorted(by: { $0.key < $1.key }) { summary.add(entry.row) }
        summary.add(simulatedSeconds: files.reduce(0) { $0 + $1.simulatedSeconds })
        self.summary = summary
        wallSeconds = files.reduce(0) { $0 + $1.wallSeconds }
        unfinished = files.filter { !$0.isWhole }.map(\.path)
    }

    private static func name(_ row: SweepRow) -> String {
        "\(row.layout), \(row.nodes) nodes, " + (row.event.map { "recovery from \($0)" } ?? "formation")
    }
}
