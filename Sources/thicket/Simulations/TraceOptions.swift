import ArgumentParser
import MeshWire

/// What of the thoughts of the nodes is written.
struct TraceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write what every node thinks to a file, one JSON object per line.",
            valueName: "FILE"
        ),
        completion: .file()
    )
    var trace: String?

    @Option(
        name: .customLong("trace-nodes"),
        help: ArgumentHelp("Only of these nodes, such as 3,7.", valueName: "NODES"),
        transform: TraceFilter.nodes(_:)
    )
    var nodes: Set<UInt16> = []

    @Option(
        name: .customLong("trace-links"),
        help: ArgumentHelp("Only what one end thinks of the other, such as 3-7,7-9.", valueName: "LINKS"),
        transform: TraceFilter.links(_:)
    )
    var links: Set<TraceFilter.Link> = []

    @Option(
        name: .customLong("trace-kinds"),
        help: ArgumentHelp("Only these events, such as linkDown,handshakeDone.", valueName: "KINDS"),
        transform: TraceFilter.kinds(_:)
    )
    var kinds: Set<String> = []

    var filter: TraceFilter { TraceFilter(nodes: nodes, links: links, kinds: kinds) }

    func validate() throws {
        guard trace == nil, !nodes.isEmpty || !links.isEmpty || !kinds.isEmpty else { return }
        throw ValidationError("--trace-nodes, --trace-links and --trace-kinds go with --trace")
    }
}
