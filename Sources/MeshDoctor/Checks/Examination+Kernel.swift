extension Examination {
    /// The kernel: how old it is, and whether it does Bluetooth.
    func kernel() -> [Finding] {
        let check = "kernel"
        let release = files.line("/proc/sys/kernel/osrelease") ?? "unknown"
        guard files.exists("/sys/class/bluetooth") else { return [kernelWithoutBluetooth(check, release)] }
        switch management {
        case .missing:
            let found = "\(release): there are no Bluetooth sockets here, as in a container"
            return [.fail(check, found, fix: "run it in the host's network, as with 'docker run --network host'")]
        case .failed(let reason):
            let found = "\(release): its management interface does not answer: \(reason)"
            return [.fail(check, found, fix: "sudo dmesg | grep -i bluetooth")]
        case .adapters: break
        }
        let parts = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard parts.count == 2, release.first?.isNumber == true else {
            return [.warn(check, "its version is not told: \(release)", fix: "uname -r")]
        }
        let version = (parts[0], parts[1])
        if version < Self.oldestThatCan {
            let found = "\(release) has no HCI user channel, which came with 3.13"
            return [.fail(check, found, fix: "sudo apt full-upgrade && sudo reboot")]
        }
        if version < Self.oldestTried {
            let found = "\(release) is older than 6.1, the oldest that was tried"
            return [.warn(check, found, fix: "sudo apt full-upgrade && sudo reboot")]
        }
        return [.ok(check, "\(release) with Bluetooth")]
    }

    private static let oldestThatCan = (3, 13)
    private static let oldestTried = (6, 1)

    private func kernelWithoutBluetooth(_ check: String, _ release: String) -> Finding {
        let folder = "/lib/modules/\(release)"
        let isModule = files.names(in: "\(folder)/kernel/net/bluetooth").contains { $0.hasPrefix("bluetooth.ko") }
        return isModule
            ? .fail(check, "\(release): Bluetooth is not loaded", fix: "sudo modprobe bluetooth")
            : .fail(
                check,
                "\(release) has no Bluetooth, nor a module for it",
                fix: "boot a kernel with CONFIG_BT, such as that of Debian (linux-image-amd64, -arm64)"
            )
    }
}
