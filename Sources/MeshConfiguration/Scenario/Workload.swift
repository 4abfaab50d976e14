public import MeshWire

/// What messages of a scenario are for.
public enum WorkloadKind: String, CaseIterable, Sendable {
    /// A node is pinged and answers: the round trip counts.
    case ping
    /// A reading goes to the nearest sink.
    case report
    /// A message goes to everybody: each receiver counts.
    case broadcast
    /// A message goes to one node.
    case unicast
}

/// Messages that are sent again and again.
///
/// ```yaml
/// messages:
///   - { kind: ping, every: 20s }                       # each node pings one other, drawn from the seed every time
///   - { kind: report, every: 30s, bytes: 12 }          # each node that is no sink tells the nearest sink
///   - { kind: broadcast, every: 15s, from: [1] }       # node 1 tells everybody
///   - { kind: unicast, every: 5s, from: [2], to: 9 }
/// ```
public struct Workload: Sendable, Equatable {
    /// What the messages are for.
    public var kind: WorkloadKind
    /// From one message of a node to its next.
    public var periodMicroseconds: UInt64
    /// Who sends.
    public var from: [NodeReference]
    /// Who receives; nil: drawn from the seed for each message, or what follows from the kind.
    public var to: NodeID?
    /// Bytes behind the message header.
    public var bytes: Int
    /// When the first is sent.
    public var startMicroseconds: UInt64
    /// None is sent after.
    public var untilMicroseconds: UInt64

    /// Messages; `from` all nodes, unless told.
    public init(
        kind: WorkloadKind,
        periodMicroseconds: UInt64,
        from: [NodeReference] = [.all],
        to: NodeID? = nil,
        bytes: Int = 20,
        startMicroseconds: UInt64,
        untilMicroseconds: UInt64
    ) {
        self.kind = kind
        self.periodMicroseconds = periodMicroseconds
        self.from = from
        self.to = to
        self.bytes = bytes
        self.startMicroseconds = startMicroseconds
        self.untilMicroseconds = untilMicroseconds
    }
}

/// Reads the workloads of a scenario.
struct WorkloadReader {
    let duration: UInt64
    let nodes: NodeReferenceReader

    func workloads(_ list: Field) throws(ConfigurationError) -> [Workload] {
        var workloads: [Workload] = []
        for item in try list.items("entries with kind and every") {
            let keys = try item.section(ScenarioKeys.workload)
            let kind: WorkloadKind = try keys.required(
                "kind",
                WorkloadKind.allCases.map(\.rawValue).joined(separator: ", ")
            ).choice()
            let period = try keys.required("every", "a time such as 10s").duration(50_000...3_600_000_000)
            if kind == .report || kind == .broadcast, let to = keys.optional("to") {
                throw to.error("not with \(kind.rawValue)", allowed: "only beside kind: ping or unicast")
            }
            if kind == .ping, let bytes = keys.optional("bytes") {
                throw bytes.error("not with ping", allowed: "a ping has no content")
            }
            let start = try keys.optional("start")?.duration(0...duration) ?? period
            workloads.append(
                Workload(
                    kind: kind,
                    periodMicroseconds: period,
                    from: try keys.optional("from").map { field throws(ConfigurationError) in
                        try nodes.references(field, symbols: ["all", "sinks"])
                    } ?? [.all],
                    to: try keys.optional("to").map { field throws(ConfigurationError) in try nodes.id(field) },
                    bytes: try keys.optional("bytes")?.integer(4...100, unit: "bytes") ?? 20,
                    startMicroseconds: start,
                    untilMicroseconds: try keys.optional("until")?.duration(start...max(start, duration)) ?? duration
                )
            )
        }
        return workloads
    }
}
