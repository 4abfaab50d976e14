import BluetoothManagement
import ByteCoding
import LinuxSystem
import RadioPort

// Hearing advertisements: by the monitor of the kernel, else by discovery.
extension DBusRadio {
    func startScan() {
        isScanning = true
        wantsScan = true
        startListening()
    }

    func startListening() {
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

    func stopScan() {
        isScanning = false
        wantsScan = false
        if attempt == nil { stopListening() }
    }

    func stopListening() {
        if scansByDiscovery { stopDiscovery() } else { monitor?.stop() }
    }

    /// The monitor heard an advertisement.
    func heard(_ event: RadioEvent) {
        guard case .advertisement(let address, _, let connectable, _) = event else { return }
        if connectable { note(address) }
        if isScanning { observer.event(event) }
        if attempt?.address == address, connectable { connectIfThere() }
    }

    /// BlueZ connects only to what it has found itself: it is told to look when somebody new is heard.
    func note(_ address: Address) {
        let now = loop.now
        if lastHeard.count >= Self.heardMax, lastHeard[address] == nil {
            lastHeard = lastHeard.filter { now.microseconds(since: $0.value) < Self.presence }
        }
        lastHeard[address] = now
        if !objects.contains(path(of: address), BlueZ.device) { search() }
    }

    func path(of address: Address) -> String { adapterPath + "/" + address.pathComponent }

    func search() {
        let now = loop.now
        guard !isDiscovering, pendingConnects.isEmpty,
            lastSearch == .zero || now.microseconds(since: lastSearch) > Self.searchPause
        else { return }
        lastSearch = now
        startDiscovery()
        if let searchTimer { loop.set(searchTimer, at: now.advanced(byMicroseconds: Self.searchTime)) }
    }

    func endSearch() {
        if !scansByDiscovery { stopDiscovery() }
    }

    func startDiscovery() {
        guard !isDiscovering else { return }
        isDiscovering = true
        let filter = BusValue.dictionary([("Transport", .text("le")), ("DuplicateData", .bool(true))])
        bus?.call(BlueZ.service, adapterPath, BlueZ.adapter, "SetDiscoveryFilter", [filter])
        bus?.call(BlueZ.service, adapterPath, BlueZ.adapter, "StartDiscovery")
    }

    func stopDiscovery() {
        guard isDiscovering else { return }
        isDiscovering = false
        bus?.call(BlueZ.service, adapterPath, BlueZ.adapter, "StopDiscovery")
    }

    /// What BlueZ tells of a device, as the advertisement that it was.
    func hearThroughDiscovery(_ path: String) {
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

    func address(of path: String) -> Address? {
        guard let text = objects.property(path, BlueZ.device, "Address")?.string else { return nil }
        return Address(blueZ: text, type: objects.property(path, BlueZ.device, "AddressType")?.string ?? "public")
    }
}
