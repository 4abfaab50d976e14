import ArgumentParser

/// The simulator's verbs.
struct Sim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sim",
        abstract: "Simulate meshes: one run, many runs, recovery, speed, nodes to look at, or one driven from outside.",
        subcommands: [
            Run.self, Serve.self, Sweep.self, Swarm.self, Recover.self, Bench.self, Scenarios.self, NodePort.self,
        ]
    )
}
