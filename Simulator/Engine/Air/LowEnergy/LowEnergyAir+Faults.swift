import MeshConfiguration
import RadioFake
import RadioPort

// What may happen to radios and to the air from outside.
extension LowEnergyAir {
    /// A radio that has just been switched on: nothing runs, and `ready` waits for the host.
    mutating func makeReady(_ index: Int) {
        clear(index)
        let ready = RadioEvent.ready(
            address: address(of: index),
            capabilities: traits.capabilities,
            handles: FakeRadio.handles
        )
        stations[index].inbox.append(.event(ready))
        stations[index].due = 1
    }

    /// Ends all that a radio does, without a word to anybody.
    private mutating func clear(_ index: Int) {
        for end in stations[index].links {
            let record = Int(end.record)
            lookBack(record)
        }
        forgetAttempt(of: index)
        stopAdvertising(of: index)
        stations[index].scan = nil
        scans.end(of: index)
        let wasOnAir = stations[index].isSilent
        // Its own ends are gone; partners notice by supervision.
        stations[index].isSilent = true
        for end in stations[index].links {
            let record = Int(end.record)
            takeDown(links[record].end(of: index), of: record, reason: .connectionTimeout, at: clock)
        }
        stations[index].isSilent = wasOnAir
        stations[index].inbox = FakeInbox()
        stations[index].inboxTime = clock
        stations[index].due = 0
    }

    mutating func powerOff(_ index: Int) {
        clear(index)
        stations[index].isPowered = false
    }

    mutating func powerOn(_ index: Int) {
        stations[index].isPowered = true
        stations[index].isSilent = false
        makeReady(index)
    }

    mutating func reset(_ index: Int) {
        for end in stations[index].links {
            let record = Int(end.record)
            let other = 1 - links[record].end(of: index)
            takeDown(other, of: record, reason: .remoteUserTerminated, at: clock)
        }
        makeReady(index)
    }

    func hasVanished(_ index: Int) -> Bool { stations[index].isAway }

    mutating func vanish(_ index: Int) {
        settleLinks(of: index)
        stations[index].isAway = true
    }

    mutating func endLink(between one: Int, _ other: Int, local: HCIStatus, remote: HCIStatus) -> Bool {
        guard let record = link(between: one, other) else { return false }
        let end = links[record].end(of: one)
        takeDown(end, of: record, reason: local, at: clock)
        takeDown(1 - end, of: record, reason: remote, at: clock)
        return true
    }

    mutating func block(_ one: Int, _ other: Int) {
        settleLinks(of: one)
        blocked.insert(Self.pair(one, other))
    }

    mutating func unblock(_ one: Int, _ other: Int) {
        settleLinks(of: one)
        blocked.remove(Self.pair(one, other))
    }

    mutating func move(_ index: Int, to site: Placement.Site) {
        settleLinks(of: index)
        audibility.move(index, to: site)
        for end in stations[index].links { measure(Int(end.record)) }
    }

    /// Puts up a wall that takes some dB.
    mutating func raise(_ wall: RadioWall) {
        settleAllLinks()
        audibility.raise(wall)
        measureAllLinks()
    }

    /// Takes away a wall, if there is one along that line, with that loss if one is given.
    mutating func removeWall(_ segment: Segment, lossDecibels: Double?) {
        settleAllLinks()
        audibility.remove(segment, lossDecibels: lossDecibels)
        measureAllLinks()
    }

    private mutating func measureAllLinks() {
        for record in links.indices where isUp(record) { measure(record) }
    }

    /// Finds out how strong the ends of a link are at each other.
    private mutating func measure(_ record: Int) {
        let (central, peripheral) = (links[record].central, links[record].peripheral)
        ends[2 * record].strength = audibility.strength(of: peripheral, at: central).map(Int32.init)
        ends[2 * record + 1].strength = audibility.strength(of: central, at: peripheral).map(Int32.init)
    }

    /// Noise comes up at some nodes, or is over there.
    mutating func setNoisy(_ isNoisy: Bool, at nodes: [Int], riseDecibels: Double, channels: UInt64) {
        for index in nodes { settleLinks(of: index) }
        if isNoisy {
            noise.begin(at: nodes, riseDecibels: riseDecibels, channels: channels)
        } else {
            noise.end(at: nodes, riseDecibels: riseDecibels, channels: channels)
        }
    }

    mutating func setJammed(_ isJammed: Bool, _ channels: UInt64) {
        settleAllLinks()
        if isJammed { interference.jam(channels) } else { interference.unjam(channels) }
    }

    private mutating func settleAllLinks() {
        for record in links.indices where isUp(record) { lookBack(record) }
    }

    // MARK: - Controllers that fall silent

    /// A host takes its controller for dead after two seconds without an answer, and needs half a second to reset it.
    private static let patience = 2_000_000 * Airtime.microsecond
    private static let resetTime = 500_000 * Airtime.microsecond

    mutating func scheduleSilence(of index: Int) {
        let mean = settings.failures.silentAfterMicroseconds * Airtime.microsecond
        guard mean > 0 else { return }
        let delay = AirDraws.uniform(draws.word(.silence, index, at: clock), below: 2 * mean)
        queue.push(.controller, Int32(index), at: clock + delay)
    }

    /// The controller falls silent (0), its host notices (1), it works again (2).
    mutating func failController(_ index: Int, stage: UInt32) {
        switch stage {
        case 0:
            scheduleSilence(of: index)
            guard stations[index].isPowered, !stations[index].isSilent else { return }
            settleLinks(of: index)
            stations[index].isSilent = true
            queue.push(.controller, Int32(index), at: clock + Self.patience, stamp: 1)
        case 1:
            guard stations[index].isPowered, stations[index].isSilent else { return }
            clear(index)
            // Hardware Failure (Core 5.4 Vol 1 Part F 2.3).
            stations[index].inbox.append(.event(.failed(.hardwareFailure)))
            stations[index].due = 1
            ask(index)
            queue.push(.controller, Int32(index), at: clock + Self.resetTime, stamp: 2)
        default:
            guard stations[index].isPowered, stations[index].isSilent else { return }
            stations[index].isSilent = false
            makeReady(index)
            ask(index)
        }
    }
}
