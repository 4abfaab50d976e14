import ArgumentParser

/// The simulator's verbs.
struct Sim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sim",
        abstract:
            "Simulate meshes: one run, many runs, recovery, speed, nodes to look at, or one driven from outside.",
        subcommands: [
            Run.self, Check.self, Swarm.self, Serve.self, Sweep.self, Recover.self, Merge.self, Plot.self, Bench.self,
            Scenarios.self, NodePort.self,
        ]
    )
}
