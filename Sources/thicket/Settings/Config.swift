import ArgumentParser

/// What is set in a running mesh, and in files.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show, set and compare what nodes are set to; check configuration files.",
        subcommands: [ConfigGet.self, ConfigSet.self, ConfigDiff.self, ConfigCheck.self, ConfigClustering.self]
    )
}
