import ByteCoding
import LinuxSystem
import RadioPort

// Links: commands about them, their end, and what peers write.
extension DBusRadio {
    func performOnLink(_ command: RadioCommand) {
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

    func link(_ id: LinkID) -> DeviceLink? { links.first { $0.id == id } }

    func close(_ link: DeviceLink) {
        guard !link.isClosing else { return }
        link.isClosing = true
        bus?.call(BlueZ.service, link.path, BlueZ.device, "Disconnect")
    }

    func linkDown(_ link: DeviceLink) {
        links.removeAll { $0 === link }
        let told = lastReasons.removeValue(forKey: link.address)
        observer.event(.disconnected(link: link.id, reason: reason(link, told)))
        finishIfQuiet()
    }

    /// The reason in controller terms; 1 time-out, 2 closed here, 3 closed by the peer, 4 authentication failure.
    func reason(_ link: DeviceLink, _ told: UInt8?) -> HCIStatus {
        if link.isClosing { return .localHostTerminated }
        return switch told {
        case 2: .localHostTerminated
        case 3: .remoteUserTerminated
        case 4: .authenticationFailure
        default: .connectionTimeout
        }
    }

    /// A peer wrote to one of our attributes; the first time it does so it becomes a link.
    func written(_ device: String, _ handle: AttributeHandle, _ bytes: [UInt8], _ kind: WriteKind) {
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
    func notificationsStarted() {
        let device = objects.paths(with: BlueZ.device, below: adapterPath).last { path in
            objects.property(path, BlueZ.device, "Connected")?.flag == true && !links.contains { $0.path == path }
        }
        guard let device, let handle = application.handles?.accessConfiguration else { return }
        written(device, handle, [0x01, 0x00], .request)
    }
}
