import ArgumentParser
import MeshConfiguration
import MeshControl
import MeshSimulator
import RadioPort

extension Sim {
    /// Measures the simulator itself.
    struct Bench: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bench",
            abstract: "Measure how fast the simulator is and what it needs.",
            discussion: """
                Three seeds each form a network and then run it for 60 s. Figures are medians; only the event loop is timed. \
                Build for release before you believe them.

                Example: thicket sim bench --nodes 1000 --layout scaled
                """
        )

        @Option(help: "Number of nodes, for a generated layout.", transform: OptionValue.nodes)
        var nodes: Int?

        @Option(
            help: ArgumentHelp("Where the nodes stand: random, dense, scaled, or a layout file.", valueName: "layout"),
            completion: LayoutChoice.completion,
            transform: LayoutChoice.init(option:)
        )
        var layout = LayoutChoice.generator(.random)

        @Option(
            help: "Radio model: ble (the default), reference.",
            completion: .list(RadioProfile.allCases.map(\.rawValue)),
            transform: OptionValue.named("radio")
        )
        var radio = RadioProfile.standard

        @OptionGroup var behaviour: BehaviourOptions

        @Option(
            name: .customLong("limit"),
            help: ArgumentHelp(
                "Simulated seconds after which forming is given up (default: 600).",
                valueName: "seconds"
            ),
            transform: OptionValue.seconds
        )
        var limitMicroseconds: UInt64 = 600_000_000

        @Flag(help: "Trace and check invariants while measuring.")
        var check = false

        @OptionGroup var output: OutputOptions

        func validate() throws {
            try layout.validate(nodes: nodes)
        }

        func run() throws {
            var scenario = try layout.scenario(nodes: nodes ?? 0, limit: limitMicroseconds)
            scenario.radio = radio
            try behaviour.apply(to: &scenario.network)
            let figures = try Benchmark.measure(
                scenario,
                limit: Instant(microseconds: limitMicroseconds),
                checking: check
            )
            if output.json {
                Console.line(figures.json(layout: layout.label, radio: radio).line)
            } else {
                for line in figures.text { Console.line(line) }
            }
            if let violation = figures.violation {
                Console.note("error: seed \(violation.seed), at \(violation.at.seconds) s: \(violation.text)")
                throw ExitStatus.degraded.code
            }
        }
    }
}
