import ArgumentParser
import MeshSimulator

extension Sim {
    /// Forms the same network with many seeds.
    struct Sweep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sweep",
            abstract: "Form a network with many seeds and give the statistics.",
            discussion: """
                Of a scenario, nodes and radio are used. Ctrl-C prints the summary so far. Exit code 1 if a run did not form.

                Example: thicket sim sweep --layout random --nodes 20 --seeds 1...100
                """
        )

        @OptionGroup var sweep: SweepOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await SweepReport(options: sweep, json: output.json, event: nil).run { subject in
                FormationRun(
                    placement: subject.placement,
                    seed: subject.seed,
                    limit: subject.limit,
                    options: subject.options,
                    isInterrupted: subject.isInterrupted
                )
            }
        }
    }
}
