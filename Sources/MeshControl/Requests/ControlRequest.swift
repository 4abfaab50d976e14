import ByteCoding
package import MeshConfiguration
import MeshCore
package import MeshWire

/// What a client of the control socket asks for: one JSON object in one line.
///
/// `{"id":1,"request":"status"}`. The id comes back in every line of the answer; it may be left out.
package struct ControlRequest: Equatable, Sendable {
    /// What is wanted.
    package enum Verb: Equatable, Sendable {
        /// How the node is, in one object.
        case status
        /// Its links, one object each.
        case links
        /// Its neighbours that are heard but not linked, one object each.
        case neighbors
        /// Why it is linked as it is, one object for each reason and decision.
        case why(WhyQuestion)
        /// The nodes and links of the mesh, as far as they can be asked for: one object each, and how far it is before.
        case survey(SurveyRequest)
        /// What happens, one object each, until the client goes.
        case monitor(EventFilter)
        /// Send a message, given as the bytes that go over a link (protocol §5.5).
        case send(MessageBytes)
        /// Log from this level on: `debug`, `info`, `warning` or `error`.
        case log(level: LogLevel)
        /// Record what the node is told, or tell whether that is done.
        case record(RecordOrder)
        /// Capture the packets between host and controller, or tell whether that is done.
        case capture(CaptureOrder)
        /// Something else that the node shall do.
        case order(NodeOrder)

        /// What a client must be allowed for it.
        var neededRights: ControlRights {
            switch self {
            case .status, .links, .neighbors, .why, .survey, .monitor, .record(.status), .capture(.status): .use
            case .send(let message): .needed(toSend: message)
            case .log, .record, .capture, .order: .change
            }
        }
    }

    /// Chosen by the client, if it wants to tell answers apart.
    package var id: UInt64?
    /// What is wanted.
    package var verb: Verb

    private enum Name: String, CaseIterable {
        case status, links, neighbors, why, survey, monitor, send, log, record, capture
        case sendRaw = "send_raw"
        case setTime = "set_time"
        case reset, discovery, disconnect
    }

    /// The names of all verbs.
    static var verbs: [String] { Name.allCases.map(\.rawValue) }

    /// The keys that some verb has.
    static let keys =
        [
            "id", "request", "bytes", "level", "events", "node", "since_s", "link", "cluster", "order", "hearing",
            "devices", "max_age_s", "wait_s",
        ] + NodeOrder.keys

    /// The id of a line that is no request otherwise, nil if it has none.
    static func id(of line: String) -> UInt64? {
        guard let document = try? DocumentNode(json: line, file: "request"),
            let keys = try? Field(document: document, file: "request").section([], ignoringOthers: true)
        else { return nil }
        return try? keys.optional("id")?.integer(0...UInt64.max)
    }

    /// Reads one line.
    ///
    /// - Throws: what is wrong with it.
    package init(line: String) throws(ConfigurationError) {
        let document = Field(document: try DocumentNode(json: line, file: "request"), file: "request")
        let keys = try document.section(Self.keys)
        id = try keys.optional("id")?.integer(0...UInt64.max)
        let name: Name = try keys.required("request", Self.verbs.joined(separator: ", ")).choice()
        switch name {
        case .status: verb = .status
        case .links: verb = .links
        case .neighbors: verb = .neighbors
        case .why: verb = .why(try WhyQuestion(keys))
        case .survey: verb = .survey(try SurveyRequest(keys))
        case .monitor: verb = .monitor(try EventFilter(keys))
        case .send: verb = .send(try Self.message(keys))
        case .log:
            verb = .log(level: try keys.required("level", "debug, info, warning, error").choice())
        case .capture: verb = .capture(try keys.optional("order")?.choice() ?? .status)
        case .record: verb = .record(try keys.optional("order")?.choice() ?? .status)
        case .sendRaw: verb = .order(.sendRaw(try Self.message(keys)))
        case .setTime: verb = .order(try .setTime(keys))
        case .reset: verb = .order(try .reset(keys))
        case .discovery: verb = .order(.discovery(running: try keys.required("running", "true, false").flag()))
        case .disconnect: verb = .order(try .disconnect(keys))
        }
    }

    /// The message of a request, whole.
    private static func message(_ keys: Section) throws(ConfigurationError) -> MessageBytes {
        let size = MessageHeader.encodedSize...Limits.messageBytes
        return MessageBytes(try keys.required("bytes", "a message in hexadecimal").bytes(size))
    }
}
