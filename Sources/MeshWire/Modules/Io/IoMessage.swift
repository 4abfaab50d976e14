public import ByteCoding

/// Pins and LEDs: module 6 (protocol §10.7).
///
/// | type | action | case           | payload                           |
/// |------|-------:|----------------|-----------------------------------|
/// | 51   |      0 | setPins        | PackedList<PinConfiguration, 192> |
/// | 51   |      2 | readPins       | bytes                             |
/// | 51   |      3 | setLed         | UInt8                             |
/// | 51   |      4 | identify       | UInt8                             |
/// | 52   |      0 | setPinsResult  | UInt8?                            |
/// | 52   |      2 | pinLevels      | PinLevels                         |
/// | 52   |      3 | setLedResult   | empty                             |
/// | 52   |      4 | identifyResult | empty                             |
public enum IoMessage: ModulePayload {
    /// Configures pins.
    case setPins(PackedList<PinConfiguration, 192>)
    /// Asks for the levels of pins.
    case readPins(InlineBytes<16>)
    /// Sets the LED: 0 off, 1 on, 2 connections, 6 custom.
    case setLed(mode: UInt8)
    /// 1 starts, 2 stops to blink.
    case identify(mode: UInt8)
    /// Pins are configured; a code may follow.
    case setPinsResult(code: UInt8?)
    /// Levels of pins.
    case pinLevels(PinLevels)
    /// The LED is set.
    case setLedResult
    /// Blinking started or stopped.
    case identifyResult

    init?(
        type: MessageType,
        actionType: UInt8,
        from reader: inout ByteReader
    ) throws(CodingError) {
        switch (type, actionType) {
        case (.moduleTriggerAction, 0): self = .setPins(try PackedList(from: &reader))
        case (.moduleTriggerAction, 2): self = .readPins(try reader.readAvailable())
        case (.moduleTriggerAction, 3): self = .setLed(mode: try reader.read())
        case (.moduleTriggerAction, 4): self = .identify(mode: try reader.read())
        case (.moduleActionResponse, 0): self = .setPinsResult(code: reader.remaining >= 1 ? try reader.read() : nil)
        case (.moduleActionResponse, 2): self = .pinLevels(try PinLevels(from: &reader))
        case (.moduleActionResponse, 3): self = .setLedResult
        case (.moduleActionResponse, 4): self = .identifyResult
        default: return nil
        }
    }

    var code: ModuleActionCode {
        switch self {
        case .setPins: ModuleActionCode(type: .moduleTriggerAction, actionType: 0)
        case .readPins: ModuleActionCode(type: .moduleTriggerAction, actionType: 2)
        case .setLed: ModuleActionCode(type: .moduleTriggerAction, actionType: 3)
        case .identify: ModuleActionCode(type: .moduleTriggerAction, actionType: 4)
        case .setPinsResult: ModuleActionCode(type: .moduleActionResponse, actionType: 0)
        case .pinLevels: ModuleActionCode(type: .moduleActionResponse, actionType: 2)
        case .setLedResult: ModuleActionCode(type: .moduleActionResponse, actionType: 3)
        case .identifyResult: ModuleActionCode(type: .moduleActionResponse, actionType: 4)
        }
    }

    func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .setLedResult, .identifyResult:
            break
        case .setPins(let value):
            try value.encode(into: &writer)
        case .readPins(let value):
            try writer.write(value)
        case .setLed(let value), .identify(let value):
            try writer.write(value)
        case .setPinsResult(let value):
            if let value {
                try writer.write(value)
            }
        case .pinLevels(let value):
            try value.encode(into: &writer)
        }
    }
}
