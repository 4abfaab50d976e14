import ByteCoding
public import MeshWire
public import RadioPort

/// One mesh node: a value that turns inputs into outputs.
///
/// It reads no clock, no global randomness, no file and no environment: same inputs, same outputs, on every machine. Copying
/// it is a checkpoint. Every input is legal in every state; one that makes no sense is traced and changes nothing.
///
/// The driver calls ``handle(_:at:into:)`` for everything that happens and, with ``Input/wake``, at ``nextDeadline``. Early
/// is harmless, late only slower.
///
/// ```
///            ┌ advertisement ─► JoinMeBuffer ─► decision ─► connect ┐
///  RadioEvent┤                                                      ├─► RadioCommand
///            └ link events ─► Link ─► handshake ─► cluster ─► queues┘
///                               └──► routing ─► modules ─► answers ─► queues
/// ```
public struct Node: Sendable {
    /// Who the node is.
    public internal(set) var identity: Identity
    /// Who it was before anybody enrolled it over the air.
    let original: Identity
    /// How it behaves.
    public internal(set) var configuration: Configuration

    let cipher: BlockCipher
    var random: SeededGenerator
    @usableFromInline var timers = Timers()
    /// When it was switched on or restarted last.
    public internal(set) var bootedAt = Instant.zero
    /// Whether it may be told of advertisements later than it received them.
    ///
    /// They then change only what it remembers, and what it does at its next tick. So it makes no difference if it is told of
    /// them late by ``hear(_:of:into:)``, as long as that is before any other input, with the times at which they were
    /// received, and not later than the first tick after the first of them: ticks are multiples of ``Timing/tick`` from
    /// ``bootedAt``.
    public private(set) var hearsLater = false
    var isRunning = false
    /// What is kept over a restart.
    public internal(set) var stored = PersistentState()

    // MARK: - Radio

    var radio: RadioState?
    /// Link-layer links, with and without a connection object.
    var radioLinks: ContiguousArray<RadioLink> = []
    var scanOnAir: ScanTiming?
    var advertiser = Advertiser()

    // MARK: - Discovery

    var discovery = DiscoveryState.high
    var discoveryRunning = true
    var emergencyElapsed: UInt64 = 0

    // MARK: - Cluster

    /// The cluster that the node belongs to.
    public internal(set) var clusterID = ClusterID.none
    /// Nodes in that cluster as this node counts them, at least 1.
    public internal(set) var clusterSize: Int16 = 1
    /// Mesh connection objects removed since boot.
    public internal(set) var connectionLossCounter: UInt16 = 0
    var bootNumber: UInt16 = 0
    /// Neighbours of the own network that run the other clustering mode, at most ``Limits/otherModeNeighbours``.
    public internal(set) var otherModeNeighbours: [OtherModeNeighbour] = []
    /// Neighbours that are no candidates, while the node traces.
    var bystanderTable = BystanderTable()
    var classic = ClassicClustering()
    var graft = GraftClustering()

    // MARK: - Connections

    var links: ContiguousArray<Link> = []
    var connectAttempt: ConnectAttempt?
    var nextUnique: UInt32 = 0
    var nextToken: UInt32 = 1

    // MARK: - Modules

    var clock: NetworkClock
    /// When this node last sent a step of the time synchronisation.
    var lastTimeSyncAt: Instant?
    var status = StatusReporterState()
    var answers = PendingAnswers()
    var entropy = EntropyPool()
    var heardDevices = HeardDevices()
    private var errandStorage = OutOfLine<EnrolmentErrand>.none
    /// The device that the node enrols for somebody.
    var errand: EnrolmentErrand? {
        get { errandStorage.value }
        set { errandStorage = OutOfLine(newValue) }
    }
    /// Whether an errand needs the node to listen with high duty; to ask for the errand means to copy it.
    @inline(__always)
    var seeksDevice: Bool { errandStorage.isStored }
    /// Why the node will be restarted when its timer runs out.
    var restartCause = RebootCause.unknown

    /// Something changed that the settling at the end of an input must look at.
    var needsSettling = false
    var joinMeIsStale = false
    /// What is on air may differ from what should be.
    var advertisingIsStale = false

    /// A node that has never run; `seed` is the seed of its own random stream.
    public init(identity: Identity, configuration: Configuration, seed: UInt64, cipher: @escaping BlockCipher) {
        self.identity = identity
        original = identity
        self.configuration = configuration
        self.cipher = cipher
        random = SeededGenerator(seed: seed)
        clock = NetworkClock(cyclesPerTick: configuration.timing.tickCycles)
    }

    /// When the driver must call again; nil: only when something happens.
    @inlinable public var nextDeadline: Instant? { timers.next }

    /// Takes one input and appends what follows from it.
    ///
    /// - Parameters:
    ///   - input: what happened.
    ///   - now: when; never before the time of an earlier call.
    ///   - outputs: where commands, messages and trace values are appended, in order.
    public mutating func handle(_ input: Input, at now: Instant, into outputs: inout Outputs) {
        switch input {
        case .started(let boot):
            start(boot, now: now, into: &outputs)
        case .wake:
            runTimers(now: now, into: &outputs)
        case .radio(let event):
            guard isRunning else { return }
            handle(event, now: now, into: &outputs)
        case .request(let request):
            guard isRunning else { return }
            handle(request, now: now, into: &outputs)
        case .entropy(let bytes):
            entropy.add(bytes)
        }
        if needsSettling {
            settle(now: now, into: &outputs)
        }
        hearsLater =
            configuration.clustering == .classic && configuration.decision == .periodic && !configuration.tracing
            && !seeksDevice
    }

    // MARK: - Time

    /// Deciseconds of the main timer since boot.
    @inline(__always)
    func deciseconds(at now: Instant) -> UInt32 {
        UInt32(truncatingIfNeeded: now.microseconds(since: bootedAt) / configuration.timing.tick * 2)
    }

    /// The first tick of the main timer at or after `instant`.
    @inline(__always)
    func tick(from instant: Instant) -> Instant {
        let tick = configuration.timing.tick
        let elapsed = instant.microseconds(since: bootedAt)
        return bootedAt.advanced(byMicroseconds: (elapsed + tick - 1) / tick * tick)
    }

    /// The first tick of the main timer after `instant`.
    @inline(__always)
    func tick(after instant: Instant) -> Instant {
        tick(from: instant.advanced(byMicroseconds: 1))
    }

    /// Sets a timer to the tick that ends `duration` microseconds from now.
    mutating func set(_ timer: NodeTimer, in duration: UInt64, now: Instant) {
        timers.set(timer, at: tick(from: now.advanced(byMicroseconds: duration)))
    }

    /// A random time from 0 to another, in microseconds.
    mutating func jitter(_ most: UInt64) -> UInt64 { UInt64(random.uniform(below: UInt32(most + 1))) }

    // MARK: - Tracing

    @inline(__always)
    func trace(_ event: @autoclosure () -> TraceEvent, into outputs: inout Outputs) {
        if configuration.tracing {
            outputs.append(.trace(event()))
        }
    }

    // MARK: - Start and timers

    /// Power on, or a restart: everything is forgotten but what was stored.
    private mutating func start(_ boot: BootRecord, now: Instant, into outputs: inout Outputs) {
        let random = random
        let radio = radio
        self = Node(identity: original, configuration: configuration, seed: 0, cipher: cipher)
        self.random = random
        self.radio = radio
        bootedAt = now
        isRunning = true
        trace(.started(RebootCause(rawValue: boot.reason)), into: &outputs)
        stored = boot.stored
        identity = storedIdentity
        if let mode = stored.clustering {
            configuration.change(to: mode)
        }
        status.start(reason: boot.reason)
        bootNumber = boot.bootNumber ?? UInt16(truncatingIfNeeded: self.random.next())
        startAlone(into: &outputs)
        outputs.append(.needsEntropy)
        if radio != nil {
            startMeshing(now: now, into: &outputs)
        }
    }

    /// Whether the node takes part in a mesh: not before its enrolment, and never as an asset (protocol §1.2, §1.6).
    ///
    /// A network key that is not set cannot be used (protocol §1.10), so nobody can be linked with.
    @inline(__always)
    var meshes: Bool {
        identity.network != .notEnrolled && identity.deviceType != .asset && identity.keys.network != .unset
    }

    /// Boot is complete and the radio works: begin to look for others.
    mutating func startMeshing(now: Instant, into outputs: inout Outputs) {
        guard meshes else {
            // Only the MeshAccess broadcast: such a node can be reached, but joins nothing.
            advertiser.start(configuration: configuration, random: &random)
            advertisingIsStale = true
            needsSettling = true
            return
        }
        enter(.high, now: now, into: &outputs)
        startClustering(now: now)
        advertiser.start(configuration: configuration, random: &random)
        if advertiser.rotates {
            set(.advertising, in: configuration.timing.advertisingSlot, now: now)
        }
        startTimeReporting(now: now)
        scheduleReports(now: now)
        markJoinMeStale()
    }

    private mutating func runTimers(now: Instant, into outputs: inout Outputs) {
        while let timer = timers.popExpired(at: now) {
            needsSettling = true
            switch timer {
            case .links: checkLinks(now: now, into: &outputs)
            case .emergency: watchForEmergency(now: now, into: &outputs)
            case .discoveryTimeout: request(.low, now: now, into: &outputs)
            case .sizeTransition: applySizeTransition(now: now, into: &outputs)
            case .clustering: clusteringIsDue(now: now, into: &outputs)
            case .enrolledNodes: syncEnrolledNodes(now: now, into: &outputs)
            case .timeSync: syncTime(now: now, into: &outputs)
            case .timeReporting: reportTime(now: now, into: &outputs)
            case .answers: sendNextAnswer(now: now, into: &outputs)
            case .scanRestart: updateScan(now: now, into: &outputs)
            case .advertising: rotateAdvertising(now: now)
            case .reset: restart(now: now, into: &outputs)
            case .statusReport: reportPeriodically(now: now, into: &outputs)
            case .clusteringChange: changeClusteringIfDue(now: now, into: &outputs)
            case .enrolment: errandTimedOut(now: now, into: &outputs)
            }
        }
    }

    // MARK: - Radio events

    private mutating func handle(_ event: RadioEvent, now: Instant, into outputs: inout Outputs) {
        switch event {
        case .advertisement(let address, let rssi, let connectable, let data):
            let advertisement = Advertisement(address: address, connectable: connectable, data: data)
            hear(advertisement, rssi: rssi, now: now, into: &outputs)
            return
        case .ready(let address, let capabilities, let handles):
            radio = RadioState(address: address, capabilities: capabilities, handles: handles)
            startMeshing(now: now, into: &outputs)
        case .capabilitiesChanged(let capabilities):
            radio?.capabilities = capabilities
            advertisingIsStale = true
            markJoinMeStale()
        case .failed(let status):
            radioFailed(status, now: now, into: &outputs)
        case .connected(let token, let link, let role, let address, _):
            linkUp(token: token, link: link, role: role, address: address, now: now, into: &outputs)
        case .connectFailed(let token, let reason):
            connectFailed(token: token, reason: reason, now: now, into: &outputs)
        case .encrypted(let link, let status):
            encrypted(link: link, status: status, now: now, into: &outputs)
        case .keyRequested(let link):
            answerKey(link, into: &outputs)
        case .mtu(let link, let value):
            mtuChanged(link: link, mtu: value, now: now, into: &outputs)
        case .discovered(let link, let service, let handles):
            discovered(link: link, service: service, handles: handles, now: now, into: &outputs)
        case .written(let link, let handle, let value, _):
            written(link: link, handle: handle, value: value, now: now, into: &outputs)
        case .notified(let link, _, let value):
            notified(link: link, value: value, now: now, into: &outputs)
        case .writeConfirmed(let link):
            guard let index = index(of: link) else { return }
            links[index].queues.requestConfirmed()
            accessWriteConfirmed(index, now: now, into: &outputs)
        case .sent(let link, let count):
            guard let index = index(of: link) else { return }
            links[index].queues.commandsSent(Int(count))
            links[index].timeSync.writesSent(Int(count), at: ticks(at: now))
        case .parametersRequested(let link, let parameters):
            outputs.append(.radio(.updateParameters(link: link, parameters: parameters)))
        case .parametersChanged:
            return
        case .linkRSSI(let link, let rssi):
            guard let index = index(of: link) else { return }
            links[index].averageRSSI.sample(rssi, at: deciseconds(at: now))
            return
        case .disconnected(let link, let reason):
            linkDown(link: link, reason: reason, now: now, into: &outputs)
        }
        needsSettling = true
    }

    private mutating func handle(_ request: Request, now: Instant, into outputs: inout Outputs) {
        needsSettling = true
        switch request {
        case .send(var message):
            guard message.count >= MessageHeader.encodedSize else { return }
            message[1] = UInt8(truncatingIfNeeded: identity.node.rawValue)
            message[2] = UInt8(truncatingIfNeeded: identity.node.rawValue >> 8)
            send(message, now: now, into: &outputs)
        case .sendRaw(let message):
            guard message.count >= MessageHeader.encodedSize else { return }
            send(message, now: now, into: &outputs)
        case .setTime(let seconds, let offset):
            becomeTimeMaster(seconds: seconds, offsetMinutes: offset, now: now)
        case .reset(let deciseconds):
            scheduleRestart(.localReset, in: UInt64(deciseconds) * 100_000, now: now)
        case .discovery(let running):
            discoveryRunning = running
        case .disconnect(let partner):
            for link in links where link.kind == .mesh && (partner == nil || link.partner == partner) {
                remove(slot: link.slot, reason: .userRequest, now: now, into: &outputs)
            }
        }
    }

    // MARK: - Settling

    /// Sends what became due during an input: pending updates, queued messages, a changed advertisement.
    mutating func settle(now: Instant, into outputs: inout Outputs) {
        settleClustering(now: now, into: &outputs)
        var index = 0
        while index < links.count {
            if links.isMeshEdge(index) {
                queueClusterUpdate(index, now: now, into: &outputs)
            } else if links[index].kind == .access {
                tellCluster(on: index, into: &outputs)
            }
            if links[index].queues.isDrained, links[index].kind == .mesh {
                index += 1
            } else if pump(index, now: now, into: &outputs) {
                // A completed handshake changes other links too: look at all of them again.
                index = 0
            } else {
                index += 1
            }
        }
        if joinMeIsStale {
            joinMeIsStale = false
            advertiser.beacon = beacon()
            advertisingIsStale = true
        }
        if advertisingIsStale {
            advertisingIsStale = false
            advertiseIfChanged(into: &outputs)
        }
        needsSettling = false
    }

    /// The radio lost everything: links, scan and advertisement.
    private mutating func radioFailed(_ status: HCIStatus, now: Instant, into outputs: inout Outputs) {
        radio = nil
        if !isPlanted(.keepsScanOfLostRadio) {
            scanOnAir = nil
        }
        advertiser.stoppedByRadio()
        advertisingIsStale = true
        if let attempt = connectAttempt {
            connectFailed(token: attempt.token, reason: status, now: now, into: &outputs)
        }
        for link in radioLinks {
            linkDown(link: link.id, reason: .hardwareFailure, now: now, into: &outputs)
        }
    }
}

/// What the radio said of itself.
struct RadioState: Sendable {
    var address: Address
    var capabilities: RadioCapabilities
    var handles: ServiceHandles
}

/// A link-layer link; its connection object may be gone already.
struct RadioLink: Sendable {
    var id: LinkID
    var role: LinkRole
    var address: Address
}

/// The connect attempt under way.
struct ConnectAttempt: Sendable {
    var token: ConnectToken
    var slot: UInt8
}
