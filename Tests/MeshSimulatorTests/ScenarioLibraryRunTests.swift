import FoundationEssentials
import MeshConfiguration
import MeshSimulator
import RadioPort
import Testing

/// The scenarios that come with the project keep what they promise.
@Suite struct ScenarioLibraryRunTests {
    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Simulator/Scenarios"

    private static var files: [String] {
        ScenarioLibrary.files(in: folder).filter { (try? ScenarioFile(path: $0))?.nodeCount ?? 0 <= largest }
    }

    /// What has more nodes is for release builds: it would take an hour here.
    private static let largest = 2_000

    /// Those that are over in no time: the others run once, so that all of them together stay below a few minutes.
    private static var lightFiles: [String] {
        files.filter { file in
            guard let scenario = try? ScenarioFile(path: file), scenario.radio == .reference else { return false }
            return UInt64(scenario.nodeCount) * scenario.durationMicroseconds < 6_000_000_000
        }
    }

    @Test func thereAreEnough() {
        #expect(Self.files.count >= 20)
        #expect(Self.lightFiles.count >= 12)
    }

    @Test(arguments: files) func theOwnSeedPasses(file: String) throws {
        let scenario = try ScenarioFile(path: file)
        _ = try Self.finished(scenario, seed: scenario.seed)
    }

    @Test(arguments: lightFiles) func twoRunsHaveOneDigest(file: String) throws {
        let scenario = try ScenarioFile(path: file)
        let first = try Self.finished(scenario, seed: 2)
        let second = try Self.finished(scenario, seed: 2)
        #expect(first.simulation.digest == second.simulation.digest)
    }

    @Test(arguments: lightFiles) func otherSeedsPassToo(file: String) throws {
        _ = try Self.finished(try ScenarioFile(path: file), seed: 3)
    }

    private static func finished(_ scenario: ScenarioFile, seed: UInt64) throws -> ScenarioRun {
        var run = try ScenarioRun(scenario, seed: seed)
        run.run(until: run.end)
        #expect(run.isPassed, "\(run.verdicts)\nreplay: thicket sim run \(scenario.file) --seed \(seed)")
        return run
    }
}
