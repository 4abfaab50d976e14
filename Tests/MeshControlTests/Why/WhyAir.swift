import MeshWire
import RadioPort
import Testing

@testable import MeshControl
@testable import MeshCore

/// Answers of the nodes of a small air.
extension TestAir {
    /// What a node decided since it was switched on.
    func log(_ index: Int) -> DecisionLog {
        var log = DecisionLog()
        for (event, at) in zip(traces[index], tracedAt[index]) { log.record(event, at: at) }
        return log
    }

    func report(_ index: Int) -> WhyReport {
        let radio = RadioSummary(kind: "fake", adapter: "none")
        let surroundings = NodeSurroundings(name: nil, radio: radio, startedAt: Instant(microseconds: 1_000_000))
        return WhyReport(nodes[index], log(index), at: now, in: surroundings)
    }

    func neighbours(_ index: Int) -> [NeighbourReport.Row] { NeighbourReport(of: nodes[index], at: now).rows }

    /// The rule that decides about a neighbour, as `neighbors` tells it.
    func rule(_ index: Int, about id: UInt16) -> String? {
        neighbours(index).first { $0.node == NodeID(id) }?.explanation.rule
    }

    /// Rules and sentences of an answer.
    func answer(_ index: Int, _ question: WhyQuestion) -> [(rule: String, sentence: String)] {
        report(index).answer(question).map { ($0.text("rule"), $0.text("sentence")) }
    }

    /// The first line of the answer about a node.
    func why(_ index: Int, _ id: UInt16) throws -> (rule: String, sentence: String) {
        try #require(answer(index, .node(NodeID(id))).first)
    }

    func summary(_ index: Int) -> Explanation { report(index).summary }

    /// Rules of everything that was decided about a node.
    func rules(_ index: Int, about id: UInt16) -> Set<String> {
        Set(log(index).entries(about: NodeID(id)).map(\.explanation.rule))
    }
}

extension JSONObject {
    /// A value for people; empty if there is none.
    func text(_ key: String) -> String { pairs.first { $0.key == key }?.value.plainText ?? "" }
}
