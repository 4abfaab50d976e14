import ByteCoding
import MeshControl
import MeshTerminal
import MeshWire

/// The JSON lines that events of the node print without a message (protocol §11.4), and what they take for granted.
struct NodeLines {
    /// The events that are needed, messages among them.
    static let events = [
        "delivered", "started", "handshakeDone", "connectionRemoved", "clusterSize", "newCluster", "masterBit",
    ]

    /// Version that the node reports.
    let firmware: UInt32
    private var cluster: ClusterID
    /// Partners with a completed handshake.
    private var partners: Set<NodeID> = []
    /// Those whose link's master bit is at this end.
    private var masterBits: Set<NodeID> = []
    /// Whether a link was lost and the size after that is not told yet.
    private var hasLost = false

    /// What the status and the links of a node say.
    init(status: ControlAnswer, links: [ControlAnswer]) {
        firmware = UInt32(status.text("firmware")) ?? 0
        cluster = ClusterID(rawValue: UInt32(status.text("cluster")) ?? 0)
        for link in links where link.text("state") == "handshakeDone" {
            let partner = Self.node(link, "partner")
            partners.insert(partner)
            if link.text("master_bit") == "true" { masterBits.insert(partner) }
        }
    }

    /// The lines of an event.
    mutating func lines(for event: ControlAnswer) -> [String] {
        switch event.text("trace") {
        case "started": return started(event)
        case "handshakeDone": return joined(event)
        case "connectionRemoved":
            guard event.text("was_handshaked") == "true" else { return [] }
            let partner = Self.node(event, "partner")
            partners.remove(partner)
            masterBits.remove(partner)
            hasLost = true
            return [MeshJSON.meshDisconnect(partner: partner)]
        case "clusterSize": return resized(event)
        case "newCluster":
            cluster = Self.cluster(event)
            return []
        case "masterBit":
            let partner = Self.node(event, "partner")
            if event.text("held") == "true" { masterBits.insert(partner) } else { masterBits.remove(partner) }
            return []
        default: return []
        }
    }

    private mutating func started(_ event: ControlAnswer) -> [String] {
        partners = []
        masterBits = []
        hasLost = false
        let cause = RebootCause(rawValue: UInt8(event.text("reason")) ?? 0)
        let reason = RebootReason(reason: cause)
        return [MeshJSON.initialized, MeshJSON.reboot(reason, version: firmware, bootloaderVersion: 0)]
    }

    private mutating func joined(_ event: ControlAnswer) -> [String] {
        let partner = Self.node(event, "partner")
        let isWinner = event.text("winner") == "true"
        partners.insert(partner)
        if isWinner { masterBits.insert(partner) }
        cluster = Self.cluster(event)
        let size = Self.size(event)
        return [
            MeshJSON.clusterHandshake(winner: isWinner, size: size), MeshJSON.meshConnect(partner: partner),
            MeshJSON.updateJoinMe(cluster: cluster, size: size),
        ]
    }

    /// A change that comes from a partner is an update; the first one behind a loss is the loss's; one in a handshake is told
    /// at its end.
    private mutating func resized(_ event: ControlAnswer) -> [String] {
        let size = Self.size(event)
        let partner = Self.node(event, "by")
        let line: String
        if hasLost {
            hasLost = false
            line = MeshJSON.clusterDisconnect(size: size)
        } else if partners.contains(partner) {
            line = MeshJSON.clusterUpdate(size: size, newID: cluster, hasMasterBit: masterBits.contains(partner))
        } else {
            return []
        }
        return [line, MeshJSON.updateJoinMe(cluster: cluster, size: size)]
    }

    private static func node(_ event: ControlAnswer, _ key: String) -> NodeID { NodeID(UInt16(event.text(key)) ?? 0) }
    private static func size(_ event: ControlAnswer) -> Int16 { Int16(event.text("cluster_size")) ?? 1 }
    private static func cluster(_ event: ControlAnswer) -> ClusterID {
        ClusterID(rawValue: UInt32(event.text("cluster")) ?? 0)
    }
}
