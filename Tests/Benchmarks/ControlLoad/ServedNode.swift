import ArgumentParser
import Glibc
import LinuxSystem
import MeshConfiguration
import MeshControl
import MeshCore
import MeshWire
import RadioFake
import RadioPort

/// A node that does nothing, with a control socket, on a loop that also hears the radio.
final class ServedNode: ControlledNode {
    private let loop: EventLoop
    private(set) var node: Node
    private lazy var control = NodeControl(self)
    private var server: ControlServer?
    private let listener: FileDescriptor
    private var radio: FileDescriptor?
    private var watch: EventLoop.Watch?
    private var measured: [UInt64] = []
    private let folder: String

    init(folder: String, clients: Int, loop: EventLoop) throws {
        self.loop = loop
        self.folder = folder
        node = Node(identity: Identity(node: NodeID(7)), configuration: Configuration(), seed: 7) { key, _ in key }
        listener = try Endpoint.listen(unix: folder + "/radio.sock", mode: 0o600)
        var outputs = Outputs()
        node.handle(.started(boot: BootRecord(bootNumber: 1)), at: loop.now, into: &outputs)
        var limits = ControlServer.Limits()
        limits.clients = clients
        server = try ControlServer(path: folder + "/control.sock", limits: limits, loop: loop, source: control)
        control.server = server
    }

    deinit { unlink(folder + "/radio.sock") }

    /// Waits until the radio is there.
    func awaitRadio() throws {
        while radio == nil {
            if let descriptor = try Endpoint.accept(listener) { radio = consume descriptor }
            usleep(1000)
        }
        guard let number = radio?.rawValue else { return }
        watch = try loop.watch(number, for: .reading) { [unowned self] _ in hear() }
    }

    /// Takes all stamps that wait: how old each is, is its latency.
    private func hear() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        guard let number = radio?.rawValue else { return }
        let count = read(number, &buffer, buffer.count)
        let now = RadioPart.now
        for start in stride(from: 0, to: max(0, count) / 8 * 8, by: 8) {
            let sent = (0..<8).reduce(UInt64(0)) { $0 | UInt64(buffer[start + $1]) << UInt64(8 * $1) }
            measured.append((now - min(now, sent)) / 1000)
        }
    }

    /// Runs the loop for a time.
    ///
    /// - Returns: the latencies of the events of that time.
    func latencies(for seconds: Double) throws -> Latencies {
        measured.removeAll()
        let end = loop.now.advanced(byMicroseconds: UInt64(seconds * 1_000_000))
        while loop.now < end { try loop.turn(waiting: 10_000) }
        return Latencies(measured)
    }

    /// Runs the loop until a process ends.
    ///
    /// - Returns: its exit status.
    func serve(until process: pid_t) throws -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 { try loop.turn(waiting: 10_000) }
        return status
    }

    var malformedRequests: UInt64 { server?.malformedRequests ?? 0 }

    // MARK: - ControlledNode

    var now: Instant { loop.now }

    var surroundings: NodeSurroundings {
        NodeSurroundings(
            name: nil,
            radio: RadioSummary(kind: "fake", adapter: "none", state: "ready"),
            startedAt: .zero
        )
    }

    var radioCounters: [RadioCounter] { [] }

    func feed(_ input: Input) {}

    /// Its clients ask for nothing that takes time.
    func wakeControl(at instant: Instant?) {}

    func log(from level: LogLevel) {}
}

/// How long events waited, in microseconds.
struct Latencies: CustomStringConvertible {
    private let sorted: [UInt64]

    init(_ values: [UInt64]) { sorted = values.sorted() }

    private func percentile(_ share: Double) -> Int {
        sorted.isEmpty ? 0 : Int(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
    }

    var p99: Int { percentile(0.99) }

    var description: String {
        "\(sorted.count) events, median \(percentile(0.5)) us, p99 \(p99) us, worst \(sorted.last ?? 0) us"
    }
}
