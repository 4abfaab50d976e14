// Wi-Fi in the band of Bluetooth. By another chip it is some noise among others; by the same chip it takes the antenna away.
extension Examination {
    private struct Interface {
        var name: String
        var driver: String?
        var place: String?
        var isUp: Bool
        var megahertz: Int?
    }

    /// One finding for each wireless interface that shares its chip with an adapter, else one for all.
    func wireless() -> [Finding] {
        let check = "wi-fi"
        guard !adapters.isEmpty else { return [] }
        let interfaces = self.interfaces()
        var findings: [Finding] = []
        for adapter in adapters {
            for interface in interfaces where shares(interface, adapter) { findings.append(shared(interface, adapter)) }
        }
        guard findings.isEmpty else { return findings }
        guard !interfaces.isEmpty else { return [.ok(check, "none")] }
        return [.ok(check, "\(interfaces.map(\.name).joined(separator: ", ")) by another chip, as far as can be told")]
    }

    private func interfaces() -> [Interface] {
        let folder = "/sys/class/net"
        return files.names(in: folder).filter { name in
            ["wireless", "phy80211"].contains { files.exists("\(folder)/\(name)/\($0)") }
        }.map { name in
            Interface(
                name: name,
                driver: files.link("\(folder)/\(name)/device/driver"),
                place: files.place("\(folder)/\(name)/device/.."),
                isUp: files.line("\(folder)/\(name)/operstate") == "up",
                megahertz: machine.megahertz(name)
            )
        }
    }

    private func shares(_ interface: Interface, _ adapter: Adapter) -> Bool {
        switch adapter.bus {
        case .serial: interface.driver == "brcmfmac" && adapter.driver == "hci_uart_bcm"
        // Two interfaces of one USB device; Intel's are on two buses.
        case .usb(let vendor, _, _):
            interface.place != nil && interface.place == adapter.place
                || vendor == 0x8087 && interface.driver == "iwlwifi"
        case .other, .none: false
        }
    }

    private func shared(_ interface: Interface, _ adapter: Adapter) -> Finding {
        let check = "wi-fi"
        let subject = "\(interface.name) shares chip and antenna"
        guard interface.isUp else { return .ok(check, on: adapter.name, "\(subject), but is down") }
        let isChoosable = !adapter.isOnBoard || board?.chip?.hasFiveGigahertz ?? true
        let fix = isChoosable ? "join a network at 5 GHz, or use a USB adapter" : "use a cable or a USB adapter"
        guard let megahertz = interface.megahertz else {
            return .warn(check, on: adapter.name, "\(subject); its band is not told", fix: "iw dev; \(fix)")
        }
        guard megahertz < 3000 else { return .ok(check, on: adapter.name, "\(subject), at \(megahertz) MHz") }
        return .warn(check, on: adapter.name, "\(subject), at \(megahertz) MHz: links suffer while it sends", fix: fix)
    }
}
