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
            lines.append("strangers: [{ nodes: \(Self.list(strangers.nodes)), network: \(Self.neighbourNetwork) }]")
        }
        if let traffic {
            lines.append("traffic: { every: \(Self.time(traffic.periodMicroseconds)), bytes: \(traffic.bytes) }")
        }
        if !carriedOut.isEmpty { lines.append("timeline:") }
        for fault in carriedOut {
            let length = fault.forMicroseconds.map { ", for: \(Self.time($0))" } ?? ""
            lines.append("  - { at: \(Self.time(fault.atMicroseconds)), \(Self.text(fault.kind))\(length) }")
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

    private static func list(_ nodes: [NodeID]) -> String {
        "[" + nodes.map(\.description).joined(separator: ", ") + "]"
    }

    /// Key and value of a fault.
    static func text(_ fault: SwarmFault.Kind) -> String {
        switch fault {
        case .powerOff(let nodes): return "power_off: \(list(nodes))"
        case .reboot(let nodes): return "reboot: \(list(nodes))"
        case .blockLink(let one, let other): return "block_link: [\(one), \(other)]"
        case .partition(let nodes): return "partition: [\(list(nodes))]"
        case .adapterReset(let nodes): return "adapter_reset: \(list(nodes))"
        case .disturb(let nodes, let disturbance):
            let amount =
                switch disturbance {
                case .slowHost(let period): "every: \(time(period))"
                case .packetLoss(let percent), .busyStack(let percent), .repeatedData(let percent),
                    .corruptedData(let percent):
                    "percent: \(percent)"
                }
            return "\(disturbance.name): { nodes: \(list(nodes)), \(amount) }"
        case .move(let node, let x, let y): return "move: { node: \(node), to: [\(x), \(y)] }"
        }
    }
}
