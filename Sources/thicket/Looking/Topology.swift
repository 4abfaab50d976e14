import ArgumentParser
import MeshControl
import MeshWire

/// The links of the mesh.
struct Topology: ParsableCommand {
    /// Forms of the picture.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case tree, dot, graphml, netjson, mermaid, json
    }

    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Show which nodes of the mesh are linked, and where it is weak.",
        discussion: """
            The nodes are asked for their links, nearest first, which takes at most a tenth of what a link carries: four nodes \
            a second. Answers are kept, so that the next time is quick. With --weak they are also asked whom they hear, to \
            tell the failures that heal from those that do not: a node is a single point of failure if what it cuts off hears \
            nobody else. \
            Exit codes: 0 all nodes of the cluster answered, 1 not all, 3 daemon not reachable.

            Examples: thicket topology; thicket topology --weak; thicket topology --format dot | dot -Tsvg > mesh.svg
            """
    )

    @Option(help: "How it is shown: tree, dot, graphml, netjson, mermaid or json.")
    var format: Format?

    @Flag(help: "Tell what falls off when a node or a link fails, and where one more node would help most.")
    var weak = false

    @Option(
        help: ArgumentHelp("The node at the top of the tree, by id or name; by default this one.", valueName: "node")
    )
    var root: String?

    @OptionGroup var options: SurveyOptions
    @OptionGroup var live: LiveOptions

    func validate() throws {
        if live.json, let format, format != .json { throw ValidationError("--json and --format contradict each other") }
        if root != nil, shown != .tree { throw ValidationError("--root is for a tree") }
    }

    private var shown: Format { format ?? (live.json ? .json : .tree) }

    func run() throws {
        try options.show({ try options.survey(live, hearing: weak) }) { answers in
            let points = weak ? WeakPoints(answers.topology) : nil
            switch shown {
            case .tree:
                let root = try root.map { try answers.topology.node(called: $0).id }
                return TopologyLines(answers, weak: points).lines(root: root)
            case .json:
                return answers.objects.map(\.line) + (points?.objects.map(\.line) ?? [])
                    + (answers.summary.map { [$0.line] } ?? [])
            case .dot, .graphml, .netjson, .mermaid:
                return TopologyFormat(rawValue: shown.rawValue).map { [$0.text(answers.topology, weak: points)] } ?? []
            }
        }
    }
}

extension WeakPoints {
    /// For programs: one object for each node and link that cuts something off, and one for the whole.
    fileprivate var objects: [JSONObject] {
        var objects = nodes.map { node in
            var object = JSONObject(kind: "weak_node")
            object.append("node", integer: node.node.rawValue)
            object.append("falls_off", integer: node.fallsOff)
            object.append("stays_off", integer: node.staysOff)
            return object
        }
        objects += links.map { link in
            var object = JSONObject(kind: "weak_link")
            object.append("first", integer: link.first.rawValue)
            object.append("second", integer: link.second.rawValue)
            object.append("falls_off", integer: link.fallsOff)
            object.append("stays_off", integer: link.staysOff)
            return object
        }
        var object = JSONObject(kind: "weakness")
        object.append("single_points", integer: singlePoints.count)
        object.append("listeners", integer: listeners)
        object.append("strangers", .list(strangers.map { .unsigned(UInt64($0.rawValue)) }))
        object.append("help_beside", .optional(place) { .unsigned(UInt64($0.beside.rawValue)) })
        object.append("help_near", .list(place.map { [$0.near, $0.and].map { .unsigned(UInt64($0.rawValue)) } } ?? []))
        object.append("help_saves", .optional(place) { .integer(Int64($0.saves)) })
        return objects + [object]
    }
}
