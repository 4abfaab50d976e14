import ArgumentParser

/// The simulator's verbs.
struct Sim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sim",
        abstract: "Simulate meshes: one run, many runs, recovery, speed, or one node driven from outside.",
        subcommands: [Run.self, Sweep.self, Recover.self, Bench.self, Scenarios.self, NodePort.self]
    )
}
