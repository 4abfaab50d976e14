import MeshConfiguration
import MeshCore
import MeshWire

extension SwarmCase {
    /// The case as a scenario file; `replay` is the command that runs it.
    public func yaml(question: String? = nil, replay: String? = nil) -> String {
        let scenario = scenario(file: "swarm-\(seed)")
        var lines = ["# yaml-language-server: $schema=../scenario.schema.json"]
        if let replay { lines.append("# \(replay)") }
        lines += ["question: \(question ?? scenario.question)", "seed: \(seed)"]
        lines.append("duration: \(Self.time(scenario.durationMicroseconds))")
        lines.append(radio == .ble ? radioLine : "radio: reference")
        lines.append("network: { \(networkKeys.joined(separator: ", ")) }")
        lines += ["nodes:", "  positions:"]
        for node in layout.nodes {
            lines.append("    - { id: \(node.id), x_m: \(node.xMetres), y_m: \(node.yMetres) }")
        }
        for strangers in scenario.strangers {
            let nodes = strangers.nodes.map(\.description).joined(separator: ", ")
            lines.append("strangers: [{ nodes: [\(nodes)], network: \(Self.neighbourNetwork) }]")
        }
        if let traffic {
            lines.append("traffic: { every: \(Self.time(traffic.periodMicroseconds)), bytes: \(traffic.bytes) }")
        }
        if !scenario.timeline.isEmpty { lines.append("timeline:") }
        for entry in scenario.timeline {
            let length = entry.forMicroseconds.map { ", for: \(Self.time($0))" } ?? ""
            lines.append("  - { at: \(Self.time(entry.atMicroseconds)), \(Self.text(entry.action))\(length) }")
        }
        lines.append("expect:")
        lines.append("  - { healed_within: \(Self.time(bound)), after: \(Self.time(healAt)) }")
        for case .always(let invariants) in scenario.expectations {
            lines.append("  - { always: [\(invariants.map(\.rawValue).joined(separator: ", "))] }")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var networkKeys: [String] {
        var keys = ["clustering: \(network.clustering.rawValue)"]
        if network.clustering == .classic {
            keys += ["decision: \(network.decision.rawValue)", "timing: \(network.timing.rawValue)"]
        }
        if !network.linkEncryption { keys.append("link_encryption: false") }
        return keys
    }

    private var radioLine: String {
        "radio: { profile: ble, controller: \(lowEnergy.controller.rawValue), clock_ppm: \(lowEnergy.clockPPM), "
            + "interval_spread: \(lowEnergy.intervalSpread), boot_spread: \(Self.time(lowEnergy.bootSpreadMicroseconds)), "
            + "failures: { connect_fails: \(lowEnergy.failures.connectFailsPercent) } }"
    }

    private static func time(_ microseconds: UInt64) -> String {
        microseconds % 1_000_000 == 0 ? "\(microseconds / 1_000_000)s" : "\(microseconds / 1000)ms"
    }

    private static func list(_ nodes: [NodeReference]) -> String {
        "[" + nodes.map(text).joined(separator: ", ") + "]"
    }

    private static func text(_ node: NodeReference) -> String {
        switch node {
        case .node(let id): return "\(id)"
        case .bestConnected: return "best_connected"
        case .all: return "all"
        case .sinks: return "sinks"
        case .some(let choice):
            var keys: [String] = []
            switch choice.size {
            case nil: break
            case .count(let count): keys.append("random: \(count)")
            case .percent(let percent): keys.append("random: \(percent)%")
            }
            if let map = choice.rectangle {
                keys.append("within: [[\(map.left), \(map.top)], [\(map.right), \(map.bottom)]]")
            }
            return "{ \(keys.joined(separator: ", ")) }"
        }
    }

    private static func text(_ wall: Segment, _ loss: Double? = nil) -> String {
        let loss = loss.map { ", loss_db: \($0)" } ?? ""
        return "{ from: [\(wall.fromX), \(wall.fromY)], to: [\(wall.toX), \(wall.toY)]\(loss) }"
    }

    /// Key and value of an action.
    static func text(_ action: TimelineAction) -> String {
        switch action {
        case .powerOff(let nodes): return "power_off: \(list(nodes))"
        case .powerOn(let nodes): return "power_on: \(list(nodes))"
        case .reboot(let nodes): return "reboot: \(list(nodes))"
        case .adapterReset(let nodes): return "adapter_reset: \(list(nodes))"
        case .enrol(let nodes): return "enrol: \(list(nodes))"
        case .blockLink(let one, let other): return "block_link: [\(one), \(other)]"
        case .unblockLink(let one, let other): return "unblock_link: [\(one), \(other)]"
        case .partition(let groups): return "partition: [\(groups.map(list).joined(separator: ", "))]"
        case .rejoin: return "rejoin: true"
        case .raiseWall(let wall, let loss): return "raise_wall: \(text(wall, loss))"
        case .noise(let noise):
            return
                "noise: { db: \(noise.riseDecibels), channels: \(noise.channels.rawValue), nodes: \(list(noise.nodes)) }"
        case .removeWall(let wall): return "remove_wall: \(text(wall))"
        case .move(let node, let x, let y): return "move: { node: \(node), to: [\(x), \(y)] }"
        case .walk(let walk):
            let nodes = walk.nodes.map(\.description).joined(separator: ", ")
            let points = walk.path.map { "[\($0.x), \($0.y)]" }.joined(separator: ", ")
            return "move: { nodes: [\(nodes)], \(walk.isRelative ? "by" : "path"): [\(points)], "
                + "speed_m_s: \(walk.speed), laps: \(walk.laps) }"
        // A file says how long it is jammed in one entry.
        case .jam(let channels), .unjam(let channels): return "jam: { channels: \(channels.rawValue), for: 1s }"
        case .send(let order):
            let to =
                switch order.to {
                case .node(let id): "\(id)"
                case .sink: "sink"
                case .all: "all"
                }
            return "send: { from: \(list(order.from)), to: \(to), bytes: \(order.bytes) }"
        case .adversary(let adversary):
            let claims = adversary.claims.map { "claims: \($0), " } ?? ""
            return "adversary: { node: \(adversary.node), \(claims)cluster_size: \(adversary.clusterSize), "
                + "every: \(time(adversary.periodMicroseconds)) }"
        case .disturb(let nodes, let disturbance):
            let amount =
                switch disturbance {
                case .slowHost(let period): "every: \(time(period))"
                case .packetLoss(let percent), .busyStack(let percent), .repeatedData(let percent),
                    .corruptedData(let percent):
                    "percent: \(percent)"
                }
            return "\(disturbance.name): { nodes: \(list(nodes)), \(amount) }"
        }
    }
}
