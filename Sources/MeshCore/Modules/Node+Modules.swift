import ByteCoding
import MeshWire
import RadioPort

// What a node does with a message for it: the modules of protocol §10.1-10.4.
extension Node {
    mutating func handleModules(
        _ message: MessageBytes,
        header: MessageHeader,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        switch header.type {
        case .moduleTriggerAction:
            guard let module = try? ModuleHeader(bytes: message) else { return }
            switch module.module {
            case .plain(.node): nodeAction(message, module, from: slot, now: now, into: &outputs)
            default: return
            }
        case .moduleActionResponse:
            guard let module = try? ModuleHeader(bytes: message) else { return }
            switch module.module {
            case .plain(.node): nodeResponse(message, module, from: slot, now: now, into: &outputs)
            default: return
            }
        default:
            return
        }
    }
}
