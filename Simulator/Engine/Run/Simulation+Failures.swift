import ByteCoding
public import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort

// What may happen to nodes and links from outside.
extension Simulation {
    /// Boots a node that has power.
    mutating func boot(_ index: Int, reason: UInt8) {
        awaitsBoot[index] = false
        disturbances.forget(index)
        handle(.started(boot: BootRecord(reason: reason, stored: nodes[index].stored)), node: index, at: now)
        noteMembership(of: index)
        formation.update(index, size: nodes.span[index].clusterSize)
        air.ask(index)
        // What it had before it forgot everything is no longer there.
        _ = checker?.note(nodes[index].linkViews, key: nodes[index].clusterKey, of: index)
    }

    /// A node that was enrolled in the network of its place, or taken out of it, joins or leaves those that shall be one cluster.
    private mutating func noteMembership(of index: Int) {
        let (identity, site) = (nodes[index].identity, placement.sites[index])
        checker?.note(identity, of: index)
        let isMember = site.standing == .member && identity.network == site.network
        guard isMember != self.isMember[index] else { return }
        self.isMember[index] = isMember
        formation.setCounted(index, isMember && isPowered[index] && !air.hasVanished(index))
    }

    /// Switches a node off: its partners notice by supervision.
    public mutating func powerOff(_ index: Int) {
        guard isPowered[index] else { return }
        hear(.earlier, at: index)
        isPowered[index] = false
        air.powerOff(index)
        disturbances.forget(index)
        let now = now
        ledger?.powerOff(index, at: now)
        formation.setCounted(index, false)
    }

    /// Switches a node on that was off; its memory is lost.
    public mutating func powerOn(_ index: Int) {
        guard !isPowered[index], !isDormant[index] else { return }
        isPowered[index] = true
        air.powerOn(index)
        let now = now
        ledger?.powerOn(index, at: now)
        formation.setCounted(index, isMember[index])
        boot(index, reason: 0)
    }

    /// Restarts a node without down time, its memory lost; it closes its links first, as a node does that is told to reset.
    ///
    /// Partners see an intentional end and count the node out at once. A node that dies without a word is ``powerOff(_:)``.
    public mutating func reboot(_ index: Int, reason: UInt8 = 8) {
        guard isPowered[index] else { return }
        restoreAdapter(index)
        air.reset(index)
        let now = now
        ledger?.reset(index, at: now)
        boot(index, reason: reason)
    }

    /// Moves a node out of everyone's range; it keeps running.
    public mutating func vanish(_ index: Int) {
        air.vanish(index)
        formation.setCounted(index, false)
    }

    /// Drops the link between two nodes at once at both ends, as a supervision time-out does; false if there is none.
    @discardableResult
    public mutating func dropLink(_ one: Int, _ other: Int) -> Bool {
        air.endLink(between: one, other, local: .connectionTimeout, remote: .connectionTimeout)
    }

    /// One node closes its link to another on purpose; false if there is none.
    @discardableResult
    public mutating func closeLink(of one: Int, to other: Int) -> Bool {
        air.endLink(between: one, other, local: .localHostTerminated, remote: .remoteUserTerminated)
    }

    /// From now on two nodes cannot hear each other; a link between them goes silent.
    public mutating func block(_ one: Int, _ other: Int) { air.block(one, other) }

    /// Two nodes can hear each other again; a link that was not yet lost goes on.
    public mutating func unblock(_ one: Int, _ other: Int) { air.unblock(one, other) }

    // MARK: - Strangers

    /// Tells a node that waits for it the network of its place, as a person beside it would over MeshAccess.
    ///
    /// It restarts four seconds later (protocol §10.5).
    ///
    /// - Returns: false if it is enrolled already or has no power.
    @discardableResult
    public mutating func enrol(_ index: Int) -> Bool {
        let (identity, site) = (nodes[index].identity, placement.sites[index])
        guard isPowered[index], !isDormant[index], identity.network == .notEnrolled else { return false }
        let request = ModuleMessage(
            sender: identity.node,
            receiver: identity.node,
            content: .enrollment(
                .setEnrollment(
                    SetEnrollment(
                        serialNumber: SerialNumber(identity.serialNumberIndex),
                        newNodeID: site.id,
                        newNetworkID: site.network,
                        newNetworkKey: FixedBytes((site.key ?? options.networkKey).bytes)
                    )
                )
            )
        )
        guard let bytes: MessageBytes = try? request.encoded() else { return false }
        feed(.request(.send(bytes)), to: index)
        return true
    }

    /// Takes the radio of a node that never runs, and has it advertise.
    mutating func advertiseForged(_ data: AdvertisingData, intervalMicroseconds: UInt32, by index: Int) {
        if !isPuppet[index] {
            isPuppet[index] = true
            air.powerOn(index)
        }
        air.perform(
            .advertise(
                data: data,
                scanResponse: AdvertisingData(),
                connectable: true,
                intervalMicroseconds: intervalMicroseconds
            ),
            by: index
        )
        air.ask(index)
    }

    /// Gives such a radio up.
    mutating func endForgery(by index: Int) {
        guard isPuppet[index] else { return }
        isPuppet[index] = false
        air.powerOff(index)
    }

    // MARK: - Under the ble radio only

    /// Moves a node; nothing under the `reference` radio.
    public mutating func move(_ index: Int, x: Double, y: Double) {
        var site = placement.sites[index]
        (site.x, site.y) = (x, y)
        air.move(index, to: site)
    }

    /// Begins to jam channels; nothing under the `reference` radio.
    public mutating func jam(_ channels: JammedChannels) { air.setJammed(true, channels.mask) }

    /// Ends what ``jam(_:)`` began.
    public mutating func unjam(_ channels: JammedChannels) { air.setJammed(false, channels.mask) }

    /// Puts up a wall through which packets lose some dB; nothing under the `reference` radio.
    public mutating func raise(_ wall: RadioWall) { air.raise(wall) }

    /// Takes away a wall along that line, if there is one, with that loss if one is given.
    public mutating func removeWall(_ segment: Segment, lossDecibels: Double? = nil) {
        air.removeWall(segment, lossDecibels: lossDecibels)
    }

    /// Noise comes up at some nodes; nothing under the `reference` radio.
    public mutating func beginNoise(at nodes: [Int], riseDecibels: Double, on channels: JammedChannels) {
        air.setNoisy(true, at: nodes, riseDecibels: riseDecibels, channels: channels.mask)
    }

    /// Ends what ``beginNoise(at:riseDecibels:on:)`` began, at the same nodes.
    public mutating func endNoise(at nodes: [Int], riseDecibels: Double, on channels: JammedChannels) {
        air.setNoisy(false, at: nodes, riseDecibels: riseDecibels, channels: channels.mask)
    }
}

extension JammedChannels {
    /// One bit per channel, 0...39.
    var mask: UInt64 {
        switch self {
        case .advertising: 0b111 << 37
        case .data: 1 << 37 - 1
        case .all: 1 << 40 - 1
        }
    }
}
