import LinuxSystem
import MeshConfiguration
import MeshControl
import MeshCore
import RadioPort

/// One node of a simulation that has a control socket.
final class SimulatedNode: ControlledNode {
    /// Events that are kept: there are many nodes.
    private static let eventsKept = 256

    private unowned let simulation: ServedSimulation
    private let index: Int
    private(set) lazy var control = NodeControl(self, eventsKept: Self.eventsKept)
    private var server: ControlServer?

    init(_ index: Int, of simulation: ServedSimulation) {
        self.index = index
        self.simulation = simulation
    }

    /// Listens at a path.
    ///
    /// - Throws: ``ControlError`` if the path cannot be had.
    func listen(at path: String, loop: EventLoop) throws(ControlError) {
        server = try ControlServer(path: path, mode: 0o600, loop: loop, source: control)
        control.server = server
    }

    var node: Node { simulation.node(index) }

    var now: Instant { simulation.now }

    var surroundings: NodeSurroundings {
        NodeSurroundings(
            name: nil,
            radio: RadioSummary(
                kind: "fake",
                adapter: "simulated",
                controller: simulation.radioProfile,
                state: simulation.isPowered(index) ? "ready" : "off"
            ),
            startedAt: .zero
        )
    }

    var radioCounters: [RadioCounter] { [] }

    func feed(_ input: Input) { simulation.feed(input, to: index) }

    func wakeControl(at instant: Instant?) { simulation.wakeControl(of: index, at: instant) }

    func log(from level: LogLevel) throws(ControlError) {
        throw ControlError("a simulated node has no log; use 'thicket monitor'")
    }
}
