import FoundationEssentials
import MeshConfiguration
import Testing

/// The scenario files that come with the project.
@Suite struct ScenarioLibraryTests {
    private static var files: [String] {
        // Beside the test sources, wherever the tests run.
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let scenarios = "/" + folder + "/Simulator/Scenarios"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: scenarios)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { scenarios + "/" + $0 }
    }

    @Test func thereAreSome() {
        #expect(Self.files.count >= 20)
    }

    @Test(arguments: files) func eachAsksAQuestionAndExpectsAnAnswer(file: String) throws {
        let scenario = try ScenarioFile(path: file)
        #expect(scenario.question.hasSuffix("?"))
        #expect(!scenario.expectations.isEmpty)
        #expect(file.hasSuffix("/\(scenario.name).yaml"))
    }
}
