import ByteCoding
import MeshWire
import RadioPort

// The node module, number 0 (protocol §10.2).
extension Node {
    mutating func nodeAction(
        _ action: NodeMessage,
        _ request: ModuleMessage,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        switch action {
        case .setDiscovery(let mode):
            self.request(mode == 0 ? .idle : .high, now: now, into: &outputs)
            answer(request, .node(.setDiscoveryResult), requestHandle: 0, now: now, into: &outputs)
        case .reset(let seconds):
            scheduleRestart(.remoteReset, in: UInt64(seconds) * 1_000_000, now: now)
        case .setPreferredConnections(let preferred):
            setPreferredConnections(preferred, request, now: now, into: &outputs)
        case .ping:
            answer(request, .node(.pingResponse), now: now, into: &outputs)
        case .generateLoad(let load):
            answer(request, .node(.generateLoadResult), now: now, into: &outputs)
            if load.amount > 0 {
                answerLater(.load(load, requestHandle: request.requestHandle), from: tick(after: now))
            }
        case .emergencyDisconnect:
            freeLink(for: request, now: now, into: &outputs)
        case .setEnrolledNodes(let count):
            enrolledNodesReceived(count, request, from: slot, now: now, into: &outputs)
        case .getTime:
            answerTime(request, now: now, into: &outputs)
        case .addGroup(let group):
            let result = GroupResult(group: group, code: addGroup(group, into: &outputs))
            answer(request, .node(.addGroupResult(result)), requestHandle: 0, now: now, into: &outputs)
        case .removeGroup(let group):
            let result = GroupResult(group: group, code: removeGroup(group, into: &outputs))
            answer(request, .node(.removeGroupResult(result)), requestHandle: 0, now: now, into: &outputs)
        case .clearGroups:
            clearGroups(into: &outputs)
            let result = GroupResult(group: NodeID(0), code: .ok)
            answer(request, .node(.clearGroupsResult(result)), requestHandle: 0, now: now, into: &outputs)
        case .getGroups:
            let groups = PackedList<NodeID, 40>(stored.groups.prefix(Limits.dynamicGroups))
            answer(request, .node(.groups(groups)), now: now, into: &outputs)
        case .generateLoadChunk, .setDiscoveryResult, .setPreferredConnectionsResult, .pingResponse,
            .generateLoadResult, .emergencyDisconnectResponse, .setEnrolledNodesResult, .getTimeResult,
            .addGroupResult, .removeGroupResult, .clearGroupsResult, .groups:
            return
        }
    }

    /// Answers that the node itself waits for.
    mutating func nodeAnswered(
        _ response: ModuleMessage,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard case .node(let answer) = response.content else { return }
        switch answer {
        case .setEnrolledNodesResult(let count):
            enrolledNodesAnswered(count, by: response.sender, from: slot, now: now)
        case .emergencyDisconnectResponse(let code):
            emergencyAnswered(code, from: slot, now: now, into: &outputs)
        default:
            return
        }
    }

    /// Stores the preferred partners; the node starts anew with them.
    private mutating func setPreferredConnections(
        _ preferred: SetPreferredConnections,
        _ request: ModuleMessage,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let mode = PreferredMode(rawValue: preferred.mode.rawValue),
            preferred.count <= Limits.preferredPartners
        else { return }
        stored.preferredPartners = Array(preferred.partners.prefix(Int(preferred.count)))
        stored.preferredMode = mode
        persist(into: &outputs)
        answer(request, .node(.setPreferredConnectionsResult), now: now, into: &outputs)
        scheduleRestart(.preferredConnections, in: configuration.timing.preferredConnectionsDelay, now: now)
    }

    private mutating func answerTime(_ request: ModuleMessage, now: Instant, into outputs: inout Outputs) {
        let result = GetTimeResult(
            time: clock.seconds(at: ticks(at: now)),
            offset: clock.offsetMinutes,
            syncState: clock.syncState,
            isTimeMaster: clock.isTimeMaster
        )
        answer(request, .node(.getTimeResult(result)), requestHandle: 0, now: now, into: &outputs)
    }
}
