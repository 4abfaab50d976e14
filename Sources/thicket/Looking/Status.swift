import ArgumentParser
import MeshControl
import MeshCore

/// How a node is.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the node is: health, cluster, links, radio.",
        discussion: """
            Exit codes: 0 good, 1 degraded, 2 isolated, 3 daemon not reachable.

            Examples:
              thicket status
              thicket status --json --node hci1
            """
    )

    @OptionGroup var live: LiveOptions

    func run() throws {
        var health = ""
        try live.ask("status") { answer in
            health = answer.text("health")
            if live.json {
                Console.line(answer.line)
            } else {
                for line in Self.lines(answer) { Console.line(line) }
            }
        }
        switch health {
        case "good": break
        case "degraded": throw ExitStatus.degraded.code
        default: throw ExitStatus.isolated.code
        }
    }

    /// The answer for people.
    static func lines(_ answer: ControlAnswer) -> [String] {
        let name = answer.text("name", otherwise: "")
        let expected = answer.text("expected_size", otherwise: "")
        let isSink = answer.text("sink") == "true"
        let controller = answer.text("controller", otherwise: "")
        let hops = answer.text("hops_to_sink", otherwise: "unknown")
        let lines = [
            "health    \(answer.text("health")): \(answer.text("reason"))",
            "node      \(answer.text("node"))\(name.isEmpty ? "" : " (\(name))") of network \(answer.text("network"))",
            "cluster   \(answer.text("cluster")), \(answer.text("cluster_size"))\(expected.isEmpty ? "" : " of \(expected)") nodes\(clustering(answer))",
            "links     \(answer.text("links_in")) in, \(answer.text("links_out")) out, \(answer.text("master_bits")) master bits",
            "sink      \(isSink ? "this node" : "\(hops) hops away")",
            "radio     \(answer.text("adapter")) \(answer.text("radio_state")), \(controller.isEmpty ? "unknown" : controller)",
            "address   \(answer.text("address"))",
            "uptime    \(answer.text("uptime_s")) s, version \(answer.text("version"))",
        ]
        return (lines + planned(answer) + warnings(answer)).flatMap { FoldedText.lines($0, indent: 10) }
    }

    /// How the cluster forms, and what the node is in it.
    private static func clustering(_ answer: ControlAnswer) -> String {
        let mode = answer.text("clustering", otherwise: "")
        guard !mode.isEmpty else { return "" }
        guard mode == "graft" else { return ", \(mode)" }
        return ", graft, rank \(answer.text("rank"))\(answer.text("root") == "true" ? ", root" : "")"
    }

    /// A change of the clustering mode that is to come.
    private static func planned(_ answer: ControlAnswer) -> [String] {
        let mode = answer.text("planned_clustering", otherwise: "")
        guard !mode.isEmpty, let at = UInt32(answer.text("planned_at")) else { return [] }
        let now = UInt32(answer.text("network_time"))
        let left = now.map { "in \(at - min(at, $0)) s" } ?? "when the time is known"
        return ["planned   clustering \(mode) from \(UTCTime.text(at)) on, \(left)"]
    }

    /// Nodes of the network that this one cannot link with, because they form clusters in the other way.
    private static func warnings(_ answer: ControlAnswer) -> [String] {
        let nodes = answer.texts("other_mode_nodes")
        guard !nodes.isEmpty, let own = ClusteringMode(rawValue: answer.text("clustering")) else { return [] }
        let others = "\(own.other.rawValue) node\(nodes.count == 1 ? "" : "s") \(nodes.joined(separator: ", "))"
        return ["warning   \(others) in a \(own.rawValue) network"]
    }
}
