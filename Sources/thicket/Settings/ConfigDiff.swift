import ArgumentParser
import MeshConfiguration
import MeshControl
import MeshWire

/// What is set differently at two nodes, or at a node and in a file.
struct ConfigDiff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what is set differently at two nodes, or at a node and in a configuration file.",
        discussion: """
            Only settings that both tell are compared; of a file these are 'network' and 'sink'.

            Exit codes: 0 the same, 1 different, or a node does not answer, 3 daemon not reachable, 65 bad file.

            Examples:
              thicket config diff 3 7
              thicket config diff 7 /etc/thicket/hci0.yaml
            """
    )

    @Argument(help: "A node, or the path of a configuration file.")
    var first: Side

    @Argument(help: "What it is compared with.")
    var second: Side

    @OptionGroup var live: LiveOptions

    /// One side of a comparison.
    enum Side: ExpressibleByArgument, Equatable {
        case node(MeshNode)
        case file(String)

        init?(argument: String) {
            if let node = MeshNode(argument: argument) {
                self = .node(node)
            } else if UInt64(argument) == nil {
                self = .file(argument)
            } else {
                return nil
            }
        }

        /// What it is called.
        var name: String {
            switch self {
            case .node(let node): "node \(node.id)"
            case .file(let path): path
            }
        }
    }

    func run() throws {
        let settings = try [first, second].map(read)
        let differences = NodeSettings.differences(settings[0], settings[1])
        if live.json {
            for difference in differences {
                var object = JSONObject(kind: "difference")
                object.append("key", text: difference.setting.key)
                object.append("first", difference.first)
                object.append("second", difference.second)
                Console.line(object.line)
            }
            var summary = JSONObject(kind: "summary")
            summary.append("first", text: first.name)
            summary.append("second", text: second.name)
            summary.append("differences", integer: differences.count)
            Console.line(summary.line)
        } else if differences.isEmpty {
            Console.line("\(first.name) and \(second.name) are set alike")
        } else {
            for line in Self.lines(differences, first.name, second.name) { Console.line(line) }
        }
        guard differences.isEmpty else { throw ExitStatus.degraded.code }
    }

    private func read(_ side: Side) throws -> NodeSettings {
        switch side {
        case .file(let path): return NodeSettings(try NodeConfigurationFile(path: path))
        case .node(let node):
            var mesh = try MeshDialogue(path: live.path)
            return try NodeSettings(of: node.id, &mesh)
        }
    }

    /// For people.
    static func lines(
        _ differences: [(setting: NodeSetting, first: JSONValue, second: JSONValue)],
        _ first: String,
        _ second: String
    ) -> [String] {
        let row = { (cells: [String]) in
            zip(cells, [22, 28, 0]).map { DecimalText.left($0, $1) }.joined(separator: " ")
        }
        return [row(["setting", first, second])]
            + differences.map { row([$0.setting.key, ConfigGet.text($0.first), ConfigGet.text($0.second)]) }
    }
}
