import ArgumentParser
import MeshConfiguration
import MeshControl

extension Sim {
    /// Reads scenario files and says what is wrong with them.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Check scenario files without running them.",
            discussion: """
                For every file one line: that it is good, or the line and the key of the first mistake, with what is allowed \
                there. Exit code 65 if any has one. Editors that know JSON Schema check while you write, if the file begins \
                with '# yaml-language-server: $schema=' and the path of Simulator/scenario.schema.json.

                Example: thicket sim check Simulator/Scenarios/*.yaml
                """
        )

        @Argument(
            help: ArgumentHelp("Scenario files.", valueName: "FILE"),
            completion: .file(extensions: ["yaml"])
        )
        var files: [String]

        @OptionGroup var output: OutputOptions

        func run() throws {
            var isGood = true
            for file in files {
                do {
                    let scenario = try ScenarioFile(path: file)
                    tell(file, scenario)
                } catch {
                    isGood = false
                    tell(file, error)
                }
            }
            if !isGood { throw ExitStatus.badInput.code }
        }

        private func tell(_ file: String, _ scenario: ScenarioFile) {
            guard output.json else {
                let counts =
                    "nodes \(scenario.nodeCount), timeline entries \(scenario.timeline.count), "
                    + "expectations \(scenario.expectations.count)"
                Console.line("\(file): good, \(counts)")
                return
            }
            var object = JSONObject(kind: "scenario_check")
            object.append("file", text: file)
            object.append("good", true)
            Console.line(object.line)
        }

        private func tell(_ file: String, _ error: ConfigurationError) {
            guard output.json else {
                Console.note("error: \(error)")
                return
            }
            var object = JSONObject(kind: "scenario_check")
            object.append("file", text: file)
            object.append("good", false)
            object.append("line", .optional(error.line) { .integer(Int64($0)) })
            object.append("key", .optional(error.key) { .text($0) })
            object.append("problem", text: error.problem)
            object.append("allowed", text: error.allowed)
            Console.line(object.line)
        }
    }
}
