import ByteCoding

/// What nodes ask and tell about their state: module 3 (protocol §10.1).
///
/// | type | action | case                  | payload            |
/// |------|-------:|-----------------------|--------------------|
/// | 51   |      1 | getStatus             | empty              |
/// | 51   |      3 | getConnections        | empty              |
/// | 51   |      4 | getNearbyNodes        | empty              |
/// | 51   |      5 | setInitialized        | empty              |
/// | 51   |      6 | getErrors             | empty              |
/// | 51   |      8 | getRebootReason       | empty              |
/// | 51   |      9 | keepAlive             | KeepAlive          |
/// | 51   |     10 | getDeviceInfo         | empty              |
/// | 51   |     11 | setLiveReports        | UInt8              |
/// | 51   |     12 | getConnectionsVerbose | UInt32             |
/// | 51   |     13 | setTimeReporting      | UInt16             |
/// | 51   |     14 | getGatewayStatus      | empty              |
/// | 52   |      1 | status                | Status             |
/// | 52   |      3 | connections           | AllConnections     |
/// | 52   |      4 | nearbyNodes           | NearbyNodes        |
/// | 52   |      5 | setInitializedResult  | empty              |
/// | 52   |      6 | errorLogEntry         | ErrorLogEntry      |
/// | 52   |      8 | rebootReason          | RebootReason       |
/// | 52   |     10 | deviceInfo            | DeviceInfo         |
/// | 52   |     12 | connectionVerbose     | ConnectionVerbose  |
/// | 52   |     13 | timeReportingState    | TimeReportingState |
/// | 52   |     14 | gatewayStatus         | GatewayStatus      |
/// | 53   |      1 | liveReport            | LiveReport         |
public enum StatusReporterMessage: ModulePayload {
    /// Asks for ``Status``.
    case getStatus
    /// Asks for ``AllConnections``, which go to everybody.
    case getConnections
    /// Asks for ``NearbyNodes`` and forgets them.
    case getNearbyNodes
    /// A gateway has set the node up.
    case setInitialized
    /// Asks for the error log and empties it.
    case getErrors
    /// Asks for ``RebootReason``.
    case getRebootReason
    /// Feeds the watchdogs.
    case keepAlive(KeepAlive)
    /// Asks for ``DeviceInfo``.
    case getDeviceInfo
    /// Sets the level of live reports.
    case setLiveReports(level: UInt8)
    /// Asks for ``ConnectionVerbose`` of one connection, or of all with 0xFFFFFFFF.
    case getConnectionsVerbose(index: UInt32)
    /// Sets the interval of time reports in deciseconds.
    case setTimeReporting(intervalDs: UInt16)
    /// Asks a gateway for its state.
    case getGatewayStatus
    /// The state of a node.
    case status(Status)
    /// The mesh links of a node.
    case connections(AllConnections)
    /// The nodes it heard.
    case nearbyNodes(NearbyNodes)
    /// The node remembers that it was set up.
    case setInitializedResult
    /// One entry of the error log.
    case errorLogEntry(ErrorLogEntry)
    /// Why the node booted last.
    case rebootReason(RebootReason)
    /// What the node is made of.
    case deviceInfo(DeviceInfo)
    /// All about one connection.
    case connectionVerbose(ConnectionVerbose)
    /// The interval of time reports.
    case timeReportingState(TimeReportingState)
    /// State of a gateway.
    case gatewayStatus(GatewayStatus)
    /// An event as it happens.
    case liveReport(LiveReport)

    init?(
        type: MessageType,
        actionType: UInt8,
        from reader: inout ByteReader
    ) throws(CodingError) {
        switch (type, actionType) {
        case (.moduleTriggerAction, 1): self = .getStatus
        case (.moduleTriggerAction, 3): self = .getConnections
        case (.moduleTriggerAction, 4): self = .getNearbyNodes
        case (.moduleTriggerAction, 5): self = .setInitialized
        case (.moduleTriggerAction, 6): self = .getErrors
        case (.moduleTriggerAction, 8): self = .getRebootReason
        case (.moduleTriggerAction, 9): self = .keepAlive(try KeepAlive(from: &reader))
        case (.moduleTriggerAction, 10): self = .getDeviceInfo
        case (.moduleTriggerAction, 11): self = .setLiveReports(level: try reader.read())
        case (.moduleTriggerAction, 12): self = .getConnectionsVerbose(index: try reader.read())
        case (.moduleTriggerAction, 13): self = .setTimeReporting(intervalDs: try reader.read())
        case (.moduleTriggerAction, 14): self = .getGatewayStatus
        case (.moduleActionResponse, 1): self = .status(try Status(from: &reader))
        case (.moduleActionResponse, 3): self = .connections(try AllConnections(from: &reader))
        case (.moduleActionResponse, 4): self = .nearbyNodes(try NearbyNodes(from: &reader))
        case (.moduleActionResponse, 5): self = .setInitializedResult
        case (.moduleActionResponse, 6): self = .errorLogEntry(try ErrorLogEntry(from: &reader))
        case (.moduleActionResponse, 8): self = .rebootReason(try RebootReason(from: &reader))
        case (.moduleActionResponse, 10): self = .deviceInfo(try DeviceInfo(from: &reader))
        case (.moduleActionResponse, 12): self = .connectionVerbose(try ConnectionVerbose(from: &reader))
        case (.moduleActionResponse, 13): self = .timeReportingState(try TimeReportingState(from: &reader))
        case (.moduleActionResponse, 14): self = .gatewayStatus(GatewayStatus(rawValue: try reader.read()))
        case (.moduleGeneral, 1): self = .liveReport(try LiveReport(from: &reader))
        default: return nil
        }
    }

    var code: ModuleActionCode {
        switch self {
        case .getStatus: ModuleActionCode(type: .moduleTriggerAction, actionType: 1)
        case .getConnections: ModuleActionCode(type: .moduleTriggerAction, actionType: 3)
        case .getNearbyNodes: ModuleActionCode(type: .moduleTriggerAction, actionType: 4)
        case .setInitialized: ModuleActionCode(type: .moduleTriggerAction, actionType: 5)
        case .getErrors: ModuleActionCode(type: .moduleTriggerAction, actionType: 6)
        case .getRebootReason: ModuleActionCode(type: .moduleTriggerAction, actionType: 8)
        case .keepAlive: ModuleActionCode(type: .moduleTriggerAction, actionType: 9)
        case .getDeviceInfo: ModuleActionCode(type: .moduleTriggerAction, actionType: 10)
        case .setLiveReports: ModuleActionCode(type: .moduleTriggerAction, actionType: 11)
        case .getConnectionsVerbose: ModuleActionCode(type: .moduleTriggerAction, actionType: 12)
        case .setTimeReporting: ModuleActionCode(type: .moduleTriggerAction, actionType: 13)
        case .getGatewayStatus: ModuleActionCode(type: .moduleTriggerAction, actionType: 14)
        case .status: ModuleActionCode(type: .moduleActionResponse, actionType: 1)
        case .connections: ModuleActionCode(type: .moduleActionResponse, actionType: 3)
        case .nearbyNodes: ModuleActionCode(type: .moduleActionResponse, actionType: 4)
        case .setInitializedResult: ModuleActionCode(type: .moduleActionResponse, actionType: 5)
        case .errorLogEntry: ModuleActionCode(type: .moduleActionResponse, actionType: 6)
        case .rebootReason: ModuleActionCode(type: .moduleActionResponse, actionType: 8)
        case .deviceInfo: ModuleActionCode(type: .moduleActionResponse, actionType: 10)
        case .connectionVerbose: ModuleActionCode(type: .moduleActionResponse, actionType: 12)
        case .timeReportingState: ModuleActionCode(type: .moduleActionResponse, actionType: 13)
        case .gatewayStatus: ModuleActionCode(type: .moduleActionResponse, actionType: 14)
        case .liveReport: ModuleActionCode(type: .moduleGeneral, actionType: 1)
        }
    }

    func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .getStatus, .getConnections, .getNearbyNodes, .setInitialized, .getErrors, .getRebootReason,
            .getDeviceInfo, .getGatewayStatus, .setInitializedResult:
            break
        case .keepAlive(let value):
            try value.encode(into: &writer)
        case .setLiveReports(let value):
            try writer.write(value)
        case .getConnectionsVerbose(let value):
            try writer.write(value)
        case .setTimeReporting(let value):
            try writer.write(value)
        case .status(let value):
            try value.encode(into: &writer)
        case .connections(let value):
            try value.encode(into: &writer)
        case .nearbyNodes(let value):
            try value.encode(into: &writer)
        case .errorLogEntry(let value):
            try value.encode(into: &writer)
        case .rebootReason(let value):
            try value.encode(into: &writer)
        case .deviceInfo(let value):
            try value.encode(into: &writer)
        case .connectionVerbose(let value):
            try value.encode(into: &writer)
        case .timeReportingState(let value):
            try value.encode(into: &writer)
        case .gatewayStatus(let value):
            try writer.write(value.rawValue)
        case .liveReport(let value):
            try value.encode(into: &writer)
        }
    }
}
