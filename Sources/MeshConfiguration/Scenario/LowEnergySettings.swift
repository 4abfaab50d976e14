/// A place for which the figures of radio propagation are known.
public enum RadioEnvironment: String, CaseIterable, Sendable {
    /// Line of sight: exponent 2.0, shadowing 3 dB.
    case open
    /// A furnished room: exponent 2.4, shadowing 4 dB.
    case livingRoom = "living_room"
    /// Offices with light walls: exponent 2.7, shadowing 5 dB.
    case office
    /// Offices behind solid walls: exponent 4.3, shadowing 8 dB.
    case denseOffice = "dense_office"

    /// Path-loss exponent of the one-slope model at 2.4 GHz.
    public var exponent: Double {
        switch self {
        case .open: 2.0
        case .livingRoom: 2.4
        case .office: 2.7
        case .denseOffice: 4.3
        }
    }

    /// Standard deviation of shadowing in dB.
    public var shadowing: Double {
        switch self {
        case .open: 3
        case .livingRoom: 4
        case .office: 5
        case .denseOffice: 8
        }
    }
}

/// A controller with what it can and cannot do, and with its moods.
public enum ControllerProfile: String, CaseIterable, Sendable {
    /// Does everything at once, without delay.
    case ideal
    /// Broadcom BCM43438 on a UART (Raspberry Pi 3, Zero W): 8 links, advertising pauses while initiating.
    case bcm43438
    /// Broadcom BCM43455 on a faster UART (Raspberry Pi 3B+, 4): 8 links, advertising pauses while initiating.
    case bcm43455
    /// Cambridge Silicon Radio CSR8510 USB stick: central of 5 links or peripheral of one, never both.
    ///
    /// So it is for Bluetooth 4.0 (Core 4.0 Vol 6 Part B 1.1); 4.1 lifted it. A node of a tree that is neither root nor leaf has
    /// links of both kinds, or several as a peripheral: with this controller there are only stars, a central with its leaves.
    case csr8510
    /// Realtek RTL8761B USB stick: 8 links, advertising pauses while initiating.
    case rtl8761b
}

/// A wall on the map.
public struct RadioWall: Sendable, Equatable {
    /// Where it stands.
    public var segment: Segment
    /// What a path that crosses it loses, in dB.
    public var lossDecibels: Double

    /// A wall along a line.
    public init(_ segment: Segment, lossDecibels: Double) {
        self.segment = segment
        self.lossDecibels = lossDecibels
    }
}

/// A Wi-Fi network that everybody hears.
public struct WiFiInterference: Sendable, Equatable {
    /// Wi-Fi channel, 1...13: 20 MHz around 2407 + 5 x channel MHz.
    public var channel: Int
    /// Share of the time in which it transmits, in per cent.
    public var busyPercent: Double
    /// Mean length of a transmission in microseconds.
    public var burstMicroseconds: Double
    /// How strong it is at every node, in dBm.
    public var levelDBm: Double

    /// A network from its fields.
    public init(channel: Int, busyPercent: Double, burstMicroseconds: Double, levelDBm: Double) {
        self.channel = channel
        self.busyPercent = busyPercent
        self.burstMicroseconds = burstMicroseconds
        self.levelDBm = levelDBm
    }
}

/// What goes wrong in controllers, for every node alike.
public struct ControllerFailures: Sendable, Equatable {
    /// Share of connect commands that the controller refuses, in per cent.
    public var connectFailsPercent = 0.0
    /// Share of advertise commands after which nothing goes on air although the controller says so, in per cent.
    public var stuckAdvertisingPercent = 0.0
    /// Mean time after which a controller falls silent, in microseconds; 0: never.
    ///
    /// The host notices after two seconds without an answer, resets the controller, and has lost its links.
    public var silentAfterMicroseconds: UInt64 = 0

    /// Nothing goes wrong.
    public init() {}
}

/// How the air of the `ble` radio is: each level can be changed or switched off on its own.
///
/// ```yaml
/// radio:
///   profile: ble
///   environment: office
///   shadowing_db: 0
///   controller: bcm43438
/// ```
///
/// | key                         | unit   | default         | range                 | what it is                                  |
/// |-----------------------------|--------|-----------------|-----------------------|---------------------------------------------|
/// | `environment`               |        | open            | ``RadioEnvironment``  | gives exponent and shadowing                |
/// | `rssi_at_1m_dbm`            | dBm    | -56             | -80...-20             | transmit power 4 dBm, 60 dB over the first metre |
/// | `exponent`                  |        | by environment  | 1.5...6               | path-loss exponent                          |
/// | `shadowing_db`              | dB     | by environment  | 0...12                | frozen per pair of nodes; 0 = off           |
/// | `fading_db`                 | dB     | 2               | 0...6                 | drawn per packet, 1.5-3.7 measured indoors; 0 = off |
/// | `asymmetry_db`              | dB     | 3               | 0...6                 | largest difference of the two directions; 0 = off |
/// | `channel_spread_db`         | dB     | 1.5             | 0...6                 | frozen per pair and channel; 0 = off        |
/// | `sensitivity_dbm`           | dBm    | -95             | -110...-70            | 30.8 % of packets of 37 bytes are lost there (Core 5.4 Vol 6 Part A 4) |
/// | `slope_db`                  | dB     | 1               | 0...5                 | scale of the logistic loss; 0 = a hard edge |
/// | `walls`                     |        | none            | list of `{from: [x, y], to: [x, y], loss_db}` | |
/// | `collisions`                |        | true            | true, false           | packets on one advertising channel destroy each other |
/// | `capture_db`                | dB     | 7               | 0...20                | by how much a packet must be stronger to survive |
/// | `shared_radio`              |        | true            | true, false           | a node does one thing at a time             |
/// | `clock_ppm`                 | ppm    | 20              | 0...500               | largest drift of a node's clock             |
/// | `interval_spread`           | 1.25 ms| 0               | 0...80                | a central lengthens each link's interval by a different, random amount up to this |
/// | `boot_spread`               | time   | 200ms           | 0s...60s              | nodes boot at random within this time       |
/// | `controller`                |        | ideal           | ``ControllerProfile`` | the chip of every node                      |
/// | `wifi`                      |        | none            | list of `{channel, busy, burst, level_dbm}` | busy in %, burst 50us...10ms |
/// | `failures.connect_fails`    | %      | 0               | 0...100               | ``ControllerFailures``                      |
/// | `failures.stuck_advertising`| %      | 0               | 0...100               | ``ControllerFailures``                      |
/// | `failures.silent_after`     | time   | never           | 1s...2678400s         | ``ControllerFailures``                      |
public struct LowEnergySettings: Sendable, Equatable {
    /// RSSI in dBm at a distance of 1 m.
    public var rssiAtOneMetre = -56.0
    /// Path-loss exponent.
    public var exponent = RadioEnvironment.open.exponent
    /// Standard deviation in dB of what a pair of nodes has more or less than the distance says.
    public var shadowing = RadioEnvironment.open.shadowing
    /// Standard deviation in dB from packet to packet.
    public var fading = 2.0
    /// Largest difference in dB between the two directions of a pair.
    public var asymmetry = 3.0
    /// Standard deviation in dB between the channels of a pair.
    public var channelSpread = 1.5
    /// RSSI in dBm at which 30.8 % of packets of 37 bytes are lost.
    public var sensitivity = -95.0
    /// Scale of the logistic loss in dB; 0: a hard edge at the sensitivity.
    public var slope = 1.0
    /// Walls on the map.
    public var walls: [RadioWall] = []
    /// Whether packets on one advertising channel destroy each other.
    public var collisions = true
    /// By how many dB a packet must be stronger than another to survive it.
    public var capture = 7.0
    /// Whether a node does one thing at a time.
    public var sharedRadio = true
    /// Largest drift of a node's clock in parts per million.
    public var clockPPM = 20
    /// By how much a central may lengthen the interval of a link, in units of 1.25 ms.
    public var intervalSpread = 0
    /// Time within which the nodes boot, in microseconds.
    public var bootSpreadMicroseconds: UInt64 = 200_000
    /// The chip of every node.
    public var controller = ControllerProfile.ideal
    /// Wi-Fi networks around.
    public var wifi: [WiFiInterference] = []
    /// What goes wrong in controllers.
    public var failures = ControllerFailures()

    /// The defaults.
    public init() {}

    /// An air in which nothing is lost and nothing collides: the start for experiments with one level at a time.
    public static var clear: LowEnergySettings {
        var settings = LowEnergySettings()
        settings.shadowing = 0
        settings.fading = 0
        settings.asymmetry = 0
        settings.channelSpread = 0
        settings.slope = 0
        settings.collisions = false
        settings.clockPPM = 0
        return settings
    }
}
