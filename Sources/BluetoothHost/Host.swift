import BluetoothWire
import ByteCoding
public import RadioPort

/// An LE host without input and output: port commands and packets of the controller in, packets and port events out.
///
/// ```
///  RadioCommand ─► what is wanted ─► one command at a time ─► packet ─► controller
///  controller ─► packet ─► event  ─► links, what is on air ─► RadioEvent
///                       └► data   ─► L2CAP ─► ATT server, ATT client, signalling
/// ```
///
/// Advertising, scanning and the connect attempt are kept as what is *wanted* and what is *on air*; whenever no command is
/// outstanding the next step from the one to the other is taken. A refusal changes neither, so that the host tries again when
/// something has changed. Every packet is legal in every state; what makes no sense is counted.
public struct Host: Sendable {
    /// How a host is set up.
    public struct Configuration: Sendable {
        /// Static random address to use; nil uses the public one of the controller.
        public var randomAddress: UInt64?
        /// Longest ATT packet that the host receives.
        public var mtuMax: UInt16 = 63
        /// Time for the controller to answer a command, in microseconds.
        public var commandTimeout: UInt64 = 2_000_000
        /// Time between two readings of a link's signal strength, in microseconds.
        public var rssiPeriod: UInt64 = 2_000_000

        /// The usual set-up.
        public init() {}
    }

    enum Phase: Equatable, Sendable {
        case off
        case settingUp
        case ready
    }

    /// What is advertised.
    struct Advertising: Equatable, Sendable {
        var data: AdvertisingData
        var scanResponse: AdvertisingData
        var connectable: Bool
        var interval: UInt16
    }

    /// What the controller was told of advertising; nil while not known.
    struct AdvertisingOnAir: Equatable, Sendable {
        var interval: UInt16?
        var connectable = false
        var data: AdvertisingData?
        var scanResponse: AdvertisingData?
        var isEnabled = false
    }

    /// A connect attempt.
    struct Attempt: Sendable {
        enum State: Sendable {
            case waiting
            case issued
            case cancelling
        }

        var token: ConnectToken
        var address: Address
        var parameters: ConnectionParameters
        var scan: ScanTiming
        var deadline: Instant
        var state = State.waiting
        var isTimedOut = false
        /// The controller says that there is nothing to cancel.
        var cancellationIsRefused = false
    }

    /// Links that are ended before the controller is reset.
    struct Leaving: Sendable {
        /// Those that the controller was not told of yet.
        var untold: [ConnectionHandle]
        /// Those that have not ended yet.
        var open: [ConnectionHandle]
        /// When the controller is reset whatever it has said.
        let until: Instant
    }

    let configuration: Configuration
    var phase = Phase.off
    /// Commands that wait for their turn.
    var commands: [HCICommand] = []
    var outstanding: HCICommand?
    var outstandingSince = Instant.zero
    var commandCredits = 1

    /// What the controller says of itself; nil while unknown.
    public internal(set) var controller: ControllerVersion?
    var address = Address(value: 0, kind: .public)
    var capabilities = Host.firstCapabilities
    var leBuffer: (size: Int, count: Int)?
    var credits = PacketCredits(packetSize: 27, count: 1)

    var advertising: Advertising?
    var advertisingOnAir = AdvertisingOnAir()
    var scan: ScanTiming?
    /// How the controller was told to scan last.
    var scanParametersOnAir: HCICommand?
    var isScanning = false
    var attempt: Attempt?
    /// Connect attempts in a row that ran out of time, since a link last came up.
    var fruitlessAttempts = 0
    /// Resets because of them, since a link last came up.
    var fruitlessResets = 0
    /// When the last attempt came to nothing, if there has been no link and no other attempt since.
    var lonelySince: Instant?
    /// The controller cannot open links while it advertises, as it showed by a refusal.
    var connectExcludesAdvertising = false
    /// A refused step is not tried again before this.
    var retryAt: Instant?

    var links: [HostLink] = []
    var lastLink: UInt32 = 0
    /// Connections that the controller had when it was given up.
    private var abandoned: [ConnectionHandle] = []
    var leaving: Leaving?
    /// What was counted.
    public internal(set) var counters = HostCounters()

    /// What is assumed of a controller until it shows otherwise.
    static let firstCapabilities = RadioCapabilities(
        linksAsCentral: 3,
        linksAsPeripheral: 3,
        dualRole: true,
        advertiseWhileLinked: true,
        linkEncryption: true,
        dataLength: false,
        extendedAdvertising: false,
        mtuMax: 63
    )

    /// A host that has not been started.
    public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

    /// When ``wake(at:into:)`` must be called; nil: only when something happens.
    public var nextDeadline: Instant? {
        var deadline: Instant?
        func consider(_ other: Instant?) {
            guard let other else { return }
            deadline = min(deadline ?? other, other)
        }
        if outstanding != nil {
            consider(outstandingSince.advanced(byMicroseconds: configuration.commandTimeout))
        }
        consider(leaving?.until)
        guard phase == .ready else { return deadline }
        consider(attempt?.deadline)
        consider(retryAt)
        consider(lonelyUntil)
        for link in links { consider(link.rssiAt.advanced(byMicroseconds: configuration.rssiPeriod)) }
        return deadline
    }

    /// Resets the controller and sets it up; links that there were are gone.
    ///
    /// `ready` follows.
    public mutating func start(at now: Instant, into outputs: inout [HostOutput]) {
        prepare()
        proceed(now, &outputs)
    }

    private mutating func prepare() {
        var fresh = Host(configuration)
        fresh.lastLink = lastLink
        fresh.counters = counters
        fresh.fruitlessResets = fruitlessResets
        self = fresh
        phase = .settingUp
        commands = Self.setUp
    }

    /// As ``start(at:into:)``, over the transport that the controller had before it was given up.
    ///
    /// A reset ends links without a word to their other ends, which hold them until their supervision time-outs, or for ever
    /// with a controller that has none. So the links that there were are ended first, with the reason for a host that goes
    /// away for a moment (0x15, power off): peers may take such a link up again. That takes as long as
    /// ``leavingPatience`` at most; a controller that says nothing is reset all the same.
    public mutating func restart(at now: Instant, into outputs: inout [HostOutput]) {
        let connections = abandoned
        prepare()
        if !connections.isEmpty {
            leaving = Leaving(
                untold: connections,
                open: connections,
                until: now.advanced(byMicroseconds: Self.leavingPatience)
            )
        }
        proceed(now, &outputs)
    }

    /// Time for links to end before a reset, in microseconds: a few connection intervals.
    static let leavingPatience: UInt64 = 200_000
    /// Remote device terminated connection due to power off (Core 5.4 Vol 1 Part F 2.20).
    private static let powerOff: UInt8 = 0x15

    /// Takes a command of the owner.
    public mutating func perform(_ command: RadioCommand, at now: Instant, into outputs: inout [HostOutput]) {
        guard phase == .ready else {
            counters.refusedCommands += 1
            if case .connect(let token, _, _, _, _) = command {
                outputs.append(.event(.connectFailed(token: token, reason: .commandDisallowed)))
            }
            return
        }
        take(command, now, &outputs)
        proceed(now, &outputs)
    }

    /// Takes a packet of the controller as H4, type byte first.
    public mutating func receive(_ packet: [UInt8], at now: Instant, into outputs: inout [HostOutput]) {
        guard phase != .off else { return }
        switch packet.first.flatMap(HCIPacketType.init(rawValue:)) {
        case .event:
            guard let event = try? HCIEvent(bytes: packet[1...]) else {
                counters.malformedPackets += 1
                return
            }
            handle(event, now, &outputs)
        case .acl:
            receiveData(packet, now, &outputs)
        default:
            counters.malformedPackets += 1
        }
        proceed(now, &outputs)
    }

    /// Does what is due.
    public mutating func wake(at now: Instant, into outputs: inout [HostOutput]) {
        if let leaving, now >= leaving.until {
            self.leaving = nil
            // Of what the reset forgets no answer is needed.
            outstanding = nil
            commandCredits = 1
        }
        if let command = outstanding,
            now >= outstandingSince.advanced(byMicroseconds: configuration.commandTimeout)
        {
            fail(.silent(opcode: command.opcode.rawValue), status: .connectionTimeout, &outputs)
            return
        }
        if let retryAt, now >= retryAt { self.retryAt = nil }
        if let lonelyUntil, now >= lonelyUntil {
            fruitlessResets += 1
            fail(.stuck, status: .connectionTimeout, &outputs)
            return
        }
        if let deadline = attempt?.deadline, now >= deadline { timeOutAttempt(now, &outputs) }
        proceed(now, &outputs)
    }

    /// Number of links that the controller has.
    public var linkCount: Int { links.count }

    /// Ends all activity in good order: every link is closed with reason 0x13.
    public mutating func shutDown(at now: Instant, into outputs: inout [HostOutput]) {
        perform(.stopAdvertising, at: now, into: &outputs)
        perform(.stopScan, at: now, into: &outputs)
        perform(.cancelConnect, at: now, into: &outputs)
        for link in links {
            perform(.disconnect(link: link.id, reason: .remoteUserTerminated), at: now, into: &outputs)
        }
    }

    /// The transport to the controller is gone: so are all links, until ``start(at:into:)``.
    public mutating func abandon(into outputs: inout [HostOutput]) {
        guard phase != .off else { return }
        giveUp(status: .connectionTimeout, &outputs)
    }

    /// Gives the controller up.
    mutating func fail(_ fault: HostFault, status: HCIStatus, _ outputs: inout [HostOutput]) {
        giveUp(status: status, &outputs)
        outputs.append(.fault(fault))
    }

    private mutating func giveUp(status: HCIStatus, _ outputs: inout [HostOutput]) {
        phase = .off
        outstanding = nil
        commands = []
        leaving = nil
        abandoned = links.map(\.connection)
        links = []
        outputs.append(.event(.failed(status)))
    }

    // MARK: - Taking turns

    /// Hands over whatever the controller can take now.
    mutating func proceed(_ now: Instant, _ outputs: inout [HostOutput]) {
        if phase != .off, outstanding == nil, commandCredits > 0, let command = nextCommand(now) {
            outstanding = command
            outstandingSince = now
            commandCredits -= 1
            if let bytes = try? command.encoded(as: InlineBytes<80>.self).array {
                outputs.append(.packet([HCIPacketType.command.rawValue] + bytes))
            }
        }
        guard phase == .ready else { return }
        for index in links.indices {
            while let packet = links[index].client.next() {
                send(packet, on: index, isReported: false)
            }
        }
        while let packet = credits.next() { outputs.append(.packet(packet)) }
    }

    private mutating func nextCommand(_ now: Instant) -> HCICommand? {
        if leaving != nil {
            guard leaving?.untold.isEmpty != false else {
                return (leaving?.untold.removeFirst()).map { .disconnect($0, reason: Self.powerOff) }
            }
            guard leaving?.open.isEmpty != false else { return nil }
            leaving = nil
        }
        if !commands.isEmpty { return commands.removeFirst() }
        guard phase == .ready else { return nil }
        return nextStepOnAir() ?? nextRSSI(now)
    }

    private mutating func nextRSSI(_ now: Instant) -> HCICommand? {
        for index in links.indices
        where now >= links[index].rssiAt.advanced(byMicroseconds: configuration.rssiPeriod) {
            links[index].rssiAt = now
            return .about(links[index].connection, .readRSSI)
        }
        return nil
    }
}
