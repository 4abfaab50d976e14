import MeshCore
import RadioPort

/// The advertisements on air, read once for all who receive them.
///
/// A place is used again some steps after its advertisement went off the air, when nobody waits any more to be told of it.
struct OnAir: Sendable {
    /// What a node advertises, and how often.
    struct Slot: Sendable {
        /// Place of the advertisement.
        var place: UInt32
        /// Steps between advertising events, 0: it does not advertise.
        var period: UInt32
        /// Whether links are accepted.
        var isConnectable: Bool

        static let silent = Slot(place: 0, period: 0, isConnectable: false)
    }

    private(set) var advertisements: ContiguousArray<Advertisement> = []
    /// What was read of them.
    private var payloads: ContiguousArray<AdvertisingData> = []
    /// One per node.
    private(set) var slots: ContiguousArray<Slot>
    private var retired: ContiguousArray<(place: UInt32, step: UInt64)> = []
    private var firstRetired = 0
    /// Steps for which receptions may wait, at most.
    private let hold: UInt64

    init(nodes: Int, hold: UInt64) {
        slots = ContiguousArray(repeating: .silent, count: nodes)
        self.hold = hold
    }

    /// A node advertises something from now on.
    mutating func put(
        _ advertisement: Advertisement,
        _ payload: AdvertisingData,
        period: UInt32,
        by node: Int,
        step: UInt64
    ) {
        takeOff(node, step: step)
        let place = freePlace(step: step)
        if place == advertisements.count {
            if place == advertisements.capacity {
                // To double would waste more memory than to copy now and then.
                advertisements.reserveCapacity(place + place / 8 + 8)
                payloads.reserveCapacity(place + place / 8 + 8)
            }
            advertisements.append(advertisement)
            payloads.append(payload)
        } else {
            advertisements[place] = advertisement
            payloads[place] = payload
        }
        slots[node] = Slot(place: UInt32(place), period: period, isConnectable: advertisement.connectable)
    }

    /// The event that a radio tells its node when it received one.
    func event(_ reception: Reception) -> RadioEvent {
        let place = Int(reception.advertisement)
        return .advertisement(
            address: advertisements[place].address,
            rssi: reception.rssi,
            connectable: advertisements[place].connectable,
            data: payloads[place]
        )
    }

    /// A node no longer advertises.
    mutating func takeOff(_ node: Int, step: UInt64) {
        guard slots[node].period != 0 else { return }
        retired.append((slots[node].place, step))
        slots[node] = .silent
    }

    private mutating func freePlace(step: UInt64) -> Int {
        guard firstRetired < retired.count, retired[firstRetired].step + hold < step else {
            return advertisements.count
        }
        let place = Int(retired[firstRetired].place)
        firstRetired += 1
        if firstRetired == retired.count || firstRetired > 1024 {
            retired.removeFirst(firstRetired)
            firstRetired = 0
        }
        return place
    }
}
