import ByteCoding
import MeshConfiguration
import MeshCore
import MeshWire
import RadioFake
import RadioPort

/// An adversary at work: a radio that advertises JOIN_ME of clusters that there are not.
///
/// It takes every link that is opened to it and says nothing on it: whoever believes it wastes an attempt and the time that a
/// handshake may take.
struct Forger: Sendable {
    private static let advertisingInterval: UInt32 = 100_000

    let node: Int
    private let adversary: Adversary
    private var nextAt: Instant

    init(_ adversary: Adversary, node: Int, at now: Instant) {
        self.adversary = adversary
        self.node = node
        nextAt = now
    }

    /// Puts the next forgery on air, if it is due.
    mutating func advance(_ simulation: inout Simulation, random: inout SeededGenerator, at now: Instant) {
        guard now >= nextAt else { return }
        nextAt = now.advanced(byMicroseconds: adversary.periodMicroseconds)
        let sender = adversary.claims?.rawValue ?? UInt16(1 + random.uniform(below: 1999))
        let forged = JoinMe(
            network: simulation.placement.sites[node].network,
            sender: NodeID(sender),
            cluster: ClusterID(rawValue: UInt32(sender) << 16 | random.uniform(below: 0xFFFF)),
            clusterSize: adversary.clusterSize,
            freeIn: 1,
            freeOut: 3,
            meshWriteHandle: FakeRadio.handles.meshValue.rawValue
        )
        guard let data: AdvertisingData = try? forged.encoded() else { return }
        simulation.advertiseForged(data, intervalMicroseconds: Self.advertisingInterval, by: node)
    }
}
