import ArgumentParser
import Glibc
import LinuxSystem
import MeshConfiguration
import MeshControl
import MeshDaemon
import RadioPort

/// The daemon.
@main
struct ThicketDaemon: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thicketd",
        abstract: "One node of a Bluetooth Low Energy mesh on one adapter.",
        discussion: """
            Without --config it reads /etc/thicket/ADAPTER.yaml if there is one, else /etc/thicket/thicket.yaml. SIGTERM \
            closes the links and ends it; SIGUSR1 logs everything, SIGUSR2 as configured again.

            Exit codes: 0 ended by a signal, 64 usage, 65 bad configuration or state, 69 radio or control socket \
            unavailable, 70 internal error.
            """,
        version: Version.text
    )

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("hci, dbus, h4:unix:PATH, h4:tcp:HOST:PORT or h4:pty:PATH.", valueName: "radio"))
    var radio: String?

    @Option(help: ArgumentHelp("The adapter, such as hci0.", valueName: "adapter"))
    var adapter: String?

    @Flag(help: "Read the configuration and the stored state, say what is wrong, and end.")
    var check = false

    func run() throws {
        do {
            try serve()
        } catch let error as ConfigurationError {
            throw Self.failure("\(error)", 65)
        } catch let error as RadioError {
            throw Self.failure("\(error)", 69)
        } catch let error as DaemonError {
            throw Self.failure(error.text, 69)
        } catch let error as SystemError {
            throw Self.failure("\(error)", 70)
        }
    }

    private func serve() throws {
        let path = config ?? NodeConfigurationFile.defaultPath(adapter: adapter ?? "hci0")
        var file = try NodeConfigurationFile(path: path)
        if let radio { file.daemon.radio = radio }
        if let adapter { file.daemon.adapter = adapter }
        let loop = try EventLoop()
        let daemon = try Daemon(file, name: path, loop: loop)
        if check {
            try daemon.check()
            let network = file.key == nil ? ", which is to be enrolled" : " of network \(file.network)"
            print("\(path) is good: node \(file.node)\(network)")
            return
        }
        try daemon.start()
        try loop.run()
    }

    private static func failure(_ text: String, _ code: Int32) -> ExitCode {
        let bytes = Array("error: \(text)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
        return ExitCode(code)
    }
}
