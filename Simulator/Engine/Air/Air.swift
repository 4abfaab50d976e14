import MeshCore
import RadioFake
import RadioPort

/// What lies between the radios: who is in reach, who waits for whom, and the links that are up.
struct Air: Sendable {
    /// A link-layer link.
    struct LinkRecord: Sendable {
        var central: Int32
        var peripheral: Int32
        /// The link in the numbering of either end.
        var centralID: LinkID
        var peripheralID: LinkID
        /// What either end has to send.
        var fromCentral = FakeSendBuffer()
        var fromPeripheral = FakeSendBuffer()
        var isUp = true
        /// When nothing came through any more; nil while the link works.
        var silentSince: Instant?
        var supervisionMicroseconds: UInt64
    }

    let neighbourhood: Neighbourhood
    /// One stream per advertiser: who receives.
    var advertiserRandom: ContiguousArray<SeededGenerator>
    /// One stream per node: its connection events.
    var linkRandom: ContiguousArray<SeededGenerator>
    /// For each node those that try to connect to it, by index.
    var initiators: ContiguousArray<ContiguousArray<Int32>>
    var records: ContiguousArray<LinkRecord> = []
    private var freeRecords: ContiguousArray<Int32> = []
    /// Pairs that cannot hear each other, as smaller index · 2^32 + larger.
    private var blocked: Set<UInt64> = []
    /// Reception while scanning with the greatest duty, by class.
    let scanChances: InlineArray<4, Bernoulli>
    /// Window and interval in whole milliseconds that ``scanChances`` are for.
    let scanDuty: (window: UInt32, interval: UInt32)

    /// The air over a placement; `scan` is the greatest scan duty of any node.
    init(placement: Placement, seed: UInt64, scan: ScanTiming) {
        let count = placement.sites.count
        neighbourhood = Neighbourhood(placement.sites)
        advertiserRandom = ContiguousArray(
            (0..<count).map { SeededGenerator(seed: seed, stream: Streams.advertisers + UInt64($0)) }
        )
        linkRandom = ContiguousArray(
            (0..<count).map { SeededGenerator(seed: seed, stream: Streams.links + UInt64($0)) }
        )
        initiators = ContiguousArray(repeating: [], count: count)
        let duty = Self.wholeMilliseconds(scan)
        scanDuty = duty
        scanChances = InlineArray { index in
            Bernoulli(
                UInt64(ReferenceRadio.tenths[index]) * UInt64(duty.window),
                10 * UInt64(duty.interval)
            )
        }
    }

    /// Window and interval, cut to whole milliseconds as the profile has them.
    static func wholeMilliseconds(_ timing: ScanTiming) -> (window: UInt32, interval: UInt32) {
        (timing.windowMicroseconds / 1000, max(1, timing.intervalMicroseconds / 1000))
    }

    mutating func add(_ record: LinkRecord) -> Int32 {
        if let free = freeRecords.popLast() {
            records[Int(free)] = record
            return free
        }
        records.append(record)
        return Int32(records.count - 1)
    }

    mutating func remove(_ record: Int32) {
        records[Int(record)].isUp = false
        records[Int(record)].fromCentral.removeAll()
        records[Int(record)].fromPeripheral.removeAll()
        freeRecords.append(record)
    }

    // MARK: - Blocked pairs

    func isBlocked(_ one: Int, _ other: Int) -> Bool {
        !blocked.isEmpty && blocked.contains(Self.pair(one, other))
    }

    mutating func setBlocked(_ isBlocked: Bool, _ one: Int, _ other: Int) {
        if isBlocked {
            blocked.insert(Self.pair(one, other))
        } else {
            blocked.remove(Self.pair(one, other))
        }
    }

    private static func pair(_ one: Int, _ other: Int) -> UInt64 {
        UInt64(min(one, other)) << 32 | UInt64(max(one, other))
    }
}
