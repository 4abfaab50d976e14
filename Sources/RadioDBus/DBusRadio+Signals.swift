import ByteCoding
import LinuxSystem
import RadioPort

// What BlueZ tells, and what is done when it, or the adapter, comes and goes.
extension DBusRadio {
    // MARK: - Signals

    func signalled(_ message: BusMessage) {
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

    func added(_ path: String) {
        if path == adapterPath, state == .gone {
            observer.notice(RadioNotice(.warning, "\(adapterName) is back"))
            powerOnAndSetUp()
            return
        }
        guard objects.contains(path, BlueZ.device) else { return }
        hearThroughDiscovery(path)
        if attempt?.path == path { connectIfThere() }
    }

    func removed(_ path: String) {
        if path == adapterPath {
            counts.adapterLosses += 1
            lose("\(adapterName) is gone")
        } else if let link = links.first(where: { $0.path == path }), !objects.contains(path, BlueZ.device) {
            linkDown(link)
        }
    }

    func changed(_ path: String, _ interface: String, _ properties: [String: BusValue]) {
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

    func serviceGone(_ text: String) {
        guard state != .closed else { return }
        counts.serviceRestarts += 1
        objects = BlueZObjects()
        lose(text)
    }

    func lose(_ text: String) {
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

    func serviceBack() {
        guard state == .gone else { return }
        observer.notice(RadioNotice(.warning, "bluetoothd is back"))
        bus?.call(BlueZ.service, "/", BlueZ.objectManager, "GetManagedObjects") { [weak self] answer in
            guard let self, state == .gone, case .values(let values) = answer else { return }
            objects.replace(values)
            if objects.contains(adapterPath, BlueZ.adapter) { powerOnAndSetUp() }
        }
    }

    func powerOnAndSetUp() {
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
}
