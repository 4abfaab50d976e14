import FoundationEssentials
import MeshConfiguration
import MeshSimulator
import RadioPort
import Testing

/// The scenarios that come with the project keep what they promise.
@Suite struct ScenarioLibraryRunTests {
    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Simulator/Scenarios"

    private static var files: [String] { ScenarioLibrary.files(in: folder) }

    @Test func thereAreSome() {
        #expect(Self.files.count >= 5)
    }

    @Test(arguments: files) func theOwnSeedPassesTwiceWithOneDigest(file: String) throws {
        let scenario = try ScenarioFile(path: file)
        let first = try Self.finished(scenario, seed: scenario.seed)
        let second = try Self.finished(scenario, seed: scenario.seed)
        #expect(first.simulation.digest == second.simulation.digest)
    }

    @Test(arguments: files, [UInt64](2...4)) func otherSeedsPassToo(file: String, seed: UInt64) throws {
        _ = try Self.finished(try ScenarioFile(path: file), seed: seed)
    }

    private static func finished(_ scenario: ScenarioFile, seed: UInt64) throws -> ScenarioRun {
        var run = try ScenarioRun(scenario, seed: seed)
        run.run(until: run.end)
        #expect(run.isPassed, "\(run.verdicts)\nreplay: thicket sim run \(scenario.file) --seed \(seed)")
        return run
    }
}
