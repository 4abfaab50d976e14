import ArgumentParser
import Glibc
import MeshCapture
import MeshSimulator

/// The air of a run as a file for Wireshark.
struct CaptureFile: ~Copyable {
    private let path: String
    private let stream: UnsafeMutablePointer<FILE>
    private var capture: AirCapture

    /// Creates the file, or empties it.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - comment: what stands in it before its caveats.
    /// - Throws: a usage error if that is not possible.
    init(path: String, comment: String) throws {
        guard let stream = fopen(path, "we") else {
            throw ValidationError("--capture \(path): \(String(cString: strerror(errno)))")
        }
        self.path = path
        self.stream = stream
        capture = AirCapture(comment: comment)
    }

    deinit {
        fclose(stream)
    }

    /// Writes what came over the air since this was last called.
    ///
    /// - Throws: ``InternalError`` if it cannot be written.
    mutating func take(from run: inout ScenarioRun) throws {
        for (at, node, event) in run.takeRadioEvents() {
            capture.note(event, at: at, address: run.simulation.address(of: node))
        }
        let bytes = capture.takeBytes()
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw failure }
    }

    /// Makes sure that everything is in the file.
    ///
    /// - Throws: ``InternalError`` if it is not.
    func flush() throws {
        guard fflush(stream) == 0 else { throw failure }
    }

    private var failure: InternalError { InternalError(text: "\(path): \(String(cString: strerror(errno)))") }
}
