import Glibc
import LinuxSystem
import MeshConfiguration
import MeshControl
import MeshCore
import MeshSimulator
import RadioPort

/// A simulation that goes on in the pace of the clock while clients look at its nodes, each of which has a control socket.
final class ServedSimulation {
    /// The longest that clients wait for the simulation, in microseconds.
    private static let slice: UInt64 = 5000
    /// Between two looks at the clock, in microseconds.
    private static let tick: UInt64 = 2000
    /// Further behind than this, simulated time is what the machine can do, in microseconds of real time.
    private static let lagMax: UInt64 = 200_000

    private(set) var run: ScenarioRun
    private let loop: EventLoop
    /// Simulated seconds per second; nil: as fast as it can.
    private let speed: Double?
    private var nodes: [SimulatedNode] = []
    private var timer: EventLoop.Timer?
    /// When controls of nodes want to be woken, by node, and the first of it.
    private var wakes: [Int: Instant] = [:]
    private var nextWake: Instant?
    /// Where the clocks stood together.
    private var anchor: (real: Instant, simulated: Instant)

    /// A simulation whose time stands still.
    init(_ run: ScenarioRun, speed: Double?, loop: EventLoop) {
        self.run = run
        self.speed = speed
        self.loop = loop
        anchor = (loop.now, run.now)
    }

    /// Where the sockets of simulated nodes lie if nobody says otherwise: a folder of the user's own.
    static var defaultFolder: String {
        if let folder = getenv("XDG_RUNTIME_DIR") { return String(cString: folder) + "/thicket" }
        return "/tmp/thicket-\(geteuid())"
    }

    // MARK: - Nodes

    func node(_ index: Int) -> Node { run.simulation[index] }

    func isPowered(_ index: Int) -> Bool { run.simulation.isPowered[index] }

    var now: Instant { run.now }

    var radioProfile: String { run.scenario.radio.rawValue }

    func feed(_ input: Input, to index: Int) {
        run.feed(input, to: index)
        publish()
    }

    /// Wakes the control of a node at a simulated instant, nil: does not.
    func wakeControl(of index: Int, at instant: Instant?) {
        wakes[index] = instant
        nextWake = wakes.values.min()
    }

    // MARK: - Serving

    /// Opens the sockets, `N.sock` for node N; where several networks share the air, `NETWORK-N.sock`.
    ///
    /// - Throws: ``ControlError`` if one of them cannot be had.
    func listen(in folder: String) throws(ControlError) {
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw ControlError(
                "cannot create \(folder): \(String(cString: strerror(errno))); set --sockets to another folder"
            )
        }
        for (index, site) in run.simulation.placement.sites.enumerated() {
            let name = run.hasOneNetwork ? "\(site.id)" : "\(site.network)-\(site.id)"
            let node = SimulatedNode(index, of: self)
            try node.listen(at: "\(folder)/\(name).sock", loop: loop)
            nodes.append(node)
        }
    }

    /// Lets time pass as fast as it goes, before anybody looks.
    ///
    /// - Parameter isEnough: asked after every step.
    func run(until isEnough: (ScenarioRun) -> Bool) {
        while !isEnough(run), !run.isOver {
            run.step()
            publish()
        }
    }

    /// Lets time pass from now on.
    func start() {
        anchor = (loop.now, run.now)
        timer = loop.timer { [unowned self] in advance() }
        if let timer { loop.set(timer, at: loop.now) }
    }

    private func advance() {
        let begin = loop.now
        let due = due(at: begin)
        while run.now < due, !run.isOver, loop.now.microseconds(since: begin) < Self.slice {
            run.step()
            if let nextWake, nextWake <= run.now { wakeControls() }
        }
        publish()
        guard let timer, !run.isOver else { return }
        let now = loop.now
        if run.now < due, now.microseconds(since: begin) >= Self.slice { catchUp(at: now) }
        loop.set(timer, at: run.now < due ? now : now.advanced(byMicroseconds: Self.tick))
    }

    /// How far simulated time should be.
    private func due(at now: Instant) -> Instant {
        guard let speed else { return Instant(microseconds: .max) }
        let passed = Double(now.microseconds(since: anchor.real)) * speed
        return anchor.simulated.advanced(byMicroseconds: UInt64(passed))
    }

    /// Gives up time that the machine cannot make good.
    private func catchUp(at now: Instant) {
        guard let speed else { return }
        let lag = Double(due(at: now).microseconds(since: run.now)) / speed
        if lag > Double(Self.lagMax) { anchor = (now, run.now) }
    }

    /// Wakes the controls whose time has come; they hear first what their nodes heard until then.
    private func wakeControls() {
        publish()
        for index in wakes.filter({ $0.value <= run.now }).keys.sorted() {
            wakes[index] = nil
            nodes[index].control.wake()
        }
        nextWake = wakes.values.min()
    }

    private func publish() {
        for trace in run.takeTraces() { nodes[trace.node].control.traced(trace.event, at: trace.at) }
        for delivery in run.takeDeliveries() {
            nodes[delivery.node].control.delivered(delivery.message, at: delivery.at)
        }
    }
}
