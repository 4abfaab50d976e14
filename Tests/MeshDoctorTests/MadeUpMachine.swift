import BluetoothWire
import ByteCoding
import FoundationEssentials
import Testing

@testable import MeshDoctor

/// A machine in a folder, gone with it.
///
/// It begins as a server without any Bluetooth in it, where all else is well.
final class MadeUpMachine {
    let folder: String
    var known: [UInt16: AdapterInformation] = [:]
    var management: Machine.Management?
    var megahertz: [String: Int] = [:]
    var clock = Machine.Clock(seconds: 1_790_000_000, isSynchronized: true)
    var version: String? = "5.66"
    var daemon = Machine.Daemon.absent
    private(set) var askedKernel = 0
    private(set) var askedSocket: String?

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "thicket-doctor-\(UUID().uuidString)").path
        try write("/proc/sys/kernel/osrelease", "6.1.0-21-amd64\n")
        try write(
            "/proc/self/status",
            "Name:\tthicket\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"
        )
        try write("/etc/passwd", "root:x:0:0::/root:/bin/bash\nthicket:x:990:991::/var/lib/thicket:/usr/sbin/nologin\n")
        try write("/etc/group", "root:x:0:\nthicket:x:991:anna\n")
        try write("/etc/systemd/system/thicketd@.service", "[Service]\nAmbientCapabilities=CAP_NET_ADMIN\n")
        try write("/etc/thicket/thicket.yaml", "node: 7\nkey: \"22222222222222222222222222222222\"\n")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func place(_ path: String) throws -> String {
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: "\(folder)/\(parent)", withIntermediateDirectories: true)
        return folder + path
    }

    func write(_ path: String, _ text: String) throws { try write(path, Array(text.utf8)) }

    func write(_ path: String, _ bytes: [UInt8], mode: Int = 0o644) throws {
        let place = try place(path)
        try Data(bytes).write(to: URL(filePath: place))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: place)
    }

    func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: folder + path, withIntermediateDirectories: true)
    }

    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: try place(path), withDestinationPath: target)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: folder + path) }

    // MARK: - Adapters

    /// What the kernel says of an adapter; LE and powered unless told otherwise.
    static func information(
        version: UInt8 = 9,
        manufacturer: UInt16 = 2,
        isPowered: Bool = true,
        lowEnergy: Bool = true
    ) throws -> AdapterInformation {
        let settings: UInt32 = lowEnergy ? 1 << 9 : 0
        let bytes: [UInt8] =
            [0x01, 0x02, 0x03, 0xDC, 0xA6, 0xB8, version, UInt8(manufacturer & 0xFF), UInt8(manufacturer >> 8)]
            + [UInt8(settings & 0xFF), UInt8(settings >> 8), 0, 0]
            + [UInt8(settings & 0xFF) | (isPowered ? 1 : 0), UInt8(settings >> 8), 0, 0]
        return try AdapterInformation(bytes: bytes)
    }

    func plugUSB(
        _ number: UInt16,
        _ identity: String,
        _ information: AdapterInformation?,
        power: String = "on"
    ) throws {
        let parts = identity.split(separator: ":").map(String.init)
        let device = "/sys/devices/usb\(number)"
        try write("\(device)/idVendor", parts[0] + "\n")
        try write("\(device)/idProduct", parts[1] + "\n")
        try write("\(device)/power/control", power + "\n")
        try makeFolder("\(device)/1.0")
        try link("\(device)/1.0/driver", to: "../../../bus/usb/drivers/btusb")
        try link("\(device)/1.0/subsystem", to: "../../../bus/usb")
        try link("/sys/class/bluetooth/hci\(number)/device", to: "../../../devices/usb\(number)/1.0")
        known[number] = information
    }

    /// The chip of a board, behind a serial port.
    func solderOn(_ information: AdapterInformation?) throws {
        let device = "/sys/devices/soc/serial0-0"
        try makeFolder(device)
        try link("\(device)/driver", to: "../../../bus/serial/drivers/hci_uart_bcm")
        try link("\(device)/subsystem", to: "../../../bus/serial")
        try link("/sys/class/bluetooth/hci0/device", to: "../../../devices/soc/serial0-0")
        known[0] = information
    }

    func addWireless(_ driver: String, isUp: Bool = true, megahertz: Int? = nil) throws {
        try makeFolder("/sys/class/net/wlan0/phy80211")
        try makeFolder("/sys/devices/wlan")
        try link("/sys/devices/wlan/driver", to: "../../bus/any/drivers/\(driver)")
        try link("/sys/class/net/wlan0/device", to: "../../../devices/wlan")
        try write("/sys/class/net/wlan0/operstate", isUp ? "up\n" : "down\n")
        self.megahertz["wlan0"] = megahertz
    }

    func startBluetoothd() throws {
        try write("/proc/612/comm", "bluetoothd\n")
        try write("/usr/libexec/bluetooth/bluetoothd", "")
    }

    // MARK: - Examining

    func findings(adapter: String? = nil, control: String? = nil) -> [Finding] {
        let machine = Machine(
            files: MachineFiles(root: folder),
            management: { [self] in
                askedKernel += 1
                return management ?? .adapters(known)
            },
            megahertz: { [self] in megahertz[$0] },
            clock: { [self] in clock },
            version: { [self] _ in version },
            daemon: { [self] path in
                askedSocket = path
                return daemon
            }
        )
        return Examination(machine, adapter: adapter, control: control).findings()
    }

    /// The only finding of a check.
    func finding(_ check: String, adapter: String? = nil) throws -> Finding {
        let findings = findings(adapter: adapter).filter { $0.check == check }
        try #require(findings.count == 1, "\(findings)")
        return findings[0]
    }
}
