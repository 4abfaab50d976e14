import ByteCoding
import MeshConfiguration
import MeshCore
import RadioPort

// How a disturbed node hears of its radio, and its radio of it.
extension Simulation {
    // MARK: - From the timeline

    mutating func begin(_ disturbance: Disturbance, at nodes: [Int]) {
        watchEverybody()
        disturbances.begin(disturbance, at: nodes)
    }

    mutating func end(_ disturbance: Disturbance, at nodes: [Int]) {
        disturbances.end(disturbance, at: nodes)
        // Who waited for the host to have time need not wait any longer.
        for index in nodes where isPowered[index] { air.ask(index) }
    }

    /// A radio fails: its links are gone, at the partners by supervision; the node keeps what it knows.
    mutating func failAdapter(_ index: Int) {
        guard isPowered[index], !awaitsBoot[index], !hasNoAdapter(index) else { return }
        watchEverybody()
        disturbances.setAdapter(.fails, of: index)
        air.ask(index)
    }

    /// What the radio has received so far has reached the host: nothing more comes from it.
    private mutating func adapterIsGone(_ index: Int) {
        disturbances.setAdapter(.isGone, of: index)
        air.powerOff(index)
        // Hardware Failure (Core 5.4 Vol 1 Part F 2.3); told in a turn of the node, after which it is checked.
        disturbances.hold(.failed(.hardwareFailure), for: index, until: now)
    }

    /// Whether the radio of a node has failed and does not work yet.
    func hasNoAdapter(_ index: Int) -> Bool { disturbances.adapter(of: index) != .works }

    /// A radio that failed works again.
    mutating func restoreAdapter(_ index: Int) {
        let state = disturbances.adapter(of: index)
        guard state != .works else { return }
        disturbances.setAdapter(.works, of: index)
        if state == .isGone { air.powerOn(index) }
        air.ask(index)
    }

    // MARK: - Events

    /// Holds an event of a radio for its host, as what becomes of it on the way.
    mutating func disturb(_ event: RadioEvent, for index: Int) {
        let level = disturbances.level(of: index)
        switch event {
        case .ready(let address, var capabilities, let handles):
            capabilities.linkEncryption = disturbances.linkEncryption
            disturbances.hold(
                .ready(address: address, capabilities: capabilities, handles: handles),
                for: index,
                until: now
            )
            return
        case .advertisement:
            guard !disturbances.happens(level.loss) else { return }
            disturbances.hold(event, for: index, until: now)
        case .written(let link, let handle, let value, let kind):
            guard !disturbances.isBroken(link, of: index) else { return }
            let delay = disturbances.happens(level.loss) ? Disturbances.repetition : 0
            let time = now.advanced(byMicroseconds: delay)
            guard disturbances.happens(level.corrupted) else {
                disturbances.hold(event, for: index, until: time)
                guard disturbances.happens(level.repeated), !breakIfEncrypted(link, of: index) else { return }
                disturbances.hold(event, for: index, until: time)
                return
            }
            guard !breakIfEncrypted(link, of: index), value.count > 0 else { return }
            var damaged = value
            let bit = Int(disturbances.uniform(below: UInt32(value.count * 8)))
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            disturbances.hold(.written(link: link, handle: handle, value: damaged, kind: kind), for: index, until: time)
        case .disconnected(let link, _):
            disturbances.mendLink(link, of: index)
            disturbances.hold(event, for: index, until: now)
        default:
            disturbances.hold(event, for: index, until: now)
        }
    }

    /// The link layer finds out what the partner did not send like that, and ends the link; false if it does not encrypt it.
    ///
    /// It has acknowledged the packet by then (Core 5.4 Vol 6 Part B 2.4.2, 4.5.9).
    private mutating func breakIfEncrypted(_ link: LinkID, of index: Int) -> Bool {
        let node = nodes[index]
        let isEncrypted = (0..<node.linkCount).contains {
            let view = node.linkView($0)
            return view.link == link && view.protection == .linkLayer
        }
        guard isEncrypted else { return false }
        // A link that the partner has closed meanwhile ends anyway.
        guard let (peer, _) = air.peer(of: link, at: index) else { return true }
        if air.endLink(between: index, peer, local: .micFailure, remote: .connectionTimeout) {
            disturbances.breakLink(link, of: index)
        }
        return true
    }

    /// Tells a node what it is to hear by now, if its host has time.
    mutating func tellWhatIsDue(to index: Int) {
        if disturbances.adapter(of: index) == .fails { adapterIsGone(index) }
        while let command = disturbances.takeCommand(of: index, at: now) {
            air.perform(command, by: index)
        }
        while isPowered[index], let event = disturbances.takeEvent(for: index, at: now) {
            handle(.radio(event), node: index, at: now)
        }
        disturbances.hostRan(index, at: now)
    }

    // MARK: - Commands

    /// Gives a command to a radio, or does with it what a busy stack does.
    mutating func submit(_ command: RadioCommand, by index: Int) {
        guard disturbances.adapter(of: index) != .isGone else { return }
        let level = disturbances.level(of: index)
        switch command {
        case .write, .notify:
            let waits = disturbances.happens(level.busy)
            guard waits || disturbances.holdsCommands(of: index) else { break }
            let delay = waits ? UInt64(disturbances.uniform(below: Disturbances.congestion)) : 0
            disturbances.hold(command, of: index, until: now.advanced(byMicroseconds: delay))
            air.ask(index)
            return
        case .connect(let token, _, _, _, _):
            guard disturbances.happens(level.busy) else { break }
            disturbances.hold(.connectFailed(token: token, reason: .commandDisallowed), for: index, until: now)
            air.ask(index)
            return
        case .encrypt(let link, _), .exchangeMTU(let link, _):
            // As the bring-up of a link has it that the host refuses (protocol §5.3).
            guard disturbances.happens(level.busy), let (peer, _) = air.peer(of: link, at: index) else { break }
            _ = air.endLink(between: index, peer, local: .localHostTerminated, remote: .remoteUserTerminated)
            return
        default: break
        }
        air.perform(command, by: index)
    }
}
