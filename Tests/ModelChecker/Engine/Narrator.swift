import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// Puts states and messages into words, as in the message sequences of the specification.
///
/// ```
/// 1~2  engaged   1=>2  conceded: 2 is to be the parent   1->2  2 is the parent   1*2  2 is a child of 1
/// ```
enum Narrator {
    /// A message with what matters of it.
    static func text(of value: AttributeValue) -> String {
        guard let header = try? MessageHeader(bytes: value) else { return "\(value.count) bytes" }
        switch header.type {
        case .graftHello:
            guard let hello = try? GraftHello(bytes: value) else { break }
            return "HELLO \(text(of: hello.key))\(hello.isRoot ? " root" : "")\(hello.isFull ? " full" : "")"
        case .graftConcede:
            guard let message = try? GraftConcede(bytes: value) else { break }
            return "CONCEDE to \(text(of: message.key)), \(message.branch.behind)"
        case .graftUpdate:
            guard let message = try? GraftUpdate(bytes: value) else { break }
            return "UPDATE \(message.isKeyValid ? text(of: message.key) + ", " : "")\(message.branch.behind)"
        case .graftRole:
            guard let message = try? GraftRole(bytes: value) else { break }
            return "ROLE \(text(of: message.key))"
        case .graftRequest: return "REQUEST"
        case .graftKnock: return "KNOCK"
        case .graftReconnect: return "RECONNECT"
        case .clusterWelcome:
            guard let message = try? ClusterWelcome(bytes: value) else { break }
            return "CLUSTER_WELCOME \(text(of: message.cluster)), size \(message.clusterSize)"
        case .clusterAck1: return "CLUSTER_ACK_1"
        case .clusterAck2:
            guard let message = try? ClusterAck2(bytes: value) else { break }
            return "CLUSTER_ACK_2 \(text(of: message.cluster)), size \(message.clusterSize)"
        case .clusterInfoUpdate:
            guard let message = try? ClusterInfoUpdate(bytes: value) else { break }
            let change = message.sizeChange >= 0 ? "+\(message.sizeChange)" : "\(message.sizeChange)"
            return "CLUSTER_INFO_UPDATE \(change)\(message.masterBitHandover ? ", master bit" : "")"
        case .reconnect: return "RECONNECT"
        default: break
        }
        return "message of type \(header.type.rawValue)"
    }

    /// Rank, node and what has been counted up of its generation.
    static func text(of key: ClusterKey) -> String { "(\(key.rank),\(text(of: key.cluster)))" }

    /// Node and generation: `2` for the first id of node 2, `2+1` for the next.
    static func text(of cluster: ClusterID) -> String {
        let node = cluster.rawValue & 0xFFFF
        // Numbers of classic nodes begin at 0x400.
        let number = Int(cluster.rawValue >> 16)
        let generation = number - (number < 0xC00 ? 0x400 : Int(World.firstGeneration))
        return generation == 0 ? "\(node)" : generation > 0 ? "\(node)+\(generation)" : "\(node)\(generation)"
    }

    /// What a node decided, if it is more than the messages show.
    static func text(of event: TraceEvent) -> String? {
        switch event {
        case .unexpected(_, let type): "does not expect \(type.rawValue)"
        case .connectionRemoved(let partner, let reason, _, _): "removes its link to \(partner.rawValue): \(reason)"
        case .split(_, let key, let size): "splits off: \(text(of: key)), \(size) nodes"
        case .newCluster(let cluster): "names its cluster \(text(of: cluster))"
        case .reestablishing(let partner, _): "keeps its link to \(partner.rawValue) for a while"
        case .reestablished(let partner): "has its link to \(partner.rawValue) back"
        case .dissolved(let cause): "dissolves: \(cause)"
        case .counterMismatch(let partner): "discards the update of \(partner.rawValue): wrong counter"
        case .roomMade(let child, let partner): "lets \(child.rawValue) go for \(partner.rawValue)"
        case .decision(let result, let partner, _): "decides: \(result) \(partner.map { "\($0.rawValue)" } ?? "")"
        default: nil
        }
    }

    /// An action, seen from the state before it.
    static func text(of action: Action, in world: World) -> String {
        switch action {
        case .deliver(let wire, let end):
            let wire = world.wires[Int(wire)]
            let message = wire.frames(to: end).first.map { text(of: $0.value) } ?? ""
            return "\(wire.node(end) + 1) reads \(message) of \(wire.node(1 - end) + 1)"
        case .notice(let wire, let end):
            let wire = world.wires[Int(wire)]
            let cause = wire.isBroken ? "supervision time-out" : "closed"
            return "\(wire.node(end) + 1) notices the loss of its link to \(wire.node(1 - end) + 1) (\(cause))"
        case .resume(let node):
            return "\(node + 1) connects again to \((world.airs[Int(node)].attempt?.target ?? 0) + 1)"
        case .retry(let node): return "\(node + 1) tries again"
        case .connect(let from, let to): return "\(from + 1) connects to \(to + 1)"
        case .hear(let node, let other): return "\(node + 1) hears \(other + 1)"
        case .breakWire(let wire, let isConfirmed):
            let wire = world.wires[Int(wire)]
            let nodes = "\(wire.nodes.0 + 1) and \(wire.nodes.1 + 1)"
            return "FAULT: the link of \(nodes) breaks\(isConfirmed ? ", what was on its way had arrived" : "")"
        case .hangUp(let node, let partner): return "FAULT: \(node + 1) hangs up on \(partner + 1)"
        case .crash(let node, let keepsState):
            return "FAULT: \(node + 1) crashes and boots\(keepsState ? "" : ", without its stored state")"
        case .lapse(let node, .link(let slot)):
            let link = world.boxes[Int(node)].links.first { $0.slot == slot }
            return "\(node + 1) gives up its link to \(link.map { World.index(of: $0.address) + 1 } ?? 0)"
        case .lapse(let node, let lapse): return "\(node + 1): \(lapse) is over"
        case .pauseEnds(let node, let other): return "\(node + 1) no longer leaves \(other + 1) alone"
        case .act(let node, .raiseRank): return "ACT: \(node + 1) raises its rank"
        case .act(let node, .handOver): return "ACT: \(node + 1) hands the role over"
        case .want(let node): return "ACT: \(node + 1) has use for the role"
        case .settle: return "-- no more faults --"
        }
    }

    /// Keys and links of a state in one line.
    static func text(of world: World) -> String {
        var parts: [String] = []
        let isClassic = world.boxes.first?.node.configuration.clustering == .classic
        for (node, box) in world.boxes.enumerated() {
            let name = isClassic ? "\(text(of: box.node.clusterID)):\(box.node.clusterSize)" : text(of: box.key)
            parts.append("\(node + 1):\(name)")
        }
        for (node, box) in world.boxes.enumerated() {
            for link in box.links {
                let sign: String
                if isClassic {
                    sign = link.isCounted ? link.masterBit ? "*" : "->" : "~"
                } else {
                    sign =
                        switch link.relation {
                        case .engaged: "~"
                        case .conceded: "=>"
                        case .parent: "->"
                        case .child: "*"
                        }
                }
                parts.append("\(node + 1)\(sign)\(World.index(of: link.address) + 1)\(link.isComingBack ? "?" : "")")
            }
        }
        for node in world.airs.indices where !world.airs[node].isConnectable {
            parts.append("\(node + 1) not connectable")
        }
        return parts.joined(separator: "  ")
    }
}
