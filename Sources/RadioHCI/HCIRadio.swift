import BluetoothHost
import BluetoothWire
import ByteCoding
public import LinuxSystem
public import RadioPort

/// The radio port over a controller that this process has for itself.
///
/// ```
///  commands ─► Host ─► packets ─► user channel or H4 ─► controller
///  events  ◄─ Host ◄─ packets ◄─
///               └─ fault ─► recovery ladder ─► reset, reopen, power cycle, wait
/// ```
public final class HCIRadio: Radio {
    /// How a radio is set up.
    public struct Configuration: Sendable {
        /// Where the controller is.
        public var endpoint: HCIEndpoint
        /// Static random address to use; nil uses the public one of the controller.
        public var randomAddress: UInt64?
        /// Path of a file that remembers over a crash that the adapter was on; nil remembers nothing.
        public var powerMemory: String?

        /// A radio at an endpoint.
        public init(endpoint: HCIEndpoint, randomAddress: UInt64? = nil, powerMemory: String? = nil) {
            self.endpoint = endpoint
            self.randomAddress = randomAddress
            self.powerMemory = powerMemory
        }
    }

    private enum State: Equatable {
        case closed
        case settingUp
        case ready
        case recovering
        case stopping
    }

    private let configuration: Configuration
    private let loop: EventLoop
    private let observer: RadioObserver
    private let lease: AdapterLease?
    private var host: Host
    private var transport: PacketTransport?
    private var state = State.closed
    private var ladder = RecoveryLadder()
    private var recoveries = RecoveryCounters()
    private var controller = ""
    private var outputs: [HostOutput] = []
    private var isDraining = false
    private var completion: (() -> Void)?

    // Timers live as long as the radio.
    private var hostTimer: EventLoop.Timer?
    private var recoveryTimer: EventLoop.Timer?
    private var forgivenessTimer: EventLoop.Timer?
    private var stopTimer: EventLoop.Timer?
    /// What the recovery timer stands for.
    private var afterWait: (() -> Void)?

    /// Time for a controller to answer the request to stop scanning.
    private static let stopScanPatience: UInt64 = 300_000
    /// Time for the links to end when the radio is stopped.
    private static let stopPatience: UInt64 = 1_000_000

    /// A radio that is closed.
    public init(_ configuration: Configuration, loop: EventLoop, observer: RadioObserver) {
        self.configuration = configuration
        self.loop = loop
        self.observer = observer
        var hostConfiguration = Host.Configuration()
        hostConfiguration.randomAddress = configuration.randomAddress
        host = Host(hostConfiguration)
        if case .adapter(let number) = configuration.endpoint {
            lease = AdapterLease(adapter: number, memory: configuration.powerMemory, loop: loop)
        } else {
            lease = nil
        }
        hostTimer = loop.timer { [unowned self] in withHost { $0.wake(at: $1, into: &$2) } }
        recoveryTimer = loop.timer { [unowned self] in
            let work = afterWait
            afterWait = nil
            work?()
        }
        forgivenessTimer = loop.timer { [unowned self] in ladder.begin() }
        stopTimer = loop.timer { [unowned self] in finishStopping() }
        lease?.plugged = { [unowned self] in pluggedIn() }
    }

    deinit {
        for timer in [hostTimer, recoveryTimer, forgivenessTimer, stopTimer] {
            if let timer { loop.remove(timer) }
        }
    }

    // MARK: - Radio

    /// Opens the controller; `ready` follows.
    ///
    /// - Throws: why it cannot be opened, with the way out.
    public func start() throws(RadioError) {
        precondition(state == .closed)
        try open()
        setUp()
    }

    /// Takes a command.
    public func perform(_ command: RadioCommand) {
        withHost { $0.perform(command, at: $1, into: &$2) }
    }

    /// Closes all links, gives the adapter back, then calls `completion`.
    public func stop(_ completion: @escaping () -> Void) {
        guard self.completion == nil else { return }
        self.completion = completion
        guard state == .ready else { return finishStopping() }
        state = .stopping
        if let stopTimer { loop.set(stopTimer, at: loop.now.advanced(byMicroseconds: Self.stopPatience)) }
        withHost { $0.shutDown(at: $1, into: &$2) }
        finishIfQuiet()
    }

    /// What people want to know of the radio.
    public var summary: RadioSummary {
        let word =
            switch state {
            case .closed: "closed"
            case .settingUp: "starting"
            case .ready: "ready"
            case .recovering: transport == nil ? "gone" : "resetting"
            case .stopping: "stopping"
            }
        return RadioSummary(
            kind: lease == nil ? "h4" : "hci",
            adapter: configuration.endpoint.description,
            controller: controller,
            state: word
        )
    }

    /// What was counted since the start.
    public var counters: [RadioCounter] { host.counters.named + recoveries.named }

    // MARK: - Host

    /// Lets the host work and carries out what it wants.
    private func withHost(_ work: (inout Host, Instant, inout [HostOutput]) -> Void) {
        work(&host, loop.now, &outputs)
        drain()
    }

    private func drain() {
        // An observer may give commands from inside; the outer call goes on with what follows from them.
        guard !isDraining else { return }
        isDraining = true
        var next = 0
        while next < outputs.count {
            let output = outputs[next]
            next += 1
            handle(output)
        }
        outputs.removeAll(keepingCapacity: true)
        isDraining = false
        if let hostTimer { loop.set(hostTimer, at: host.nextDeadline) }
    }

    private func handle(_ output: HostOutput) {
        switch output {
        case .packet(let packet):
            observer.packet?(packet, true)
            transport?.send(packet)
        case .event(let event):
            if case .ready = event { becameReady() }
            observer.event(event)
            if case .disconnected = event { finishIfQuiet() }
        case .notice(let notice): observer.notice(notice)
        case .fault(let fault):
            observer.notice(RadioNotice(.warning, "\(configuration.endpoint): \(fault)"))
            recoveries.faults += 1
            // After this turn: the host is in the middle of its work.
            loop.post { [weak self] in self?.recover(from: fault) }
        }
    }

    private func becameReady() {
        state = .ready
        controller = host.controller?.description ?? ""
        if let forgivenessTimer {
            loop.set(forgivenessTimer, at: loop.now.advanced(byMicroseconds: RecoveryLadder.forgiveness))
        }
        observer.notice(RadioNotice(.info, "\(configuration.endpoint) is ready: \(controller)"))
    }

    private func setUp() {
        state = .settingUp
        withHost { $0.start(at: $1, into: &$2) }
    }

    /// Resets a controller that may still have links.
    private func reset() {
        note("resetting it")
        recoveries.resets += 1
        state = .settingUp
        withHost { $0.restart(at: $1, into: &$2) }
    }

    // MARK: - Transport

    private func open() throws(RadioError) {
        let descriptor = try openDescriptor()
        do throws(SystemError) {
            transport = try PacketTransport(
                descriptor,
                framing: lease == nil ? .stream : .datagrams,
                loop: loop,
                received: { [unowned self] packet in received(packet) },
                ended: { [unowned self] cause in transportEnded(cause) }
            )
        } catch {
            throw RadioError(operation: "watch \(configuration.endpoint)", cause: error.description)
        }
    }

    private func openDescriptor() throws(RadioError) -> FileDescriptor {
        if let lease { return try lease.take() }
        do throws(SystemError) {
            switch configuration.endpoint {
            case .adapter: preconditionFailure("an adapter has a lease")
            case .unix(let path): return try Endpoint.connect(unix: path)
            case .tcp(let host, let port): return try Endpoint.connect(host: host, port: port)
            case .pty(let path): return try Endpoint.open(terminal: path)
            }
        } catch {
            throw RadioError(
                operation: "open \(configuration.endpoint)",
                cause: error.reason,
                advice: "start the controller there, or name another radio"
            )
        }
    }

    private func received(_ packet: [UInt8]) {
        observer.packet?(packet, false)
        withHost { $0.receive(packet, at: $1, into: &$2) }
    }

    private func transportEnded(_ cause: String) {
        observer.notice(RadioNotice(.warning, "\(configuration.endpoint) is gone: \(cause)"))
        // The one who calls is the transport: let it finish.
        let old = transport
        transport = nil
        loop.post { _ = old }
        withHost { host, _, outputs in host.abandon(into: &outputs) }
        recoveries.transportsLost += 1
        loop.post { [weak self] in self?.recover() }
    }

    // MARK: - Recovery

    /// A controller that answers but whose connect attempts come to nothing needs a reset, and no further steps.
    private func recover(from fault: HostFault) {
        guard fault == .stuck, state == .ready, transport != nil else { return recover() }
        reset()
    }

    private func recover() {
        guard state != .closed else { return }
        guard state != .stopping else { return finishStopping() }
        state = .recovering
        if let forgivenessTimer { loop.set(forgivenessTimer, at: nil) }
        switch ladder.next(transportIsGone: transport == nil) {
        case .stopScan:
            note("asking it to stop scanning")
            recoveries.stopScans += 1
            if let packet = try? HCICommand.leSetScanEnable(false).encoded(as: InlineBytes<80>.self).array {
                transport?.send([HCIPacketType.command.rawValue] + packet)
            }
            wait(Self.stopScanPatience) { [unowned self] in reset() }
        case .reopen:
            note("opening it again")
            recoveries.reopenings += 1
            reopen(cyclingPower: false)
        case .powerCycle:
            cycleAndReopen()
        case .backOff(let time):
            transport = nil
            note("trying again in \(time / 1_000_000) s")
            recoveries.backOffs += 1
            wait(time) { [unowned self] in cycleAndReopen() }
        }
    }

    private func cycleAndReopen() {
        if lease != nil {
            note("switching it off and on")
            recoveries.powerCycles += 1
        }
        reopen(cyclingPower: true)
    }

    private func reopen(cyclingPower: Bool) {
        transport = nil
        do throws(RadioError) {
            if cyclingPower { try lease?.cyclePower() }
            try open()
            setUp()
        } catch {
            observer.notice(RadioNotice(.warning, "\(error)"))
            loop.post { [weak self] in self?.recover() }
        }
    }

    /// The adapter is back: there is no need to wait any longer.
    private func pluggedIn() {
        guard state == .recovering, transport == nil else { return }
        note("it was plugged in")
        recoveries.replugs += 1
        ladder.begin()
        reopen(cyclingPower: false)
    }

    private func wait(_ microseconds: UInt64, _ work: @escaping () -> Void) {
        afterWait = work
        if let recoveryTimer { loop.set(recoveryTimer, at: loop.now.advanced(byMicroseconds: microseconds)) }
    }

    private func note(_ text: String) {
        observer.notice(RadioNotice(.warning, "\(configuration.endpoint): \(text)"))
    }

    // MARK: - The end

    private func finishIfQuiet() {
        if state == .stopping, host.linkCount == 0 {
            // After this turn, so that the last packets are out.
            loop.post { [weak self] in self?.finishStopping() }
        }
    }

    private func finishStopping() {
        guard let completion else { return }
        self.completion = nil
        state = .closed
        for timer in [hostTimer, recoveryTimer, forgivenessTimer, stopTimer] {
            if let timer { loop.set(timer, at: nil) }
        }
        transport = nil
        lease?.giveBack()
        completion()
    }
}
