import RadioPort

/// The scan windows of one radio: a window every interval, on the three advertising channels in turn
/// (Core 5.4 Vol 6 Part B 4.4.3).
///
/// Nothing happens when a window opens or closes: it is worked out when somebody advertises.
struct ScanWindows: Sendable {
    private(set) var isOn = false
    /// In nanoseconds, of the window last looked at.
    private var start: UInt64 = 0
    private var window: UInt64 = 0
    private var interval: UInt64 = 1
    /// Channel of that window, counted from 37.
    private var channel: UInt64 = 0

    /// Windows from a moment on, the first at `start` on channel 37 + `channel`.
    mutating func begin(_ timing: ScanTiming, at start: UInt64, channel: UInt64) {
        isOn = true
        self.start = start
        self.channel = channel % 3
        // Controllers count in units of 625 us, and cut off what is less (Core 5.4 Vol 4 Part E 7.8.10).
        interval = max(1, UInt64(timing.intervalMicroseconds) / 625) * 625 * Airtime.microsecond
        window = min(interval, UInt64(timing.windowMicroseconds) / 625 * 625 * Airtime.microsecond)
    }

    mutating func end() { isOn = false }

    /// Whether the window last looked at is over.
    func isOver(at time: UInt64) -> Bool { time >= start + window }

    /// When the next window opens, after the one last looked at.
    var nextStart: UInt64 { isOn ? start + interval : .max }

    /// The first of some packets, on channels 37, 38, 39 in this order, that finds a window open on its channel; nil if none does.
    @inline(__always)
    mutating func firstHeard(of packets: Int, from time: UInt64, spacing: UInt64) -> Int? {
        guard isOn else { return nil }
        if time >= start + interval {
            // Mostly one: that takes no division.
            let elapsed = time - start
            let passed = elapsed < 2 * interval ? 1 : elapsed / interval
            start += passed * interval
            channel = (channel + passed) % 3
        }
        // Times never run backwards here: what is over is over.
        guard time < start + window || time + 3 * spacing >= start + interval else { return nil }
        for packet in 0..<packets where isOpen(on: UInt64(packet), at: time + UInt64(packet) * spacing) {
            return packet
        }
        return nil
    }

    /// Whether the radio listens on a channel in the window last looked at or the one behind it.
    private func isOpen(on wanted: UInt64, at time: UInt64) -> Bool {
        var (start, channel) = (start, channel)
        if time >= start + interval {
            start += interval
            channel = (channel + 1) % 3
        }
        return channel == wanted && time >= start && time < start + window
    }
}

/// The scan windows of all radios, and beside them when each opens next: most of the time nobody needs to know more.
struct ScanTable: Sendable {
    private var windows: ContiguousArray<ScanWindows>
    /// No window is open before; in nanoseconds.
    private var opensAt: ContiguousArray<UInt64>

    init(count: Int) {
        windows = ContiguousArray(repeating: ScanWindows(), count: count)
        opensAt = ContiguousArray(repeating: .max, count: count)
    }

    /// Whether a radio scans at all.
    func isOn(_ index: Int) -> Bool { windows[index].isOn }

    mutating func begin(_ timing: ScanTiming, of index: Int, at start: UInt64, channel: UInt64) {
        windows[index].begin(timing, at: start, channel: channel)
        opensAt[index] = start
    }

    mutating func end(of index: Int) {
        windows[index].end()
        opensAt[index] = .max
    }

    /// Those of some listeners that find their window open when some packets pass, each with the first packet for which it is
    /// open, appended to `witnesses`; see ``ScanWindows/firstHeard(of:from:spacing:)``.
    mutating func findOpen(
        among listeners: ContiguousArray<Audibility.Listener>,
        packets: Int,
        from time: UInt64,
        spacing: UInt64,
        into witnesses: inout ContiguousArray<Station.Witness>
    ) {
        let latest = time + 3 * spacing
        opensAt.withUnsafeMutableBufferPointer { opensAt in
            windows.withUnsafeMutableBufferPointer { windows in
                for position in listeners.indices {
                    let index = Int(listeners[position].index)
                    guard latest >= opensAt[index] else { continue }
                    if let channel = windows[index].firstHeard(of: packets, from: time, spacing: spacing) {
                        witnesses.append(
                            Station.Witness(
                                node: Int32(index),
                                strength: listeners[position].strength,
                                channel: UInt8(channel)
                            )
                        )
                    } else if windows[index].isOver(at: time) {
                        opensAt[index] = windows[index].nextStart
                    }
                }
            }
        }
    }
}
