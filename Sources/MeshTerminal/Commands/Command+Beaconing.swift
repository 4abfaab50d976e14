import ByteCoding
import MeshWire

extension Command {
    /// Commands of `action <node> adv` (protocol §10.6).
    func beaconing(
        _ name: String,
        _ receiver: NodeID,
        _ arguments: inout Arguments
    ) throws(TerminalError) -> [TerminalRequest] {
        let request: BeaconingMessage
        switch name {
        case "add":
            let data: InlineBytes<31> = try arguments.bytes()
            request = .add(AddBeacon(length: data.byteCount, data: FixedBytes(padding: data.array)))
        case "set":
            let slot: UInt16 = try arguments.number()
            let data: InlineBytes<31> = try arguments.bytes()
            request = .set(SetBeacon(length: data.byteCount, slot: slot, data: FixedBytes(padding: data.array)))
        case "remove": request = .remove(slot: try arguments.number())
        default: throw .commandNotFound
        }
        return try send(.beaconing(request), to: receiver, handle: try arguments.requestHandle())
    }
}

extension InlineBytes<31> {
    fileprivate var byteCount: UInt8 { UInt8(truncatingIfNeeded: count) }
}
