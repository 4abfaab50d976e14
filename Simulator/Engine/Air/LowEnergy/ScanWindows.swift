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

    /// The first of some packets, on channels 37, 38, 39 in this order, that finds a window open on its channel; nil if none does.
    @inline(__always)
    mutating func firstHeard(of packets: Int, from time: UInt64, spacing: UInt64) -> Int? {
        guard isOn else { return nil }
        if time >= start + interval {
            let passed = (time - start) / interval
            start += passed * interval
            channel = (channel + passed) % 3
        }
        // By far the most: the window is over, and the next does not open in time.
        if time >= start + window, time + 3 * spacing < start + interval { return nil }
        for packet in 0..<packets where isOpen(on: UInt64(packet), at: time + UInt64(packet) * spacing) {
            return packet
        }
        return nil
    }

    /// Whether the radio listens on a channel at a time not much before or after the window last looked at.
    private func isOpen(on wanted: UInt64, at time: UInt64) -> Bool {
        var (start, channel) = (start, channel)
        if time < start {
            start -= min(start, interval)
            channel = (channel + 2) % 3
        } else if time >= start + interval {
            start += interval
            channel = (channel + 1) % 3
        }
        return channel == wanted && time >= start && time < start + window
    }
}
