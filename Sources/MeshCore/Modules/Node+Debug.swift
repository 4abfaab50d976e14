import ByteCoding
import MeshWire
import RadioPort

// The debug module, number 7 (protocol §10.9).
extension Node {
    /// Receiver of a leaf ping as it is sent: 500 hops.
    private static let leafPingHops: UInt16 = 500

    mutating func debugAction(
        _ action: DebugMessage,
        _ request: ModuleMessage,
        now: Instant,
        into outputs: inout Outputs
    ) {
        switch action {
        case .ping:
            answer(request, .debug(.pingResponse), now: now, into: &outputs)
        case .leafPing:
            answerLeafPing(request, now: now, into: &outputs)
        case .getStatistics:
            answer(request, .debug(.statistics(debugStatistics())), now: now, into: &outputs)
        case .resetConnectionLossCounter:
            // Cluster ids are made from the counter itself, which must not go back.
            status.lossesAtReset = connectionLossCounter
        case .getJoinMeBuffer:
            answerJoinMeBuffer(request, now: now, into: &outputs)
        case .sendMaximumMessage:
            let payload = InlineBytes<192>((0..<192).map { UInt8($0 % 50 + 100) })
            answer(request, .debug(.maximumMessage(payload)), now: now, into: &outputs)
        case .startCounter(let counter):
            guard counter.count > 0, request.sender.isValidSender else { return }
            let due = tick(after: now).advanced(byMicroseconds: counterWait(counter))
            answerLater(.counter(counter, to: request.sender), from: due)
        case .counter, .statistics, .pingResponse, .leafPingResponse, .joinMeBufferEntry, .maximumMessage:
            return
        }
    }

    /// Answered by nodes with a single mesh link, which tell how many hops the request came.
    private mutating func answerLeafPing(_ request: ModuleMessage, now: Instant, into outputs: inout Outputs) {
        guard links.indices.count(where: { links[$0].isMeshEdge }) == 1, case .hops(let left) = request.receiver.kind
        else { return }
        let ping = LeafPing(leaf: identity.node, hops: Self.leafPingHops &- left)
        answer(request, .debug(.leafPingResponse(ping)), now: now, into: &outputs)
    }

    private func debugStatistics() -> DebugStatistics {
        var sum = LinkStatistics()
        for index in links.indices where links.isMeshEdge(index) {
            sum.dropped &+= links[index].statistics.dropped
            sum.sentReliable &+= links[index].statistics.sentReliable
            sum.sentUnreliable &+= links[index].statistics.sentUnreliable
        }
        return DebugStatistics(
            connectionLossCounter: reportedLosses,
            droppedPackets: sum.dropped,
            sentReliable: sum.sentReliable,
            sentUnreliable: sum.sentUnreliable
        )
    }

    /// An entry for the node itself, then every place of the buffer, empty ones too.
    private mutating func answerJoinMeBuffer(_ request: ModuleMessage, now: Instant, into outputs: inout Outputs) {
        let own = JoinMeBufferEntry(
            receivedTimeDs: deciseconds(at: now),
            lastConnectAttemptDs: 0,
            sender: identity.node,
            cluster: clusterID,
            clusterSize: clusterSize,
            freeIn: freeIn,
            freeOut: freeOut,
            battery: 0,
            txPower: 0,
            deviceType: identity.deviceType,
            hopsToSink: 0,
            meshWriteHandle: 0,
            ackField: classic.ackField
        )
        answer(request, .debug(.joinMeBufferEntry(own)), now: now, into: &outputs)
        for entry in classic.joinMeBuffer.entries {
            answer(request, .debug(.joinMeBufferEntry(JoinMeBufferEntry(entry))), now: now, into: &outputs)
        }
    }
}

extension JoinMeBufferEntry {
    /// A place of the buffer; all zeros if it is empty.
    fileprivate init(_ entry: JoinMeEntry?) {
        self.init(
            receivedTimeDs: entry?.receivedAt ?? 0,
            lastConnectAttemptDs: entry?.lastAttemptAt ?? 0,
            sender: entry?.joinMe.sender ?? NodeID(0),
            cluster: entry?.joinMe.cluster ?? .none,
            clusterSize: entry?.joinMe.clusterSize ?? 0,
            freeIn: entry?.joinMe.freeIn ?? 0,
            freeOut: entry?.joinMe.freeOut ?? 0,
            battery: entry?.joinMe.battery ?? 0,
            txPower: entry?.joinMe.txPower ?? 0,
            deviceType: entry?.joinMe.deviceType ?? .invalid,
            hopsToSink: entry?.joinMe.hopsToSink ?? 0,
            meshWriteHandle: entry?.joinMe.meshWriteHandle ?? 0,
            ackField: entry?.joinMe.ackField ?? .none
        )
    }
}
