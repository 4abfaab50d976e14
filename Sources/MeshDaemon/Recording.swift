import Glibc
import LinuxSystem
import Logging
import MeshCapture
import MeshConfiguration
import MeshControl
import MeshCore
import MeshWire
import RadioPort

/// The recordings of one node: one file for each boot, as many as the configuration wants.
///
/// What goes wrong with them is logged and counted, and is no concern of the node.
final class Recording {
    private let file: NodeConfigurationFile
    private let log: Logger
    private let settings: DaemonSettings.Record?
    private var recorder: Recorder?
    private var failures: UInt64 = 0

    init(_ file: NodeConfigurationFile, log: Logger) {
        self.file = file
        self.log = log
        settings = file.daemon.record
    }

    /// What was counted, for the status.
    var counters: [RadioCounter] { settings == nil ? [] : [RadioCounter("recording_failures", failures)] }

    /// Begins a file for a node that has not been told anything, if recordings are wanted.
    func begin(_ node: Node, seed: UInt64) {
        recorder = nil
        guard let settings else { return }
        let header = RecordingHeader(
            program: Version.text,
            beganAt: UInt64(max(0, time(nil))),
            identity: node.identity,
            configuration: node.configuration,
            seed: seed,
            includesKeys: settings.secrets == .include
        )
        let ring = FileRing(
            folder: settings.folder ?? file.daemon.stateFolder,
            name: "node-\(file.node.rawValue)",
            ending: "recording",
            files: settings.files
        )
        do throws(SystemError) {
            let recorder = try Recorder(header, in: ring, limit: settings.fileBytes)
            log.info("recording to \(recorder.path)")
            self.recorder = recorder
        } catch {
            failures += 1
            log.error("cannot record: \(error); create the folder or set 'record.folder'")
        }
    }

    /// Takes an input and what came of it.
    func take(_ input: Input, at now: Instant, outputs: ContiguousArray<Output>) {
        guard let recorder else { return }
        recorder.take(input, at: now, outputs: outputs)
        follow(recorder)
    }

    /// Completes the file.
    func end(_ end: RecordingEnd) {
        guard let recorder else { return }
        recorder.end(end)
        follow(recorder)
        self.recorder = nil
    }

    /// Lets go of a recorder that takes no more, and says why.
    private func follow(_ recorder: Recorder) {
        switch recorder.state {
        case .recording, .ended(.stopped), .ended(.restarted): return
        case .ended(.full):
            log.notice("the recording is full at \(recorder.bytes) bytes; the next start of the node begins another")
        case .ended(.inputTooLong):
            failures += 1
            log.error("the recording ends: an input is too long for it")
        case .failed(let error):
            failures += 1
            log.error("the recording ends: \(error)")
        }
        self.recorder = nil
    }
}
