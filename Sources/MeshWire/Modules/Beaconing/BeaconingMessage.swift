import ByteCoding

/// What else a node advertises: module 1 (protocol §10.6).
///
/// | type | action | case         | payload    |
/// |------|-------:|--------------|------------|
/// | 51   |      0 | add          | AddBeacon  |
/// | 51   |      1 | set          | SetBeacon  |
/// | 51   |      2 | remove       | UInt16     |
/// | 52   |      0 | addResult    | BeaconCode |
/// | 52   |      1 | setResult    | BeaconCode |
/// | 52   |      2 | removeResult | BeaconCode |
public enum BeaconingMessage: ModulePayload {
    /// Advertise one more message.
    case add(AddBeacon)
    /// Advertise a message from a slot.
    case set(SetBeacon)
    /// Stop advertising the message in a slot.
    case remove(slot: UInt16)
    /// Outcome of adding.
    case addResult(BeaconCode)
    /// Outcome of setting.
    case setResult(BeaconCode)
    /// Outcome of removing.
    case removeResult(BeaconCode)

    init?(
        type: MessageType,
        actionType: UInt8,
        from reader: inout ByteReader
    ) throws(CodingError) {
        switch (type, actionType) {
        case (.moduleTriggerAction, 0): self = .add(try AddBeacon(from: &reader))
        case (.moduleTriggerAction, 1): self = .set(try SetBeacon(from: &reader))
        case (.moduleTriggerAction, 2): self = .remove(slot: try reader.read())
        case (.moduleActionResponse, 0): self = .addResult(BeaconCode(rawValue: try reader.read()))
        case (.moduleActionResponse, 1): self = .setResult(BeaconCode(rawValue: try reader.read()))
        case (.moduleActionResponse, 2): self = .removeResult(BeaconCode(rawValue: try reader.read()))
        default: return nil
        }
    }

    var code: ModuleActionCode {
        switch self {
        case .add: ModuleActionCode(type: .moduleTriggerAction, actionType: 0)
        case .set: ModuleActionCode(type: .moduleTriggerAction, actionType: 1)
        case .remove: ModuleActionCode(type: .moduleTriggerAction, actionType: 2)
        case .addResult: ModuleActionCode(type: .moduleActionResponse, actionType: 0)
        case .setResult: ModuleActionCode(type: .moduleActionResponse, actionType: 1)
        case .removeResult: ModuleActionCode(type: .moduleActionResponse, actionType: 2)
        }
    }

    func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .add(let value):
            try value.encode(into: &writer)
        case .set(let value):
            try value.encode(into: &writer)
        case .remove(let value):
            try writer.write(value)
        case .addResult(let value), .setResult(let value), .removeResult(let value):
            try writer.write(value.rawValue)
        }
    }
}
