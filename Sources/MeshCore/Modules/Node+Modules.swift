import ByteCoding
import MeshWire
import RadioPort

// What a node does with a message for it (protocol §10.1-10.4, §5.4, §10.9). Raw data is for whoever uses the node: it was
// delivered already.
extension Node {
    mutating func handleModules(
        _ message: MessageBytes,
        header: MessageHeader,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        do throws(CodingError) {
            switch header.type {
            case .moduleTriggerAction:
                act(on: try ModuleMessage(bytes: message), from: slot, now: now, into: &outputs)
            case .moduleActionResponse:
                // Answers to other modules are only delivered.
                switch message[5] {
                case ModuleID.node.rawValue:
                    nodeAnswered(try ModuleMessage(bytes: message), from: slot, now: now, into: &outputs)
                case ModuleID.enrollment.rawValue:
                    enrolmentAnswered(try ModuleMessage(bytes: message), from: slot, now: now, into: &outputs)
                default: return
                }
            case .moduleConfig:
                configure(try ModuleMessage(bytes: message), now: now, into: &outputs)
            case .capability:
                guard case .request = try Capability(bytes: message).content else { return }
                answerLater(.capabilities(next: 0), from: tick(after: now))
            case .componentAct:
                act(on: try ComponentMessage(bytes: message), now: now)
            case .updateTimestamp:
                let update = try UpdateTimestamp(bytes: message)
                becomeTimeMaster(seconds: update.time, offsetMinutes: update.offset, now: now)
            case .timeSync:
                timeSyncReceived(try TimeSync(bytes: message), from: slot, now: now, into: &outputs)
            case .updateConnectionInterval:
                updateConnectionInterval(try UpdateConnectionInterval(bytes: message), into: &outputs)
            default:
                return
            }
        } catch {
            let link = slot.flatMap { index(slot: $0) }.map { links[$0].id } ?? LinkID(rawValue: 0)
            trace(.malformed(link: link, type: header.type), into: &outputs)
        }
    }

    private mutating func act(
        on request: ModuleMessage,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard isActive(request.content.module) else { return }
        switch request.content {
        case .node(let action):
            nodeAction(action, request, from: slot, now: now, into: &outputs)
        case .statusReporter(let action):
            statusAction(action, request, from: slot, now: now, into: &outputs)
        case .debug(let action):
            debugAction(action, request, now: now, into: &outputs)
        case .enrollment(let action):
            enrolmentAction(action, request, from: slot, now: now, into: &outputs)
        case .beaconing, .io, .meshAccess, .configuration, .generic:
            return
        }
    }

    /// Answers a request, to whoever asked, with the request's handle unless another is given.
    mutating func answer(
        _ request: ModuleMessage,
        _ content: ModuleContent,
        requestHandle: UInt8? = nil,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard request.sender.isValidSender else { return }
        send(
            ModuleMessage(
                sender: identity.node,
                receiver: request.sender,
                requestHandle: requestHandle ?? request.requestHandle,
                content: content
            ),
            now: now,
            into: &outputs
        )
    }
}
