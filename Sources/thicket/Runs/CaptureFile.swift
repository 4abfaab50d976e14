import MeshCapture
import MeshSimulator

/// The air of a run as a file for Wireshark.
struct CaptureFile: ~Copyable {
    private let file: RunOutput
    private var capture: AirCapture

    /// Creates the file, or empties it.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - comment: what stands in it before its caveats.
    /// - Throws: a usage error if that is not possible.
    init(path: String, comment: String) throws {
        file = try RunOutput(path: path, option: "--capture")
        capture = AirCapture(comment: comment)
    }

    /// Writes what came over the air since this was last called.
    ///
    /// - Throws: ``InternalError`` if it cannot be written.
    mutating func take(from run: inout ScenarioRun) throws {
        for (at, node, event) in run.takeRadioEvents() {
            capture.note(event, at: at, address: run.simulation.address(of: node))
        }
        try file.write(capture.takeBytes())
    }

    /// Makes sure that everything is in the file.
    ///
    /// - Throws: ``InternalError`` if it is not.
    func flush() throws { try file.flush() }
}
