import MeshConfiguration
import MeshControl
import MeshSimulator
import RadioPort

/// Runs all seeds of a sweep, prints a row for each and the summary at the end.
struct SweepReport {
    let options: SweepOptions
    let json: Bool
    /// The event to recover from; nil for formation.
    let event: String?

    /// Runs and prints.
    ///
    /// - Parameter one: one run of a seed.
    /// - Throws: exit code 1 unless all runs reached their goal; what is wrong with the options or the layout.
    func run(_ one: @escaping @Sendable (SweptSubject) -> some SweptRun) async throws {
        let (scenario, layout) = try options.subject()
        let limit = Instant(microseconds: options.limitMicroseconds)
        let behaviour = options.options(scenario)
        Interrupt.watch()
        let clock = ContinuousClock()
        let start = clock.now
        var summary = SweepSummary(event: event)
        let seeds = Seeds(options.seeds, shard: options.shard)
        let total = seeds.count
        try await OrderedRuns.run(
            seeds: seeds,
            jobs: try options.parallel.count(),
            isInterrupted: { Interrupt.isRequested },
            one: { seed -> SweepRow? in
                let run = one(
                    SweptSubject(
                        placement: try Placement.drawn(scenario, seed: seed),
                        seed: seed,
                        limit: limit,
                        options: behaviour,
                        isInterrupted: { Interrupt.isRequested }
                    )
                )
                guard !run.wasInterrupted else { return nil }
                try SweepOptions.report(run.violation)
                return SweepRow(run, layout: layout)
            }
        ) { row in
            summary.add(row)
            Console.progress("", besideJSON: json)
            Console.line(json ? row.json.line : row.text)
            Console.progress("\(summary.rows.count) of \(total) runs, \(summary.reached) good", besideJSON: json)
        }
        Console.progress("", besideJSON: json)
        let wall = (clock.now - start) / Duration.seconds(1)
        let interrupted = Interrupt.isRequested
        if json {
            Console.line(summary.json(wallSeconds: wall, interrupted: interrupted).line)
        } else {
            for line in summary.text(wallSeconds: wall, interrupted: interrupted) { Console.line(line) }
        }
        if interrupted || !summary.isGood { throw ExitStatus.degraded.code }
    }
}
