import BluetoothWire
import MeshConfiguration

extension Examination {
    /// The other user of adapters: whether it runs, whether it is needed, what it would lose.
    func bluetoothd() -> [Finding] {
        let check = "bluetoothd"
        let path = Self.programs.first { files.exists($0) }
        let version = path.flatMap { machine.version($0) } ?? "of unknown version"
        guard isRunning else {
            guard usesBluetoothd else { return [.ok(check, "does not run, and is not needed")] }
            return [
                .fail(
                    check,
                    "does not run, but 'radio: dbus' goes through it",
                    fix: path == nil ? "sudo apt install bluez" : "sudo systemctl enable --now bluetooth"
                )
            ]
        }
        if usesBluetoothd { return [beside(version)] }
        let held = adapters.filter { $0.information?.isPowered == true }
        let busy = held.filter { $0.connectionCount > 0 }.map(\.name)
        guard busy.isEmpty else {
            let found = "\(version) runs; what is connected by \(busy.joined(separator: ", ")) will be cut off"
            return [.warn(check, found, fix: "give the node another adapter, or 'radio: dbus'")]
        }
        let names = held.map(\.name).joined(separator: ", ")
        let holds = names.isEmpty ? "holds no adapter" : "holds \(names), which thicketd takes and gives back"
        return [.ok(check, "\(version) runs, \(holds)")]
    }

    private static let programs = [
        "/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd", "/usr/sbin/bluetoothd",
    ]

    private var isRunning: Bool {
        files.names(in: "/proc").contains { UInt32($0) != nil && files.line("/proc/\($0)/comm") == "bluetoothd" }
    }

    private func beside(_ version: String) -> Finding {
        let check = "bluetoothd"
        let policies = ["/etc/dbus-1/system.d/org.thicket.conf", "/usr/share/dbus-1/system.d/org.thicket.conf"]
        guard service.person == nil || policies.contains(where: { files.exists($0) }) else {
            return .fail(
                check,
                "\(version) runs, but no D-Bus policy lets thicketd talk to it",
                fix: "sudo Udev/install"
            )
        }
        let parts = version.split(separator: ".").compactMap { Int($0) }
        guard parts.count == 2, (parts[0], parts[1]) < (5, 66) else {
            return .ok(check, "\(version) runs, and 'radio: dbus' goes through it")
        }
        return .warn(check, "\(version) is older than 5.66, the oldest that was tried", fix: "sudo apt install bluez")
    }
}
