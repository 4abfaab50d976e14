import MeshConfiguration
import RadioFake
import RadioPort

// Connection events of links that have something to carry (Core 5.4 Vol 6 Part B 4.5.1, 4.5.6, 4.5.9).
extension LowEnergyAir {
    /// Puts a packet behind the others of one end; the link's next event is no longer an empty one.
    mutating func enqueue(_ packet: LinkPacket, on record: Int, end: Int) {
        guard ends[2 * record + end].queue.append(packet) else {
            preconditionFailure("a node hands over no more than the radio can hold")
        }
        activate(record, from: end)
    }

    private mutating func activate(_ record: Int, from end: Int) {
        guard !links[record].isActive else { return }
        lookBack(record)
        var event = links[record].firstEvent(from: clock + 1)
        // A peripheral that sleeps through events is awake for its own data, but not for the central's.
        if end == LinkEnd.central {
            while !links[record].isAttended(event.number) {
                event = (event.number + 1, event.anchor + links[record].period)
            }
        }
        links[record].isActive = true
        queue.push(.connectionEvent, Int32(record), at: event.anchor, stamp: links[record].stamp)
    }

    /// The anchor of a link whose event may be more than an empty one.
    mutating func runConnectionEvent(_ record: Int) {
        guard links[record].isActive else { return }
        let event = links[record].firstEvent(from: clock)
        guard event.anchor == clock else {
            // The interval has changed meanwhile.
            queue.push(.connectionEvent, Int32(record), at: event.anchor, stamp: links[record].stamp)
            return
        }
        (links[record].count, links[record].anchor) = event
        if ends[2 * record].isUp {
            hold(record, number: event.number)
        }
        let stamp = links[record].stamp
        guard isUp(record) else { return }
        let isBusy = (0...1).contains {
            ends[2 * record + $0].isUp
                && (!ends[2 * record + $0].queue.isEmpty || !ends[2 * record + $0].isEstablished)
        }
        // An end that is alone has nobody to send to.
        guard isBusy, ends[2 * record].isUp else {
            links[record].isActive = false
            for end in 0...1 { ends[2 * record + end].queue.rest() }
            return
        }
        queue.push(.connectionEvent, Int32(record), at: event.anchor + links[record].period, stamp: stamp)
    }

    /// Holds an event, if the radios are free: exchanges packets until there is no more to send, the time is up, or one is lost.
    private mutating func hold(_ record: Int, number: UInt64) {
        let (central, peripheral) = (links[record].central, links[record].peripheral)
        let start = clock
        if settings.sharedRadio, !isFree(central, at: start, for: record) { return }
        var time = start
        var end = start + links[record].period - Airtime.interFrameSpace
        var hasPeripheral = ends[2 * record + 1].isUp && isInTouch(central, peripheral)
        if settings.sharedRadio {
            if !isFree(peripheral, at: start, for: record) { hasPeripheral = false }
            end = min(
                end,
                nextCommitment(of: central, after: start, except: record),
                nextCommitment(of: peripheral, after: start, except: record)
            )
        }
        let channel = dataChannel(of: record, number)
        var isOver = false
        while !isOver {
            isOver = !exchange(record, channel: channel, time: &time, hasPeripheral: hasPeripheral, until: end)
        }
        links[record].eventStart = start
        links[record].eventEnd = time
        for end in 0...1 {
            let count = ends[2 * record + end].acknowledged
            guard count > 0 else { continue }
            ends[2 * record + end].acknowledged = 0
            tell(Int(ends[2 * record + end].node), .sent(link: ends[2 * record + end].id, count: count), at: time)
        }
    }

    /// One packet of the central and the answer of the peripheral; true if another such pair follows.
    private mutating func exchange(
        _ record: Int,
        channel: Int,
        time: inout UInt64,
        hasPeripheral: Bool,
        until end: UInt64
    ) -> Bool {
        let down = piece(record, of: 0)
        let downAt = time
        time += Airtime.packet(down) + Airtime.interFrameSpace
        guard hasPeripheral, passes(record, from: 0, payload: down, channel: channel, at: downAt) else { return false }
        heard(record, by: 1, at: downAt)
        // Any packet of the central acknowledges what it has received.
        acknowledge(record, end: 1)
        let arrived = ends[2 * record].queue.delivered()

        let up = piece(record, of: 1)
        let upAt = time
        time += Airtime.packet(up)
        let isHeard = passes(record, from: 1, payload: up, channel: channel, at: upAt)
        if let arrived { arrive(arrived, over: record, at: 1, time: upAt) }
        guard isHeard, ends[2 * record].isUp, ends[2 * record + 1].isUp else { return false }
        heard(record, by: 0, at: upAt)
        acknowledge(record, end: 0)
        let answered = ends[2 * record + 1].queue.delivered()
        if let answered { arrive(answered, over: record, at: 0, time: time) }
        guard ends[2 * record].isUp, ends[2 * record + 1].isUp else { return false }

        // The MD bit of either asks for more; whether that fits is known beforehand.
        guard ends[2 * record].queue.hasMore || ends[2 * record + 1].queue.hasMore else { return false }
        let next = Airtime.packet(piece(record, of: 0)) + Airtime.interFrameSpace + Airtime.packet(piece(record, of: 1))
        guard time + Airtime.interFrameSpace + next <= end else { return false }
        time += Airtime.interFrameSpace
        return true
    }

    /// Payload of what an end sends now: encrypted packets carry a check.
    private mutating func piece(_ record: Int, of end: Int) -> Int {
        let piece = ends[2 * record + end].queue.piece(atMost: links[record].payloadMax)
        return piece > 0 && links[record].isEncrypted ? piece + Airtime.messageIntegrityCheck : piece
    }

    private mutating func heard(_ record: Int, by end: Int, at time: UInt64) {
        ends[2 * record + end].heardAt = time
        guard !ends[2 * record + end].isEstablished else { return }
        ends[2 * record + end].isEstablished = true
        if ends[2 * record + 1 - end].isEstablished { linksMade += 1 }
    }

    private mutating func acknowledge(_ record: Int, end: Int) {
        guard let kind = ends[2 * record + end].queue.acknowledged() else { return }
        if kind.isCounted { ends[2 * record + end].acknowledged += 1 }
    }

    // MARK: - Chance

    /// The channel of an event: each of 37 with the same probability, as channel selection algorithm #2 has it
    /// (Core 5.4 Vol 6 Part B 4.5.8.3).
    @inline(__always)
    func dataChannel(of record: Int, _ number: UInt64) -> Int {
        let word = draws.word(.hop, links[record].central, links[record].peripheral, at: number)
        return Int(AirDraws.uniform(word, below: 37))
    }

    /// Whether a packet of one end reaches the other.
    mutating func passes(_ record: Int, from end: Int, payload: Int, channel: Int, at time: UInt64) -> Bool {
        let (sender, receiver) = (Int(ends[2 * record + end].node), Int(ends[2 * record + 1 - end].node))
        guard let average = ends[2 * record + 1 - end].strength else { return false }
        let strength = Int(average) + propagation.variation(from: sender, to: receiver, channel: channel, at: time)
        let word = draws.word(.reception, sender, receiver, at: time)
        let clear = strength - noise.rise(at: receiver, channel: channel)
        guard propagation.passes(clear, payload: payload, word: word) else { return false }
        return interference.isNone
            || !interference.destroys(
                channel: channel,
                length: Airtime.packet(payload),
                strength: strength,
                word: draws.word(.interference, sender, receiver, at: time)
            )
    }
}
