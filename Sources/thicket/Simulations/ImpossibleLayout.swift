import MeshConfiguration
import MeshSimulator

extension ConfigurationError {
    /// A layout that cannot be drawn, said as anything else that is wrong in the file it comes from.
    ///
    /// - Parameters:
    ///   - error: why not.
    ///   - scenario: what asked for it.
    init(_ error: PlacementError, in scenario: ScenarioFile) {
        switch error {
        case .unconnected(let generator, let nodes, let draws):
            self.init(
                file: scenario.file,
                line: scenario.nodesLine,
                key: scenario.nodesLine.map { _ in "nodes" },
                problem: "impossible layout: \(generator.rawValue) did not connect \(nodes) nodes in \(draws) draws",
                allowed: "more nodes or a smaller area"
            )
        }
    }
}

extension Placement {
    /// The places of a scenario's nodes.
    ///
    /// - Throws: what is wrong in the file if there are none.
    static func drawn(_ scenario: ScenarioFile, seed: UInt64) throws(ConfigurationError) -> Placement {
        do {
            return try Placement(scenario, seed: seed)
        } catch {
            throw ConfigurationError(error, in: scenario)
        }
    }
}
