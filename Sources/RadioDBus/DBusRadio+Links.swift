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
            guard link(id)?.isNotified == true, let path = application.notifyingPath(handle) else { return }
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
    ///
    /// BlueZ notifies every peer that asked for it of the same, so that there is one MeshAccess link to us at a time.
    func written(_ device: String, _ handle: AttributeHandle, _ bytes: [UInt8], _ kind: WriteKind) {
        guard state == .ready, bytes.count <= 64, let address = address(of: device) else { return }
        var link = links.first { $0.path == device }
        if link == nil {
            let wantsNotifications = handle == application.handles?.accessReceive
            if wantsNotifications, links.contains(where: \.isNotified) {
                counts.refusedAccess += 1
                observer.notice(RadioNotice(.info, "\(device): there is a MeshAccess link already"))
                bus?.call(BlueZ.service, device, BlueZ.device, "Disconnect")
                return
            }
            let new = addLink(.peripheral, address, device)
            new.isNotified = wantsNotifications
            announce(new, token: .incoming)
            link = links.first { $0 === new }
        }
        guard let link else { return }
        observer.event(.written(link: link.id, handle: handle, value: AttributeValue(bytes), kind: kind))
    }
}
