public import ByteCoding

/// What the node itself is asked and tells: module 0 (protocol §10.2).
///
/// | type | action | case                          | payload                 |
/// |------|-------:|-------------------------------|-------------------------|
/// | 51   |      0 | setDiscovery                  | UInt8                   |
/// | 51   |      1 | reset                         | UInt8                   |
/// | 51   |      2 | setPreferredConnections       | SetPreferredConnections |
/// | 51   |      3 | ping                          | empty                   |
/// | 51   |      4 | generateLoad                  | GenerateLoad            |
/// | 51   |      5 | generateLoadChunk             | bytes                   |
/// | 51   |      6 | emergencyDisconnect           | empty                   |
/// | 51   |      7 | setEnrolledNodes              | UInt16                  |
/// | 51   |      8 | getTime                       | empty                   |
/// | 51   |      9 | addGroup                      | NodeID                  |
/// | 51   |     10 | removeGroup                   | NodeID                  |
/// | 51   |     11 | clearGroups                   | empty                   |
/// | 51   |     12 | getGroups                     | empty                   |
/// | 52   |      0 | setDiscoveryResult            | empty                   |
/// | 52   |      2 | setPreferredConnectionsResult | empty                   |
/// | 52   |      3 | pingResponse                  | empty                   |
/// | 52   |      4 | generateLoadResult            | empty                   |
/// | 52   |      5 | emergencyDisconnectResponse   | EmergencyDisconnectCode |
/// | 52   |      6 | setEnrolledNodesResult        | UInt16                  |
/// | 52   |      8 | getTimeResult                 | GetTimeResult           |
/// | 52   |      9 | addGroupResult                | GroupResult             |
/// | 52   |     10 | removeGroupResult             | GroupResult             |
/// | 52   |     11 | clearGroupsResult             | GroupResult             |
/// | 52   |     12 | groups                        | PackedList<NodeID, 40>  |
public enum NodeMessage: ModulePayload {
    /// Sets the discovery: 0 idle, 1 high.
    case setDiscovery(mode: UInt8)
    /// Restarts the node after some seconds.
    case reset(seconds: UInt8)
    /// Sets the preferred partners.
    case setPreferredConnections(SetPreferredConnections)
    /// Asks for an answer.
    case ping
    /// Asks to send load to another node.
    case generateLoad(GenerateLoad)
    /// Load, all bytes 0x91.
    case generateLoadChunk(InlineBytes<192>)
    /// Asks to close a link so that another cluster can connect (§4.8).
    case emergencyDisconnect
    /// Tells the number of nodes enrolled in the network.
    case setEnrolledNodes(count: UInt16)
    /// Asks for the time.
    case getTime
    /// Makes the node a member of a group.
    case addGroup(NodeID)
    /// Ends the membership of a group.
    case removeGroup(NodeID)
    /// Ends all memberships.
    case clearGroups
    /// Asks for the groups.
    case getGroups
    /// The discovery was set.
    case setDiscoveryResult
    /// The preferred partners were set.
    case setPreferredConnectionsResult
    /// The answer to a ping.
    case pingResponse
    /// The load has started.
    case generateLoadResult
    /// Outcome of an emergency disconnect.
    case emergencyDisconnectResponse(EmergencyDisconnectCode)
    /// The number of enrolled nodes that is now stored.
    case setEnrolledNodesResult(count: UInt16)
    /// The time of the node.
    case getTimeResult(GetTimeResult)
    /// Outcome of a new membership.
    case addGroupResult(GroupResult)
    /// Outcome of an ended membership.
    case removeGroupResult(GroupResult)
    /// All memberships are ended.
    case clearGroupsResult(GroupResult)
    /// The groups of the node, at most 20.
    case groups(PackedList<NodeID, 40>)

    init?(
        type: MessageType,
        actionType: UInt8,
        from reader: inout ByteReader
    ) throws(CodingError) {
        switch (type, actionType) {
        case (.moduleTriggerAction, 0): self = .setDiscovery(mode: try reader.read())
        case (.moduleTriggerAction, 1): self = .reset(seconds: try reader.read())
        case (.moduleTriggerAction, 2): self = .setPreferredConnections(try SetPreferredConnections(from: &reader))
        case (.moduleTriggerAction, 3): self = .ping
        case (.moduleTriggerAction, 4): self = .generateLoad(try GenerateLoad(from: &reader))
        case (.moduleTriggerAction, 5): self = .generateLoadChunk(try reader.readAvailable())
        case (.moduleTriggerAction, 6): self = .emergencyDisconnect
        case (.moduleTriggerAction, 7): self = .setEnrolledNodes(count: try reader.read())
        case (.moduleTriggerAction, 8): self = .getTime
        case (.moduleTriggerAction, 9): self = .addGroup(NodeID(try reader.read()))
        case (.moduleTriggerAction, 10): self = .removeGroup(NodeID(try reader.read()))
        case (.moduleTriggerAction, 11): self = .clearGroups
        case (.moduleTriggerAction, 12): self = .getGroups
        case (.moduleActionResponse, 0): self = .setDiscoveryResult
        case (.moduleActionResponse, 2): self = .setPreferredConnectionsResult
        case (.moduleActionResponse, 3): self = .pingResponse
        case (.moduleActionResponse, 4): self = .generateLoadResult
        case (.moduleActionResponse, 5):
            self = .emergencyDisconnectResponse(EmergencyDisconnectCode(rawValue: try reader.read()))
        case (.moduleActionResponse, 6): self = .setEnrolledNodesResult(count: try reader.read())
        case (.moduleActionResponse, 8): self = .getTimeResult(try GetTimeResult(from: &reader))
        case (.moduleActionResponse, 9): self = .addGroupResult(try GroupResult(from: &reader))
        case (.moduleActionResponse, 10): self = .removeGroupResult(try GroupResult(from: &reader))
        case (.moduleActionResponse, 11): self = .clearGroupsResult(try GroupResult(from: &reader))
        case (.moduleActionResponse, 12): self = .groups(try PackedList(from: &reader))
        default: return nil
        }
    }

    var code: ModuleActionCode {
        switch self {
        case .setDiscovery: ModuleActionCode(type: .moduleTriggerAction, actionType: 0)
        case .reset: ModuleActionCode(type: .moduleTriggerAction, actionType: 1)
        case .setPreferredConnections: ModuleActionCode(type: .moduleTriggerAction, actionType: 2)
        case .ping: ModuleActionCode(type: .moduleTriggerAction, actionType: 3)
        case .generateLoad: ModuleActionCode(type: .moduleTriggerAction, actionType: 4)
        case .generateLoadChunk: ModuleActionCode(type: .moduleTriggerAction, actionType: 5)
        case .emergencyDisconnect: ModuleActionCode(type: .moduleTriggerAction, actionType: 6)
        case .setEnrolledNodes: ModuleActionCode(type: .moduleTriggerAction, actionType: 7)
        case .getTime: ModuleActionCode(type: .moduleTriggerAction, actionType: 8)
        case .addGroup: ModuleActionCode(type: .moduleTriggerAction, actionType: 9)
        case .removeGroup: ModuleActionCode(type: .moduleTriggerAction, actionType: 10)
        case .clearGroups: ModuleActionCode(type: .moduleTriggerAction, actionType: 11)
        case .getGroups: ModuleActionCode(type: .moduleTriggerAction, actionType: 12)
        case .setDiscoveryResult: ModuleActionCode(type: .moduleActionResponse, actionType: 0)
        case .setPreferredConnectionsResult: ModuleActionCode(type: .moduleActionResponse, actionType: 2)
        case .pingResponse: ModuleActionCode(type: .moduleActionResponse, actionType: 3)
        case .generateLoadResult: ModuleActionCode(type: .moduleActionResponse, actionType: 4)
        case .emergencyDisconnectResponse: ModuleActionCode(type: .moduleActionResponse, actionType: 5)
        case .setEnrolledNodesResult: ModuleActionCode(type: .moduleActionResponse, actionType: 6)
        case .getTimeResult: ModuleActionCode(type: .moduleActionResponse, actionType: 8)
        case .addGroupResult: ModuleActionCode(type: .moduleActionResponse, actionType: 9)
        case .removeGroupResult: ModuleActionCode(type: .moduleActionResponse, actionType: 10)
        case .clearGroupsResult: ModuleActionCode(type: .moduleActionResponse, actionType: 11)
        case .groups: ModuleActionCode(type: .moduleActionResponse, actionType: 12)
        }
    }

    func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .ping, .emergencyDisconnect, .getTime, .clearGroups, .getGroups, .setDiscoveryResult,
            .setPreferredConnectionsResult, .pingResponse, .generateLoadResult:
            break
        case .setDiscovery(let value), .reset(let value):
            try writer.write(value)
        case .setPreferredConnections(let value):
            try value.encode(into: &writer)
        case .generateLoad(let value):
            try value.encode(into: &writer)
        case .generateLoadChunk(let value):
            try writer.write(value)
        case .setEnrolledNodes(let value), .setEnrolledNodesResult(let value):
            try writer.write(value)
        case .addGroup(let value), .removeGroup(let value):
            try writer.write(value.rawValue)
        case .emergencyDisconnectResponse(let value):
            try writer.write(value.rawValue)
        case .getTimeResult(let value):
            try value.encode(into: &writer)
        case .addGroupResult(let value), .removeGroupResult(let value), .clearGroupsResult(let value):
            try value.encode(into: &writer)
        case .groups(let value):
            try value.encode(into: &writer)
        }
    }
}
