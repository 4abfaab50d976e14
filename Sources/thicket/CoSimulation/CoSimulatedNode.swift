import ByteCoding
import MeshConfiguration
import MeshControl
import MeshCore
import MeshCrypto
import MeshSimulator
import MeshWire
import RadioPort

/// One node in virtual time: takes a line, answers with lines.
///
/// The node is powered on at the instant of the first line, which must be `ready`. What the node would take from the
/// system's random generator comes from the seed as well, so that a session can be repeated.
struct CoSimulatedNode {
    private var node: Node
    private var outputs = Outputs()
    private var digest = OutputDigest()
    private var entropy: SeededGenerator
    private var stored = PersistentState()
    private var now: Instant?
    private var lineNumber = 0
    /// Whether all lines so far made sense.
    private(set) var isGood = true
    private let isTracing: Bool

    /// A number far from the streams that nodes draw from.
    private static let entropyStream: UInt64 = 0xE117_0000

    /// A node that has not been powered on.
    ///
    /// - Parameters:
    ///   - file: who it is.
    ///   - seed: where its randomness comes from.
    ///   - tracing: whether trace lines are wanted.
    init(_ file: NodeConfigurationFile, seed: UInt64, tracing: Bool) {
        var identity = file.identity
        // Other implementations on the same air have the keys of stock builds.
        if file.deviceKey == nil { identity.keys.node = NodeKeys().node }
        node = Node(
            identity: identity,
            configuration: file.behaviour(tracing: tracing),
            seed: seed,
            cipher: AES128.cipher
        )
        entropy = SeededGenerator(seed: seed, stream: Self.entropyStream)
        isTracing = tracing
    }

    /// Takes a line of input.
    ///
    /// - Parameter text: one JSON object.
    /// - Returns: the node's answer, or one line that says what is wrong; the node has not noticed then.
    mutating func take(_ text: String) -> [JSONObject] {
        lineNumber += 1
        do {
            let line = try EventLine(text)
            try check(line)
            return answer(line)
        } catch {
            isGood = false
            return [["kind": "error", "line": .integer(Int64(lineNumber)), "text": .text(error.message)]]
        }
    }

    private func check(_ line: EventLine) throws(ConfigurationError) {
        guard let now else {
            guard case .radio(.ready) = line.content else {
                throw ConfigurationError(
                    file: "line",
                    key: "event",
                    problem: "the radio is not ready",
                    allowed: "ready"
                )
            }
            return
        }
        guard line.at >= now else {
            throw ConfigurationError(
                file: "line",
                key: "at_us",
                problem: "time runs backwards: \(line.at.microseconds)",
                allowed: "\(now.microseconds) or later"
            )
        }
    }

    private mutating func answer(_ line: EventLine) -> [JSONObject] {
        if now == nil {
            node.handle(.started(boot: BootRecord()), at: line.at, into: &outputs)
        }
        now = line.at
        switch line.content {
        case .radio(let event): node.handle(.radio(event), at: line.at, into: &outputs)
        case .wake: node.handle(.wake, at: line.at, into: &outputs)
        }
        var lines = drain(at: line.at)
        lines.append([
            "at_us": .unsigned(line.at.microseconds), "done": true,
            "deadline_us": .optional(node.nextDeadline) { .unsigned($0.microseconds) },
            "digest": .text(Hex.encode(digest.value)),
        ])
        return lines
    }

    /// Turns outputs into lines, and does what the node asks of the machine around it.
    private mutating func drain(at now: Instant) -> [JSONObject] {
        var lines: [JSONObject] = []
        while !outputs.isEmpty {
            let items = outputs.items
            outputs.removeAll()
            for output in items {
                digest.add(output, node: node.identity.node.rawValue, at: now)
                switch output {
                case .radio(let command): lines.append(command.line(at: now))
                case .deliver(let message):
                    if isTracing {
                        lines.append(trace(["trace": "delivered", "bytes": .text(message.description)], at: now))
                    }
                case .persist(let state): stored = state
                case .restart(let reason):
                    // Whoever plays the radio drops all links of the node; it goes on with the same radio.
                    lines.append([
                        "at_us": .unsigned(now.microseconds), "restarted": true, "reason": .unsigned(UInt64(reason)),
                    ])
                    node.handle(.started(boot: BootRecord(reason: reason, stored: stored)), at: now, into: &outputs)
                case .needsEntropy:
                    var bytes = InlineBytes<32>()
                    for _ in 0..<32 { bytes.append(UInt8(truncatingIfNeeded: entropy.next())) }
                    node.handle(.entropy(bytes), at: now, into: &outputs)
                case .trace(let event):
                    if isTracing { lines.append(trace(event.fields, at: now)) }
                }
            }
        }
        return lines
    }

    private func trace(_ fields: JSONObject, at now: Instant) -> JSONObject {
        var object: JSONObject = ["at_us": .unsigned(now.microseconds)]
        object.append(contentsOf: fields)
        return object
    }
}
