import ArgumentParser
import MeshControl

extension Sim {
    /// Joins the parts of a sweep.
    struct Merge: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "merge",
            abstract: "Join the parts of a sweep that ran on several machines, and give the statistics of the whole.",
            discussion: """
                Each part is what 'sim sweep --json' or 'sim recover --json' printed, for instance with --shard 1/8. A seed that \
                several parts have counts once and must have come out alike. Exit code 1 if a run did not reach its goal or a \
                part was cut short, 65 if the files are not parts of one sweep.

                Examples:
                  thicket sim merge part-*.jsonl
                  thicket sim merge --json part-*.jsonl > whole.jsonl
                """
        )

        @Argument(help: ArgumentHelp("Files of JSON lines.", valueName: "FILE"), completion: .file())
        var files: [String]

        @OptionGroup var output: OutputOptions

        func run() throws {
            let merged = try MergedSweep(files.map { try SweepFile(path: $0) })
            let summary = merged.summary
            let isCut = !merged.unfinished.isEmpty
            for row in summary.rows { Console.line(output.json ? row.json.line : row.text) }
            if output.json {
                Console.line(summary.json(wallSeconds: merged.wallSeconds, interrupted: isCut).line)
            } else {
                for line in summary.text(wallSeconds: merged.wallSeconds, interrupted: isCut) { Console.line(line) }
            }
            for path in merged.unfinished { Console.note("note: \(path) was cut short") }
            if isCut || !summary.isGood { throw ExitStatus.degraded.code }
        }
    }
}
