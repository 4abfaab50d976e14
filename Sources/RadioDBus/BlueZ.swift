import RadioPort

/// Names of BlueZ on the bus.
enum BlueZ {
    static let service = "org.bluez"
    static let adapter = "org.bluez.Adapter1"
    static let device = "org.bluez.Device1"
    static let gattService = "org.bluez.GattService1"
    static let characteristic = "org.bluez.GattCharacteristic1"
    static let advertisement = "org.bluez.LEAdvertisement1"
    static let advertisingManager = "org.bluez.LEAdvertisingManager1"
    static let gattManager = "org.bluez.GattManager1"

    static let properties = "org.freedesktop.DBus.Properties"
    static let objectManager = "org.freedesktop.DBus.ObjectManager"

    /// UUIDs of protocol §5.2 as BlueZ writes them.
    static let meshService = "00000000-1212-efde-1523-785feabcd123"
    static let meshValue = "00001524-1212-efde-1523-785feabcd123"
    static let accessService = "00000001-acce-423c-93fd-0c07a0051858"
    static let accessReceive = "00000002-acce-423c-93fd-0c07a0051858"
    static let accessTransmit = "00000003-acce-423c-93fd-0c07a0051858"
}

extension Address {
    /// Reads `00:1B:DC:F0:00:01` with `public` or `random`.
    init?(blueZ text: String, type: String) {
        let parts = text.split(separator: ":").compactMap { UInt64($0, radix: 16) }
        guard parts.count == 6, parts.allSatisfy({ $0 <= 0xFF }) else { return nil }
        self.init(value: parts.reduce(0) { $0 << 8 | $1 }, kind: type == "random" ? .random : .public)
    }

    /// The last part of a device's object path, as `dev_00_1B_DC_F0_00_01`.
    var pathComponent: String {
        let digits = (0..<6).reversed().map { index in
            let byte = UInt8(truncatingIfNeeded: value >> (UInt64(index) * 8))
            return (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return "dev_" + digits.joined(separator: "_")
    }
}
