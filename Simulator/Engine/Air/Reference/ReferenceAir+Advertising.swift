import MeshCore
import RadioFake
import RadioPort

// Advertising on the reference radio: who hears, and who connects.
extension ReferenceAir {
    /// The next step after this at which the node's clock is a multiple of its advertising interval.
    @inline(__always)
    func nextAdvertisingStep(of index: Int) -> UInt64 {
        let period = UInt64(onAir.slots[index].period)
        return period == 0 ? UInt64.max : (agenda.step / period + 1) * period
    }

    /// Whether a radio scans, or where it is, may have changed.
    mutating func noteRadio(_ index: Int) {
        let ear = ear(of: index)
        thinnedEars += (ear == .thinned ? 1 : 0) - (ears[index] == .thinned ? 1 : 0)
        ears[index] = ear
    }

    private func ear(of index: Int) -> Ear {
        guard let scan = radios[index].scan, isPowered[index], !isAway[index] else { return .deaf }
        let (window, interval) = Self.wholeMilliseconds(scan)
        return window * scanDuty.interval >= scanDuty.window * interval ? .open : .thinned
    }

    /// A node advertises something from now on.
    mutating func startAdvertising(_ index: Int) {
        guard let advertising = radios[index].advertising else { return }
        let interval = UInt64(max(1, advertising.intervalMicroseconds))
        let step = ReferenceRadio.stepMicroseconds
        let period = interval % step == 0 ? interval / step : interval.leastCommonMultiple(step) / step
        let advertisement = Advertisement(
            address: radios[index].address,
            connectable: advertising.connectable,
            data: advertising.data
        )
        onAir.put(advertisement, advertising.data, period: UInt32(clamping: period), by: index, step: agenda.step)
    }

    /// A node no longer advertises.
    mutating func stopAdvertising(_ index: Int) {
        radios[index].advertising = nil
        onAir.takeOff(index, step: agenda.step)
    }

    /// An advertising event, if it is due: whoever scans may hear it, whoever waits for it may connect.
    mutating func advertise(_ index: Int) {
        let slot = onAir.slots[index]
        guard slot.period != 0 else { return }
        let (rounds, rest) = agenda.step.quotientAndRemainder(dividingBy: UInt64(slot.period))
        agenda.schedule(index, at: (rounds + 1) * UInt64(slot.period))
        guard rest == 0, !isAway[index] else { return }
        let waits = slot.isConnectable && !initiators[index].isEmpty
        let connectsAt = waits ? connectingInitiator(to: index) : nil
        hear(index, slot.place, before: connectsAt)
        if let connectsAt {
            connect(connectsAt, to: index)
        }
    }

    /// The first initiator, by index, that catches this advertisement.
    private mutating func connectingInitiator(to index: Int) -> Int? {
        for position in initiators[index].indices {
            let initiator = Int(initiators[index][position])
            guard !isAway[initiator], !isBlocked(index, initiator), let attempt = radios[initiator].attempt,
                let reception = neighbourhood.neighbour(initiator, of: index)?.reception
            else { continue }
            let (window, interval) = Self.wholeMilliseconds(attempt.scan)
            let tenths = ReferenceRadio.tenths[Int(reception)]
            if advertiserRandom[index].chance(tenths * window, in: 10 * interval) { return initiator }
        }
        return nil
    }

    /// Lets scanning neighbours receive, by index; a connection ends the event for those behind it.
    private mutating func hear(_ index: Int, _ place: UInt32, before end: Int?) {
        let range = neighbourhood.range(of: index)
        var random = advertiserRandom[index]
        var start = range.lowerBound
        var run = 0
        while start < range.upperBound {
            let mask = neighbourhood.mask(of: index, run: run)
            var hits: UInt64 = 0
            for reception in 0..<4 where mask[reception] != 0 {
                hits |= scanChances[reception].draw64(&random, among: mask[reception])
            }
            while hits != 0 {
                struck.append(neighbourhood[start + hits.trailingZeroBitCount])
                hits &= hits - 1
            }
            start += 64
            run += 1
            // Whoever scans less draws in between, and nobody draws behind a connection. Otherwise all are looked up first:
            // the memory then answers to many at a time.
            guard thinnedEars > 0 || end != nil else { continue }
            guard receive(index, place, before: end, &random) else { break }
        }
        _ = receive(index, place, before: end, &random)
        advertiserRandom[index] = random
    }

    /// Gives an advertisement to the radios that it struck, if they receive.
    ///
    /// - Returns: whether any behind them may receive, too.
    private mutating func receive(
        _ index: Int,
        _ place: UInt32,
        before end: Int?,
        _ random: inout SeededGenerator
    ) -> Bool {
        // What is received by somebody whose turn of this step is over is heard in the next.
        let soon = UInt16(truncatingIfNeeded: agenda.step)
        let late = soon &+ 1
        for position in struck.indices {
            let neighbour = struck[position]
            let receiver = neighbour.index
            if let end, receiver > end {
                struck.removeAll(keepingCapacity: true)
                return false
            }
            let ear = ears[receiver]
            guard ear != .deaf, !hasBlocked || !isBlocked(index, receiver), ear == .open || passes(receiver, &random)
            else { continue }
            receptions += 1
            let isOnly = mail.append(
                place,
                rssi: neighbour.rssi,
                step: receiver > index ? soon : late,
                to: receiver
            )
            if isOnly || !hearing[receiver].isLate {
                askToHear(receiver)
            }
        }
        struck.removeAll(keepingCapacity: true)
        return true
    }

    /// Asks for the turn in which a node is told of what waits for it.
    mutating func askToHear(_ index: Int) {
        guard let first = mail.first(of: index, step: agenda.step) else {
            hearing[index].due = UInt64.max
            return
        }
        if hearing[index].isLate {
            hearing[index].due = Self.step(from: hearing[index].tick(after: first.at))
            agenda.schedule(index, at: hearing[index].due)
        } else {
            hearing[index].due = UInt64.max
            agenda.schedule(index, at: agenda.step)
        }
    }

    /// Thins what was drawn for the greatest duty to the duty of a receiver that scans less.
    @inline(__always)
    private func passes(_ receiver: Int, _ random: inout SeededGenerator) -> Bool {
        guard let scan = radios[receiver].scan else { return false }
        let (window, interval) = Self.wholeMilliseconds(scan)
        let (fullWindow, fullInterval) = scanDuty
        let part = window * fullInterval
        let whole = fullWindow * interval
        return part >= whole || random.chance(part, in: whole)
    }
}

extension UInt64 {
    fileprivate func leastCommonMultiple(_ other: UInt64) -> UInt64 {
        var (a, b) = (self, other)
        while b != 0 {
            (a, b) = (b, a % b)
        }
        return self / a * other
    }
}

/// Whether a radio receives.
enum Ear: UInt8, Sendable {
    /// Not at all.
    case deaf
    /// Less than the greatest duty of any node.
    case thinned
    /// With that duty.
    case open
}

/// When a node is told of what it receives.
struct Hearing: Sendable {
    /// At its next tick, or before its next event; otherwise in the turn in which it receives.
    var isLate: Bool
    /// A tick of the node.
    var origin: Instant
    /// Time between its ticks.
    var tickMicroseconds: UInt64
    /// Step in which it is told at the latest.
    var due = UInt64.max

    /// The first tick after an instant.
    func tick(after instant: Instant) -> Instant {
        let elapsed = instant.microseconds(since: origin)
        return origin.advanced(byMicroseconds: (elapsed / tickMicroseconds + 1) * tickMicroseconds)
    }
}
