import MeshConfiguration
import RadioFake

// One radio per node: what it is busy with when something else wants it.
//
// Nothing is changed by asking. But to call a function that does not mutate from one that does means to copy the whole air.
extension LowEnergyAir {
    /// Whether a node's radio is busy with its own advertising or with a connection event in a span.
    mutating func isBusy(_ index: Int, from start: UInt64, to end: UInt64) -> Bool {
        stations[index].airing.overlaps(start, end) || isLinkBusy(index, from: start, to: end)
    }

    /// Whether a connection event of a node lies in a span, as far as events up to now decide.
    mutating func isLinkBusy(_ index: Int, from start: UInt64, to end: UInt64) -> Bool {
        let own = stations[index].links
        for position in own.indices {
            let number = Int(own[position].record)
            if links[number].eventStart < end, links[number].eventEnd > start { return true }
            // An active link's events are in the queue, and those up to now have been worked through.
            guard !links[number].isActive else { continue }
            links[number].catchUp(to: start)
            guard let event = links[number].lastEvent(before: end) else { continue }
            if event.anchor + Airtime.emptyExchange > start, links[number].isAttended(event.number) { return true }
        }
        return false
    }

    /// Whether a node is free to begin an event of a link at its anchor: no event of another link that began before goes on.
    ///
    /// This is what starves links: two whose anchors lie close together overlap in every interval, and it is always the same
    /// that comes first.
    mutating func isFree(_ index: Int, at anchor: UInt64, for link: Int) -> Bool {
        let own = stations[index].links
        guard own.count > 1 else { return true }
        let ownLead = lead(of: link, at: index, before: anchor)
        for position in own.indices {
            let number = Int(own[position].record)
            guard number != link else { continue }
            if links[number].eventStart <= anchor, links[number].eventEnd > anchor { return false }
            guard !links[number].isActive else { continue }
            // Of two that would begin at the same time, the one with the lower number does.
            let lead = lead(of: number, at: index, before: anchor)
            let until = anchor + lead + (number < link ? 1 : 0) - ownLead
            guard let event = links[number].lastEvent(before: until), links[number].isAttended(event.number) else {
                continue
            }
            if event.anchor + Airtime.emptyExchange > anchor { return false }
        }
        return true
    }

    /// When the next connection event of a node begins that is not one of `link`.
    mutating func nextCommitment(of index: Int, after time: UInt64, except link: Int = -1) -> UInt64 {
        var next = UInt64.max
        let own = stations[index].links
        for position in own.indices {
            let number = Int(own[position].record)
            guard number != link else { continue }
            let anchor = links[number].firstEvent(from: time + 1).anchor
            next = min(next, anchor - lead(of: number, at: index, before: anchor))
        }
        return next
    }

    /// How long before an anchor a peripheral listens: its clock and the central's may both be off since it last heard the
    /// central, and 16 us are for active clocks (window widening, Core 5.4 Vol 6 Part B 4.2.4 and 4.5.7).
    mutating func lead(of link: Int, at index: Int, before anchor: UInt64) -> UInt64 {
        guard links[link].peripheral == index else { return Airtime.rampUp }
        // An idle link has been heard an interval ago, as a rule.
        let silence = links[link].isActive ? anchor - min(anchor, ends[2 * link + 1].heardAt) : links[link].period
        return Airtime.rampUp + 16 * Airtime.microsecond + silence * UInt64(2 * settings.clockPPM) / 1_000_000
    }
}
