import MeshConfiguration
import RadioFake
import RadioPort

// CONNECT_IND: who wants a link answers an advertisement, and begins to send whether the answer arrived or not
// (Core 5.4 Vol 6 Part B 4.4.4, 4.5.2).
extension LowEnergyAir {
    /// transmitWindowDelay of a CONNECT_IND (Core 5.4 Vol 6 Part B 4.5.3).
    private static let transmitWindowDelay = Airtime.intervalUnit
    /// A new link keeps this far from the events that its central has already, if there is room.
    private static let anchorSpacing = 2 * Airtime.intervalUnit
    /// A link that is not heard within so many intervals was never there (Core 5.4 Vol 6 Part B 4.5.2).
    static let establishmentEvents: UInt64 = 6

    /// A strength, in thousandths of a dBm, that no receiver hears.
    private static let nothing = -300_000

    /// Lets those answer who wait for a node and heard it.
    ///
    /// - Returns: the channel on which the node received an answer, counted from 37; nil if it did not.
    mutating func answerSuitors(of index: Int, _ airing: Station.Airing) -> UInt8? {
        for channel in 0..<UInt8(airing.channels) {
            let start = airing.start + UInt64(channel) * airing.spacing + airing.packet + Airtime.interFrameSpace
            let end = start + Airtime.packet(Airtime.connectIndication)
            var answers: [(node: Int, strength: Int)] = []
            for witness in stations[index].witnesses where witness.channel == channel {
                let node = Int(witness.node)
                guard let attempt = stations[node].attempt, self.node(at: attempt.address) == index,
                    !settings.sharedRadio || nextCommitment(of: node, after: start) >= end,
                    hears(witness, airing, sender: index)
                else { continue }
                // One direction may pass and the other not.
                let average = audibility.strength(of: node, at: index) ?? Self.nothing
                let variation = propagation.variation(from: node, to: index, channel: 37 + Int(channel), at: start)
                answers.append((node, average + variation))
            }
            var accepted: UInt8?
            for (node, strength) in answers {
                let others = answers.lazy.filter { $0.node != node }.map(\.strength).max() ?? .min
                let isReceived =
                    (!settings.collisions || others == .min || strength - capture >= others)
                    && receives(index, from: node, strength: strength, channel: channel, start, end)
                connect(node, to: index, at: end, isReceived: isReceived)
                if isReceived { accepted = channel }
            }
            if let accepted { return accepted }
        }
        return nil
    }

    /// Whether an advertiser receives the answer of somebody.
    private mutating func receives(
        _ index: Int,
        from node: Int,
        strength: Int,
        channel: UInt8,
        _ start: UInt64,
        _ end: UInt64
    ) -> Bool {
        // A controller that is full, or has a link with this one already, does not accept another.
        guard hasRoom(index, for: LinkEnd.peripheral), link(between: index, node) == nil else { return false }
        if settings.sharedRadio, isLinkBusy(index, from: start, to: end) { return false }
        let word = draws.word(.reception, node, index, at: start)
        let number = 37 + Int(channel)
        let clear = strength - noise.rise(at: index, channel: number)
        guard propagation.passes(clear, payload: Airtime.connectIndication, word: word) else { return false }
        if !interference.isNone {
            let word = draws.word(.interference, node, index, at: start)
            if interference.destroys(channel: number, length: end - start, strength: strength, word: word) {
                return false
            }
        }
        return !settings.collisions || !isDrowned(index, channel: channel, start, end, weakest: strength - capture)
    }

    /// Whether others advertise over an answer; those that a node reaches are taken for those that reach it.
    private mutating func isDrowned(
        _ index: Int,
        channel: UInt8,
        _ start: UInt64,
        _ end: UInt64,
        weakest: Int
    ) -> Bool {
        audibility.listeners(of: index).contains { listener in
            let airing = stations[Int(listener.index)].airing
            let from = airing.start + UInt64(channel) * airing.spacing
            return Int(channel) < airing.channels && from < end && from + airing.packet > start
                && (audibility.strength(of: Int(listener.index), at: index) ?? .min) > weakest
        }
    }

    /// A link begins: at the central with its answer, at the peripheral only if that was received.
    private mutating func connect(_ central: Int, to peripheral: Int, at time: UInt64, isReceived: Bool) {
        guard let attempt = forgetAttempt(of: central) else { return }
        settleLinks(of: central)
        settleLinks(of: peripheral)
        var parameters = attempt.parameters
        parameters.interval += spread(central, parameters.interval)
        let period = LowEnergyLink.period(parameters, ppm: stations[central].clockPPM)
        lastStamp &+= 1
        let link = LowEnergyLink(
            central: central,
            peripheral: peripheral,
            anchor: anchor(of: central, after: time + Self.transmitWindowDelay, period: period),
            period: period,
            parameters: parameters,
            supervision: UInt64(parameters.supervisionTimeout) * 10_000 * Airtime.microsecond,
            bornAt: time,
            stamp: lastStamp
        )
        let number = add(link)
        bringUp(LinkEnd.central, of: number, token: attempt.token, at: time)
        if isReceived {
            stopAdvertising(of: peripheral)
            bringUp(LinkEnd.peripheral, of: number, token: .incoming, at: time)
        }
        queue.push(.connectionEvent, number, at: link.anchor, stamp: link.stamp)
        queue.push(.supervision, number, at: establishmentEnd(of: Int(number)), stamp: link.stamp)
    }

    private mutating func add(_ link: LowEnergyLink) -> Int32 {
        var (central, peripheral) = (LinkEnd(node: Int32(link.central)), LinkEnd(node: Int32(link.peripheral)))
        central.strength = audibility.strength(of: link.peripheral, at: link.central).map(Int32.init)
        peripheral.strength = audibility.strength(of: link.central, at: link.peripheral).map(Int32.init)
        guard let free = freeLinks.popLast() else {
            links.append(link)
            ends.append(central)
            ends.append(peripheral)
            return Int32(links.count - 1)
        }
        links[Int(free)] = link
        ends[2 * Int(free)] = central
        ends[2 * Int(free) + 1] = peripheral
        return free
    }

    private mutating func bringUp(_ end: Int, of number: Int32, token: ConnectToken, at time: UInt64) {
        let record = Int(number)
        let index = Int(ends[2 * record + end].node)
        let peer = Int(ends[2 * record + 1 - end].node)
        stations[index].lastLink += 1
        let id = LinkID(rawValue: stations[index].lastLink)
        stations[index].links.append(FakeLinkEnd(id: id, record: number))
        ends[2 * record + end].id = id
        ends[2 * record + end].isUp = true
        ends[2 * record + end].heardAt = time
        let connected = RadioEvent.connected(
            token: token,
            link: id,
            role: end == LinkEnd.central ? .central : .peripheral,
            address: address(of: peer),
            parameters: links[record].parameters
        )
        tell(index, connected, at: time)
        if let strength = ends[2 * record + end].strength {
            ends[2 * record + end].toldStrength = Propagation.reading(Int(strength))
            tell(index, .linkRSSI(link: id, rssi: Propagation.reading(Int(strength))), at: time)
        }
    }

    /// When a link that has not been heard of is given up.
    func establishmentEnd(of record: Int) -> UInt64 {
        links[record].bornAt + Self.transmitWindowDelay + Self.establishmentEvents * links[record].period
    }

    /// The link between two nodes as far as the first has it.
    func link(between one: Int, _ other: Int) -> Int? {
        for end in stations[one].links {
            let record = Int(end.record)
            if links[record].central == other || links[record].peripheral == other { return record }
        }
        return nil
    }

    // MARK: - When

    /// The first anchor: a central knows its own links, and keeps away from them as far as it can; of the peripheral's it knows
    /// nothing.
    private func anchor(of central: Int, after earliest: UInt64, period: UInt64) -> UInt64 {
        guard settings.sharedRadio, !stations[central].links.isEmpty else { return earliest }
        var best = (anchor: earliest, distance: UInt64(0))
        for unit in 0..<max(1, period / Airtime.intervalUnit) {
            let candidate = earliest + unit * Airtime.intervalUnit
            var distance = UInt64.max
            for end in stations[central].links {
                let other = links[Int(end.record)]
                let after = other.firstEvent(from: candidate).anchor - candidate
                distance = min(distance, after, other.period - min(other.period, after))
            }
            if distance >= Self.anchorSpacing { return candidate }
            if distance > best.distance { best = (candidate, distance) }
        }
        return best.anchor
    }

    /// What a central adds to an interval, in units of 1.25 ms, so that none of its links has the interval of another.
    private func spread(_ central: Int, _ interval: UInt16) -> UInt16 {
        let most = UInt64(settings.intervalSpread)
        guard most > 0 else { return 0 }
        let first = AirDraws.uniform(draws.word(.interval, central, at: clock), below: most + 1)
        for step in 0...most {
            let added = UInt16((first + step) % (most + 1))
            let isTaken = stations[central].links.contains {
                links[Int($0.record)].parameters.interval == interval + added
            }
            if !isTaken { return added }
        }
        return UInt16(first)
    }
}
