import ByteCoding
import MeshWire

extension Command {
    /// Stands for the key that the node has stored.
    private static let storedKey = FixedBytes<16>(repeating: 0xFF)

    /// Commands of `action <node> ma` (protocol §10.10).
    func meshAccess(
        _ name: String,
        _ receiver: NodeID,
        _ arguments: inout Arguments
    ) throws(TerminalError) -> [TerminalRequest] {
        switch name {
        case "connect":
            let request = AccessConnect(
                address: try arguments.address(),
                fmKeyID: FmKeyID(rawValue: try arguments.number(or: FmKeyID.node.rawValue)),
                key: try arguments.key(or: Self.storedKey),
                tunnelType: try tunnelType(&arguments)
            )
            return try send(.meshAccess(.connect(request)), to: receiver, handle: try arguments.requestHandle())
        case "disconnect":
            let address = try arguments.address()
            return try send(.meshAccess(.disconnect(address)), to: receiver, handle: try arguments.requestHandle())
        case "serial_connect":
            try arguments.expect(atLeast: 5)
            var request = SerialConnect(
                serialNumber: try arguments.serialNumber(),
                fmKeyID: FmKeyID(rawValue: try arguments.number()),
                key: try arguments.key(or: Self.storedKey),
                nodeIDAfterConnect: NodeID(try arguments.number()),
                keepAliveSeconds: try arguments.number()
            )
            let handle = try arguments.requestHandle()
            request.address =
                arguments.isEmpty ? BleGapAddress(type: .unset, value: 0) : try arguments.address()
            request.mode = try arguments.number(or: 0)
            return try send(.meshAccess(.serialConnect(request)), to: receiver, handle: handle)
        default: throw .commandNotFound
        }
    }

    private func tunnelType(_ arguments: inout Arguments) throws(TerminalError) -> TunnelType {
        let value: UInt8 = try arguments.number(or: TunnelType.peerToPeer.rawValue)
        guard value <= TunnelType.meshToMesh.rawValue else { throw .wrongArguments }
        return TunnelType(rawValue: value)
    }
}
