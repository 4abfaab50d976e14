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

    /// Longest advertising event, in nanoseconds: what ends that long before another begins is of no interest to it.
    private static let memory: UInt64 = 4_000_000
    /// So many packets are kept before it is looked at whether they are over.
    private static let slack = 12

    /// Notes a packet that comes by; forgets those that are over.
    @inline(__always)
    mutating func note(_ arrival: Arrival) {
        if packets.count >= Self.slack, packets[0].end + Self.memory < arrival.start {
            let horizon = arrival.start - Self.memory
            packets.removeAll { $0.end < horizon }
        }
        packets.append(arrival)
    }

    /// Whether a packet is destroyed by another that is stronger than `weakest`.
    func collides(sender: Int, from start: UInt64, to end: UInt64, channel: UInt8, weakest: Int) -> Bool {
        for position in packets.indices {
            if packets[position].start < end, packets[position].end > start, packets[position].channel == channel,
                Int(packets[position].strength) > weakest, Int(packets[position].sender) != sender
            {
                return true
            }
        }
        return false
    }
}
