import ByteCoding
import MeshWire

extension Command {
    private static let resetSecondsDefault: UInt8 = 10
    private static let enrolledNodesMax: UInt16 = 2000
    private static let preferredPartnersMax = 8

    /// Commands of `action <node> node` (protocol §10.2).
    func node(
        _ name: String,
        _ receiver: NodeID,
        _ arguments: inout Arguments
    ) throws(TerminalError) -> [TerminalRequest] {
        switch name {
        case "discovery":
            let isIdle = try arguments.word() == "idle"
            return try send(.node(.setDiscovery(mode: isIdle ? 0 : 1)), to: receiver)
        case "reset":
            return try send(.node(.reset(seconds: try arguments.number(or: Self.resetSecondsDefault))), to: receiver)
        case "set_preferred_connections":
            return try send(.node(.setPreferredConnections(try preferredConnections(&arguments))), to: receiver)
        case "ping": return try send(.node(.ping), to: receiver, handle: try arguments.requestHandle())
        case "generate_load":
            let load = GenerateLoad(
                target: try arguments.node(),
                size: try arguments.number(),
                amount: try arguments.number(),
                intervalDs: try arguments.number()
            )
            return try send(.node(.generateLoad(load)), to: receiver, handle: try arguments.requestHandle())
        case "set_enrolled_nodes":
            let count = try arguments.number(in: 0...Self.enrolledNodesMax)
            return try send(.node(.setEnrolledNodes(count: count)), to: receiver)
        case "gettime": return try send(.node(.getTime), to: receiver)
        case "add_group":
            let group = NodeID(try arguments.number())
            return try send(.node(.addGroup(group)), to: receiver, handle: try arguments.requestHandle())
        case "remove_group":
            let group = NodeID(try arguments.number())
            return try send(.node(.removeGroup(group)), to: receiver, handle: try arguments.requestHandle())
        case "clear_groups":
            return try send(.node(.clearGroups), to: receiver, handle: try arguments.requestHandle())
        case "get_groups":
            return try send(.node(.getGroups), to: receiver, handle: try arguments.requestHandle())
        default: throw .commandNotFound
        }
    }

    private func preferredConnections(
        _ arguments: inout Arguments
    ) throws(TerminalError) -> SetPreferredConnections {
        let mode: PreferredConnectionMode
        switch try arguments.word() {
        case "penalty": mode = .penalty
        case "ignored": mode = .ignored
        default: throw .commandNotFound
        }
        var ids: [NodeID] = []
        while !arguments.isEmpty {
            guard ids.count < Self.preferredPartnersMax else { throw .wrongArguments }
            ids.append(NodeID(try arguments.number()))
        }
        let unused = repeatElement(NodeID.broadcast, count: Self.preferredPartnersMax - ids.count)
        return SetPreferredConnections(
            partners: PackedList(ids + unused),
            count: UInt8(truncatingIfNeeded: ids.count),
            mode: mode
        )
    }

    /// `request_capability <node>`; not for everybody at once.
    func requestCapability(_ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest] {
        let receiver = try arguments.node()
        guard receiver != .broadcast else { throw .wrongArguments }
        return try send(Capability(sender: ownNodeID, receiver: receiver, content: .request), to: receiver)
    }

    /// `component_act` and `component_sense`, with node, module, action, component, register, data and handle.
    func component(
        _ direction: ComponentMessage.Direction,
        _ arguments: inout Arguments
    ) throws(TerminalError) -> [TerminalRequest] {
        try arguments.expect(atLeast: 6)
        var message = ComponentMessage(
            direction: direction,
            sender: ownNodeID,
            receiver: try arguments.node(),
            module: try arguments.module(),
            actionType: try arguments.number(),
            component: try arguments.number(),
            registerAddress: try arguments.number(),
            payload: try arguments.bytes()
        )
        message.requestHandle = try arguments.requestHandle()
        return try send(message, to: message.receiver)
    }

    /// `rawsend <data>`: a message as it is, header and all.
    func rawSend(_ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest] {
        let message: MessageBytes = try arguments.bytes()
        guard message.count >= MessageHeader.encodedSize else { throw .wrongArguments }
        return [.send(message)]
    }

    /// `update_iv <node> <interval>`, in units of 1.25 ms.
    func updateInterval(_ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest] {
        try arguments.expect(atLeast: 2)
        guard commandSet == .full else { throw .internalError }
        let receiver = try arguments.node()
        let interval: UInt16 = try arguments.number()
        return try send(
            UpdateConnectionInterval(sender: ownNodeID, receiver: receiver, interval: interval),
            to: receiver
        )
    }
}
