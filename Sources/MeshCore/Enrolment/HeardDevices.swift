import MeshWire
import RadioPort

/// The devices whose MeshAccess broadcast was heard well of late, by serial number (protocol §10.5).
///
/// At most ``Limits/heardDevices``. Whoever is not enrolled is worth more than who is, for it is what somebody will ask about;
/// among equals the one heard longest ago gives way.
struct HeardDevices: Sendable {
    private struct Entry {
        var serial: SerialNumber
        var isEnrolled: Bool
        var heardAt: Instant

        func isFresh(at now: Instant) -> Bool { now.microseconds(since: heardAt) <= HeardDevices.age }
        /// Whether it must not give way to a device that is enrolled.
        func isDear(at now: Instant) -> Bool { !isEnrolled && isFresh(at: now) }
    }

    /// How long a device is spoken of after it was heard, in microseconds.
    static let age: UInt64 = 60_000_000
    /// A signal must be stronger than this, in dBm.
    static let threshold: Int8 = -85

    private var entries: ContiguousArray<Entry> = []

    /// Number of devices remembered.
    var count: Int { entries.count }

    /// Notes a device that was heard; too weak ones are not noted.
    mutating func note(_ serial: SerialNumber, isEnrolled: Bool, rssi: Int8, now: Instant) {
        guard rssi > Self.threshold else { return }
        let entry = Entry(serial: serial, isEnrolled: isEnrolled, heardAt: now)
        for index in entries.indices where entries[index].serial == serial {
            entries[index] = entry
            return
        }
        guard entries.count >= Limits.heardDevices else {
            entries.append(entry)
            return
        }
        var worst = 0
        for index in entries.indices where Self.givesWay(entries[index], before: entries[worst], now) {
            worst = index
        }
        guard entry.isDear(at: now) || !entries[worst].isDear(at: now) else { return }
        entries[worst] = entry
    }

    private static func givesWay(_ entry: Entry, before other: Entry, _ now: Instant) -> Bool {
        let (isDear, isOtherDear) = (entry.isDear(at: now), other.isDear(at: now))
        return isDear == isOtherDear ? entry.heardAt < other.heardAt : isOtherDear
    }

    /// Whether a device was heard of late.
    func contains(_ serial: SerialNumber, now: Instant) -> Bool {
        for index in entries.indices where entries[index].serial == serial {
            return entries[index].isFresh(at: now)
        }
        return false
    }

    /// At most so many devices heard of late: those not enrolled first, each kind by when it was heard, the latest first.
    func latest(_ count: Int, now: Instant) -> [SerialNumber] {
        entries.filter { $0.isFresh(at: now) }
            .sorted { left, right in
                left.isEnrolled == right.isEnrolled
                    ? (right.heardAt, left.serial) < (left.heardAt, right.serial) : !left.isEnrolled
            }
            .prefix(count).map(\.serial)
    }
}
