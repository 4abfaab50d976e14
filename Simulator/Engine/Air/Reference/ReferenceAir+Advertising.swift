import MeshCore
import RadioFake
import RadioPort

// Advertising on the reference radio: who hears, and who connects.
extension ReferenceAir {
    /// The next step after this at which the node's clock is a multiple of its advertising interval.
    func nextAdvertisingStep(of index: Int) -> UInt64 {
        guard let advertising = radios[index].advertising else { return UInt64.max }
        let step = ReferenceRadio.stepMicroseconds
        let interval = UInt64(max(1, advertising.intervalMicroseconds))
        let period = interval % step == 0 ? interval / step : interval.leastCommonMultiple(step) / step
        return (agenda.step / period + 1) * period
    }

    /// An advertising event, if it is due: whoever scans may hear it, whoever waits for it may connect.
    mutating func advertise(_ index: Int) {
        guard let advertising = radios[index].advertising else { return }
        let interval = UInt64(max(1, advertising.intervalMicroseconds))
        agenda.schedule(index, at: nextAdvertisingStep(of: index))
        guard now.microseconds % interval == 0, !isAway[index] else { return }
        let waits = advertising.connectable && !initiators[index].isEmpty
        let connectsAt = waits ? connectingInitiator(to: index) : nil
        hear(index, advertising, before: connectsAt)
        if let connectsAt {
            connect(connectsAt, to: index)
        }
    }

    /// The first initiator, by index, that catches this advertisement.
    private mutating func connectingInitiator(to index: Int) -> Int? {
        for position in initiators[index].indices {
            let initiator = Int(initiators[index][position])
            guard !isAway[initiator], !isBlocked(index, initiator), let attempt = radios[initiator].attempt,
                let neighbour = neighbourhood.neighbour(initiator, of: index)
            else { continue }
            let (window, interval) = Self.wholeMilliseconds(attempt.scan)
            let tenths = ReferenceRadio.tenths[Int(neighbour.reception)]
            if advertiserRandom[index].chance(tenths * window, in: 10 * interval) { return initiator }
        }
        return nil
    }

    /// Lets scanning neighbours receive, by index; a connection ends the event for those behind it.
    private mutating func hear(_ index: Int, _ advertising: FakeRadio.Advertising, before end: Int?) {
        let range = neighbourhood.range(of: index)
        var start = range.lowerBound
        var run = 0
        while start < range.upperBound {
            let mask = neighbourhood.mask(of: index, run: run)
            var hits: UInt64 = 0
            for reception in 0..<4 where mask[reception] != 0 {
                hits |= scanChances[reception].draw64(&advertiserRandom[index]) & mask[reception]
            }
            while hits != 0 {
                let neighbour = neighbourhood[start + hits.trailingZeroBitCount]
                hits &= hits - 1
                let receiver = Int(neighbour.index)
                if let end, receiver > end { return }
                guard let scan = radios[receiver].scan, isPowered[receiver], !isAway[receiver],
                    !isBlocked(index, receiver), passes(scan, of: index)
                else { continue }
                receptions += 1
                let event = RadioEvent.advertisement(
                    address: radios[index].address,
                    rssi: neighbour.rssi,
                    connectable: advertising.connectable,
                    data: advertising.data
                )
                tell(receiver, .event(event))
            }
            start += 64
            run += 1
        }
    }

    /// Thins what was drawn for the greatest duty to the duty of a receiver that scans less.
    private mutating func passes(_ scan: ScanTiming, of advertiser: Int) -> Bool {
        let (window, interval) = Self.wholeMilliseconds(scan)
        let (fullWindow, fullInterval) = scanDuty
        let part = window * fullInterval
        let whole = fullWindow * interval
        return part >= whole || advertiserRandom[advertiser].chance(part, in: whole)
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
