/// The board of a machine, if it tells: its wireless chip is known by it, for the chip does not tell everything itself.
struct Board: Equatable {
    /// A chip for Bluetooth and Wi-Fi, with one antenna.
    enum Chip: String {
        case bcm43436 = "BCM43436"
        case bcm43438 = "BCM43438"
        case bcm43455 = "BCM43455"

        /// Whether its Wi-Fi can leave the band of Bluetooth.
        var hasFiveGigahertz: Bool { self == .bcm43455 }
    }

    /// What it calls itself, such as `Raspberry Pi 4 Model B Rev 1.4`.
    var model: String
    var isPi: Bool { model.contains("Raspberry Pi") }

    init?(_ files: MachineFiles) {
        guard let model = files.line("/proc/device-tree/model") else { return nil }
        self.model = model
    }

    init(model: String) { self.model = model }

    /// Its wireless chip; nil if it has none, or one that is not known here.
    var chip: Chip? {
        guard isPi else { return nil }
        return Self.chips.first { model.contains($0.0) }?.1
    }

    /// The first that fits.
    private static let chips: [(String, Chip)] = [
        ("Zero 2 W", .bcm43436), ("Zero W", .bcm43438), ("Pi 3 Model B Plus", .bcm43455),
        ("Pi 3 Model A Plus", .bcm43455), ("Pi 3 Model B", .bcm43438), ("Pi 4", .bcm43455),
        ("Pi Compute Module 4", .bcm43455), ("Pi 5", .bcm43455), ("Pi Compute Module 5", .bcm43455),
    ]
}
