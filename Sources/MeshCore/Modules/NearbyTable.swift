import ByteCoding
import MeshWire

/// The neighbours heard since the last query, with their mean signal strength (protocol §10.1).
///
/// At most ``Limits/nearbyNodes``; further ones are not counted.
struct NearbyTable: Sendable {
    private struct Entry {
        var node = NodeID(0)
        var packets: UInt16 = 0
        /// Sum of the strengths in dBm.
        var sum: Int32 = 0
    }

    private var entries: InlineArray<20, Entry> = InlineArray(repeating: Entry())
    private var count = 0

    /// Counts a packet; a node with 65535 of them is full.
    mutating func add(_ node: NodeID, rssi: Int8) {
        for index in 0..<count where entries[index].node == node {
            guard entries[index].packets < UInt16.max else { return }
            entries[index].packets += 1
            entries[index].sum += Int32(rssi)
            return
        }
        guard count < Limits.nearbyNodes else { return }
        entries[count] = Entry(node: node, packets: 1, sum: Int32(rssi))
        count += 1
    }

    /// Hands the table over and starts again.
    mutating func take() -> NearbyNodes {
        var nodes = PackedList<PartnerRSSI, 60>()
        for index in 0..<count {
            let mean = entries[index].sum / Int32(entries[index].packets)
            nodes.append(PartnerRSSI(partner: entries[index].node, rssi: Int8(clamping: mean)))
        }
        count = 0
        return NearbyNodes(nodes: nodes)
    }
}
