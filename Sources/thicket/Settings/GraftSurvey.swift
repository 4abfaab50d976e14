import ByteCoding
import MeshControl
import MeshCore
import MeshWire

/// Which nodes say among their capabilities that they can graft.
struct GraftSurvey {
    /// What a node said.
    struct Answer: Equatable {
        /// Revision of the graft capability; nil if the node has not told it.
        var graft: String?
        /// Name and revision of the program, from the first entry.
        var program: String?
        /// Indexes of the entries that came.
        var entries: Set<UInt32> = []
        /// How many there are, as the node says behind the last.
        var amount: UInt32?

        /// Whether the node can graft; nil while entries are missing that might say so.
        var can: Bool? {
            if let graft { return graft == Node.graftCapabilityRevision }
            guard let amount, entries.count >= amount else { return nil }
            return false
        }
    }

    /// How many must answer.
    let expected: ExpectedNodes
    private(set) var answers: [UInt16: Answer] = [:]

    init(expected: ExpectedNodes) { self.expected = expected }

    /// The question.
    static let request = Capability(sender: NodeID(0), receiver: .broadcast, content: .request)

    /// Takes a message that may be an answer.
    mutating func take(_ message: MessageBytes) {
        guard let capability = try? Capability(bytes: message), capability.sender.rawValue > 0 else { return }
        let node = capability.sender.rawValue
        switch capability.content {
        case .entry(let entry):
            answers[node, default: Answer()].entries.insert(entry.index)
            let model = Self.text(entry.model.array)
            let revision = Self.text(entry.revision.array)
            if model == Node.graftCapability { answers[node]?.graft = revision }
            if entry.index == 0 { answers[node]?.program = "\(model) \(revision)" }
        case .end(let amount): answers[node, default: Answer()].amount = amount
        case .request, .unknown: return
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Nodes that can graft.
    var ableCount: Int { answers.values.count { $0.can == true } }
    /// Nodes that cannot.
    var unableCount: Int { answers.values.count { $0.can == false } }
    /// Whether as many nodes as there are can graft, and none cannot.
    var passed: Bool { ableCount >= expected.count && ableCount == answers.count }
    /// Whether waiting any longer changes nothing.
    var isDone: Bool { answers.count >= expected.count && answers.values.allSatisfy { $0.can != nil } }

    // MARK: - Output

    /// For people.
    func lines(waited seconds: Int) -> [String] {
        var lines = ["node   graft   program"]
        for (node, answer) in answers.sorted(by: { $0.key < $1.key }) {
            let word = answer.can.map { $0 ? "yes" : "no" } ?? "unknown"
            lines.append(
                DecimalText.left("\(node)", 6) + " " + DecimalText.left(word, 7) + " "
                    + String((answer.program ?? "-").prefix(60))
            )
        }
        if passed {
            lines.append("all \(ableCount) \(expected.noun) can graft")
            return lines
        }
        var text = "\(ableCount) of \(expected.count) \(expected.noun) can graft"
        if unableCount > 0 { text += ", \(unableCount) cannot" }
        let silent = max(0, expected.count - ableCount - unableCount)
        if silent > 0 { text += ", \(silent) did not say so within \(seconds) s" }
        return lines + [text]
    }

    /// For programs.
    func objects() -> [JSONObject] {
        var objects: [JSONObject] = []
        for (node, answer) in answers.sorted(by: { $0.key < $1.key }) {
            var object = JSONObject(kind: "node")
            object.append("node", integer: node)
            object.append("graft", .optional(answer.can) { .bool($0) })
            object.append("program", .optional(answer.program) { .text($0) })
            objects.append(object)
        }
        var object = JSONObject(kind: "check")
        object.append("expected", integer: expected.count)
        object.append("counted_by", text: expected.word)
        object.append("answered", integer: answers.count)
        object.append("able", integer: ableCount)
        object.append("passed", .bool(passed))
        return objects + [object]
    }
}
