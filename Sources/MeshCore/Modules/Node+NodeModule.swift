import ByteCoding
import MeshWire
import RadioPort

// The node module (protocol §10.2).
extension Node {
    mutating func nodeAction(
        _ message: MessageBytes,
        _ header: ModuleHeader,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        switch header.actionType {
        case 7:
            guard message.count >= 10 else { return }
            let value = UInt16(message[8]) | UInt16(message[9]) << 8
            enrolledNodesReceived(value, from: slot, now: now, into: &outputs)
            respond(to: header, action: 6, payload: [message[8], message[9]], now: now, into: &outputs)
        case 3:
            respond(to: header, action: 3, payload: [], now: now, into: &outputs)
        default:
            return
        }
    }

    mutating func nodeResponse(
        _ message: MessageBytes,
        _ header: ModuleHeader,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard header.actionType == 6, message.count >= 10, let slot, let index = index(slot: slot) else { return }
        if UInt16(message[8]) | UInt16(message[9]) << 8 == stored.enrolledNodes {
            links[index].enrolledNodesSynced = true
        }
    }

    /// The value of a partner, or of a command from elsewhere; a different one spreads (protocol §10.2.7).
    private mutating func enrolledNodesReceived(
        _ count: UInt16,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        let differs = count != stored.enrolledNodes
        for index in links.indices where links[index].kind == .mesh {
            if links[index].slot == slot {
                links[index].enrolledNodesSynced = true
            } else if differs {
                links[index].enrolledNodesSynced = false
            }
        }
        enrolledNodesCommanded(count, now: now, into: &outputs)
    }

    /// Sends the number of enrolled nodes to partners that may not have it.
    mutating func syncEnrolledNodes(now: Instant, into outputs: inout Outputs) {
        set(.enrolledNodes, in: configuration.timing.enrolledNodesPeriod, now: now)
        for index in links.indices where links[index].isMeshEdge && !links[index].enrolledNodesSynced {
            let header = ModuleHeader(
                type: .moduleTriggerAction,
                sender: identity.node,
                receiver: links[index].partner,
                module: .plain(.node),
                requestHandle: 0,
                actionType: 7
            )
            let count = stored.enrolledNodes
            guard
                let message = try? MessageBytes(writing: { (writer) throws(CodingError) in
                    try header.encode(into: &writer)
                    try writer.write(count)
                })
            else { continue }
            enqueue(message, on: index, into: &outputs)
        }
    }

    mutating func respond(
        to request: ModuleHeader,
        action: UInt8,
        payload: [UInt8],
        now: Instant,
        into outputs: inout Outputs
    ) {
        let header = ModuleHeader(
            type: .moduleActionResponse,
            sender: identity.node,
            receiver: request.sender,
            module: request.module,
            requestHandle: request.requestHandle,
            actionType: action
        )
        let bytes = InlineBytes<192>(payload)
        guard
            let message = try? MessageBytes(writing: { (writer) throws(CodingError) in
                try header.encode(into: &writer)
                try writer.write(bytes)
            })
        else { return }
        send(message, now: now, into: &outputs)
    }
}
