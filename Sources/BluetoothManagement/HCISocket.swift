import CBluetooth
import Glibc
package import LinuxSystem

/// The kernel's HCI sockets.
package enum HCISocket {
    /// The channel of the management interface, for all adapters.
    package static func openManagement() throws(SystemError) -> FileDescriptor {
        try open(adapter: UInt16(HCI_DEV_NONE), channel: UInt16(HCI_CHANNEL_CONTROL))
    }

    /// The user channel of an adapter, which nobody else may use meanwhile.
    package static func openUserChannel(_ adapter: UInt16) throws(SystemError) -> FileDescriptor {
        try open(adapter: adapter, channel: UInt16(HCI_CHANNEL_USER))
    }

    private static func open(adapter: UInt16, channel: UInt16) throws(SystemError) -> FileDescriptor {
        let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let number = socket(AF_BLUETOOTH, type, Int32(BTPROTO_HCI))
        guard number >= 0 else { throw SystemError("socket") }
        let descriptor = FileDescriptor(number)
        let address = sockaddr_hci(hci_family: sa_family_t(AF_BLUETOOTH), hci_dev: adapter, hci_channel: channel)
        guard withSocketAddress(address, { bind(number, $0, $1) }) == 0 else { throw SystemError("bind") }
        return descriptor
    }
}
