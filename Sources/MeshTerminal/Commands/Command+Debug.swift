import MeshWire

extension Command {
    /// Most messages that one ping command sends.
    private static let pingCountMax: UInt16 = 100
    /// Receiver of a leaf ping: 500 hops, of which the leaf reads how many are left.
    private static let leafPingReceiver = NodeID.hops(500)

    /// Commands of `action <node> debug` (protocol §10.9).
    func debug(
        _ name: String,
        _ receiver: NodeID,
        _ arguments: inout Arguments
    ) throws(TerminalError) -> [TerminalRequest] {
        switch name {
        case "ping": return try repeated(try send(.debug(.ping), to: receiver), &arguments)
        case "get_stats": return try send(.debug(.getStatistics), to: receiver)
        case "reset_connection_loss_counter": return try send(.debug(.resetConnectionLossCounter), to: receiver)
        case "get_buffer": return try send(.debug(.getJoinMeBuffer), to: receiver)
        case "send_max_message": return try send(.debug(.sendMaximumMessage), to: receiver)
        case "counter":
            try arguments.expect(atLeast: 3)
            let request = StartCounter(
                count: try arguments.number(),
                intervalSeconds: try arguments.number(),
                value: try arguments.number()
            )
            return try send(.debug(.startCounter(request)), to: receiver)
        default: throw .commandNotFound
        }
    }

    /// `lping <count> <r|u>`: asks all leaves of the tree.
    func leafPing(_ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest] {
        let empty = LeafPing(leaf: .broadcast, hops: 0)
        return try repeated(try send(.debug(.leafPing(empty)), to: Self.leafPingReceiver), &arguments)
    }

    /// As many copies of a request as the next argument says; the mode behind it makes no difference to what is sent.
    private func repeated(
        _ requests: [TerminalRequest],
        _ arguments: inout Arguments
    ) throws(TerminalError) -> [TerminalRequest] {
        try arguments.expect(atLeast: 2)
        let count = Int(try arguments.number(in: 0...Self.pingCountMax))
        switch try arguments.word() {
        case "r", "u": return Array(repeatElement(requests, count: count).joined())
        default: throw .commandNotFound
        }
    }
}
