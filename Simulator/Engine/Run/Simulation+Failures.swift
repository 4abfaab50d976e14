import MeshCore
import RadioFake
import RadioPort

// What may happen to nodes and links from outside.
extension Simulation {
    /// Boots a node that has power.
    mutating func boot(_ index: Int, reason: UInt8) {
        handle(.started(boot: BootRecord(reason: reason, stored: stored[index])), node: index, at: now)
        noteMembership(of: index)
        formation.update(index, size: nodes.span[index].clusterSize)
        agenda.schedule(index, at: agenda.step)
        // What it had before it forgot everything is no longer there.
        _ = checker?.note(nodes[index].linkViews, key: nodes[index].clusterKey, of: index)
    }

    /// A node that was enrolled in the network of its place, or taken out of it, joins or leaves those that shall be one cluster.
    private mutating func noteMembership(of index: Int) {
        let (identity, site) = (nodes[index].identity, placement.sites[index])
        checker?.note(identity, of: index)
        let isMember = identity.network == site.network
        guard isMember != self.isMember[index] else { return }
        self.isMember[index] = isMember
        formation.setCounted(index, isMember && isPowered[index] && !isAway[index])
    }

    /// Switches a node off: its partners notice by supervision.
    public mutating func powerOff(_ index: Int) {
        guard isPowered[index] else { return }
        isPowered[index] = false
        for end in radios[index].links {
            silence(end.record)
        }
        forgetAttempt(of: index)
        radios[index].advertising = nil
        formation.setCounted(index, false)
    }

    /// Switches a node on that was off; its memory is lost.
    public mutating func powerOn(_ index: Int) {
        guard !isPowered[index] else { return }
        isPowered[index] = true
        for end in radios[index].links {
            // Partners that have not noticed yet lose their end now.
            close(end.record, by: index, local: .connectionTimeout, remote: .connectionTimeout)
        }
        formation.setCounted(index, isMember[index])
        restart(index, reason: 0)
    }

    /// Restarts a node without down time, its memory lost; it closes its links first, as a node does that is told to reset.
    ///
    /// Partners see an intentional end and count the node out at once. A node that dies without a word is ``powerOff(_:)``.
    public mutating func reboot(_ index: Int, reason: UInt8 = 8) {
        guard isPowered[index] else { return }
        for end in radios[index].links {
            close(end.record, by: index, local: .localHostTerminated, remote: .remoteUserTerminated)
        }
        forgetAttempt(of: index)
        restart(index, reason: reason)
    }

    /// Moves a node out of everyone's range; it keeps running.
    public mutating func vanish(_ index: Int) {
        isAway[index] = true
        for end in radios[index].links {
            silence(end.record)
        }
        formation.setCounted(index, false)
    }

    /// Drops the link between two nodes at once at both ends, as a supervision time-out does; false if there is none.
    @discardableResult
    public mutating func dropLink(_ one: Int, _ other: Int) -> Bool {
        guard let record = record(between: one, other) else { return false }
        close(record, by: one, local: .connectionTimeout, remote: .connectionTimeout)
        return true
    }

    /// One node closes its link to another on purpose; false if there is none.
    @discardableResult
    public mutating func closeLink(of one: Int, to other: Int) -> Bool {
        guard let record = record(between: one, other) else { return false }
        close(record, by: one, local: .localHostTerminated, remote: .remoteUserTerminated)
        return true
    }

    /// From now on two nodes cannot hear each other; a link between them goes silent.
    public mutating func block(_ one: Int, _ other: Int) {
        air.setBlocked(true, one, other)
        if let record = record(between: one, other) {
            silence(record)
        }
    }

    /// Two nodes can hear each other again; a link that was not yet lost goes on.
    public mutating func unblock(_ one: Int, _ other: Int) {
        air.setBlocked(false, one, other)
        if let record = record(between: one, other), isPowered[one], isPowered[other], !isAway[one], !isAway[other] {
            air.records[Int(record)].silentSince = nil
            agenda.schedule(one, at: agenda.step)
            agenda.schedule(other, at: agenda.step)
        }
    }

    private func record(between one: Int, _ other: Int) -> Int32? {
        for end in radios[one].links {
            let record = air.records[Int(end.record)]
            if Int(record.central) == other || Int(record.peripheral) == other { return end.record }
        }
        return nil
    }

    private mutating func silence(_ record: Int32) {
        guard air.records[Int(record)].silentSince == nil else { return }
        air.records[Int(record)].silentSince = now
        agenda.schedule(Int(air.records[Int(record)].central), at: agenda.step)
        agenda.schedule(Int(air.records[Int(record)].peripheral), at: agenda.step)
    }

    private mutating func restart(_ index: Int, reason: UInt8) {
        radios[index] = FakeRadio(address: Self.address(of: index), after: radios[index])
        boot(index, reason: reason)
    }
}
