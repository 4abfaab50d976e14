import ByteCoding
import MeshWire
import RadioPort

/// One advertiser shared between jobs (protocol §2.4).
///
/// Every 0.4 s one job is picked at random among those with slots left, weighted by their slots; when none has any, all are
/// refilled. After a link loss JOIN_ME has the advertiser to itself for some slots.
struct Advertiser: Sendable {
    /// What shares the advertiser.
    enum Job: Int {
        case joinMe
        case access
    }

    private static let slots = [5, 5]

    /// What to advertise of the cluster: JOIN_ME or GRAFT_ME.
    var beacon: AdvertisingData?
    /// What goes with the MeshAccess broadcast, once it was needed.
    var name: AdvertisingData?
    /// Whether the JOIN_ME job has any slots: a LEAF without a free in-connection has none.
    var joinMeEnabled = true
    private var hasAccess = false
    private var current = Job.joinMe
    private var remaining: InlineArray<2, UInt8> = [0, 0]
    private(set) var fastSlots: UInt8 = 0
    private var isRunning = false
    /// What the radio was told last; nil if it does not advertise.
    private var onAir: OnAir?

    /// What the radio needs to know to advertise.
    struct OnAir: Equatable {
        var data: AdvertisingData
        var scanResponse: AdvertisingData
        var connectable: Bool
        var interval: UInt32
    }

    /// Whether jobs take turns at all.
    var rotates: Bool { hasAccess }

    /// Whether a link loss made JOIN_ME exclusive for the moment.
    var isFast: Bool { fastSlots > 0 }

    mutating func start(configuration: Configuration, random: inout SeededGenerator) {
        isRunning = true
        hasAccess = configuration.accessBroadcast
        rotate(random: &random)
    }

    /// The advertising slot is over.
    mutating func rotate(random: inout SeededGenerator) {
        if fastSlots > 0 {
            fastSlots -= 1
            if fastSlots > 0 { return }
        }
        let jobs = hasAccess ? 2 : 1
        if (0..<jobs).allSatisfy({ remaining[$0] == 0 }) {
            for job in 0..<jobs {
                remaining[job] = UInt8(Self.slots[job])
            }
        }
        if !joinMeEnabled {
            remaining[Job.joinMe.rawValue] = 0
            if hasAccess, remaining[Job.access.rawValue] == 0 {
                remaining[Job.access.rawValue] = UInt8(Self.slots[Job.access.rawValue])
            }
        }
        let total = remaining[0] + (hasAccess ? remaining[1] : 0)
        guard total > 0 else { return }
        let picked = random.uniform(below: UInt32(total))
        current = picked < UInt32(remaining[0]) ? .joinMe : .access
        remaining[current.rawValue] -= 1
    }

    mutating func startFast(slots: UInt8) { fastSlots = slots }

    /// The radio no longer advertises: an incoming link ended it, or it failed.
    mutating func stoppedByRadio() { onAir = nil }

    /// The command that brings the radio in line, nil if it is.
    mutating func command(for wanted: OnAir?) -> RadioCommand? {
        guard wanted != onAir else { return nil }
        onAir = wanted
        guard let wanted else { return .stopAdvertising }
        return .advertise(
            data: wanted.data,
            scanResponse: wanted.scanResponse,
            connectable: wanted.connectable,
            intervalMicroseconds: wanted.interval
        )
    }

    /// The job that has the air, nil if none has anything to say.
    var job: Job? {
        guard isRunning else { return nil }
        if fastSlots > 0 { return .joinMe }
        if current == .joinMe, !joinMeEnabled { return hasAccess ? .access : nil }
        return current
    }
}
