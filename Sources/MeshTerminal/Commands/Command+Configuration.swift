import MeshWire

extension Command {
    /// `set_config`, `get_config`, `set_active` and `get_modules` (protocol §10.1), for any module.
    func configuration(_ name: String, _ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest] {
        let receiver = try arguments.node()
        if name == "get_modules" {
            return try send(.configuration(.plain(.node), .getModuleList), to: receiver)
        }
        let module = try arguments.module()
        let request: ModuleConfiguration
        switch name {
        case "set_config": request = .setConfig(try arguments.bytes())
        case "get_config": request = .getConfig
        default:
            switch try arguments.word() {
            case "on": request = .setActive(1)
            case "off": request = .setActive(0)
            default: throw .commandNotFound
            }
        }
        return try send(.configuration(module, request), to: receiver, handle: try arguments.requestHandle())
    }
}
