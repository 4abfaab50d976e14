import MeshWire

extension Command {
    /// Commands of `action <node> status` (protocol §10.1); their answers carry no request handle.
    func statusReporter(
        _ name: String,
        _ receiver: NodeID,
        _ arguments: inout Arguments
    ) throws(TerminalError) -> [TerminalRequest] {
        switch name {
        case "get_status": return try send(.statusReporter(.getStatus), to: receiver)
        case "get_device_info": return try send(.statusReporter(.getDeviceInfo), to: receiver)
        case "get_connections": return try send(.statusReporter(.getConnections), to: receiver)
        case "get_connections_verbose":
            let index = try arguments.number(or: UInt32.max)
            return try send(.statusReporter(.getConnectionsVerbose(index: index)), to: receiver)
        case "get_nearby": return try send(.statusReporter(.getNearbyNodes), to: receiver)
        case "set_init": return try send(.statusReporter(.setInitialized), to: receiver)
        case "get_errors": return try send(.statusReporter(.getErrors), to: receiver)
        case "get_rebootreason": return try send(.statusReporter(.getRebootReason), to: receiver)
        case "keep_alive":
            // Whatever was typed, so that every receiver can read its distance from the receiver field.
            return try send(.statusReporter(.keepAlive(KeepAlive(flags: isSink ? 1 : 0))), to: .maximumHops)
        case "livereports":
            return try send(.statusReporter(.setLiveReports(level: try arguments.number())), to: receiver)
        case "set_time_reporting":
            try expectFullCommandSet()
            return try send(.statusReporter(.setTimeReporting(intervalDs: try arguments.number())), to: receiver)
        case "get_gw_status": return try send(.statusReporter(.getGatewayStatus), to: receiver)
        case "set_gw_status":
            try expectFullCommandSet()
            let status = GatewayStatus(rawValue: try arguments.number())
            return try send(.statusReporter(.gatewayStatus(status)), to: receiver)
        default: throw .commandNotFound
        }
    }

    private func expectFullCommandSet() throws(TerminalError) {
        guard commandSet == .full else { throw .tooFewArguments }
    }
}
