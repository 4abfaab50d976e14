import ArgumentParser
import Glibc
import MeshConfiguration
import MeshControl

extension Sim {
    /// Lists the scenario files with their questions.
    struct Scenarios: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "scenarios",
            abstract: "List the scenario files and the question that each answers.",
            discussion: """
                They are looked for below the current folder, then beside the program.

                Example: thicket sim scenarios
                """
        )

        @OptionGroup var output: OutputOptions

        func run() throws {
            let files = Self.folders().lazy.map(ScenarioLibrary.files(in:)).first { !$0.isEmpty } ?? []
            guard !files.isEmpty else {
                throw ConfigurationError(
                    file: ScenarioLibrary.folder,
                    problem: "no scenario files here, nor beside the program",
                    allowed: "run it from a checkout"
                )
            }
            var broken: [ConfigurationError] = []
            for file in files {
                do {
                    let scenario = try ScenarioFile(path: file)
                    for line in Self.lines(scenario, json: output.json) { Console.line(line) }
                } catch {
                    broken.append(error)
                }
            }
            // The others are listed nevertheless.
            for error in broken.dropLast() { Console.note("error: \(error)") }
            if let last = broken.last { throw last }
        }

        static func lines(_ scenario: ScenarioFile, json: Bool) -> [String] {
            guard json else { return [scenario.file, "    " + scenario.question] }
            var object = JSONObject(kind: "scenario")
            object.append("name", text: scenario.name)
            object.append("file", text: scenario.file)
            object.append("question", text: scenario.question)
            object.append("nodes", integer: scenario.nodeCount)
            object.append("duration_s", .seconds(scenario.durationMicroseconds))
            return [object.line]
        }

        /// Where scenario files may be: here, or in a folder above the program.
        private static func folders() -> [String] {
            var folders = [ScenarioLibrary.folder]
            var path = executable()
            while let slash = path.lastIndex(of: "/") {
                path = path[..<slash]
                folders.append(path + "/" + ScenarioLibrary.folder)
            }
            return folders
        }

        private static func executable() -> Substring {
            let path = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
                guard let start = buffer.baseAddress else { return }
                start.withMemoryRebound(to: CChar.self, capacity: buffer.count) {
                    count = max(0, readlink("/proc/self/exe", $0, buffer.count))
                }
            }
            return String(decoding: path, as: UTF8.self)[...]
        }
    }
}
