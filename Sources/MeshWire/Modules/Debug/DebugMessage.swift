public import ByteCoding

/// Tests and measurements: module 7 (protocol §10.9, selected actions).
///
/// | type | action | case                       | payload           |
/// |------|-------:|----------------------------|-------------------|
/// | 51   |      1 | resetConnectionLossCounter | empty             |
/// | 51   |      3 | getStatistics              | empty             |
/// | 51   |      6 | ping                       | empty             |
/// | 51   |      9 | leafPing                   | LeafPing          |
/// | 51   |     14 | getJoinMeBuffer            | empty             |
/// | 51   |     16 | sendMaximumMessage         | empty             |
/// | 51   |     17 | startCounter               | StartCounter      |
/// | 51   |     18 | counter                    | UInt32            |
/// | 52   |      3 | statistics                 | DebugStatistics   |
/// | 52   |      6 | pingResponse               | empty             |
/// | 52   |      9 | leafPingResponse           | LeafPing          |
/// | 52   |     10 | joinMeBufferEntry          | JoinMeBufferEntry |
/// | 52   |     16 | maximumMessage             | bytes             |
public enum DebugMessage: ModulePayload {
    /// Sets the counter of lost connections to 0.
    case resetConnectionLossCounter
    /// Asks for ``DebugStatistics``.
    case getStatistics
    /// Asks for an answer.
    case ping
    /// Asks all leaves of the tree for an answer.
    case leafPing(LeafPing)
    /// Asks for all entries of the JOIN_ME buffer.
    case getJoinMeBuffer
    /// Asks for a message of the maximum size.
    case sendMaximumMessage
    /// Asks for numbers that count up.
    case startCounter(StartCounter)
    /// A number that counts up.
    case counter(value: UInt32)
    /// Connection counters.
    case statistics(DebugStatistics)
    /// The answer to a ping.
    case pingResponse
    /// A leaf answers.
    case leafPingResponse(LeafPing)
    /// One entry of the JOIN_ME buffer.
    case joinMeBufferEntry(JoinMeBufferEntry)
    /// Byte i is (i mod 50) + 100.
    case maximumMessage(InlineBytes<192>)

    init?(
        type: MessageType,
        actionType: UInt8,
        from reader: inout ByteReader
    ) throws(CodingError) {
        switch (type, actionType) {
        case (.moduleTriggerAction, 1): self = .resetConnectionLossCounter
        case (.moduleTriggerAction, 3): self = .getStatistics
        case (.moduleTriggerAction, 6): self = .ping
        case (.moduleTriggerAction, 9): self = .leafPing(try LeafPing(from: &reader))
        case (.moduleTriggerAction, 14): self = .getJoinMeBuffer
        case (.moduleTriggerAction, 16): self = .sendMaximumMessage
        case (.moduleTriggerAction, 17): self = .startCounter(try StartCounter(from: &reader))
        case (.moduleTriggerAction, 18): self = .counter(value: try reader.read())
        case (.moduleActionResponse, 3): self = .statistics(try DebugStatistics(from: &reader))
        case (.moduleActionResponse, 6): self = .pingResponse
        case (.moduleActionResponse, 9): self = .leafPingResponse(try LeafPing(from: &reader))
        case (.moduleActionResponse, 10): self = .joinMeBufferEntry(try JoinMeBufferEntry(from: &reader))
        case (.moduleActionResponse, 16): self = .maximumMessage(try reader.readAvailable())
        default: return nil
        }
    }

    var code: ModuleActionCode {
        switch self {
        case .resetConnectionLossCounter: ModuleActionCode(type: .moduleTriggerAction, actionType: 1)
        case .getStatistics: ModuleActionCode(type: .moduleTriggerAction, actionType: 3)
        case .ping: ModuleActionCode(type: .moduleTriggerAction, actionType: 6)
        case .leafPing: ModuleActionCode(type: .moduleTriggerAction, actionType: 9)
        case .getJoinMeBuffer: ModuleActionCode(type: .moduleTriggerAction, actionType: 14)
        case .sendMaximumMessage: ModuleActionCode(type: .moduleTriggerAction, actionType: 16)
        case .startCounter: ModuleActionCode(type: .moduleTriggerAction, actionType: 17)
        case .counter: ModuleActionCode(type: .moduleTriggerAction, actionType: 18)
        case .statistics: ModuleActionCode(type: .moduleActionResponse, actionType: 3)
        case .pingResponse: ModuleActionCode(type: .moduleActionResponse, actionType: 6)
        case .leafPingResponse: ModuleActionCode(type: .moduleActionResponse, actionType: 9)
        case .joinMeBufferEntry: ModuleActionCode(type: .moduleActionResponse, actionType: 10)
        case .maximumMessage: ModuleActionCode(type: .moduleActionResponse, actionType: 16)
        }
    }

    func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .resetConnectionLossCounter, .getStatistics, .ping, .getJoinMeBuffer, .sendMaximumMessage, .pingResponse:
            break
        case .leafPing(let value), .leafPingResponse(let value):
            try value.encode(into: &writer)
        case .startCounter(let value):
            try value.encode(into: &writer)
        case .counter(let value):
            try writer.write(value)
        case .statistics(let value):
            try value.encode(into: &writer)
        case .joinMeBufferEntry(let value):
            try value.encode(into: &writer)
        case .maximumMessage(let value):
            try writer.write(value)
        }
    }
}
