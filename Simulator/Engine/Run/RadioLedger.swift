import MeshCore
import RadioPort

/// What a node is doing with its radio.
public enum RadioActivity: Int, CaseIterable, Sendable {
    /// Nothing, but it has power.
    case idle
    /// It advertises.
    case advertising
    /// It looks for neighbours.
    case scanning
    /// It tries to connect to one of them.
    case initiating
    /// It keeps links.
    case connected
}

/// The books of what the radios of a run spend: charge and time on air, by activity.
///
/// A model and no measurement: the currents are those of the reference implementation's own simulator (protocol §12.3), which
/// declares most of its figures for connections to be assumptions. Every activity adds its current for as long as it lasts;
/// bytes, collisions and retransmissions cost nothing.
///
/// | activity               | current                                                       | time on air                       |
/// |------------------------|---------------------------------------------------------------|-----------------------------------|
/// | power                  | 10 uA                                                         |                                   |
/// | advertising            | 800 uA at 20 ms ... 220 at 100 ms ... 30 at 30 s, interpolated | 3 x 376 us an event               |
/// | scanning, initiating   | 11000 uA x window / interval                                  | window / interval                 |
/// | a link                 | 1000 uA at 7.5 ms ... 130 at 100 ms, then falling as 1 / interval | 160 us a connection event     |
struct RadioLedger: Sendable {
    private struct LinkEntry: Sendable {
        var link: LinkID
        /// When it came up.
        var since: Instant
        var microamperes: UInt64
        /// Millionths of the time.
        var duty: UInt64
    }

    private struct Account: Sendable {
        var isOn = true
        var since = Instant.zero
        /// By activity: microamperes now, and millionths of the time on air.
        var current: InlineArray<5, UInt64> = InlineArray(repeating: 0)
        var duty: InlineArray<5, UInt64> = InlineArray(repeating: 0)
        var links: [LinkEntry] = []
        /// Charge so far in microamperes times microseconds.
        var charge: InlineArray<5, UInt64> = InlineArray(repeating: 0)
        /// Time on air so far in millionths of a microsecond.
        var onAir: InlineArray<5, UInt64> = InlineArray(repeating: 0)
        /// Time with power in microseconds.
        var powered: UInt64 = 0

        mutating func settle(at now: Instant) {
            let passed = now.microseconds(since: since)
            since = now
            guard isOn, passed > 0 else { return }
            powered += passed
            for activity in current.indices {
                charge[activity] += current[activity] * passed
                onAir[activity] += duty[activity] * passed
            }
        }

        mutating func set(_ activity: RadioActivity, _ microamperes: UInt64, duty share: UInt64) {
            current[activity.rawValue] = microamperes
            duty[activity.rawValue] = share
        }

        mutating func sumLinks() {
            set(
                .connected,
                links.reduce(0) { $0 + $1.microamperes },
                duty: links.reduce(0) { $0 + $1.duty }
            )
        }

        mutating func clear() {
            links.removeAll()
            for activity in RadioActivity.allCases { set(activity, 0, duty: 0) }
            set(.idle, RadioLedger.idle, duty: 0)
        }
    }

    static let idle: UInt64 = 10
    private static let scanning: UInt64 = 11_000
    private static let million: UInt64 = 1_000_000
    /// Milliseconds and microamperes.
    private static let advertisingTable: [(UInt64, UInt64)] = [
        (20, 800), (100, 220), (200, 110), (400, 84), (1000, 70), (2000, 63), (4000, 50), (8000, 45), (30_000, 30),
    ]
    /// Microseconds and microamperes.
    private static let linkTable: [(UInt64, UInt64)] = [
        (7_500, 1000), (10_000, 900), (15_000, 750), (30_000, 600), (90_000, 300), (100_000, 130),
    ]

    private var accounts: ContiguousArray<Account>
    private(set) var linksLost = 0
    private(set) var linksEstablished = 0
    /// How long the links lasted that are gone, in microseconds, both ends counted.
    private(set) var lifetimes: UInt64 = 0

    /// Books that begin now; what the nodes did when they booted is entered.
    init(isPowered: ContiguousArray<Bool>) {
        accounts = ContiguousArray(repeating: Account(), count: isPowered.count)
        for index in accounts.indices {
            accounts[index].clear()
            accounts[index].isOn = isPowered[index]
        }
    }

    // MARK: - What happens

    mutating func note(_ command: RadioCommand, by index: Int, at now: Instant) {
        switch command {
        case .advertise(_, _, _, let interval):
            accounts[index].settle(at: now)
            let microamperes = Self.value(in: Self.advertisingTable, at: UInt64(interval) / 1000)
            // The random delay is 5 ms on average.
            accounts[index].set(.advertising, microamperes, duty: 1_128 * Self.million / (UInt64(interval) + 5_000))
        case .stopAdvertising:
            accounts[index].settle(at: now)
            accounts[index].set(.advertising, 0, duty: 0)
        case .scan(let timing):
            accounts[index].settle(at: now)
            look(.scanning, timing, of: index)
        case .stopScan:
            accounts[index].settle(at: now)
            accounts[index].set(.scanning, 0, duty: 0)
        case .connect(_, _, _, let scan, _):
            accounts[index].settle(at: now)
            accounts[index].set(.scanning, 0, duty: 0)
            look(.initiating, scan, of: index)
        default: break
        }
    }

    mutating func note(_ event: RadioEvent, at index: Int, now: Instant) {
        switch event {
        case .connected(_, let link, let role, _, let parameters):
            accounts[index].settle(at: now)
            if role == .central {
                accounts[index].set(.initiating, 0, duty: 0)
                linksEstablished += 1
            } else {
                // An incoming link ends the advertising.
                accounts[index].set(.advertising, 0, duty: 0)
            }
            accounts[index].links.append(Self.entry(link, parameters, since: now))
            accounts[index].sumLinks()
        case .parametersChanged(let link, let parameters):
            accounts[index].settle(at: now)
            guard let position = accounts[index].links.firstIndex(where: { $0.link == link }) else { return }
            let since = accounts[index].links[position].since
            accounts[index].links[position] = Self.entry(link, parameters, since: since)
            accounts[index].sumLinks()
        case .connectFailed:
            accounts[index].settle(at: now)
            accounts[index].set(.initiating, 0, duty: 0)
        case .disconnected(let link, _):
            accounts[index].settle(at: now)
            guard let position = accounts[index].links.firstIndex(where: { $0.link == link }) else { return }
            end(accounts[index].links.remove(at: position), at: now)
            accounts[index].sumLinks()
        default: break
        }
    }

    mutating func powerOff(_ index: Int, at now: Instant) {
        accounts[index].settle(at: now)
        forget(index, at: now)
        accounts[index].isOn = false
    }

    mutating func powerOn(_ index: Int, at now: Instant) {
        accounts[index].settle(at: now)
        accounts[index].clear()
        accounts[index].isOn = true
    }

    mutating func reset(_ index: Int, at now: Instant) {
        accounts[index].settle(at: now)
        forget(index, at: now)
    }

    private mutating func forget(_ index: Int, at now: Instant) {
        for entry in accounts[index].links { end(entry, at: now) }
        accounts[index].clear()
    }

    private mutating func end(_ entry: LinkEntry, at now: Instant) {
        linksLost += 1
        lifetimes += now.microseconds(since: entry.since)
    }

    private mutating func look(_ activity: RadioActivity, _ timing: ScanTiming, of index: Int) {
        let (window, interval) = (UInt64(timing.windowMicroseconds), max(1, UInt64(timing.intervalMicroseconds)))
        accounts[index].set(activity, Self.scanning * window / interval, duty: Self.million * window / interval)
    }

    private static func entry(_ link: LinkID, _ parameters: ConnectionParameters, since: Instant) -> LinkEntry {
        let interval = max(1, UInt64(parameters.interval) * 1_250)
        let last = linkTable[linkTable.count - 1]
        let microamperes =
            interval <= last.0 ? value(in: linkTable, at: interval) : max(1, last.1 * last.0 / interval)
        return LinkEntry(link: link, since: since, microamperes: microamperes, duty: 160 * million / interval)
    }

    /// A value between two lines of a table, on a straight line; beyond its ends, that of the end.
    private static func value(in table: [(UInt64, UInt64)], at key: UInt64) -> UInt64 {
        guard let next = table.firstIndex(where: { $0.0 >= key }) else { return table[table.count - 1].1 }
        guard next > 0, table[next].0 > key else { return table[next].1 }
        let (low, high) = (table[next - 1], table[next])
        return low.1 - (low.1 - high.1) * (key - low.0) / (high.0 - low.0)
    }

    // MARK: - What it comes to

    /// The figures up to an instant.
    func figures(at now: Instant) -> RadioFigures {
        var figures = RadioFigures()
        figures.linksEstablished = linksEstablished
        figures.linkEndsLost = linksLost
        figures.meanLinkSeconds = linksLost == 0 ? nil : Double(lifetimes) / Double(linksLost) / 1e6
        var least: UInt64?
        var greatest: UInt64 = 0
        for var account in accounts {
            account.settle(at: now)
            guard account.powered > 0 else { continue }
            figures.poweredSeconds += Double(account.powered) / 1e6
            var sum: UInt64 = 0
            for activity in RadioActivity.allCases {
                figures.charge[activity.rawValue] += Double(account.charge[activity.rawValue]) / 1e6 / 3600
                figures.onAirSeconds[activity.rawValue] += Double(account.onAir[activity.rawValue]) / 1e12
                sum += account.charge[activity.rawValue]
            }
            let mean = sum / account.powered
            least = min(least ?? mean, mean)
            greatest = max(greatest, mean)
        }
        figures.leastMicroamperes = Double(least ?? 0)
        figures.greatestMicroamperes = Double(greatest)
        return figures
    }
}

/// What the radios of a run spent, as a model has it, and what became of their links.
public struct RadioFigures: Sendable, Equatable {
    /// Charge by ``RadioActivity``, of all nodes together, in microampere-hours.
    public internal(set) var charge = [Double](repeating: 0, count: RadioActivity.allCases.count)
    /// Time on air by ``RadioActivity``, of all nodes together, in seconds.
    public internal(set) var onAirSeconds = [Double](repeating: 0, count: RadioActivity.allCases.count)
    /// Time with power, of all nodes together, in seconds.
    public internal(set) var poweredSeconds = 0.0
    /// Average current of the node that drew least.
    public internal(set) var leastMicroamperes = 0.0
    /// Average current of the node that drew most.
    public internal(set) var greatestMicroamperes = 0.0
    /// Links that came up.
    public internal(set) var linksEstablished = 0
    /// Ends of links that were lost or closed: both ends of a link count.
    public internal(set) var linkEndsLost = 0
    /// How long those lasted on average; nil if none was lost.
    public internal(set) var meanLinkSeconds: Double?

    /// Average current of a node with power, in microamperes.
    public var meanMicroamperes: Double {
        poweredSeconds == 0 ? 0 : charge.reduce(0, +) * 3600 / poweredSeconds
    }

    /// Share of the powered time that radios were on air, 0...1 and above where activities overlap.
    public var onAirShare: Double { poweredSeconds == 0 ? 0 : onAirSeconds.reduce(0, +) / poweredSeconds }
}
