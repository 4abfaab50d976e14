public import ByteCoding

/// Configuration of any module: type 50 (protocol §10.1).
///
/// | action | case            | payload                 |
/// |-------:|-----------------|-------------------------|
/// |      0 | setConfig       | raw configuration       |
/// |      1 | setConfigResult | code                    |
/// |      2 | setActive       | u8                      |
/// |      3 | setActiveResult | code                    |
/// |      4 | getConfig       | empty                   |
/// |      5 | config          | raw configuration       |
/// |      6 | getModuleList   | empty                   |
/// |      8 | moduleList      | entries of 6 bytes      |
/// |      9 | getConfigError  | code                    |
public enum ModuleConfiguration: ModulePayload {
    /// Replaces the configuration.
    case setConfig(InlineBytes<192>)
    /// Outcome of replacing it.
    case setConfigResult(ModuleConfigCode)
    /// 0 switches the module off, anything else on.
    case setActive(UInt8)
    /// Outcome of switching.
    case setActiveResult(ModuleConfigCode)
    /// Asks for the configuration.
    case getConfig
    /// The configuration.
    case config(InlineBytes<192>)
    /// Asks for the modules of a node.
    case getModuleList
    /// The modules of a node.
    case moduleList(PackedList<ModuleListEntry, 192>)
    /// There is no configuration to give.
    case getConfigError(ModuleConfigCode)

    init?(type: MessageType, actionType: UInt8, from reader: inout ByteReader) throws(CodingError) {
        guard type == .moduleConfig else { return nil }
        switch actionType {
        case 0: self = .setConfig(try reader.readAvailable())
        case 1: self = .setConfigResult(ModuleConfigCode(rawValue: try reader.read()))
        case 2: self = .setActive(try reader.read())
        case 3: self = .setActiveResult(ModuleConfigCode(rawValue: try reader.read()))
        case 4: self = .getConfig
        case 5: self = .config(try reader.readAvailable())
        case 6: self = .getModuleList
        case 8: self = .moduleList(try PackedList(from: &reader))
        case 9: self = .getConfigError(ModuleConfigCode(rawValue: try reader.read()))
        default: return nil
        }
    }

    var code: ModuleActionCode { ModuleActionCode(type: .moduleConfig, actionType: actionType) }

    private var actionType: UInt8 {
        switch self {
        case .setConfig: 0
        case .setConfigResult: 1
        case .setActive: 2
        case .setActiveResult: 3
        case .getConfig: 4
        case .config: 5
        case .getModuleList: 6
        case .moduleList: 8
        case .getConfigError: 9
        }
    }

    func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .setConfig(let bytes), .config(let bytes): try writer.write(bytes)
        case .setConfigResult(let code), .setActiveResult(let code), .getConfigError(let code):
            try writer.write(code.rawValue)
        case .setActive(let value): try writer.write(value)
        case .getConfig, .getModuleList: break
        case .moduleList(let list): try list.encode(into: &writer)
        }
    }
}
