import CBluetooth
import Testing

/// What the kernel's headers must say.
@Suite struct KernelInterfaceTests {
    @Test func socketAddressesAreOfTheSizeThatTheKernelWants() {
        #expect(MemoryLayout<sockaddr_hci>.size == 6)
        #expect(MemoryLayout<sockaddr_hci>.stride == 6)
        #expect(MemoryLayout<sockaddr_hci>.offset(of: \.hci_dev) == 2)
        #expect(MemoryLayout<sockaddr_hci>.offset(of: \.hci_channel) == 4)
    }

    @Test func channelsHaveTheirNumbers() {
        #expect(HCI_CHANNEL_USER == 1)
        #expect(HCI_CHANNEL_CONTROL == 3)
        #expect(HCI_DEV_NONE == 0xFFFF)
        #expect(BTPROTO_HCI == 1)
    }
}
