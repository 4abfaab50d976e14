import MeshConfiguration
import RadioFake
import RadioPort

// Whether the two ends of a link still hear each other (Core 5.4 Vol 6 Part B 4.5.2).
extension LowEnergyAir {
    /// Finds the last event of an idle link that went well, from now backwards, for each end.
    ///
    /// To be called before anything changes that decides whether events go well: what is in reach, what else the two radios
    /// do, what is jammed. Usually the first event looked at was well.
    mutating func lookBack(_ record: Int) {
        guard !links[record].isActive, ends[2 * record].isUp else { return }
        let (central, peripheral) = (links[record].central, links[record].peripheral)
        guard ends[2 * record + 1].isUp, isInTouch(central, peripheral),
            var event = links[record].lastEvent(before: clock)
        else { return }
        var hasFound = (central: false, peripheral: false)
        while true {
            let anchor = event.anchor
            hasFound.central = hasFound.central || anchor <= ends[2 * record].heardAt
            hasFound.peripheral = hasFound.peripheral || anchor <= ends[2 * record + 1].heardAt
            if hasFound.central && hasFound.peripheral { return }
            if links[record].isAttended(event.number), isHeld(record, at: anchor) {
                let channel = dataChannel(of: record, event.number)
                if passes(record, from: 0, payload: 0, channel: channel, at: anchor) {
                    if !hasFound.peripheral {
                        ends[2 * record + 1].heardAt = anchor
                        hasFound.peripheral = true
                    }
                    let answer = anchor + Airtime.packet(0) + Airtime.interFrameSpace
                    if !hasFound.central, passes(record, from: 1, payload: 0, channel: channel, at: answer) {
                        ends[2 * record].heardAt = anchor
                        hasFound.central = true
                    }
                }
            }
            guard event.number > 0 else { return }
            event = (event.number - 1, anchor - links[record].period)
        }
    }

    private mutating func isHeld(_ record: Int, at anchor: UInt64) -> Bool {
        !settings.sharedRadio
            || isFree(links[record].central, at: anchor, for: record)
                && isFree(links[record].peripheral, at: anchor, for: record)
    }

    /// Brings the links of a node up to date before its circumstances change.
    mutating func settleLinks(of index: Int) {
        for end in stations[index].links {
            lookBack(Int(end.record))
        }
    }

    /// A link may have been silent for too long: ends that heard nothing lose it, the rest is looked at again in time.
    mutating func supervise(_ record: Int) {
        lookBack(record)
        var next = UInt64.max
        for end in 0...1 where ends[2 * record + end].isUp {
            let isEstablished = ends[2 * record + end].isEstablished
            let limit =
                isEstablished
                ? ends[2 * record + end].heardAt + links[record].supervision : establishmentEnd(of: record)
            if limit <= clock {
                takeDown(end, of: record, reason: isEstablished ? .connectionTimeout : .failedToEstablish, at: clock)
            } else {
                next = min(next, limit)
                tellStrength(of: record, at: end)
            }
        }
        guard isUp(record) else { return }
        queue.push(.supervision, Int32(record), at: next, stamp: links[record].stamp)
    }

    /// Hosts are told of a change of 2 dB or more, at most once per supervision time-out (protocol §5.4).
    private mutating func tellStrength(of record: Int, at end: Int) {
        let index = Int(ends[2 * record + end].node)
        guard let average = ends[2 * record + end].strength else { return }
        let strength = Propagation.reading(Int(average))
        guard abs(Int(strength) - Int(ends[2 * record + end].toldStrength)) >= 2 else { return }
        ends[2 * record + end].toldStrength = strength
        tell(index, .linkRSSI(link: ends[2 * record + end].id, rssi: strength), at: clock)
    }

    /// One end of a link is gone.
    mutating func takeDown(_ end: Int, of record: Int, reason: HCIStatus, at time: UInt64) {
        guard ends[2 * record + end].isUp else { return }
        let index = Int(ends[2 * record + end].node)
        settleLinks(of: index)
        // Whoever closes a link is not told that it was lost meanwhile.
        let told = ends[2 * record + end].isClosing ? .localHostTerminated : reason
        ends[2 * record + end].isUp = false
        stations[index].links.removeAll { Int($0.record) == record }
        tell(index, .disconnected(link: ends[2 * record + end].id, reason: told), at: time)
        guard !isUp(record) else { return }
        lastStamp &+= 1
        links[record].stamp = lastStamp
        links[record].isActive = false
        freeLinks.append(Int32(record))
    }
}
