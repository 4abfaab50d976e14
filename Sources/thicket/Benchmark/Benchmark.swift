import MeshConfiguration
import MeshControl
import MeshCore
import MeshSimulator
import RadioPort

/// Speed and memory of the simulator, over three seeds.
struct Benchmark {
    /// What one seed gave.
    private struct Seed {
        var formingSpeed: Double
        var steadySpeed: Double
        var eventsPerSecond: Double
        var receptionsPerSecond: Double
    }

    private static let seeds: ClosedRange<UInt64> = 1...3
    private static let steadyMicroseconds: UInt64 = 60_000_000

    var nodes: Int
    /// Simulated seconds per second from power-on to formed.
    var formingSpeed: Double
    /// Simulated seconds per second over the next minute.
    var steadySpeed: Double
    /// Turns of nodes per second.
    var eventsPerSecond: Double
    /// Advertisements received per second.
    var receptionsPerSecond: Double
    /// Peak of the process.
    var peakBytes: UInt64
    /// What a node adds to it.
    var bytesPerNode: UInt64
    /// The first thing that must never be, if that was checked.
    var violation: Violation?

    /// Runs the seeds one after the other.
    ///
    /// - Parameters:
    ///   - scenario: the nodes.
    ///   - limit: when forming is given up.
    ///   - checking: whether tracing and invariants are on.
    /// - Returns: the figures.
    /// - Throws: what is wrong with the layout.
    static func measure(_ scenario: ScenarioFile, limit: Instant, checking: Bool) throws -> Benchmark {
        var options = Simulation.Options(scenario)
        options.checksInvariants = checking
        options.configuration.tracing = checking
        var runs: [Seed] = []
        var violation: Violation?
        // What the program itself needs to run is no memory of nodes.
        var few = Simulation(placement: try Placement(.random, nodes: 10, seed: 1), seed: 1, options: options)
        few.run(until: Instant(microseconds: 20_000_000))
        let before = ProcessMemory.resident
        for seed in seeds {
            let placement = try Placement.drawn(scenario, seed: seed)
            var simulation = Simulation(placement: placement, seed: seed, options: options)
            let forming = time(&simulation) { _ = $0.runUntilFormed(limit: limit) }
            let formed = simulation.now
            _ = simulation.takeTraces()
            let steady = time(&simulation) { $0.run(until: formed.advanced(byMicroseconds: steadyMicroseconds)) }
            runs.append(
                Seed(
                    formingSpeed: formed.seconds / forming,
                    steadySpeed: (simulation.now.seconds - formed.seconds) / steady,
                    eventsPerSecond: Double(simulation.turns) / (forming + steady),
                    receptionsPerSecond: Double(simulation.receptions) / (forming + steady)
                )
            )
            violation = violation ?? simulation.violation
        }
        let peak = ProcessMemory.peak
        let median = { (figure: (Seed) -> Double) in Distribution(runs.map(figure))?.median ?? 0 }
        return Benchmark(
            nodes: scenario.nodeCount,
            formingSpeed: median(\.formingSpeed),
            steadySpeed: median(\.steadySpeed),
            eventsPerSecond: median(\.eventsPerSecond),
            receptionsPerSecond: median(\.receptionsPerSecond),
            peakBytes: peak,
            bytesPerNode: (peak - min(peak, before)) / UInt64(scenario.nodeCount),
            violation: violation
        )
    }

    /// Wall-clock seconds of a piece of work, never zero.
    private static func time(_ simulation: inout Simulation, _ work: (inout Simulation) -> Void) -> Double {
        let duration = ContinuousClock().measure { work(&simulation) }
        return max(duration / Duration.seconds(1), 1e-9)
    }

    /// The `bench` object of the contract.
    func json(layout: String, radio: RadioProfile) -> JSONObject {
        var object = JSONObject(kind: "bench")
        object.append("nodes", integer: nodes)
        object.append("layout", text: layout)
        object.append("radio", text: radio.rawValue)
        object.append("seeds", integer: Self.seeds.count)
        object.append("forming_sim_s_per_wall_s", .number(formingSpeed))
        object.append("steady_sim_s_per_wall_s", .number(steadySpeed))
        object.append("events_per_wall_s", .number(eventsPerSecond))
        object.append("receptions_per_wall_s", .number(receptionsPerSecond))
        object.append("rss_bytes", .unsigned(peakBytes))
        object.append("bytes_per_node", .unsigned(bytesPerNode))
        return object
    }

    /// The figures for people.
    var text: [String] {
        [
            "\(nodes) nodes",
            "forming   \(DecimalText.fixed(formingSpeed, 1)) simulated seconds per second",
            "steady    \(DecimalText.fixed(steadySpeed, 1)) simulated seconds per second",
            "turns     \(DecimalText.fixed(eventsPerSecond, 0)) per second",
            "received  \(DecimalText.fixed(receptionsPerSecond, 0)) advertisements per second",
            "memory    \(DecimalText.fixed(Double(peakBytes) / 1e6, 1)) MB at the peak, \(bytesPerNode) bytes per node",
        ]
    }
}
