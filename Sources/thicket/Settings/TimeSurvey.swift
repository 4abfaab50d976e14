import ByteCoding
import MeshControl
import MeshWire

/// What time it is at every node (protocol §10.4).
struct TimeSurvey {
    /// What a node told, and when.
    private struct Answer {
        var time: GetTimeResult
        /// Seconds since 1970 of this machine's clock.
        var clock: UInt32
    }

    /// How many must answer.
    let expected: ExpectedNodes
    private var answers: [NodeID: Answer] = [:]

    init(expected: ExpectedNodes) { self.expected = expected }

    /// The question.
    static let request = ModuleMessage(sender: NodeID(0), receiver: .broadcast, content: .node(.getTime))

    /// Takes a message that may be an answer; the first of each node counts.
    mutating func take(_ message: MessageBytes, clock: UInt32) {
        guard let answer = try? ModuleMessage(bytes: message), case .node(.getTimeResult(let time)) = answer.content,
            answers[answer.sender] == nil
        else { return }
        answers[answer.sender] = Answer(time: time, clock: clock)
    }

    /// Whether waiting any longer changes nothing.
    var isDone: Bool { answers.count >= expected.count }
    /// Whether all nodes know the time.
    var passed: Bool { isDone && answers.values.allSatisfy { $0.time.syncState > 0 } }

    private var sorted: [(node: NodeID, answer: Answer)] {
        answers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// For people.
    var lines: [String] {
        var lines = [Self.row("node", "time", "offset s", "local", "state")]
        for (node, answer) in sorted {
            let time = answer.time
            let isKnown = time.syncState > 0
            lines.append(
                Self.row(
                    "\(node)",
                    isKnown ? UTCTime.text(time.time) : "-",
                    isKnown ? Self.signed(Self.offset(answer)) : "-",
                    isKnown ? UTCTime.offsetText(time.offset) : "-",
                    Self.word(time) + (time.isTimeMaster ? ", was set here" : "")
                )
            )
        }
        if !isDone { lines.append("\(answers.count) of \(expected.count) \(expected.noun) answer") }
        return lines
    }

    /// For programs: one object for each node.
    var objects: [JSONObject] {
        let nodes = sorted.map { node, answer in
            let isKnown = answer.time.syncState > 0
            var object = JSONObject(kind: "time")
            object.append("node", integer: node.rawValue)
            object.append("network_time", isKnown ? .unsigned(UInt64(answer.time.time)) : .null)
            object.append("offset_s", isKnown ? .integer(Self.offset(answer)) : .null)
            object.append("local_offset_min", integer: answer.time.offset)
            object.append("state", text: Self.word(answer.time))
            object.append("master", .bool(answer.time.isTimeMaster))
            return object
        }
        var summary = JSONObject(kind: "summary")
        summary.append("answers", integer: answers.count)
        summary.append("expected", integer: expected.count)
        summary.append("counted_by", text: expected.word)
        summary.append("passed", .bool(passed))
        return nodes + [summary]
    }

    /// How far a node is ahead of this machine's clock, in seconds.
    private static func offset(_ answer: Answer) -> Int64 { Int64(answer.time.time) - Int64(answer.clock) }

    private static func word(_ time: GetTimeResult) -> String {
        switch time.syncState {
        case 0: "not set"
        case 1: "set, not corrected yet"
        default: "set"
        }
    }

    private static func signed(_ number: Int64) -> String { number > 0 ? "+\(number)" : "\(number)" }

    private static func row(_ cells: String...) -> String {
        let widths = [5, 21, 9, 7, 0]
        return zip(cells, widths).map { DecimalText.left($0, $1) }.joined(separator: " ")
    }
}
