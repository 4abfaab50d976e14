import ByteCoding
import MeshWire

extension MeshJSON {
    static func configuration(
        _ module: ModuleIdentifier,
        _ content: ModuleConfiguration,
        _ message: ModuleMessage
    ) -> String? {
        let node = message.sender
        let module = self.module(module)
        let handle = message.requestHandle
        return switch content {
        case .setConfigResult(let code): result("set_config_result", module, code, message)
        case .setActiveResult(let code): result("set_active_result", module, code, message)
        case .getConfigError(let code): result("get_config_error", module, code, message)
        case .config(let bytes):
            #"{"nodeId":\#(node),"type":"config","module":\#(module),"requestHandle":\#(handle),"#
                + #""config":"\#(colonHex(bytes.array))"}"#
        case .moduleList(let modules):
            #"{"nodeId":\#(node),"type":"module_list","modules":\#(list(modules.map { entry($0) }))}"#
        case .setConfig, .setActive, .getConfig, .getModuleList: nil
        }
    }

    private static func result(
        _ type: String,
        _ module: String,
        _ code: ModuleConfigCode,
        _ message: ModuleMessage
    ) -> String {
        #"{"nodeId":\#(message.sender),"type":"\#(type)","module":\#(module),"#
            + #""requestHandle":\#(message.requestHandle),"code":\#(code.rawValue)}"#
    }

    private static func entry(_ entry: ModuleListEntry) -> String {
        // An id of neither kind is shown as it came.
        let id = entry.module.map { module($0) } ?? "\"0x\(hex(entry.wrappedModuleID))\""
        return #"{"id":\#(id),"version":\#(entry.version),"active":\#(entry.isActive ? 1 : 0)}"#
    }
}
