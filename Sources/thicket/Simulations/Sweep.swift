import ArgumentParser
import MeshConfiguration
import MeshSimulator
import RadioPort

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
            let (scenario, layout) = try sweep.subject()
            let limit = Instant(microseconds: sweep.limitMicroseconds)
            try await SweepReport(options: sweep, json: output.json, event: nil).run { seed in
                let run = FormationRun(
                    placement: try Placement.drawn(scenario, seed: seed),
                    seed: seed,
                    limit: limit,
                    options: sweep.options(scenario),
                    isInterrupted: { Interrupt.isRequested }
                )
                guard !run.wasInterrupted else { return nil }
                try SweepOptions.report(run.violation)
                return SweepRow(
                    seed: seed,
                    layout: layout,
                    nodes: run.nodes,
                    outcome: .formed(microseconds: run.formedAt?.microseconds),
                    linksMade: run.linksMade,
                    treeDiameterHops: run.treeDiameter,
                    digest: run.digest,
                    simulatedMicroseconds: run.simulated.microseconds
                )
            }
        }
    }
}
