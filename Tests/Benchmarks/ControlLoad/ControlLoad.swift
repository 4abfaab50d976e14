import ArgumentParser
import Glibc
import LinuxSystem

/// What clients of the control socket cost the node whose thread serves them.
///
/// The server with a node behind it runs in this process. A second process is the radio: it sends a time stamp every two
/// milliseconds, and how old it is when the loop gets it is the latency of an event of the node. A third process is all the
/// clients on one core: each asks as fast as it is answered, with malformed lines in between, and counts the answers. Measured
/// first without the clients, then with them.
@main
struct ControlLoad: ParsableCommand {
    @Option(help: "Seconds of either measurement.")
    var seconds = 60.0

    @Option(help: "Clients.")
    var clients = 100

    /// Which part this process plays, set by the process that starts it.
    @Option(help: .hidden)
    var part = Part.server

    @Option(help: .hidden)
    var folder = ""

    enum Part: String, ExpressibleByArgument {
        case server, radio, clients
    }

    mutating func run() throws {
        signal(SIGPIPE, SIG_IGN)
        switch part {
        case .radio: try RadioPart.run(folder: folder)
        case .clients: try ClientPart.run(folder: folder, count: clients, seconds: seconds)
        case .server: try serve()
        }
    }

    private func serve() throws {
        var template = Array("/tmp/thicket-load-XXXXXX".utf8CString)
        let folder = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
        defer { rmdir(folder) }
        let loop = try EventLoop()
        let served = try ServedNode(folder: folder, clients: clients, loop: loop)
        let radio = try Self.start(.radio, folder, ["--seconds", "\(seconds)"])
        try served.awaitRadio()

        let idle = try served.latencies(for: seconds)
        let before = Self.residentBytes
        let process = try Self.start(.clients, folder, ["--seconds", "\(seconds)", "--clients", "\(clients)"])
        // A third of the way memory is what it will be.
        _ = try served.latencies(for: seconds / 3)
        let early = Self.residentBytes
        let loaded = try served.latencies(for: seconds * 2 / 3)
        let late = Self.residentBytes
        let status = try served.serve(until: process)
        kill(radio, SIGTERM)

        print("event latency without clients  \(idle)")
        print("event latency with clients     \(loaded)")
        print("p99 grows by \(loaded.p99 - idle.p99) us")
        print("malformed requests answered    \(served.malformedRequests)")
        print("resident: \(before / 1024) KB before, \(early / 1024) KB after a third, \(late / 1024) KB at the end")
        guard status == 0 else { throw ExitCode(1) }
    }

    /// Starts another part of this program.
    private static func start(_ part: Part, _ folder: String, _ options: [String]) throws -> pid_t {
        let words = ["ControlLoad", "--part", part.rawValue, "--folder", folder] + options
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        guard posix_spawn(&process, "/proc/self/exe", nil, nil, &arguments, environ) == 0 else { throw ExitCode(70) }
        return process
    }

    /// Memory of this process that is in use.
    private static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return 0 }
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
            separator: " "
        )
        return words.count > 1 ? (Int(words[1]) ?? 0) * 4096 : 0
    }
}
