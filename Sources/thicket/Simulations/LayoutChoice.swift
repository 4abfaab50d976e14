import ArgumentParser
import MeshConfiguration

/// Where the nodes of a sweep stand.
enum LayoutChoice: Equatable {
    case generator(LayoutGenerator)
    case file(String)

    /// The value of `--layout`.
    init(option text: String) throws {
        if let generator = LayoutGenerator(rawValue: text) {
            self = .generator(generator)
        } else if text.hasSuffix(".json") {
            self = .file(text)
        } else {
            throw ValidationError(
                "layout '\(text)' does not exist; there is: \(OptionValue.names(LayoutGenerator.self)), FILE.json"
            )
        }
    }

    static let completion = CompletionKind.custom { _, _, _ in LayoutGenerator.allCases.map(\.rawValue) }

    /// How results call the layout.
    var label: String {
        switch self {
        case .generator(let generator): generator.rawValue
        case .file(let path): path
        }
    }

    /// Checks that a number of nodes is given where it is needed, and only there.
    func validate(nodes: Int?) throws {
        switch self {
        case .generator(let generator):
            if nodes == nil { throw ValidationError("--layout \(generator.rawValue) needs --nodes N") }
        case .file:
            if nodes != nil { throw ValidationError("--nodes goes with a generated layout; the file has its own") }
        }
    }

    /// A scenario of these nodes and nothing else.
    ///
    /// - Parameters:
    ///   - nodes: how many, for a generated layout.
    ///   - limit: simulated time in microseconds.
    /// - Returns: the scenario.
    /// - Throws: what is wrong in the layout file.
    func scenario(nodes: Int, limit: UInt64) throws(ConfigurationError) -> ScenarioFile {
        let placement: ScenarioFile.Placement =
            switch self {
            case .generator(let generator): .generated(generator, count: nodes)
            case .file(let path): .fixed(try Layout(path: path))
            }
        var scenario = ScenarioFile(name: label, durationMicroseconds: limit, placement: placement)
        scenario.file = "--layout \(label)"
        return scenario
    }
}
