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
    /// Whether the next boot begins a file.
    private var isWanted: Bool
    private let file: NodeConfigurationFile
    private let settings: DaemonSettings.Record
    private let log: Logger
    private var recorder: Recorder?
    /// Why the latest file could not be begun.
    private var refusal: String?
    private var failures: UInt64 = 0

    init(_ file: NodeConfigurationFile, log: Logger) {
        self.file = file
        self.log = log
        isWanted = file.daemon.record != nil
        settings = file.daemon.record ?? DaemonSettings.Record()
    }

    /// What was counted, for the status.
    var counters: [RadioCounter] { failures == 0 ? [] : [RadioCounter("recording_failures", failures)] }

    // MARK: - Orders

    /// Whether files are begun from now on; one that is under way ends if not.
    func want(_ wanted: Bool) {
        isWanted = wanted
        if !wanted {
            recorder?.end(.stopped)
            refusal = nil
        }
    }

    /// How it is, for the control socket.
    var report: JSONObject {
        let (state, reason): (String, String?) =
            switch recorder?.state {
            case .recording: ("recording", nil)
            case .ended(.full): ("full", nil)
            case .failed(let error): ("failed", "\(error)")
            case .ended(.inputTooLong): ("failed", "an input is too long")
            case .ended(.stopped), .ended(.restarted), nil:
                if let refusal { ("failed", refusal) } else { (isWanted ? "waiting" : "off", nil) }
            }
        return RecordReport.object(
            state: state,
            reason: reason,
            path: recorder?.path,
            inputs: recorder?.inputs ?? 0,
            bytes: recorder?.bytes ?? 0
        )
    }

    // MARK: - Boots and inputs

    /// Begins a file for a node that has not been told anything, if one is wanted.
    func begin(_ node: Node, seed: UInt64) {
        recorder = nil
        refusal = nil
        guard isWanted else { return }
        let keys = node.identity.keys
        guard settings.secrets == .include || keys.network != .unset || keys.node != .unset else {
            // Everybody could open it, and the keys of the network that the node is enrolled in will be in it.
            return refuse(
                "the node has no key of its own to seal it with",
                "set 'device_key' or 'record.secrets: include'"
            )
        }
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
            refuse("\(error)", "create the folder or set 'record.folder'")
        }
    }

    private func refuse(_ reason: String, _ advice: String) {
        refusal = reason
        failures += 1
        log.error("cannot record: \(reason); \(advice)")
    }

    /// Takes an input and what came of it.
    func take(_ input: Input, at now: Instant, outputs: ContiguousArray<Output>) {
        guard let recorder, recorder.state == .recording else { return }
        recorder.take(input, at: now, outputs: outputs)
        tell(recorder)
    }

    /// Completes the file.
    func end(_ end: RecordingEnd) {
        guard let recorder, recorder.state == .recording else { return }
        recorder.end(end)
        tell(recorder)
    }

    /// Says why nothing more is taken, if that is so.
    private func tell(_ recorder: Recorder) {
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
    }
}
