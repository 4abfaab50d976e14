import ByteCoding
import MeshWire

/// Turns the words of a command into requests.
///
/// `action <node> <module> <command>` goes to the module's own file; everything else is looked up here.
struct Command {
    let ownNodeID: NodeID
    let isSink: Bool
    let commandSet: TerminalCommandSet

    /// The requests of a command; none if its node argument is no node id.
    ///
    /// - Throws: ``TerminalError`` if there is no such command or its arguments are wrong.
    func requests(for words: [String]) throws(TerminalError) -> [TerminalRequest] {
        guard let name = words.first else { throw .commandNotFound }
        var arguments = Arguments(words.dropFirst(), ownNodeID: ownNodeID)
        if name == "action" { return try action(&arguments) }
        if let requests = try remote(name, &arguments) { return requests }
        return try local(name, &arguments)
    }

    /// Commands that send a message, in the order of protocol §10.
    private func remote(_ name: String, _ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest]? {
        switch name {
        case "set_config", "get_config", "set_active", "get_modules": try configuration(name, &arguments)
        case "request_capability": try requestCapability(&arguments)
        case "component_act": try component(.act, &arguments)
        case "component_sense": try component(.sense, &arguments)
        case "raw_data_light": try rawDataLight(&arguments)
        case "rawsend": try rawSend(&arguments)
        case "update_iv": try updateInterval(&arguments)
        case "lping": try leafPing(&arguments)
        default: name.hasPrefix("raw_data_") ? try rawData(name, &arguments) : nil
        }
    }

    private func action(_ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest] {
        let receiver = try arguments.node()
        let module = ModuleID(terminalName: try arguments.word())
        let name = try arguments.word()
        switch module {
        case .node: return try node(name, receiver, &arguments)
        case .beaconing: return try beaconing(name, receiver, &arguments)
        case .statusReporter: return try statusReporter(name, receiver, &arguments)
        case .enrollment: return try enrollment(name, receiver, &arguments)
        case .io: return try io(name, receiver, &arguments)
        case .debug: return try debug(name, receiver, &arguments)
        case .meshAccess: return try meshAccess(name, receiver, &arguments)
        default: throw .commandNotFound
        }
    }

    // MARK: - Sending

    /// The request to send a module message.
    func send(
        _ content: ModuleContent,
        to receiver: NodeID,
        handle: UInt8 = 0
    ) throws(TerminalError) -> [TerminalRequest] {
        try send(
            ModuleMessage(sender: ownNodeID, receiver: receiver, requestHandle: handle, content: content),
            to: receiver
        )
    }

    /// The request to send a message; none if there is no such receiver.
    func send(_ message: some WireMessage, to receiver: NodeID) throws(TerminalError) -> [TerminalRequest] {
        guard receiver != .invalid else { return [] }
        do throws(CodingError) {
            return [.send(try message.encoded())]
        } catch {
            throw .wrongArguments
        }
    }
}
