import BluetoothManagement
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
/// other reasons are left alone. Why a link went down is known only where the management interface may be listened to; else
/// it counts as lost.
public final class DBusRadio: Radio {
    private enum State: Equatable {
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
    private struct Attempt {
        var token: ConnectToken
        var address: Address
        var path: String
        /// The peer has to be heard, and found by BlueZ, first.
        var isSearching = true
    }

    private let adapterName: String
    private let loop: EventLoop
    private let observer: RadioObserver
    private var bus: Bus?
    private var state = State.closed
    private var objects = BlueZObjects()
    private var advertiser: Advertiser?
    private let application: GattApplication
    private var monitor: MonitorScan?
    /// Whether scanning goes through BlueZ, because the monitor is not permitted.
    private var scansByDiscovery = false
    /// Whether the node scans: advertisements are told.
    private var isScanning = false
    /// Whether it will scan on when a connect attempt has ended.
    private var wantsScan = false
    private var isDiscovering = false
    /// When addresses were heard last, and which of them BlueZ has to find; at most ``heardMax``.
    private var lastHeard: [Address: Instant] = [:]
    private var lastSearch = Instant.zero
    /// Devices whose Connect has not been answered.
    private var pendingConnects: Set<String> = []
    private var links: [DeviceLink] = []
    private var lastLink: UInt32 = 0
    private var attempt: Attempt?
    private var lastReasons: [Address: UInt8] = [:]
    /// Whether the link to an address was opened from here, as far as the kernel told.
    private var isOpenedHere: [Address: Bool] = [:]
    private var completion: (() -> Void)?
    private var attemptTimer: EventLoop.Timer?
    private var searchTimer: EventLoop.Timer?
    private var stopTimer: EventLoop.Timer?
    private var counts = Counts()

    private struct Counts {
        var refusedCommands: UInt64 = 0
        var droppedWrites: UInt64 = 0
        var serviceRestarts: UInt64 = 0
        var adapterLosses: UInt64 = 0
        var failedConnects: UInt64 = 0
    }

    private var adapterPath: String { "/org/bluez/\(adapterName)" }

    /// Links that the kernel can hold; controllers with fewer show it by failed connects.
    private static let capabilities = RadioCapabilities(
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
    private static let presence: UInt64 = 1_000_000
    /// Length of a search by BlueZ, and least time from one to the next.
    private static let searchTime: UInt64 = 1_500_000
    private static let searchPause: UInt64 = 5_000_000
    /// Addresses remembered; with more, those not heard lately are forgotten.
    private static let heardMax = 64
    /// Time for links to end when the radio is stopped.
    private static let stopPatience: UInt64 = 1_500_000

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
        application.notificationsStarted = { [unowned self] in notificationsStarted() }
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
        ]
    }

    // MARK: - Setting up

    private var advertisementPath: String { application.root + "/advertisement" }

    private func findAdapter(_ bus: Bus) throws(RadioError) {
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

    private func setUp() {
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

    private func applicationRegistered(_ answer: Bus.Answer) {
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

    private var ownAddress: Address? {
        guard let text = objects.property(adapterPath, BlueZ.adapter, "Address")?.string else { return nil }
        let type = objects.property(adapterPath, BlueZ.adapter, "AddressType")?.string ?? "public"
        return Address(blueZ: text, type: type)
    }

    // MARK: - Signals

    private func signalled(_ message: BusMessage) {
        switch (message.interface, message.member) {
        case ("org.freedesktop.DBus", "NameOwnerChanged"):
            if message.arguments.count == 3, message.arguments[2].string == "" {
                serviceGone("bluetoothd is gone")
            } else {
                serviceBack()
            }
        case (BlueZ.objectManager, "InterfacesAdded") where message.arguments.count == 2:
            let path = message.arguments[0].string ?? ""
            objects.add(path, message.arguments[1])
            added(path)
        case (BlueZ.objectManager, "InterfacesRemoved") where message.arguments.count == 2:
            let path = message.arguments[0].string ?? ""
            objects.remove(path, message.arguments[1].items.compactMap(\.string))
            removed(path)
        case (BlueZ.properties, "PropertiesChanged") where message.arguments.count >= 2:
            let interface = message.arguments[0].string ?? ""
            let properties = message.arguments[1].properties
            objects.change(message.path, interface, properties)
            changed(message.path, interface, properties)
        default: break
        }
    }

    private func added(_ path: String) {
        if path == adapterPath, state == .gone {
            observer.notice(RadioNotice(.warning, "\(adapterName) is back"))
            powerOnAndSetUp()
            return
        }
        guard objects.contains(path, BlueZ.device) else { return }
        hearThroughDiscovery(path)
        if attempt?.path == path { connectIfThere() }
    }

    private func removed(_ path: String) {
        if path == adapterPath {
            counts.adapterLosses += 1
            lose("\(adapterName) is gone")
        } else if let link = links.first(where: { $0.path == path }), !objects.contains(path, BlueZ.device) {
            linkDown(link)
        }
    }

    private func changed(_ path: String, _ interface: String, _ properties: [String: BusValue]) {
        if interface == BlueZ.adapter, path == adapterPath, let powered = properties["Powered"]?.flag {
            if !powered, state == .ready {
                counts.adapterLosses += 1
                lose("\(adapterName) was switched off")
            } else if powered, state == .gone {
                observer.notice(RadioNotice(.warning, "\(adapterName) is on again"))
                setUp()
            }
        }
        guard interface == BlueZ.device else { return }
        if properties["ServicesResolved"]?.flag == true, let link = links.first(where: { $0.path == path }) {
            link.resolved(objects)
        }
        if properties["Connected"]?.flag == false, let link = links.first(where: { $0.path == path }) {
            linkDown(link)
        }
        if properties["RSSI"] != nil || properties["ManufacturerData"] != nil { hearThroughDiscovery(path) }
    }

    // MARK: - Losing and finding bluetoothd

    private func serviceGone(_ text: String) {
        guard state != .closed else { return }
        counts.serviceRestarts += 1
        objects = BlueZObjects()
        lose(text)
    }

    private func lose(_ text: String) {
        observer.notice(RadioNotice(.warning, text))
        guard state == .ready || state == .settingUp else { return finishIfStopping() }
        let wasReady = state == .ready
        state = .gone
        links = []
        attempt = nil
        isDiscovering = false
        isScanning = false
        pendingConnects = []
        lastReasons = [:]
        isOpenedHere = [:]
        advertiser?.forget()
        monitor?.stop()
        if let attemptTimer { loop.set(attemptTimer, at: nil) }
        if wasReady { observer.event(.failed(.connectionTimeout)) }
    }

    private func serviceBack() {
        guard state == .gone else { return }
        observer.notice(RadioNotice(.warning, "bluetoothd is back"))
        bus?.call(BlueZ.service, "/", BlueZ.objectManager, "GetManagedObjects") { [weak self] answer in
            guard let self, state == .gone, case .values(let values) = answer else { return }
            objects.replace(values)
            if objects.contains(adapterPath, BlueZ.adapter) { powerOnAndSetUp() }
        }
    }

    private func powerOnAndSetUp() {
        guard objects.property(adapterPath, BlueZ.adapter, "Powered")?.flag != true else { return setUp() }
        // `Powered` changes when that has worked.
        bus?.call(
            BlueZ.service,
            adapterPath,
            BlueZ.properties,
            "Set",
            [.text(BlueZ.adapter), .text("Powered"), .variant(.bool(true))]
        )
    }

    // MARK: - Scanning

    private func startScan() {
        isScanning = true
        wantsScan = true
        startListening()
    }

    private func startListening() {
        guard !scansByDiscovery else { return startDiscovery() }
        do throws(ManagementSocket.Failure) {
            guard let monitor else { throw .silent }
            try monitor.start()
        } catch {
            scansByDiscovery = true
            observer.notice(
                RadioNotice(.warning, "scanning through bluetoothd, which hears little (no monitor: \(error.text))")
            )
            startDiscovery()
        }
    }

    private func stopScan() {
        isScanning = false
        wantsScan = false
        if attempt == nil { stopListening() }
    }

    private func stopListening() {
        if scansByDiscovery { stopDiscovery() } else { monitor?.stop() }
    }

    /// The monitor heard an advertisement.
    private func heard(_ event: RadioEvent) {
        guard case .advertisement(let address, _, let connectable, _) = event else { return }
        if connectable { note(address) }
        if isScanning { observer.event(event) }
        if attempt?.address == address, connectable { connectIfThere() }
    }

    /// BlueZ connects only to what it has found itself: it is told to look when somebody new is heard.
    private func note(_ address: Address) {
        let now = loop.now
        if lastHeard.count >= Self.heardMax, lastHeard[address] == nil {
            lastHeard = lastHeard.filter { now.microseconds(since: $0.value) < Self.presence }
        }
        lastHeard[address] = now
        if !objects.contains(path(of: address), BlueZ.device) { search() }
    }

    private func path(of address: Address) -> String { adapterPath + "/" + address.pathComponent }

    private func search() {
        let now = loop.now
        guard !isDiscovering, pendingConnects.isEmpty,
            lastSearch == .zero || now.microseconds(since: lastSearch) > Self.searchPause
        else { return }
        lastSearch = now
        startDiscovery()
        if let searchTimer { loop.set(searchTimer, at: now.advanced(byMicroseconds: Self.searchTime)) }
    }

    private func endSearch() {
        if !scansByDiscovery { stopDiscovery() }
    }

    private func startDiscovery() {
        guard !isDiscovering else { return }
        isDiscovering = true
        let filter = BusValue.dictionary([("Transport", .text("le")), ("DuplicateData", .bool(true))])
        bus?.call(BlueZ.service, adapterPath, BlueZ.adapter, "SetDiscoveryFilter", [filter])
        bus?.call(BlueZ.service, adapterPath, BlueZ.adapter, "StartDiscovery")
    }

    private func stopDiscovery() {
        guard isDiscovering else { return }
        isDiscovering = false
        bus?.call(BlueZ.service, adapterPath, BlueZ.adapter, "StopDiscovery")
    }

    /// What BlueZ tells of a device, as the advertisement that it was.
    private func hearThroughDiscovery(_ path: String) {
        guard scansByDiscovery, isScanning, let address = address(of: path),
            let rssi = objects.property(path, BlueZ.device, "RSSI")?.integer
        else { return }
        for (company, data) in objects.property(path, BlueZ.device, "ManufacturerData")?.entries ?? [] {
            guard company.integer == 0x024D, let data = data.byteArray, data.count <= 24 else { continue }
            let packet: [UInt8] = [0x02, 0x01, 0x06, UInt8(data.count + 3), 0xFF, 0x4D, 0x02] + data
            observer.event(
                .advertisement(
                    address: address,
                    rssi: Int8(clamping: rssi),
                    connectable: true,
                    data: AdvertisingData(packet)
                )
            )
        }
    }

    private func address(of path: String) -> Address? {
        guard let text = objects.property(path, BlueZ.device, "Address")?.string else { return nil }
        return Address(blueZ: text, type: objects.property(path, BlueZ.device, "AddressType")?.string ?? "public")
    }

    // MARK: - Connecting

    private func connect(_ token: ConnectToken, _ address: Address, _ timeout: UInt32) {
        guard attempt == nil else {
            observer.event(.connectFailed(token: token, reason: .commandDisallowed))
            return
        }
        isScanning = false
        attempt = Attempt(token: token, address: address, path: path(of: address))
        if let attemptTimer { loop.set(attemptTimer, at: loop.now.advanced(byMicroseconds: UInt64(timeout))) }
        startListening()
        connectIfThere()
    }

    /// Connects if the peer was heard lately and BlueZ knows it; else it is waited for.
    private func connectIfThere() {
        guard let attempt, attempt.isSearching else { return }
        guard objects.contains(attempt.path, BlueZ.device) else {
            lastSearch = .zero
            search()
            return
        }
        let isThere = lastHeard[attempt.address].map { loop.now.microseconds(since: $0) < Self.presence } ?? false
        guard isThere || scansByDiscovery else { return }
        self.attempt?.isSearching = false
        endSearch()
        connectDevice(attempt.path)
    }

    private func connectDevice(_ path: String) {
        // An attempt that was given up may be under way still: then its outcome is that of this one.
        guard !pendingConnects.contains(path) else { return }
        guard objects.property(path, BlueZ.device, "Connected")?.flag != true else {
            // The peer was faster: one link between two devices is all there can be.
            finishAttempt(.init(rawValue: 0x0B))
            return
        }
        pendingConnects.insert(path)
        bus?.call(BlueZ.service, path, BlueZ.device, "Connect") { [weak self] answer in
            self?.connectAnswered(path, answer)
        }
    }

    private func connectAnswered(_ path: String, _ answer: Bus.Answer) {
        guard pendingConnects.remove(path) != nil else { return }
        let isWanted = attempt?.path == path && attempt?.isSearching == false
        switch answer {
        case .failure(_, let text):
            counts.failedConnects += 1
            observer.notice(RadioNotice(.debug, "\(path): \(text)"))
            if isWanted { finishAttempt(.failedToEstablish) }
        case .values where address(of: path).map({ isOpenedHere[$0] == false }) == true:
            // Both ends tried at the same time, and the other one was faster: it is its link.
            if isWanted { finishAttempt(.init(rawValue: 0x0B)) }
        case .values where isWanted: connected()
        case .values: bus?.call(BlueZ.service, path, BlueZ.device, "Disconnect")
        }
    }

    private func connected() {
        guard let attempt else { return }
        endAttempt()
        let link = addLink(.central, attempt.address, attempt.path)
        announce(link, token: attempt.token)
    }

    private func addLink(_ role: LinkRole, _ address: Address, _ path: String) -> DeviceLink {
        guard let bus else { preconditionFailure("a link needs a bus") }
        lastLink += 1
        let link = DeviceLink(
            id: LinkID(rawValue: lastLink),
            role: role,
            address: address,
            path: path,
            bus: bus,
            loop: loop
        )
        link.event = { [unowned self, unowned link] event in
            if links.contains(where: { $0 === link }) { observer.event(event) }
        }
        links.append(link)
        return link
    }

    private func announce(_ link: DeviceLink, token: ConnectToken) {
        observer.event(
            .connected(
                token: token,
                link: link.id,
                role: link.role,
                address: link.address,
                // What BlueZ uses unless told otherwise: 24...40 units.
                parameters: ConnectionParameters(interval: 40, latency: 0, supervisionTimeout: 42)
            )
        )
        if objects.property(link.path, BlueZ.device, "ServicesResolved")?.flag == true { link.resolved(objects) }
    }

    private func finishAttempt(_ reason: HCIStatus) {
        guard let attempt else { return }
        endAttempt()
        observer.event(.connectFailed(token: attempt.token, reason: reason))
    }

    private func endAttempt() {
        attempt = nil
        if let attemptTimer { loop.set(attemptTimer, at: nil) }
        if !wantsScan { stopListening() }
    }

    // MARK: - Links

    private func performOnLink(_ command: RadioCommand) {
        switch command {
        case .write(let id, let handle, let value, let kind):
            guard let link = link(id) else { return }
            if !link.write(.init(handle: handle, bytes: value.array, kind: kind)) { counts.droppedWrites += 1 }
        case .notify(let id, let handle, let value):
            guard link(id) != nil, let path = application.notifyingPath(handle) else { return }
            let change = BusValue.dictionary([("Value", .bytes(value.array))])
            bus?.emit(
                path,
                BlueZ.properties,
                "PropertiesChanged",
                [.text(BlueZ.characteristic), change, .array("s", [])]
            )
            loop.post { [weak self] in self?.observer.event(.sent(link: id, count: 1)) }
        case .discover(let id, let service): link(id)?.discover(service)
        case .disconnect(let id, _):
            if let link = link(id) { close(link) }
        case .exchangeMTU(let id, let mtu):
            // BlueZ has done that already.
            guard let link = link(id) else { return }
            let value = min(mtu, link.mtu)
            loop.post { [weak self] in self?.observer.event(.mtu(link: id, value: value)) }
        case .encrypt(let id, _):
            // 0x11: not supported.
            loop.post { [weak self] in self?.observer.event(.encrypted(link: id, status: .init(rawValue: 0x11))) }
        default: counts.refusedCommands += 1
        }
    }

    private func link(_ id: LinkID) -> DeviceLink? { links.first { $0.id == id } }

    private func close(_ link: DeviceLink) {
        guard !link.isClosing else { return }
        link.isClosing = true
        bus?.call(BlueZ.service, link.path, BlueZ.device, "Disconnect")
    }

    private func linkDown(_ link: DeviceLink) {
        links.removeAll { $0 === link }
        let told = lastReasons.removeValue(forKey: link.address)
        observer.event(.disconnected(link: link.id, reason: reason(link, told)))
        finishIfQuiet()
    }

    /// The reason in controller terms; 1 time-out, 2 closed here, 3 closed by the peer, 4 authentication failure.
    private func reason(_ link: DeviceLink, _ told: UInt8?) -> HCIStatus {
        if link.isClosing { return .localHostTerminated }
        return switch told {
        case 2: .localHostTerminated
        case 3: .remoteUserTerminated
        case 4: .authenticationFailure
        default: .connectionTimeout
        }
    }

    /// A peer wrote to one of our attributes; the first time it does so it becomes a link.
    private func written(_ device: String, _ handle: AttributeHandle, _ bytes: [UInt8], _ kind: WriteKind) {
        guard state == .ready, bytes.count <= 64, let address = address(of: device) else { return }
        var link = links.first { $0.path == device }
        if link == nil {
            let new = addLink(.peripheral, address, device)
            announce(new, token: .incoming)
            link = links.first { $0 === new }
        }
        guard let link else { return }
        observer.event(.written(link: link.id, handle: handle, value: AttributeValue(bytes), kind: kind))
    }

    /// BlueZ does not say which peer asked: it is the one that came last.
    private func notificationsStarted() {
        let device = objects.paths(with: BlueZ.device, below: adapterPath).last { path in
            objects.property(path, BlueZ.device, "Connected")?.flag == true && !links.contains { $0.path == path }
        }
        guard let device, let handle = application.handles?.accessConfiguration else { return }
        written(device, handle, [0x01, 0x00], .request)
    }

    // MARK: - The end

    private func finishIfQuiet() {
        if state == .stopping, links.isEmpty { loop.post { [weak self] in self?.finishStopping() } }
    }

    private func finishIfStopping() {
        if state == .stopping { finishStopping() }
    }

    private func finishStopping() {
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
