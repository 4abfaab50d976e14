import ByteCoding
import Glibc
public import LinuxSystem
import Logging
import MeshCapture
public import MeshConfiguration
package import MeshControl
package import MeshCore
import MeshCrypto
import MeshHistory
import MeshWire
package import RadioPort

/// One node on one radio: the loop around the state machine.
///
/// ```
///  radio ── events ──►┐                    ┌──► commands ── radio
///  clock ── wake ────►├─► Node ─► outputs ─┼──► state file (before anything else of the same turn)
///  control socket ───►┘                    ├──► log, systemd, history
///                                          └──► subscribers of the control socket
/// ```
///
/// Everything runs on the thread of the event loop.
public final class Daemon {
    private let file: NodeConfigurationFile
    private let loop: EventLoop
    private let makeRadio: (EventLoop, RadioObserver) -> any Radio
    private let stateFile: StateFile
    private let service = ServiceManager()
    private var log: Logger
    private var history: HistoryKeeper?
    private let packets: PacketCapture
    private let recording: Recording
    private lazy var control = NodeControl(self)
    private var controlServer: ControlServer?
    private var radio: (any Radio)?

    package private(set) var node: Node
    private var outputs = Outputs()
    private var inputs: [Input] = []
    private var isFeeding = false
    private let startedAt: Instant
    /// State that the disk did not take yet.
    private var unsaved: PersistentState?
    private var isStopping = false
    private var announced = ""
    private var announcedAt = Instant.zero
    private var announcedShape: Shape?

    /// What is cheap to look at after every input.
    private struct Shape: Equatable {
        var size: Int16
        var edges: Int
        var isUp: Bool
    }

    private var nodeTimer: EventLoop.Timer?
    private var watchdogTimer: EventLoop.Timer?
    private var saveTimer: EventLoop.Timer?
    private var controlTimer: EventLoop.Timer?

    /// Time between attempts to write a state that the disk did not take, in microseconds.
    private static let saveRetry: UInt64 = 10_000_000

    /// A daemon that is not started.
    ///
    /// - Parameters:
    ///   - file: its configuration.
    ///   - name: path of the configuration file, for errors.
    ///   - loop: its thread.
    /// - Throws: ``ConfigurationError`` if the configuration or the stored state cannot be used.
    public init(_ file: NodeConfigurationFile, name: String, loop: EventLoop) throws(ConfigurationError) {
        self.file = file
        self.loop = loop
        makeRadio = try RadioChoice.maker(for: file, name: name)
        stateFile = StateFile(path: file.daemon.stateFolder + "/node-\(file.node.rawValue).json")
        log = Logger(label: "thicketd") { _ in StandardErrorLog() }
        log.logLevel = file.daemon.log.level
        packets = PacketCapture(file)
        recording = Recording(file, log: log)
        node = Self.node(file, seed: 0)
        startedAt = loop.now
    }

    private static func node(_ file: NodeConfigurationFile, seed: UInt64) -> Node {
        Node(identity: file.identity, configuration: file.behaviour(tracing: true), seed: seed, cipher: AES128.cipher)
    }

    /// Reads what would be read at the start, and does nothing else.
    ///
    /// - Throws: what is wrong with it.
    public func check() throws(ConfigurationError) {
        _ = try stateFile.load()
    }

    /// Opens the radio and the control socket and powers the node on.
    ///
    /// - Throws: ``ConfigurationError``, ``RadioError`` or ``DaemonError``, each one line with the way out.
    public func start() throws {
        let found = try stateFile.load()
        if let warning = found.warning { log.warning("\(warning)") }
        try startCapture()
        var limits = ControlServer.Limits()
        limits.clients = file.daemon.clients
        limits.backlog = file.daemon.backlog
        do throws(ControlError) {
            controlServer = try ControlServer(path: file.daemon.control, limits: limits, loop: loop, source: control)
            control.server = controlServer
        } catch {
            throw DaemonError(text: error.text)
        }
        if let enrolment = found.state.enrolment { tell(enrolment) }
        if let mode = found.state.clustering, mode != file.clustering {
            log.notice("clustering is \(mode.rawValue) by a change of the network, not \(file.clustering.rawValue)")
        }
        nodeTimer = loop.timer { [unowned self] in feed(.wake) }
        saveTimer = loop.timer { [unowned self] in saveAgain() }
        controlTimer = loop.timer { [unowned self] in control.wake() }
        history = HistoryKeeper(file, loop: loop) { [unowned self] level, text in log.log(level: level, "\(text)") }
        try boot(reason: 0, stored: found.state)
        try watchSignals()
        startWatchdog()
        service.ready()
    }

    /// Says that the configuration is not all that makes the node.
    private func tell(_ enrolment: Enrolment) {
        let who = "'node', 'network' and 'key' of the configuration do not hold; move \(stateFile.path) away to go back"
        if enrolment.network == .notEnrolled {
            log.notice("the node was taken out of its network; \(who)")
        } else {
            let node = enrolment.node ?? file.node
            log.notice("enrolled as node \(node) of network \(enrolment.network) over the air; \(who)")
        }
    }

    // MARK: - Node

    private func boot(reason: UInt8, stored: PersistentState) throws(RadioError) {
        let observer = RadioObserver(
            event: { [unowned self] event in feed(.radio(event)) },
            notice: { [unowned self] notice in log.log(level: notice.level.level, "\(notice.text)") },
            packet: { [packets] packet, sent in packets.store(packet, sent: sent) }
        )
        let radio = makeRadio(loop, observer)
        self.radio = radio
        // A new value for each boot: nothing but what was stored lives on, so that a recording can begin here.
        let seed = SystemRandom.seed()
        node = Self.node(file, seed: seed)
        let identity = file.identity.enrolled(with: stored.enrolment)
        log.info("node \(identity.node.rawValue) of network \(identity.network.rawValue), seed \(seed)")
        recording.begin(node, seed: seed)
        let random = SystemRandom.bytes(as: InlineBytes<2>.self)
        let bootNumber = UInt16(random[0]) | UInt16(random[1]) << 8
        history?.boot(reason: reason)
        feed(.started(boot: BootRecord(bootNumber: bootNumber, reason: reason, stored: stored)))
        try radio.start()
    }

    /// Gives the node an input, now or after the one that it is working on.
    package func feed(_ input: Input) {
        inputs.append(input)
        guard !isFeeding else { return }
        isFeeding = true
        var next = 0
        while next < inputs.count {
            let now = loop.now
            node.handle(inputs[next], at: now, into: &outputs)
            recording.take(inputs[next], at: now, outputs: outputs.items)
            next += 1
            carryOut()
            history?.look(at: node)
        }
        inputs.removeAll(keepingCapacity: true)
        isFeeding = false
        if let nodeTimer { loop.set(nodeTimer, at: node.nextDeadline) }
        announce()
    }

    private func carryOut() {
        let items = outputs.items
        outputs.removeAll()
        // What is answered must be kept already: state first.
        for case .persist(let state) in items { save(state) }
        for item in items {
            switch item {
            case .persist: break
            case .radio(let command): radio?.perform(command)
            case .deliver(let message): control.delivered(message, at: loop.now)
            case .restart(let reason): restart(reason)
            case .needsEntropy: inputs.append(.entropy(SystemRandom.bytes()))
            case .trace(let event): traced(event)
            }
        }
    }

    private func restart(_ reason: UInt8) {
        log.info("restarting, reason \(reason)")
        history?.end(.reset)
        let stored = node.stored
        radio?.stop { [unowned self] in
            recording.end(.restarted)
            do throws(RadioError) {
                try boot(reason: reason, stored: stored)
            } catch {
                log.error("\(error)")
                endLoop()
            }
        }
    }

    private func traced(_ event: TraceEvent) {
        history?.note(event)
        control.traced(event, at: loop.now)
        let level = event.level
        guard level >= log.logLevel else { return }
        let (name, fields) = event.nameAndFields
        log.log(level: level, "\(name)", metadata: fields.metadata)
    }

    // MARK: - State

    private func save(_ state: PersistentState) {
        do throws(SystemError) {
            try stateFile.save(state)
            unsaved = nil
        } catch {
            unsaved = state
            log.error("cannot keep the state: \(error); trying again in 10 s")
            if let saveTimer { loop.set(saveTimer, at: loop.now.advanced(byMicroseconds: Self.saveRetry)) }
        }
    }

    private func saveAgain() {
        if let unsaved { save(unsaved) }
    }

    // MARK: - Surroundings

    private func startCapture() throws(DaemonError) {
        guard file.daemon.capture != nil else { return }
        do throws(SystemError) {
            try packets.begin()
        } catch {
            throw DaemonError(text: "cannot capture: \(error); create the folder or set 'capture.folder'")
        }
    }

    private func watchSignals() throws(SystemError) {
        signal(SIGPIPE, SIG_IGN)
        try loop.watchSignals([SIGTERM, SIGINT, SIGUSR1, SIGUSR2]) { [unowned self] number in
            switch number {
            case SIGUSR1: setLogLevel(.debug)
            case SIGUSR2: setLogLevel(file.daemon.log)
            default: stop()
            }
        }
    }

    private func setLogLevel(_ level: LogLevel) {
        log.logLevel = level.level
        log.notice("logging from level \(level.rawValue) on")
    }

    private func startWatchdog() {
        guard let period = service.watchdogPeriod else { return }
        watchdogTimer = loop.timer { [unowned self] in
            service.alive()
            if let watchdogTimer { loop.set(watchdogTimer, at: loop.now.advanced(byMicroseconds: period / 2)) }
        }
        if let watchdogTimer { loop.set(watchdogTimer, at: loop.now) }
    }

    /// Tells systemd what has changed: at once if it is the cluster, else within a second, for most inputs change nothing.
    private func announce() {
        let now = loop.now
        let shape = Shape(size: node.clusterSize, edges: node.meshEdgeCount, isUp: node.isUp)
        guard shape != announcedShape || now.microseconds(since: announcedAt) >= 1_000_000 else { return }
        announcedShape = shape
        announcedAt = now
        let health = Health(node, radio: surroundings.radio, at: now)
        let text = "\(health.word): cluster of \(node.clusterSize), links to \(node.meshEdgeCount)"
        guard text != announced else { return }
        announced = text
        service.status(text)
    }

    /// Closes all links with reason 0x13, gives the adapter back and ends the loop; the second time it ends at once.
    private func stop() {
        guard !isStopping, let radio else { return endLoop() }
        isStopping = true
        log.info("stopping")
        service.stopping()
        radio.stop { [unowned self] in endLoop() }
    }

    private func endLoop() {
        recording.end(.stopped)
        history?.end(.stopped)
        history?.finish()
        loop.stop()
    }
}

extension Daemon: ControlledNode {
    package var now: Instant { loop.now }

    package var surroundings: NodeSurroundings {
        NodeSurroundings(
            name: file.name,
            radio: radio?.summary ?? RadioSummary(kind: "", adapter: ""),
            startedAt: startedAt,
            historyPath: file.historyPath
        )
    }

    package var radioCounters: [RadioCounter] {
        (radio?.counters ?? []) + recording.counters + (history.map { [$0.counter] } ?? [])
    }

    package func log(from level: LogLevel) { setLogLevel(level) }

    package func capture(_ order: CaptureOrder) throws(ControlError) -> JSONObject {
        guard radio?.summary.kind != "dbus" else {
            throw ControlError("packets cannot be captured beside bluetoothd: use 'btmon', or 'radio: hci'")
        }
        return try packets.carryOut(order)
    }

    package func record(_ order: RecordOrder) -> JSONObject {
        switch order {
        case .status: break
        case .off: recording.want(false)
        case .on: recording.want(true)
        case .restart:
            recording.want(true)
            feed(.request(.reset(afterDeciseconds: 0)))
        }
        return recording.report
    }

    package func wakeControl(at instant: Instant?) {
        if let controlTimer { loop.set(controlTimer, at: instant) }
    }
}

/// Why a daemon cannot run, in one line that names the way out.
public struct DaemonError: Error, Equatable, Sendable {
    /// The line.
    public var text: String
}
