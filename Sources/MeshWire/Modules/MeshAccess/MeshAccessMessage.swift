import ByteCoding

/// Encrypted links outside the mesh: module 10 (protocol §10.10).
///
/// | type | action | case                | payload               |
/// |------|-------:|---------------------|-----------------------|
/// | 51   |      0 | connect             | AccessConnect         |
/// | 51   |      1 | disconnect          | BleGapAddress         |
/// | 51   |      2 | serialConnect       | SerialConnect         |
/// | 52   |      2 | serialConnectResult | SerialConnectResult   |
/// | 53   |      0 | connectionState     | AccessConnectionState |
public enum MeshAccessMessage: ModulePayload {
    /// Open a link to an address.
    case connect(AccessConnect)
    /// Close the link to an address.
    case disconnect(BleGapAddress)
    /// Open a link to a serial number.
    case serialConnect(SerialConnect)
    /// Outcome of a connection by serial number.
    case serialConnectResult(SerialConnectResult)
    /// A link changed its state.
    case connectionState(AccessConnectionState)

    init?(
        type: MessageType,
        actionType: UInt8,
        from reader: inout ByteReader
    ) throws(CodingError) {
        switch (type, actionType) {
        case (.moduleTriggerAction, 0): self = .connect(try AccessConnect(from: &reader))
        case (.moduleTriggerAction, 1): self = .disconnect(try BleGapAddress(from: &reader))
        case (.moduleTriggerAction, 2): self = .serialConnect(try SerialConnect(from: &reader))
        case (.moduleActionResponse, 2): self = .serialConnectResult(try SerialConnectResult(from: &reader))
        case (.moduleGeneral, 0): self = .connectionState(try AccessConnectionState(from: &reader))
        default: return nil
        }
    }

    var code: ModuleActionCode {
        switch self {
        case .connect: ModuleActionCode(type: .moduleTriggerAction, actionType: 0)
        case .disconnect: ModuleActionCode(type: .moduleTriggerAction, actionType: 1)
        case .serialConnect: ModuleActionCode(type: .moduleTriggerAction, actionType: 2)
        case .serialConnectResult: ModuleActionCode(type: .moduleActionResponse, actionType: 2)
        case .connectionState: ModuleActionCode(type: .moduleGeneral, actionType: 0)
        }
    }

    func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .connect(let value):
            try value.encode(into: &writer)
        case .disconnect(let value):
            try value.encode(into: &writer)
        case .serialConnect(let value):
            try value.encode(into: &writer)
        case .serialConnectResult(let value):
            try value.encode(into: &writer)
        case .connectionState(let value):
            try value.encode(into: &writer)
        }
    }
}
