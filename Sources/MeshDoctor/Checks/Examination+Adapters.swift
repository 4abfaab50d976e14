import BluetoothHost
import BluetoothWire

// One adapter after the other.
extension Examination {
    // MARK: - Whether there is one

    /// Says why there is no adapter to look at; nothing if there is.
    func adapterPresence() -> [Finding] {
        guard adapters.isEmpty else { return [] }
        let check = "adapter"
        if let wanted {
            let others = Adapter.all(files, [:]).map(\.name)
            let fix = others.isEmpty ? "plug in a USB adapter" : "--adapter \(others.joined(separator: ", --adapter "))"
            return [.fail(check, on: wanted, "there is no \(wanted)", fix: fix)]
        }
        if let identity = usbWithoutDriver() {
            return [.fail(check, "USB adapter \(identity) has no driver", fix: "sudo modprobe btusb")]
        }
        guard let board, board.isPi else { return [.fail(check, "there is none", fix: "plug in a USB adapter")] }
        for file in ["/boot/firmware/config.txt", "/boot/config.txt"]
        where files.lines(file).contains(where: { $0.hasPrefix("dtoverlay=disable-bt") }) {
            let fix = "sudo sed -i /^dtoverlay=disable-bt/d \(file) && sudo reboot"
            return [.fail(check, "there is none: \(file) switches that of the board off", fix: fix)]
        }
        guard let chip = board.chip else {
            return [.fail(check, "there is none, nor is one known on \(board.model)", fix: "plug in a USB adapter")]
        }
        let fix = "sudo apt install pi-bluetooth && sudo reboot; or plug in a USB adapter"
        return [.fail(check, "there is none, though \(board.model) has a \(chip.rawValue)", fix: fix)]
    }

    /// Vendor and product of an interface of the class of Bluetooth adapters that nothing drives.
    private func usbWithoutDriver() -> String? {
        let folder = "/sys/bus/usb/devices"
        for name in files.names(in: folder) {
            let device = "\(folder)/\(name)"
            let kind = ["bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"].map {
                files.line("\(device)/\($0)")
            }
            guard kind == ["e0", "01", "01"], files.link("\(device)/driver") == nil else { continue }
            let parts = ["idVendor", "idProduct"].map { files.line("\(device)/../\($0)") ?? "?" }
            return parts.joined(separator: ":")
        }
        return nil
    }

    /// Who it is, and who has it.
    func presence(_ adapter: Adapter) -> [Finding] {
        let check = "adapter"
        if let report = report(on: adapter) {
            let controller = report.controller.isEmpty ? "" : ", \(report.controller)"
            return [.ok(check, on: adapter.name, "in the hands of thicketd\(controller)")]
        }
        guard let information = adapter.information else {
            // Without the kernel's answer nothing is known, and that has been said.
            guard case .adapters = management else { return [] }
            let found = "the kernel does not show it: another program has it, or its set-up failed"
            return [.fail(check, on: adapter.name, found, fix: "sudo dmesg | grep -i bluetooth; stop that program")]
        }
        let address = (0..<6).reversed().map { index in
            let byte = UInt8(truncatingIfNeeded: information.address >> (UInt64(index) * 8))
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        let version = ControllerVersion.words(version: information.version, manufacturer: information.manufacturer)
        let power = information.isPowered ? "on" : "off"
        return [.ok(check, on: adapter.name, "\(address.joined(separator: ":")), \(version), \(power)")]
    }

    // MARK: - Driver and firmware

    /// What drives it, on which bus.
    func driver(_ adapter: Adapter) -> [Finding] {
        let check = "driver"
        let driver = adapter.driver ?? "no driver"
        switch adapter.bus {
        case .none: return [.ok(check, on: adapter.name, "a virtual adapter, without a device")]
        case .serial:
            let chip = board?.chip.map { " for the \($0.rawValue) of \(board?.model ?? "the board")" } ?? ""
            return [.ok(check, on: adapter.name, "\(driver) on a serial port\(chip)")]
        case .other(let bus): return [.ok(check, on: adapter.name, "\(driver) on \(bus)")]
        case .usb(let vendor, let product, let name):
            let identity = "\(driver) on USB, \(Self.hexadecimal(vendor)):\(Self.hexadecimal(product))"
            let found = name.map { "\(identity), \($0)" } ?? identity
            guard adapter.powerControl == "auto" else { return [.ok(check, on: adapter.name, found)] }
            let control = "/sys/class/bluetooth/\(adapter.name)/device/../power/control"
            return [
                .warn(
                    check,
                    on: adapter.name,
                    "\(found): the kernel may put it to sleep, and it misses advertisements then",
                    fix: "echo on | sudo tee \(control); Udev/install does it for good"
                )
            ]
        }
    }

    private static func hexadecimal(_ value: UInt16) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Firmware that the kernel loads into a chip.
    struct Firmware {
        /// Folder below /lib/firmware.
        var folder: String
        /// How names of its files begin.
        var prefix: String
        /// The Debian package.
        var package: String
    }

    /// Whether the firmware is there that the kernel loads into such a chip.
    func firmware(_ adapter: Adapter) -> [Finding] {
        let check = "firmware"
        guard adapter.bus != .none else { return [] }
        if case .usb(vendor: 0x0A12, _, _) = adapter.bus { return [.ok(check, on: adapter.name, "in the chip")] }
        guard let firmware = firmwareNeeded(by: adapter) else {
            return [.ok(check, on: adapter.name, "which file it takes, if any, is not known here")]
        }
        let folder = "/lib/firmware/\(firmware.folder)"
        let count = files.names(in: folder).count { $0.hasPrefix(firmware.prefix) }
        guard count == 0 else {
            return [
                .ok(check, on: adapter.name, "\(folder)/\(firmware.prefix)*, \(count) file\(count == 1 ? "" : "s")")
            ]
        }
        return [
            .warn(
                check,
                on: adapter.name,
                "there is no \(folder)/\(firmware.prefix)*; without it the chip runs as it was made, or not at all",
                fix: "sudo apt install \(firmware.package) && sudo reboot"
            )
        ]
    }

    private func firmwareNeeded(by adapter: Adapter) -> Firmware? {
        switch adapter.bus {
        case .serial where adapter.driver == "hci_uart_bcm":
            Firmware(folder: "brcm", prefix: "BCM43", package: "bluez-firmware")
        case .usb(vendor: 0x0BDA, _, _): Firmware(folder: "rtl_bt", prefix: "rtl8", package: "firmware-realtek")
        case .usb(vendor: 0x8087, _, _): Firmware(folder: "intel", prefix: "ibt-", package: "firmware-iwlwifi")
        case .usb(vendor: 0x0E8D, _, _):
            Firmware(folder: "mediatek", prefix: "BT_RAM_CODE", package: "firmware-misc-nonfree")
        default: nil
        }
    }

    // MARK: - Switch and roles

    /// Whether a switch blocks it, by program or by hand.
    func radioSwitch(_ adapter: Adapter) -> [Finding] {
        let check = "rfkill"
        let folder = "/sys/class/rfkill"
        let switches = files.names(in: folder).filter { name in
            guard files.line("\(folder)/\(name)/type") == "bluetooth" else { return false }
            // One of another adapter is not about this one; one of the machine is about all.
            let subject = files.line("\(folder)/\(name)/name") ?? ""
            return subject == adapter.name || Adapter.number(subject) == nil
        }
        func blocks(_ kind: String) -> Bool { switches.contains { files.line("\(folder)/\($0)/\(kind)") == "1" } }
        if blocks("hard") {
            let fix = "turn the switch or key for wireless on, or look in the firmware set-up"
            return [.fail(check, on: adapter.name, "blocked by a switch of the machine", fix: fix)]
        }
        if blocks("soft") {
            return [.fail(check, on: adapter.name, "blocked by a program", fix: "sudo rfkill unblock bluetooth")]
        }
        return [.ok(check, on: adapter.name, switches.isEmpty ? "no switch" : "not blocked")]
    }

    /// Whether it can be central and peripheral in Low Energy.
    ///
    /// How many links a chip takes is told by no command; a node learns it from refusals.
    func roles(_ adapter: Adapter) -> [Finding] {
        let check = "roles"
        guard let information = adapter.information else { return [] }
        let fix = "use an adapter with Bluetooth 4.1 or later"
        guard information.supportsLowEnergy else {
            return [.fail(check, on: adapter.name, "it cannot do Bluetooth Low Energy", fix: fix)]
        }
        guard information.version > Self.version40 else {
            let found = "Bluetooth 4.0 need not hold links as central and as peripheral at the same time"
            return [.warn(check, on: adapter.name, found, fix: fix)]
        }
        let found = "central and peripheral at once; how many links it takes, a node learns as it runs"
        return [.ok(check, on: adapter.name, found)]
    }

    /// Number of 4.0 (Assigned Numbers 2.1).
    private static let version40: UInt8 = 6
}
