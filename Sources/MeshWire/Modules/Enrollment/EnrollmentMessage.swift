public import ByteCoding

/// How devices become members of a network: module 5 (protocol §10.5).
///
/// | type | action | case                   | payload                      |
/// |------|-------:|------------------------|------------------------------|
/// | 51   |      0 | setEnrollment          | SetEnrollment                |
/// | 51   |      1 | removeEnrollment       | SerialNumber                 |
/// | 51   |      3 | setNetwork             | NetworkID                    |
/// | 51   |      4 | requestProposals       | PackedList<SerialNumber, 44> |
/// | 52   |      0 | setEnrollmentResult    | EnrollmentResult             |
/// | 52   |      1 | removeEnrollmentResult | EnrollmentResult             |
/// | 52   |      2 | proposal               | PackedList<SerialNumber, 12> |
/// | 52   |      3 | setNetworkResult       | SetNetworkCode               |
/// | 52   |      4 | requestProposalsResult | SerialNumber                 |
public enum EnrollmentMessage: ModulePayload {
    /// Enrols a device.
    case setEnrollment(SetEnrollment)
    /// Ends the enrolment of a device.
    case removeEnrollment(SerialNumber)
    /// Sets the network of an asset.
    case setNetwork(NetworkID)
    /// Asks who has heard these devices, at most 11.
    case requestProposals(PackedList<SerialNumber, 44>)
    /// Outcome of an enrolment, to everybody.
    case setEnrollmentResult(EnrollmentResult)
    /// Outcome of a removal, to everybody.
    case removeEnrollmentResult(EnrollmentResult)
    /// Three devices heard recently, 0 for none.
    case proposal(PackedList<SerialNumber, 12>)
    /// Outcome of a change of network.
    case setNetworkResult(SetNetworkCode)
    /// A device that was asked for has been heard.
    case requestProposalsResult(SerialNumber)

    init?(
        type: MessageType,
        actionType: UInt8,
        from reader: inout ByteReader
    ) throws(CodingError) {
        switch (type, actionType) {
        case (.moduleTriggerAction, 0): self = .setEnrollment(try SetEnrollment(from: &reader))
        case (.moduleTriggerAction, 1): self = .removeEnrollment(try SerialNumber(from: &reader))
        case (.moduleTriggerAction, 3): self = .setNetwork(NetworkID(try reader.read()))
        case (.moduleTriggerAction, 4): self = .requestProposals(try PackedList(from: &reader))
        case (.moduleActionResponse, 0): self = .setEnrollmentResult(try EnrollmentResult(from: &reader))
        case (.moduleActionResponse, 1): self = .removeEnrollmentResult(try EnrollmentResult(from: &reader))
        case (.moduleActionResponse, 2): self = .proposal(try PackedList(from: &reader, byteCount: 12))
        case (.moduleActionResponse, 3): self = .setNetworkResult(SetNetworkCode(rawValue: try reader.read()))
        case (.moduleActionResponse, 4): self = .requestProposalsResult(try SerialNumber(from: &reader))
        default: return nil
        }
    }

    var code: ModuleActionCode {
        switch self {
        case .setEnrollment: ModuleActionCode(type: .moduleTriggerAction, actionType: 0)
        case .removeEnrollment: ModuleActionCode(type: .moduleTriggerAction, actionType: 1)
        case .setNetwork: ModuleActionCode(type: .moduleTriggerAction, actionType: 3)
        case .requestProposals: ModuleActionCode(type: .moduleTriggerAction, actionType: 4)
        case .setEnrollmentResult: ModuleActionCode(type: .moduleActionResponse, actionType: 0)
        case .removeEnrollmentResult: ModuleActionCode(type: .moduleActionResponse, actionType: 1)
        case .proposal: ModuleActionCode(type: .moduleActionResponse, actionType: 2)
        case .setNetworkResult: ModuleActionCode(type: .moduleActionResponse, actionType: 3)
        case .requestProposalsResult: ModuleActionCode(type: .moduleActionResponse, actionType: 4)
        }
    }

    func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .setEnrollment(let value):
            try value.encode(into: &writer)
        case .removeEnrollment(let value), .requestProposalsResult(let value):
            try value.encode(into: &writer)
        case .setNetwork(let value):
            try writer.write(value.rawValue)
        case .requestProposals(let value):
            try value.encode(into: &writer)
        case .setEnrollmentResult(let value), .removeEnrollmentResult(let value):
            try value.encode(into: &writer)
        case .proposal(let value):
            try value.encode(into: &writer)
        case .setNetworkResult(let value):
            try writer.write(value.rawValue)
        }
    }
}
