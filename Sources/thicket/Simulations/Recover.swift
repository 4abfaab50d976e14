import ArgumentParser
import MeshSimulator

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
                a link goes dead, a part cannot hear the rest), measured from the end of the last. 'new id' in a row says that a \
                node that was there all the time is in a cluster of another id now. Ctrl-C prints the summary so far. Exit code 1 \
                if a run did not recover.

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
            let event = event
            try await SweepReport(options: sweep, json: output.json, event: event.rawValue).run { subject in
                RecoveryRun(
                    placement: subject.placement,
                    seed: subject.seed,
                    event: event,
                    limit: subject.limit,
                    options: subject.options,
                    isInterrupted: subject.isInterrupted
                )
            }
        }
    }
}
