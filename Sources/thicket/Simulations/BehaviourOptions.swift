import ArgumentParser
import MeshConfiguration
import MeshCore

/// How the nodes of a run behave, where that is not as the scenario says.
struct BehaviourOptions: ParsableArguments {
    @Option(
        help: "How clusters form: \(OptionValue.names(ClusteringMode.self)).",
        completion: .list(ClusteringMode.allCases.map(\.rawValue)),
        transform: OptionValue.named("clustering")
    )
    var clustering: ClusteringMode?

    @Option(
        help: "When classic nodes look for partners: \(OptionValue.names(DecisionPolicy.self)).",
        completion: .list(DecisionPolicy.allCases.map(\.rawValue)),
        transform: OptionValue.named("decision")
    )
    var decision: DecisionPolicy?

    @Option(
        help: "How fast classic nodes look, try and give up: \(OptionValue.names(TimingPreset.self)).",
        completion: .list(TimingPreset.allCases.map(\.rawValue)),
        transform: OptionValue.named("timing")
    )
    var timing: TimingPreset?

    /// What was given, as it is written.
    var words: [String] {
        var words: [String] = []
        if let clustering { words.append("--clustering \(clustering.rawValue)") }
        if let decision { words.append("--decision \(decision.rawValue)") }
        if let timing { words.append("--timing \(timing.rawValue)") }
        return words
    }

    /// Puts what was given in the place of what the scenario says.
    ///
    /// - Throws: a usage error if it does not go together.
    func apply(to network: inout ScenarioFile.Network) throws {
        if let clustering { network.clustering = clustering }
        if let decision { network.decision = decision }
        if let timing { network.timing = timing }
        guard network.clustering == .graft else { return }
        if decision != nil { throw ValidationError("--decision goes with classic clustering") }
        if timing != nil { throw ValidationError("--timing goes with classic clustering; graft has its own") }
    }
}
