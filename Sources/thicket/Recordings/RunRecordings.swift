import ArgumentParser
import LinuxSystem
import MeshCapture
import MeshControl
import MeshCore
import MeshSimulator
import MeshWire

/// A node that is recorded, and the file: `7=node-7.recording`.
struct NodeRecording {
    var node: NodeID
    var path: String

    /// Takes an option apart.
    ///
    /// - Throws: a usage error if it has another form.
    init(option: String) throws {
        let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let node = UInt16(parts[0]), node > 0, !parts[1].isEmpty else {
            throw ValidationError("'\(option)' is not NODE=FILE, such as 7=node-7.recording")
        }
        self.node = NodeID(node)
        path = String(parts[1])
    }
}

/// Recordings of some nodes of a run.
///
/// Keys are part of them: those of a scenario are no secret.
struct RunRecordings {
    private var recorders: [Int: Recorder] = [:]

    /// Bytes at which a recording ends.
    private static let limit = 1_000_000_000

    /// Creates the files.
    ///
    /// - Throws: a usage error if there is no such node, or a file cannot be created.
    init(_ wanted: [NodeRecording], of run: ScenarioRun) throws {
        for recording in wanted {
            let option = "--record \(recording.node)=\(recording.path)"
            guard let index = run.simulation.index(of: recording.node) else {
                throw ValidationError("\(option): there is no node \(recording.node)")
            }
            guard recorders[index] == nil else { throw ValidationError("\(option): node \(recording.node) twice") }
            let node = run.simulation[index]
            let header = RecordingHeader(
                program: Version.text,
                beganAt: 0,
                identity: node.identity,
                configuration: node.configuration,
                seed: run.simulation.seed(of: index),
                includesKeys: true
            )
            do throws(SystemError) {
                recorders[index] = try Recorder(header, in: FileRing(path: recording.path), limit: Self.limit)
            } catch {
                throw ValidationError("\(option): \(error.reason)")
            }
        }
    }

    /// Writes what the nodes were told since this was last asked.
    ///
    /// - Throws: ``InternalError`` if it cannot be written.
    func take(from run: inout ScenarioRun) throws {
        guard !recorders.isEmpty else { return }
        for input in run.takeInputs() {
            recorders[input.node]?.take(input.input, at: input.at, outputs: input.outputs)
        }
        try check()
    }

    /// Completes the files.
    ///
    /// - Throws: ``InternalError`` if one cannot be written.
    func end() throws {
        for recorder in recorders.values {
            recorder.end(.stopped)
            if recorder.state == .ended(.full) { Console.note("\(recorder.path) is full and ends early") }
        }
        try check()
    }

    private func check() throws {
        for recorder in recorders.values {
            if case .failed(let error) = recorder.state {
                throw InternalError(text: "\(recorder.path): \(error.reason)")
            }
        }
    }
}
