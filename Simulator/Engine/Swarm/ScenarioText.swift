import MeshConfiguration
import MeshCore

extension SwarmCase {
    /// The case as a scenario file.
    public var yaml: String {
        let scenario = scenario(file: "swarm-\(seed)")
        var lines = ["question: \(scenario.question)", "seed: \(seed)"]
        lines.append("duration: \(Self.time(scenario.durationMicroseconds))")
        lines.append(radio == .ble ? radioLine : "radio: reference")
        var network = "clustering: \(self.network.clustering.rawValue)"
        if self.network.clustering == .classic { network += ", decision: \(self.network.decision.rawValue)" }
        lines.append("network: { \(network) }")
        lines += ["nodes:", "  positions:"]
        for node in layout.nodes {
            lines.append("    - { id: \(node.id), x_m: \(node.xMetres), y_m: \(node.yMetres) }")
        }
        if !scenario.timeline.isEmpty { lines.append("timeline:") }
        lines += scenario.timeline.map { "  - { at: \(Self.time($0.atMicroseconds)), \(Self.text($0.action)) }" }
        lines.append("expect:")
        lines.append("  - { healed_within: \(Self.time(bound)), after: \(Self.time(healAt)) }")
        lines.append("  - { always: [\(invariants.map(\.rawValue).joined(separator: ", "))] }")
        return lines.joined(separator: "\n") + "\n"
    }

    private var radioLine: String {
        "radio: { profile: ble, controller: \(lowEnergy.controller.rawValue), clock_ppm: \(lowEnergy.clockPPM), "
            + "boot_spread: \(Self.time(lowEnergy.bootSpreadMicroseconds)), "
            + "failures: { connect_fails: \(lowEnergy.failures.connectFailsPercent) } }"
    }

    private static func time(_ microseconds: UInt64) -> String { "\(microseconds / 1000)ms" }

    private static func text(_ action: TimelineAction) -> String {
        func list(_ nodes: [NodeReference]) -> String {
            let words = nodes.map { node in
                switch node {
                case .node(let id): "\(id)"
                case .bestConnected: "best_connected"
                case .all: "all"
                }
            }
            return "[" + words.joined(separator: ", ") + "]"
        }
        switch action {
        case .powerOff(let nodes): return "power_off: \(list(nodes))"
        case .powerOn(let nodes): return "power_on: \(list(nodes))"
        case .reboot(let nodes): return "reboot: \(list(nodes))"
        case .blockLink(let one, let other): return "block_link: [\(one), \(other)]"
        case .unblockLink(let one, let other): return "unblock_link: [\(one), \(other)]"
        case .move(let node, let x, let y): return "move: { node: \(node), to: [\(x), \(y)] }"
        case .jam(let channels), .unjam(let channels): return "jam: { channels: \(channels.rawValue), for: 1s }"
        }
    }
}
