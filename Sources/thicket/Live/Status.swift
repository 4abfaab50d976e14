import ArgumentParser
import MeshControl

/// How a node is.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the node is: health, cluster, links, radio.",
        discussion: "Exit codes: 0 good, 1 degraded, 2 isolated, 3 daemon not reachable."
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
        let hops = answer.text("hops_to_sink", otherwise: "unknown")
        return [
            "health    \(answer.text("health")): \(answer.text("reason"))",
            "node      \(answer.text("node"))\(name.isEmpty ? "" : " (\(name))") of network \(answer.text("network"))",
            "cluster   \(answer.text("cluster")), \(answer.text("cluster_size"))\(expected.isEmpty ? "" : " of \(expected)") nodes",
            "links     \(answer.text("links_in")) in, \(answer.text("links_out")) out, \(answer.text("master_bits")) master bits",
            "sink      \(isSink ? "this node" : "\(hops) hops away")",
            "radio     \(answer.text("adapter")) \(answer.text("radio_state")), \(answer.text("controller", otherwise: "unknown"))",
            "address   \(answer.text("address"))",
            "uptime    \(answer.text("uptime_s")) s, version \(answer.text("version"))",
        ]
    }
}
