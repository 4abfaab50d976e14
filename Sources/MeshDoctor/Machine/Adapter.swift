import BluetoothWire

/// An adapter, as far as files and kernel tell.
struct Adapter: Equatable {
    /// The bus that its controller hangs on.
    enum Bus: Equatable {
        /// Vendor and product, and what the device calls itself.
        case usb(vendor: UInt16, product: UInt16, name: String?)
        /// A serial port, as on boards.
        case serial
        /// Another, by name.
        case other(String)
        /// None: made by a program.
        case none
    }

    var number: UInt16
    var bus: Bus
    /// Driver of the controller.
    var driver: String?
    /// `on`, `auto` (may fall asleep), or nil.
    var powerControl: String?
    /// Connections that it has now.
    var connectionCount: Int
    /// Where its device is, to compare it with that of others.
    var place: String?
    /// What the management interface says; nil if it does not show the adapter.
    var information: AdapterInformation?

    var name: String { "hci\(number)" }

    /// Its chip is part of a board, whose wireless chip does Wi-Fi too.
    var isOnBoard: Bool { bus == .serial }

    /// All adapters of a machine, by number.
    static func all(_ files: MachineFiles, _ known: [UInt16: AdapterInformation]) -> [Adapter] {
        let names = files.names(in: folder)
        let numbers = Set(names.compactMap { number($0) }).union(known.keys)
        return numbers.sorted().map { number in
            // Connections are there too, as hci0:64.
            let connections = names.count { $0.hasPrefix("hci\(number):") }
            return Adapter(number, files, connections: connections, known[number])
        }
    }

    private static let folder = "/sys/class/bluetooth"

    /// The number in `hci0`; nil for what is no name of an adapter.
    static func number(_ name: String) -> UInt16? {
        guard name.hasPrefix("hci"), let number = UInt16(name.dropFirst(3)), "hci\(number)" == name, number < 0xFFFF
        else { return nil }
        return number
    }

    private init(_ number: UInt16, _ files: MachineFiles, connections: Int, _ information: AdapterInformation?) {
        let device = "\(Self.folder)/hci\(number)/device"
        self.number = number
        self.information = information
        connectionCount = connections
        driver = files.link("\(device)/driver")
        // On USB the adapter is an interface of the device above it.
        place = files.place("\(device)/..")
        switch files.link("\(device)/subsystem") {
        case "usb":
            func identifier(_ name: String) -> UInt16 {
                UInt16(files.line("\(device)/../\(name)") ?? "", radix: 16) ?? 0
            }
            bus = .usb(
                vendor: identifier("idVendor"),
                product: identifier("idProduct"),
                name: files.line("\(device)/../product")
            )
            powerControl = files.line("\(device)/../power/control")
        case "serial", "tty": bus = .serial
        case let other?: bus = .other(other)
        // The old line discipline has no device, but its adapter is no program's either.
        case nil: bus = files.exists(device) ? .other("unknown bus") : .none
        }
    }
}
