import ArgumentParser
import MeshConfiguration
import MeshSimulator
import RadioPort

extension Sim {
    /// Lets something happen to a formed network, with many seeds.
    struct Recover: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "recover",
            abstract: "Form a network, disturb it, and measure how long it takes to be whole again.",
            discussion: """
                Each run forms, waits 30 s, and then: off = the best-connected node moves out of range; reboot = it restarts; \
                link-loss = a random link drops by time-out; link-close = one end closes it; link-block = its ends cannot hear \
                each other any more; churn = two faults a second for a minute (a node dies and comes back, a link is closed, \
                a link goes dead, a part cannot hear the rest), measured from the end of the last. Ctrl-C prints the summary so far. Exit code 1 if a run did not recover.

                Example: thicket sim recover --event reboot --layout random --nodes 20 --seeds 1...100
                """
        )

        @Option(
            help: "What happens: \(OptionValue.names(RecoveryEvent.self)).",
            completion: .list(RecoveryEvent.allCases.map(\.rawValue)),
            transform: OptionValue.named("event")
        )
        var event: RecoveryEvent

        @OptionGroup var sweep: SweepOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (scenario, layout) = try sweep.subject()
            let limit = Instant(microseconds: sweep.limitMicroseconds)
            let event = event
            try await SweepReport(options: sweep, json: output.json, event: event.rawValue).run { seed in
                let placement = try Placement.drawn(scenario, seed: seed)
                let run = RecoveryRun(
                    placement: placement,
                    seed: seed,
                    event: event,
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
                    outcome: .recovered(
                        event: event.rawValue,
                        microseconds: run.recoveryMicroseconds,
                        clusterChanged: run.clusterChanged
                    ),
                    linksMade: run.linksMade,
                    treeDiameterHops: run.treeDiameter,
                    digest: run.digest,
                    simulatedMicroseconds: run.simulated.microseconds
                )
            }
        }
    }
}
