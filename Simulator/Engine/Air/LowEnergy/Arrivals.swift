/// The packets that came by while a radio listened, as far as one still on air may overlap with them.
struct Arrivals: Sendable {
    /// One packet.
    struct Arrival: Sendable {
        /// In nanoseconds.
        var start: UInt64
        var length: UInt32
        var sender: Int32
        /// In thousandths of a dBm.
        var strength: Int32
        /// Advertising channel, counted from 37.
        var channel: UInt8

        var end: UInt64 { start + UInt64(length) }
    }

    private var packets: ContiguousArray<Arrival> = []
    /// Those before are over.
    private var head = 0

    /// Longest advertising event, in nanoseconds: what ends that long before another begins is of no interest to it.
    private static let memory: UInt64 = 4_000_000
    /// So many that are over are kept before the others move up.
    private static let slack = 12

    /// Notes a packet that comes by; forgets those that are over.
    @inline(__always)
    mutating func note(_ arrival: Arrival) {
        while head < packets.count, packets[head].end + Self.memory < arrival.start { head += 1 }
        if head >= Self.slack {
            packets.removeFirst(head)
            head = 0
        }
        packets.append(arrival)
    }

    /// Whether a packet is destroyed by another that is stronger than `weakest`.
    func collides(sender: Int, from start: UInt64, to end: UInt64, channel: UInt8, weakest: Int) -> Bool {
        for position in head..<packets.count {
            if packets[position].start < end, packets[position].end > start, packets[position].channel == channel,
                Int(packets[position].strength) > weakest, Int(packets[position].sender) != sender
            {
                return true
            }
        }
        return false
    }
}
