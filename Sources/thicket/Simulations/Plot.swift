import ArgumentParser

extension Sim {
    /// Draws what sweeps brought.
    struct Plot: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "plot",
            abstract: "Draw the times of sweeps: against the number of nodes, and how they are spread.",
            discussion: """
                Each file is what 'sim sweep --json' or 'sim recover --json' printed, one or several sweeps one behind the \
                other, and is one colour of the picture: give two to compare them. Runs that did not reach their goal are \
                counted in the legend.

                Examples:
                  thicket sim plot formation.jsonl --out formation.svg
                  thicket sim plot classic.jsonl graft.jsonl --out compared.svg
                """
        )

        @Argument(help: ArgumentHelp("Files of JSON lines.", valueName: "FILE"), completion: .file())
        var files: [String]

        @Option(
            name: .customLong("out"),
            help: ArgumentHelp("The picture, or - for standard output.", valueName: "FILE.svg"),
            completion: .file(extensions: ["svg"])
        )
        var path: String

        @Option(help: "What stands above the picture.")
        var title: String?

        func validate() throws {
            guard path == "-" || path.hasSuffix(".svg") else {
                throw ValidationError("'\(path)' is no name of a picture; it is an SVG, so write FILE.svg")
            }
            guard (1...SweepPlot.seriesMax).contains(files.count) else {
                throw ValidationError("one to \(SweepPlot.seriesMax) files can be told apart, not \(files.count)")
            }
        }

        func run() throws {
            let picture = try SweepPlot(files.map { try SweepFile(path: $0) }, title: title).svg
            guard path != "-" else { return Console.text(picture) }
            try FileContent.write(picture, to: path)
            Console.note("\(path) drawn")
        }
    }
}
