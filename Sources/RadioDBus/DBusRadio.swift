import ByteCoding
public import LinuxSystem
public import RadioPort

/// The radio port beside other Bluetooth use, through bluetoothd.
///
/// ```
///  advertise ──► LEAdvertisingManager1            hear ◄── advertisement monitor of the kernel, else discovery
///  connect   ──► Device1.Connect ──► AcquireWrite ──► writes
///  written   ◄── WriteValue ◄── GattManager1 application
/// ```
///
/// BlueZ has no way to set a long-term key, so that links are not encrypted here: the record of capabilities says so, and the
/// node protects them itself. An incoming link is one from the first write on, so that devices which are connected for
/// other reasons are left alone. Of incoming MeshAccess links there is one at a time. Why a link went down is known only where the management interface may be listened to; else
/// it counts as lost.
public final class DBusRadio: Radio {
    enum State: Equatable {
        case closed
        case settingUp
        case ready
        /// bluetoothd or the adapter is gone, or it is switched off.
        case gone
        case stopping
    }

    /// A connect attempt.
    ///
    /// ```
    ///  connect ─► heard lately, and known to BlueZ? ─ no ─► searching ─ heard, found ─┐
    ///                        └──────── yes ─────────────────────────────────────────►─┴─► Device1.Connect
    /// ```
    ///
    /// A peer that is not there is never asked for: BlueZ would try for 20 s, hear nothing meanwhile, and crash if that is cut
    /// short and tried again (seen with 5.66).
    struct Attempt {
        var token: ConnectToken
        var address: Address
        var path: String
        /// The peer has to be heard, and found by BlueZ, first.
        var isSearching = true
    }

    let adapterName: String
    let loop: EventLoop
    let observer: RadioObserver
    var bus: Bus?
    var state = State.closed
    var objects = BlueZObjects()
    var advertiser: Advertiser?
    let application: GattApplication
    var monitor: MonitorScan?
    /// Whether scanning goes through BlueZ, because the monitor is not permitted.
    var scansByDiscovery = false
    /// Whether the node scans: advertisements are told.
    var isScanning = false
    /// Whether it will scan on when a connect attempt has ended.
    var wantsScan = false
    var isDiscovering = false
    /// When addresses were heard last, and which of them BlueZ has to find; at most ``heardMax``.
    var lastHeard: [Address: Instant] = [:]
    var lastSearch = Instant.zero
    /// Devices whose Connect has not been answered.
    var pendingConnects: Set<String> = []
    var links: [DeviceLink] = []
    var lastLink: UInt32 = 0
    var attempt: Attempt?
    var lastReasons: [Address: UInt8] = [:]
    /// Whether the link to an address was opened from here, as far as the kernel told.
    var isOpenedHere: [Address: Bool] = [:]
    var completion: (() -> Void)?
    var attemptTimer: EventLoop.Timer?
    var searchTimer: EventLoop.Timer?
    var stopTimer: EventLoop.Timer?
    var counts = Counts()

    struct Counts {
        var refusedCommands: UInt64 = 0
        var droppedWrites: UInt64 = 0
        var serviceRestarts: UInt64 = 0
        var adapterLosses: UInt64 = 0
        var failedConnects: UInt64 = 0
        var refusedAccess: UInt64 = 0
    }

    var adapterPath: String { "/org/bluez/\(adapterName)" }

    /// Links that the kernel can hold; controllers with fewer show it by failed connects.
    static let capabilities = RadioCapabilities(
        linksAsCentral: 3,
        linksAsPeripheral: 3,
        dualRole: true,
        advertiseWhileLinked: true,
        linkEncryption: false,
        dataLength: false,
        extendedAdvertising: false,
        mtuMax: 517
    )

    /// A peer that was heard within this time is there.
    static let presence: UInt64 = 1_000_000
    /// Length of a search by BlueZ, and least time from one to the next.
    static let searchTime: UInt64 = 1_500_000
    static let searchPause: UInt64 = 5_000_000
    /// Addresses remembered; with more, those not heard lately are forgotten.
    static let heardMax = 64
    /// Time for links to end when the radio is stopped.
    static let stopPatience: UInt64 = 1_500_000

    /// A radio on an adapter such as `hci0`; it is closed.
    public init(adapter: String, loop: EventLoop, observer: RadioObserver) {
        adapterName = adapter
        self.loop = loop
        self.observer = observer
        application = GattApplication(root: "/org/thicket/\(adapter)")
        attemptTimer = loop.timer { [unowned self] in finishAttempt(.connectionTimeout) }
        searchTimer = loop.timer { [unowned self] in endSearch() }
        stopTimer = loop.timer { [unowned self] in finishStopping() }
        application.written = { [unowned self] device, handle, bytes, kind in
            written(device, handle, bytes, kind)
        }
    }

    deinit {
        for timer in [attemptTimer, searchTimer, stopTimer] {
            if let timer { loop.remove(timer) }
        }
    }

    // MARK: - Radio

    /// Reaches bluetoothd and the adapter; `ready` follows.
    ///
    /// - Throws: why that does not work, with the way out.
    public func start() throws(RadioError) {
        precondition(state == .closed)
        let bus = try Bus(loop: loop)
        self.bus = bus
        bus.signal = { [unowned self] message in signalled(message) }
        bus.call = { [unowned self] message in
            application.answer(message)
                ?? (message.path == advertisementPath ? advertiser?.answer(message) : nil)
        }
        bus.ended = { [unowned self] in serviceGone("the system bus is gone") }
        bus.subscribe("type='signal',sender='\(BlueZ.service)'")
        bus.subscribe(
            "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='\(BlueZ.service)'"
        )
        advertiser = Advertiser(
            bus: bus,
            adapter: adapterPath,
            path: advertisementPath,
            loop: loop,
            notice: observer.notice
        )
        if let number = UInt16(adapterName.dropFirst(3)) {
            monitor = try? MonitorScan(adapter: number, loop: loop)
            monitor?.heard = { [unowned self] event in heard(event) }
            monitor?.connected = { [unowned self] address, isHere in isOpenedHere[address] = isHere }
            monitor?.disconnected = { [unowned self] address, reason in
                isOpenedHere[address] = nil
                lastReasons[address] = links.contains { $0.address == address } ? reason : nil
            }
        }
        try findAdapter(bus)
        setUp()
    }

    /// Takes a command.
    public func perform(_ command: RadioCommand) {
        guard state == .ready else {
            counts.refusedCommands += 1
            if case .connect(let token, _, _, _, _) = command {
                observer.event(.connectFailed(token: token, reason: .commandDisallowed))
            }
            return
        }
        switch command {
        case .advertise(let data, _, let connectable, let interval):
            advertiser?.set(
                AdvertisementProperties(data: data, connectable: connectable, intervalMicroseconds: interval)
            )
        case .stopAdvertising: advertiser?.set(nil)
        case .scan: startScan()
        case .stopScan: stopScan()
        case .connect(let token, let address, _, _, let timeout): connect(token, address, timeout)
        case .cancelConnect: finishAttempt(.init(rawValue: 0x02))
        default: performOnLink(command)
        }
    }

    /// Closes all links and takes everything back from bluetoothd, then calls `completion`.
    public func stop(_ completion: @escaping () -> Void) {
        guard self.completion == nil else { return }
        self.completion = completion
        guard state == .ready else { return finishStopping() }
        state = .stopping
        isScanning = false
        stopDiscovery()
        monitor?.stop()
        advertiser?.set(nil)
        for link in links { close(link) }
        if let stopTimer { loop.set(stopTimer, at: loop.now.advanced(byMicroseconds: Self.stopPatience)) }
        finishIfQuiet()
    }

    /// What people want to know of the radio.
    public var summary: RadioSummary {
        let word =
            switch state {
            case .closed: "closed"
            case .settingUp: "starting"
            case .ready: "ready"
            case .gone: "gone"
            case .stopping: "stopping"
            }
        let name = objects.property(adapterPath, BlueZ.adapter, "Modalias")?.string ?? ""
        return RadioSummary(
            kind: "dbus",
            adapter: adapterName,
            controller: name.isEmpty ? "" : "bluetoothd, \(name)",
            state: word
        )
    }

    /// What was counted since the start.
    public var counters: [RadioCounter] {
        [
            RadioCounter("refused_commands", counts.refusedCommands),
            RadioCounter("dropped_writes", counts.droppedWrites),
            RadioCounter("bluetoothd_restarts", counts.serviceRestarts),
            RadioCounter("adapter_losses", counts.adapterLosses),
            RadioCounter("failed_connects", counts.failedConnects),
            RadioCounter("refused_access_links", counts.refusedAccess),
        ]
    }

    // MARK: - Setting up

    var advertisementPath: String { application.root + "/advertisement" }

    func findAdapter(_ bus: Bus) throws(RadioError) {
        switch bus.callAndWait(BlueZ.service, "/", BlueZ.objectManager, "GetManagedObjects") {
        case .values(let values): objects.replace(values)
        case .failure(let name, let text):
            let isAbsent = name.hasSuffix("ServiceUnknown") || name.hasSuffix("NameHasNoOwner")
            throw RadioError(
                operation: "use bluetoothd",
                cause: isAbsent ? "it is not running" : text,
                advice: isAbsent
                    ? "run 'systemctl start bluetooth', or use --radio hci"
                    : "install the D-Bus policy, or join the group 'bluetooth'"
            )
        }
        guard objects.contains(adapterPath, BlueZ.adapter) else {
            let others = objects.paths(with: BlueZ.adapter, below: "/org/bluez").map {
                $0.split(separator: "/").last ?? ""
            }
            throw RadioError(
                operation: "use \(adapterName)",
                cause: "bluetoothd has no such adapter",
                advice: others.isEmpty ? "there is none; plug one in or see 'dmesg'" : "there is: \(others)"
            )
        }
        guard objects.property(adapterPath, BlueZ.adapter, "Powered")?.flag != true else { return }
        let answer = bus.callAndWait(
            BlueZ.service,
            adapterPath,
            BlueZ.properties,
            "Set",
            [.text(BlueZ.adapter), .text("Powered"), .variant(.bool(true))]
        )
        if case .failure(_, let text) = answer {
            throw RadioError(
                operation: "switch \(adapterName) on",
                cause: text,
                advice: "run 'rfkill unblock bluetooth'"
            )
        }
    }

    func setUp() {
        state = .settingUp
        bus?.call(
            BlueZ.service,
            adapterPath,
            BlueZ.gattManager,
            "RegisterApplication",
            [.path(application.root), .dictionary([])]
        ) { [weak self] answer in
            self?.applicationRegistered(answer)
        }
    }

    func applicationRegistered(_ answer: Bus.Answer) {
        guard state == .settingUp else { return }
        // It still has them if the adapter was only switched off and on.
        if case .failure(let name, let text) = answer, !name.hasSuffix("AlreadyExists") {
            observer.notice(RadioNotice(.error, "bluetoothd does not serve our attributes: \(text)"))
            state = .gone
            return
        }
        guard let address = ownAddress, let handles = application.handles else {
            observer.notice(RadioNotice(.error, "bluetoothd does not tell the handles of our attributes; update it"))
            state = .gone
            return
        }
        state = .ready
        observer.notice(RadioNotice(.info, "\(adapterName) is ready beside bluetoothd"))
        observer.event(.ready(address: address, capabilities: Self.capabilities, handles: handles))
    }

    var ownAddress: Address? {
        guard let text = objects.property(adapterPath, BlueZ.adapter, "Address")?.string else { return nil }
        let type = objects.property(adapterPath, BlueZ.adapter, "AddressType")?.string ?? "public"
        return Address(blueZ: text, type: type)
    }

    // MARK: - The end

    func finishIfQuiet() {
        if state == .stopping, links.isEmpty { loop.post { [weak self] in self?.finishStopping() } }
    }

    func finishIfStopping() {
        if state == .stopping { finishStopping() }
    }

    func finishStopping() {
        guard let completion else { return }
        self.completion = nil
        state = .closed
        for timer in [attemptTimer, searchTimer, stopTimer] {
            if let timer { loop.set(timer, at: nil) }
        }
        // BlueZ forgets what a client had registered when it leaves the bus.
        bus?.close()
        bus = nil
        monitor = nil
        links = []
        completion()
    }
}
