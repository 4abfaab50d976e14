import MeshCore
import RadioFake
import RadioPort

/// One radio of the `ble` air: what its host asked for, and what it is doing.
struct Station: Sendable {
    /// An advertising event on air: up to three packets, one per channel.
    struct Airing: Sendable {
        /// Start of the first packet, in nanoseconds.
        var start: UInt64 = 0
        /// Length of each.
        var packet: UInt64 = 0
        /// From the start of one to the start of the next.
        var spacing: UInt64 = 1
        /// Packets sent; a connection event that comes up ends the event early.
        var channels = 0
        /// What was sent; a change of mind does not change what is on air.
        var broadcast: Broadcast?

        /// Bytes of payload in each packet.
        var payload: Int { Int(packet / (8 * Airtime.microsecond)) - 10 }

        /// When the last packet is over.
        var end: UInt64 { channels == 0 ? start : start + UInt64(channels - 1) * spacing + packet }

        /// Whether anything of it is on air in a span.
        func overlaps(_ from: UInt64, _ to: UInt64) -> Bool { channels > 0 && start < to && end > from }
    }

    /// What a host wants on air, and what whoever receives it reads.
    struct Broadcast: Sendable {
        let advertising: FakeRadio.Advertising
        let content: Advertisement
    }

    /// Somebody who listened when a packet came by.
    struct Witness: Sendable {
        var node: Int32
        /// In thousandths of a dBm.
        var strength: Int32
        /// Advertising channel, counted from 37.
        var channel: UInt8
    }

    var isPowered = true
    /// Whether it is where nobody hears it.
    var isAway = false
    /// Whether the controller answers; see ``ControllerFailures``.
    var isSilent = false

    /// What the host wants on air.
    var broadcast: Broadcast?
    /// Whether the controller only says that it advertises.
    var isStuck = false
    /// Counts starts and stops of advertising: older events of the queue are void.
    var advertisingStamp: UInt32 = 0
    var airing = Airing()
    var witnesses: ContiguousArray<Witness> = []

    /// The timing of the scan, nil while not scanning.
    var scan: ScanTiming?
    var attempt: FakeRadio.Attempt?
    /// Counts connect attempts.
    var attemptStamp: UInt32 = 0

    /// Links of this radio, oldest first.
    var links: ContiguousArray<FakeLinkEnd> = []
    var lastLink: UInt32 = 0

    /// Events for the host, oldest first.
    var inbox = FakeInbox()
    /// How many of them have arrived there.
    var due = 0
    /// When the last of them arrives there.
    var inboxTime: UInt64 = 0
    /// The earliest time at which a turn for timers has been asked for.
    var wakeTime = UInt64.max
    /// Counts commands, for draws.
    var commands: UInt64 = 0
    /// Drift of the clock in parts per million.
    var clockPPM = 0

    /// The air's number of a link, nil if there is no such link (any more).
    func record(of link: LinkID) -> Int32? {
        for index in links.indices where links[index].id == link {
            return links[index].record
        }
        return nil
    }
}
