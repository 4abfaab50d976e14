package import MeshCore
package import MeshWire
package import RadioPort

/// What a node decided of late, and why: a bounded memory over its trace values.
///
/// ```swift
/// var log = DecisionLog()
/// for case .trace(let event) in outputs.items { log.record(event, at: now) }
/// for entry in log.entries { print(entry.explanation.sentence) }
/// ```
///
/// What repeats is one entry with a count. At a limit the oldest goes, and is counted as dropped.
package struct DecisionLog {
    /// A decision, and how often it was taken in a row.
    package struct Entry: Equatable {
        /// What was said of it last.
        package var explanation: Explanation
        /// When it was taken first.
        package var firstAt: Instant
        /// When it was taken last.
        package var lastAt: Instant
        /// How often.
        package var count: Int
    }

    /// A neighbour as it was judged last.
    package struct Known: Equatable {
        /// When.
        package var at: Instant
        /// How.
        package var judgement: Judgement
    }

    /// Decisions remembered.
    package static let entriesMax = 200
    /// Neighbours remembered.
    package static let neighboursMax = 64
    /// How many entries back a repetition is looked for: what goes on all the time is a round of a few decisions.
    static let roundMax = 8

    /// Decisions, the one taken longest ago first.
    package private(set) var entries: [Entry] = []
    /// Neighbours, the one judged longest ago first.
    package private(set) var neighbours: [Known] = []
    /// Decisions that were forgotten.
    package private(set) var droppedEntries: UInt64 = 0
    /// Neighbours that were forgotten.
    package private(set) var droppedNeighbours: UInt64 = 0
    private(set) var context = TraceContext()

    /// A log of nothing.
    package init() {}

    /// Takes a trace value of the node.
    ///
    /// - Returns: what it says, nil if that is nothing or what was said just before.
    @discardableResult
    package mutating func record(_ event: TraceEvent, at now: Instant) -> Explanation? {
        context.learn(event)
        if case .candidate(let judgement) = event { return record(judgement, at: now) }
        guard let explanation = event.explanation(context) else { return nil }
        let repeated = entries.indices.suffix(Self.roundMax).last { entries[$0].explanation.repeats(explanation) }
        var entry = Entry(explanation: explanation, firstAt: now, lastAt: now, count: 1)
        if let repeated {
            entry.firstAt = entries[repeated].firstAt
            entry.count += entries[repeated].count
            entries.remove(at: repeated)
        } else if entries.count >= Self.entriesMax {
            entries.removeFirst()
            droppedEntries += 1
        }
        entries.append(entry)
        return repeated == nil ? explanation : nil
    }

    private mutating func record(_ judgement: Judgement, at now: Instant) -> Explanation? {
        let explanation = judgement.explanation()
        let said = self.judgement(of: judgement.node)?.judgement.explanation()
        if let index = neighbours.firstIndex(where: { $0.judgement.node == judgement.node }) {
            neighbours.remove(at: index)
        } else if neighbours.count >= Self.neighboursMax {
            neighbours.removeFirst()
            droppedNeighbours += 1
        }
        neighbours.append(Known(at: now, judgement: judgement))
        return said?.rule == explanation.rule ? nil : explanation
    }

    // MARK: - Questions

    /// How a neighbour was judged last; nil: never, or it was forgotten.
    package func judgement(of node: NodeID) -> Known? { neighbours.first { $0.judgement.node == node } }

    /// Decisions about a node, the one taken longest ago first.
    package func entries(about node: NodeID) -> [Entry] { entries.filter { $0.explanation.node == node } }

    /// Decisions about a link, the one taken longest ago first.
    package func entries(about link: LinkID) -> [Entry] { entries.filter { $0.explanation.link == link } }

    /// Decisions about the cluster, the one taken longest ago first.
    package var clusterEntries: [Entry] { entries.filter(\.explanation.concernsCluster) }
}

extension Explanation {
    /// Whether it says the same thing again, be it with other numbers or about the next link to the same node.
    fileprivate func repeats(_ other: Explanation) -> Bool {
        rule == other.rule && node == other.node && concernsCluster == other.concernsCluster
    }
}
