import ArgumentParser
import MeshCapture
import MeshConfiguration
import MeshCore
import MeshCrypto

/// Runs a node offline on what another one was told.
struct ReplayRecording: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a node on a recording, and prove that it answers as the recorded one did.",
        discussion: """
            A recording comes from a daemon with 'record' in its configuration, or from 'thicket sim run --record'. One that \
            leaves the keys out needs the configuration of its node. Of one that was cut short, what is left is replayed.

            Examples:
              thicket replay node-7.recording --config node-7.yaml
              thicket replay node-7.recording --until 12.5 --explain

            Exit codes: 0 identical, 1 differs, 65 no whole recording.
            """
    )

    @Argument(help: ArgumentHelp("A recording.", valueName: "FILE"), completion: .file())
    var recording: String

    @Option(
        help: ArgumentHelp("Stop so long after the first input, and show the node then.", valueName: "SECONDS"),
        transform: OptionValue.seconds
    )
    var until: UInt64?

    @Option(
        help: ArgumentHelp("The configuration of the recorded node, for its key.", valueName: "NODE.yaml"),
        completion: .file(extensions: ["yaml"])
    )
    var config: String?

    @Flag(help: "Print what the node decided and why, as 'thicket why' does; what is repeated, once.")
    var explain = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let reader = try opened()
        var view = ReplayView(isJSON: output.json)
        view.show(reader)
        var replay = Replay(reader, cipher: AES128.cipher, tracing: explain)
        replay.run(until: until) { output, microseconds in
            if explain { view.explain(output, at: microseconds) }
        }
        view.show(replay)
        if replay.difference != nil { throw ExitStatus.degraded.code }
        if case .damaged = replay.stop { throw ExitStatus.badInput.code }
    }

    private func opened() throws -> RecordingReader {
        let keys: NodeKeys? = if let config { try NodeConfigurationFile(path: config).identity.keys } else { nil }
        do throws(RecordingError) {
            return try RecordingReader(path: recording, keys: keys)
        } catch {
            if error == .keysMissing { throw ValidationError("\(recording): \(error); give --config NODE.yaml") }
            throw ConfigurationError(file: recording, problem: "\(error)")
        }
    }
}
