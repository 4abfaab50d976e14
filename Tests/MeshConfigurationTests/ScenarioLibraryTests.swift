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

    /// A reader finds each with its question in the documentation, and no other.
    @Test func allAreListedWithTheirQuestions() throws {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let article = root + "/Simulator/Engine/MeshSimulator.docc/Scenarios.md"
        let text = try #require(String(validating: Data(contentsOf: URL(filePath: article)), as: UTF8.self))
        let section = try #require(
            text.split(separator: "### Those that come along").last?.split(separator: "###").first
        )
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count == Self.files.count)
        for (row, file) in zip(rows, Self.files) {
            let scenario = try ScenarioFile(path: file)
            #expect(row.hasPrefix("| `\(scenario.name)` ") && row.hasSuffix(" | \(scenario.question) |"), "\(file)")
        }
    }

    @Test(arguments: files) func eachAsksAQuestionAndExpectsAnAnswer(file: String) throws {
        let scenario = try ScenarioFile(path: file)
        #expect(scenario.question.hasSuffix("?"))
        #expect(!scenario.expectations.isEmpty)
        #expect(file.hasSuffix("/\(scenario.name).yaml"))
    }
}
