import ByteCoding
import MeshWire

/// The neighbours heard since the last query, with their mean signal strength (protocol §10.1).
///
/// At most ``Limits/nearbyNodes``; further ones are not counted.
struct NearbyTable: Sendable {
    // Side by side: the ids are looked through at each of a thousand beacons a second.
    private var keys = KeyRow<5>()
    private var nodes: InlineArray<20, UInt16> = InlineArray(repeating: 0)
    private var packets: InlineArray<20, UInt16> = InlineArray(repeating: 0)
    /// Sums of the strengths in dBm.
    private var sums: InlineArray<20, Int32> = InlineArray(repeating: 0)
    private var count = 0

    /// Counts a packet; a node with 65535 of them is full.
    mutating func add(_ node: NodeID, rssi: Int8) {
        let known = keys.place(of: node.rawValue)
        if known >= 0, known < count {
            guard packets[known] < UInt16.max else { return }
            packets[known] += 1
            sums[known] += Int32(rssi)
            return
        }
        guard count < Limits.nearbyNodes else { return }
        keys.set(node.rawValue, at: count)
        nodes[count] = node.rawValue
        packets[count] = 1
        sums[count] = Int32(rssi)
        count += 1
    }

    /// Hands the table over and starts again.
    mutating func take() -> NearbyNodes {
        var taken = PackedList<PartnerRSSI, 60>()
        for index in 0..<count {
            let mean = sums[index] / Int32(packets[index])
            taken.append(PartnerRSSI(partner: NodeID(nodes[index]), rssi: Int8(clamping: mean)))
        }
        count = 0
        return NearbyNodes(nodes: taken)
    }
}
