import ByteCoding
import MeshConfiguration
import MeshCore
import RadioFake
import RadioPort

// Advertising events: on 37, 38 and 39, every interval plus 0...10 ms (Core 5.4 Vol 6 Part B 4.4.2).
extension LowEnergyAir {
    /// Begins to advertise, or changes what is advertised; only a change of kind or interval changes the rhythm.
    mutating func startAdvertising(_ advertising: FakeRadio.Advertising, of index: Int) {
        let earlier = stations[index].broadcast?.advertising
        stations[index].broadcast = Station.Broadcast(
            advertising: advertising,
            content: Advertisement(
                address: address(of: index),
                connectable: advertising.connectable,
                data: advertising.data
            )
        )
        if earlier == nil {
            stations[index].isStuck = fails(.stuckAdvertising, index, settings.failures.stuckAdvertisingPercent)
        } else if earlier?.connectable == advertising.connectable,
            earlier?.intervalMicroseconds == advertising.intervalMicroseconds
        {
            return
        }
        stations[index].advertisingStamp &+= 1
        scheduleAdvertising(of: index, from: max(clock, stations[index].airing.end))
    }

    mutating func stopAdvertising(of index: Int) {
        stations[index].broadcast = nil
        stations[index].advertisingStamp &+= 1
    }

    private mutating func scheduleAdvertising(of index: Int, from time: UInt64) {
        let word = draws.word(.advertisingDelay, index, at: time)
        let delay = AirDraws.uniform(word, below: Airtime.advertisingDelayMax)
        queue.push(.advertise, Int32(index), at: time + delay, stamp: stations[index].advertisingStamp)
    }

    /// An advertising event is due.
    mutating func advertise(_ index: Int, stamp: UInt32) {
        guard stations[index].advertisingStamp == stamp, let broadcast = stations[index].broadcast else { return }
        scheduleAdvertising(
            of: index,
            from: clock + UInt64(broadcast.advertising.intervalMicroseconds) * Airtime.microsecond
        )
        guard isOnAir(index), !stations[index].isStuck,
            !(traits.pausesAdvertising && stations[index].attempt != nil)
        else { return }
        let packet = Airtime.packet(Airtime.advertiserAddress + broadcast.advertising.data.count)
        var airing = Station.Airing(
            start: clock,
            packet: packet,
            spacing: packet + Airtime.channelChange,
            channels: 3,
            broadcast: broadcast
        )
        if settings.sharedRadio {
            guard !isLinkBusy(index, from: clock, to: clock + packet) else { return }
            let end = nextCommitment(of: index, after: clock)
            while airing.channels > 0, airing.end > end { airing.channels -= 1 }
            guard airing.channels > 0 else { return }
        }
        stations[index].airing = airing
        findWitnesses(of: index, airing)
        if !stations[index].witnesses.isEmpty {
            queue.push(.advertised, Int32(index), at: airing.end)
        }
    }

    /// Neighbours whose windows are open when a packet passes: they may receive it, and others' packets suffer from it.
    private mutating func findWitnesses(of index: Int, _ airing: Station.Airing) {
        var witnesses = spareWitnesses.popLast() ?? []
        scans.findOpen(
            among: audibility.listeners(of: index),
            packets: airing.channels,
            from: airing.start,
            spacing: airing.spacing,
            into: &witnesses
        )
        for position in witnesses.indices {
            let channel = Int(witnesses[position].channel)
            let start = airing.start + UInt64(channel) * airing.spacing
            let other = Int(witnesses[position].node)
            let variation = propagation.variation(from: index, to: other, channel: 37 + channel, at: start)
            witnesses[position].strength += Int32(variation)
        }
        if settings.collisions { noteArrivals(witnesses, airing, sender: index) }
        if witnesses.isEmpty {
            spareWitnesses.append(witnesses)
        } else {
            swap(&witnesses, &stations[index].witnesses)
        }
    }

    private mutating func noteArrivals(
        _ witnesses: ContiguousArray<Station.Witness>,
        _ airing: Station.Airing,
        sender: Int
    ) {
        arrivals.withUnsafeMutableBufferPointer { arrivals in
            for position in witnesses.indices {
                arrivals[Int(witnesses[position].node)].note(
                    Arrivals.Arrival(
                        start: airing.start + UInt64(witnesses[position].channel) * airing.spacing,
                        length: UInt32(airing.packet),
                        sender: Int32(sender),
                        strength: witnesses[position].strength,
                        channel: witnesses[position].channel
                    )
                )
            }
        }
    }

    /// An advertising event is over: those who wanted to connect do, those who scan have a report.
    mutating func settleAdvertising(of index: Int) {
        tellWitnesses(stations[index].airing, of: index)
        // Few are on air at a time: their memory goes round.
        var witnesses: ContiguousArray<Station.Witness> = []
        swap(&witnesses, &stations[index].witnesses)
        witnesses.removeAll(keepingCapacity: true)
        spareWitnesses.append(witnesses)
    }

    private mutating func tellWitnesses(_ airing: Station.Airing, of index: Int) {
        guard let broadcast = airing.broadcast, isOnAir(index) else { return }
        let witnesses = stations[index].witnesses
        var last = UInt8(airing.channels)
        if broadcast.advertising.connectable, suitors[index] > 0, stations[index].broadcast != nil {
            last = answerSuitors(of: index, airing) ?? last
        }
        for position in witnesses.indices {
            let witness = witnesses[position]
            // A connection ends the event: nothing was sent on the channels behind it.
            guard witness.channel <= last, stations[Int(witness.node)].attempt == nil,
                hears(witness, airing, sender: index)
            else { continue }
            report(index, to: Int(witness.node), rssi: Propagation.reading(Int(witness.strength)))
        }
    }

    /// Whether a witness received the packet that passed, from a sender that is on air.
    @inline(__always)
    mutating func hears(_ witness: Station.Witness, _ airing: Station.Airing, sender: Int) -> Bool {
        let node = Int(witness.node)
        guard scans.isOn(node), isOnAir(node), !isBlocked(sender, node) else { return false }
        let start = airing.start + UInt64(witness.channel) * airing.spacing
        let strength = Int(witness.strength)
        let channel = 37 + Int(witness.channel)
        guard
            propagation.passes(
                strength - noise.rise(at: node, channel: channel),
                payload: airing.payload,
                word: draws.word(.reception, sender, node, at: start)
            )
        else { return false }
        if settings.sharedRadio, isBusy(node, from: start, to: start + airing.packet) { return false }
        if settings.collisions,
            arrivals[node].collides(
                sender: sender,
                from: start,
                to: start + airing.packet,
                channel: witness.channel,
                weakest: strength - capture
            )
        {
            return false
        }
        return interference.isNone
            || !interference.destroys(
                channel: channel,
                length: airing.packet,
                strength: strength,
                word: draws.word(.interference, sender, node, at: start)
            )
    }
}
