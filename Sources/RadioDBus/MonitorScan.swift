import BluetoothManagement
import BluetoothWire
import ByteCoding
import LinuxSystem
import RadioPort

/// Hears every advertisement of nodes by the kernel's advertisement monitor, passively and without a filter of duplicates.
///
/// bluetoothd may use the adapter meanwhile. The kernel tells everybody who may listen; takes CAP_NET_ADMIN.
final class MonitorScan {
    private let management: ManagementSocket
    private let adapter: UInt16
    private var handle: [UInt8]?

    /// An advertisement was heard.
    var heard: (RadioEvent) -> Void = { _ in }
    /// A link of the adapter came up: address, and whether it was opened from here.
    var connected: (Address, Bool) -> Void = { _, _ in }
    /// A link of the adapter went down: address, and the reason of the management interface.
    var disconnected: (Address, UInt8) -> Void = { _, _ in }

    /// AD types and values at their beginning that are reported: manufacturer data of nodes, and MeshAccess broadcasts.
    private static let patterns: [[UInt8]] = [
        pattern(0xFF, [0x4D, 0x02]), pattern(0x03, [0x12, 0xFE]),
    ]

    /// A scan that is off.
    ///
    /// - Throws: ``SystemError`` if the kernel has no Bluetooth.
    init(adapter: UInt16, loop: EventLoop) throws(SystemError) {
        self.adapter = adapter
        management = try ManagementSocket(loop: loop)
        management.event = { [unowned self] event in take(event) }
    }

    private static func pattern(_ type: UInt8, _ value: [UInt8]) -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: 31 - value.count)
        return [type, 0, UInt8(value.count)] + value + padding
    }

    /// Begins to scan.
    ///
    /// - Throws: ``ManagementSocket/Failure`` if that is not permitted.
    func start() throws(ManagementSocket.Failure) {
        guard handle == nil else { return }
        let content = [UInt8(Self.patterns.count)] + Self.patterns.flatMap(\.self)
        let values = try management.request(
            ManagementPacket(ManagementCommand.addPatternsMonitor, adapter: adapter, .init(content))
        )
        handle = Array(values.array.prefix(2))
    }

    /// Ends the scan.
    func stop() {
        guard let handle else { return }
        self.handle = nil
        _ = try? management.request(
            ManagementPacket(ManagementCommand.removeMonitor, adapter: adapter, .init(handle))
        )
    }

    private func take(_ event: ManagementPacket) {
        guard event.adapter == adapter else { return }
        let content = event.parameters.array
        switch event.code {
        case ManagementEvent.deviceFound: hear(content)
        case ManagementEvent.monitorDeviceFound where content.count > 2: hear(Array(content[2...]))
        case ManagementEvent.deviceConnected where content.count >= 11:
            connected(Self.address(content), content[7] & Self.openedHere != 0)
        case ManagementEvent.deviceDisconnected where content.count >= 8:
            disconnected(Self.address(content), content[7])
        default: break
        }
    }

    /// Flag of a new link: locally initiated.
    private static let openedHere: UInt8 = 1 << 3

    /// Six bytes of address, then its type: 2 is random.
    private static func address(_ content: [UInt8]) -> Address {
        let value = content[..<6].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        return Address(value: value, kind: content[6] == 2 ? .random : .public)
    }

    private func hear(_ content: [UInt8]) {
        guard let found = try? DeviceFound(bytes: content), found.addressType == 1 || found.addressType == 2 else {
            return
        }
        heard(
            .advertisement(
                address: Address(value: found.address, kind: found.addressType == 2 ? .random : .public),
                rssi: found.rssi,
                connectable: found.isConnectable,
                data: AdvertisingData(found.data.array.prefix(31))
            )
        )
    }
}
