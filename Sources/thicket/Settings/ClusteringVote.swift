import ByteCoding
import MeshControl
import MeshWire

/// What nodes answer to an announced change of the clustering mode.
struct ClusteringVote {
    /// How many must answer.
    let expected: ExpectedNodes
    /// Tells answers to this request from others.
    let handle: UInt8
    private(set) var codes: [UInt16: ModuleConfigCode] = [:]

    init(expected: ExpectedNodes, handle: UInt8) {
        self.expected = expected
        self.handle = handle
    }

    /// The announcement.
    func request(_ change: ClusteringChange, to receiver: NodeID = .broadcast) throws -> ModuleMessage {
        ModuleMessage(
            sender: NodeID(0),
            receiver: receiver,
            requestHandle: handle,
            content: .configuration(ClusteringChange.module, .setConfig(try change.encoded()))
        )
    }

    /// Takes a message that may be an answer.
    mutating func take(_ message: MessageBytes) {
        guard let answer = try? ModuleMessage(bytes: message), answer.requestHandle == handle,
            case .configuration(ClusteringChange.module, .setConfigResult(let code)) = answer.content
        else { return }
        codes[answer.sender.rawValue] = code
    }

    /// Nodes that agree.
    var acceptedCount: Int { codes.values.count { $0 == .ok } }
    /// Whether all do.
    var passed: Bool { acceptedCount >= expected.count && acceptedCount == codes.count }
    /// Whether waiting any longer changes nothing.
    var isDone: Bool { codes.count >= expected.count }

    /// Nodes that do not agree, for people.
    var refusals: [String] {
        codes.filter { $0.value != .ok }.sorted { $0.key < $1.key }.map { "node \($0.key): \(Self.word($0.value))" }
    }

    private static func word(_ code: ModuleConfigCode) -> String {
        switch code {
        case .timeNotSet: "does not know the time"
        case .timePassed: "that time has passed"
        case .notForAll: "only for one node"
        case .wrongConfiguration: "does not understand the change"
        default: "refused with code \(code.rawValue)"
        }
    }

    /// For programs, one object for each node.
    func objects() -> [JSONObject] {
        codes.sorted { $0.key < $1.key }.map { node, code in
            var object = JSONObject(kind: "answer")
            object.append("node", integer: node)
            object.append("accepted", .bool(code == .ok))
            object.append("code", integer: code.rawValue)
            return object
        }
    }
}
