import ByteCoding
import MeshCapture
import MeshControl
import MeshCore
import MeshWire
import RadioPort

/// Shows a replay, for people or for programs.
struct ReplayView {
    let isJSON: Bool
    private var decisions = DecisionLog()

    init(isJSON: Bool) { self.isJSON = isJSON }

    // MARK: - The recording

    /// What is going to be replayed.
    func show(_ recording: RecordingReader) {
        let header = recording.header
        let beganAt = UInt32(exactly: header.beganAt).flatMap { $0 > 0 ? $0 : nil }
        if isJSON {
            var object = JSONObject(kind: "recording")
            object.append("node", integer: header.identity.node.rawValue)
            object.append("network", integer: header.identity.network.rawValue)
            object.append("version", text: header.program)
            object.append("began_at", .optional(beganAt) { .unsigned(UInt64($0)) })
            object.append("seed", .unsigned(header.seed))
            object.append("clustering", text: header.configuration.clustering.rawValue)
            object.append("has_keys", .bool(header.includesKeys))
            object.append("bytes", integer: recording.size)
            return Console.line(object.line)
        }
        let began = beganAt.map { "on \(UTCTime.text($0))" } ?? "in a simulation"
        show(
            "recorded",
            "node \(header.identity.node) of network \(header.identity.network), \(began) by version \(header.program), "
                + "\(recording.size) bytes"
        )
    }

    // MARK: - Decisions

    /// What one output of the node says of its decisions; and what it delivered, as `thicket monitor` tells that.
    mutating func explain(_ output: Output, at microseconds: UInt64) {
        switch output {
        case .trace(let event):
            guard let explanation = decisions.record(event, at: Instant(microseconds: microseconds)) else { return }
            guard !isJSON else { return Console.line(explanation.object("replay", at: microseconds).line) }
            let time = DecimalText.right(DecimalText.seconds(microseconds), 12) + " s  "
            for line in FoldedText.lines(time + explanation.sentence, indent: 16) { Console.line(line) }
        case .deliver(let message):
            var object = JSONObject(kind: "event")
            object.append("at_s", .seconds(microseconds))
            object.append(contentsOf: ["trace": "delivered", "bytes": .text(message.description)])
            if isJSON {
                Console.line(object.line)
            } else if let line = ControlAnswer(object.line).flatMap(Monitor.line) {
                Console.line(line)
            }
        case .radio, .persist, .restart, .needsEntropy: return
        }
    }

    // MARK: - The result

    /// What became of it.
    func show(_ replay: Replay) {
        let links = replay.node.linkViews.map { LinkReport.object($0, replay.now) }
        if isJSON {
            for object in [result(of: replay), state(of: replay)] + links { Console.line(object.line) }
            return
        }
        show("inputs", inputs(of: replay))
        show(replay.difference == nil ? "identical" : "differs", verdict(of: replay))
        if replay.difference != nil, replay.header.program != Version.text {
            show("version", "\(replay.header.program) recorded, \(Version.text) replays: it may be meant to differ")
        }
        if let ending = ending(of: replay) { show("end", ending) }
        show("state", describe(replay))
        for line in Links.lines(links.compactMap { ControlAnswer($0.line) }) { Console.line(line) }
    }

    private func show(_ title: String, _ text: String) {
        for line in FoldedText.lines(DecimalText.left(title, 10) + text, indent: 10) { Console.line(line) }
    }

    private func inputs(of replay: Replay) -> String {
        let kinds = Self.counts(of: replay).map { "\($0.count) \($0.kind)" }
        return "\(replay.inputs) in \(DecimalText.seconds(replay.span)) s"
            + (kinds.isEmpty ? "" : ": " + kinds.joined(separator: ", "))
    }

    private func verdict(of replay: Replay) -> String {
        let proven = "\(replay.checkpoints) checkpoint\(replay.checkpoints == 1 ? "" : "s")"
        guard let difference = replay.difference else {
            let whole = replay.stop.map { if case .ended = $0 { true } else { false } } == true
            return "\(whole ? "all " : "")\(replay.inputs) inputs to \(DecimalText.seconds(replay.span)) s, \(proven)"
        }
        return
            "at input \(difference.input) (\(difference.kind)), \(DecimalText.seconds(replay.time(of: difference.at))) s; "
            + "\(proven) before it agree\(replay.checkpoints == 1 ? "s" : "")"
    }

    /// Why there was no more to replay; nil if it was asked to stop.
    private func ending(of replay: Replay) -> String? {
        switch replay.stop {
        case .ended(.stopped): "the recording was stopped"
        case .ended(.full): "the recording was full"
        case .ended(.restarted): "the node was restarted"
        case .ended(.inputTooLong): "an input was too long to be recorded"
        case .unfinished: "none: the recorder was killed, or still runs"
        case .damaged(let damage): "none: \(damage)"
        case .asked, nil: nil
        }
    }

    private func describe(_ replay: Replay) -> String {
        let node = replay.node
        let mode = node.configuration.clustering
        let rank = mode == .graft ? ", rank \(node.clusterKey.rank)\(node.isRoot ? ", root" : "")" : ""
        return
            "at \(DecimalText.seconds(replay.span)) s: cluster \(node.clusterID.rawValue), \(node.clusterSize) nodes, "
            + "\(mode.rawValue)\(rank)"
    }

    private func result(of replay: Replay) -> JSONObject {
        var object = JSONObject(kind: "result")
        object.append("identical", .bool(replay.difference == nil))
        object.append("inputs", integer: replay.inputs)
        object.append("span_s", .seconds(replay.span))
        object.append("checkpoints", integer: replay.checkpoints)
        object.append("proven_inputs", integer: replay.provenInputs)
        object.append("proven_s", .optional(replay.provenAt) { .seconds(replay.time(of: $0)) })
        object.append(
            "difference",
            .optional(replay.difference) {
                .object([
                    "input": .integer(Int64($0.input)), "kind": .text("\($0.kind)"),
                    "at_s": .seconds(replay.time(of: $0.at)),
                ])
            }
        )
        object.append("end", text: Self.word(replay.stop))
        if case .damaged(let damage) = replay.stop {
            object.append("unusable_bytes", integer: damage.bytes)
        } else {
            object.append("unusable_bytes", integer: 0)
        }
        var counts = JSONObject()
        for (kind, count) in Self.counts(of: replay) { counts.append("\(kind)", integer: count) }
        object.append("counts", .object(counts))
        return object
    }

    private func state(of replay: Replay) -> JSONObject {
        let node = replay.node
        let edges = node.linkViews.filter(\.isMeshEdge)
        let isGraft = node.configuration.clustering == .graft
        var object = JSONObject(kind: "state")
        object.append("at_s", .seconds(replay.span))
        object.append("up", .bool(node.isUp))
        object.append("cluster", integer: node.clusterID.rawValue)
        object.append("cluster_size", integer: node.clusterSize)
        object.append("clustering", text: node.configuration.clustering.rawValue)
        object.append("rank", isGraft ? .unsigned(UInt64(node.clusterKey.rank)) : .null)
        object.append("root", isGraft ? .bool(node.isRoot) : .null)
        object.append("links_in", integer: edges.count { $0.role == .peripheral })
        object.append("links_out", integer: edges.count { $0.role == .central })
        object.append("master_bits", integer: edges.count(where: \.masterBit))
        return object
    }

    private static func counts(of replay: Replay) -> [(kind: RecordKind, count: Int)] {
        RecordKind.allCases.compactMap { kind in replay.counts[kind].map { (kind, $0) } }
    }

    private static func word(_ stop: Replay.Stop?) -> String {
        switch stop {
        case .ended(let end): "\(end)"
        case .unfinished: "unfinished"
        case .damaged(let damage): "\(damage.kind)"
        case .asked, nil: "asked"
        }
    }
}
