import MeshWire
import RadioPort

/// The devices whose MeshAccess broadcast was heard well of late, by serial number (protocol §10.5).
///
/// At most ``Limits/heardDevices``. Whoever is not enrolled is worth more than who is, for it is what somebody will ask about;
/// among equals the one heard longest ago gives way.
struct HeardDevices: Sendable {
    /// How long a device is spoken of after it was heard, in microseconds.
    static let age: UInt64 = 60_000_000
    /// A signal must be stronger than this, in dBm.
    static let threshold: Int8 = -85

    private var serials: InlineArray<24, UInt32> = InlineArray(repeating: 0)
    private var times: InlineArray<24, Instant> = InlineArray(repeating: .zero)
    /// Lower halves of the serial numbers: looked through at each of a thousand broadcasts a second.
    private var keys = KeyRow<6>()
    // Who was heard after whom, in a ring through the last place, which belongs to no device.
    private var after: InlineArray<25, UInt8> = InlineArray(repeating: 24)
    private var before: InlineArray<25, UInt8> = InlineArray(repeating: 24)
    /// One bit per device that is enrolled.
    private var enrolled: UInt32 = 0
    /// Number of devices remembered.
    private(set) var count = 0

    /// The place that begins and ends the order.
    private static var end: Int { Limits.heardDevices }
    private static let allEnrolled: UInt32 = 1 << UInt32(Limits.heardDevices) - 1

    /// Notes a device that was heard; too weak ones are not noted.
    mutating func note(_ serial: SerialNumber, isEnrolled: Bool, rssi: Int8, now: Instant) {
        guard rssi > Self.threshold else { return }
        let known = place(of: serial.rawValue)
        if known >= 0 {
            takeOut(known)
            set(known, serial, isEnrolled: isEnrolled, now: now)
            return
        }
        guard count >= Limits.heardDevices else {
            count += 1
            keys.set(UInt16(truncatingIfNeeded: serial.rawValue), at: count - 1)
            set(count - 1, serial, isEnrolled: isEnrolled, now: now)
            return
        }
        let worst = enrolled == Self.allEnrolled ? Int(after[Self.end]) : leastDear(at: now)
        guard !isEnrolled || !isDear(worst, at: now) else { return }
        takeOut(worst)
        keys.set(UInt16(truncatingIfNeeded: serial.rawValue), at: worst)
        set(worst, serial, isEnrolled: isEnrolled, now: now)
    }

    // The helpers of note(_:isEnrolled:rssi:now:) mutate, or are put in line, because to call any other means to copy the table.

    /// The place of a device, -1 if it is not remembered.
    @inline(__always)
    private mutating func place(of serial: UInt32) -> Int {
        let key = UInt16(truncatingIfNeeded: serial)
        var place = keys.place(of: key)
        while place >= 0, place < count, serials[place] != serial {
            place = keys.place(of: key, from: place + 1)
        }
        return place < count ? place : -1
    }

    /// Takes a device out of the order in which they were heard.
    @inline(__always)
    private mutating func takeOut(_ index: Int) {
        after[Int(before[index])] = after[index]
        before[Int(after[index])] = before[index]
    }

    /// Notes a device, as the last that was heard.
    @inline(__always)
    private mutating func set(_ index: Int, _ serial: SerialNumber, isEnrolled: Bool, now: Instant) {
        serials[index] = serial.rawValue
        times[index] = now
        let last = before[Self.end]
        before[index] = last
        after[index] = UInt8(Self.end)
        after[Int(last)] = UInt8(index)
        before[Self.end] = UInt8(index)
        let bit: UInt32 = 1 << UInt32(index)
        enrolled = isEnrolled ? enrolled | bit : enrolled & ~bit
    }

    @inline(__always)
    private func isEnrolled(_ index: Int) -> Bool { enrolled >> UInt32(index) & 1 == 1 }

    @inline(__always)
    private func isFresh(_ index: Int, at now: Instant) -> Bool { now.microseconds(since: times[index]) <= Self.age }

    /// Whether a device must not give way to one that is enrolled.
    @inline(__always)
    private func isDear(_ index: Int, at now: Instant) -> Bool { !isEnrolled(index) && isFresh(index, at: now) }

    /// The device of a full table that gives way.
    private mutating func leastDear(at now: Instant) -> Int {
        var least = 0
        for index in 1..<Limits.heardDevices {
            let (isDear, isOtherDear) = (isDear(index, at: now), self.isDear(least, at: now))
            if isDear == isOtherDear ? times[index] < times[least] : isOtherDear {
                least = index
            }
        }
        return least
    }

    /// Whether a device was heard of late.
    func contains(_ serial: SerialNumber, now: Instant) -> Bool {
        for index in 0..<count where serials[index] == serial.rawValue {
            return isFresh(index, at: now)
        }
        return false
    }

    /// At most so many devices heard of late: those not enrolled first, each kind by when it was heard, the latest first.
    func latest(_ count: Int, now: Instant) -> [SerialNumber] {
        (0..<self.count).filter { isFresh($0, at: now) }
            .sorted { left, right in
                isEnrolled(left) == isEnrolled(right)
                    ? (times[right], serials[left]) < (times[left], serials[right]) : !isEnrolled(left)
            }
            .prefix(count).map { SerialNumber(serials[$0]) }
    }
}
