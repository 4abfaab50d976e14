import ByteCoding
import MeshWire
import RadioPort

// What the status reporter tells of connections (protocol §10.1).
extension Node {
    /// ALL_CONNECTIONS, always to everybody: the first incoming mesh link, then the outgoing ones.
    mutating func reportConnections(requestHandle: UInt8 = 0, now: Instant, into outputs: inout Outputs) {
        let nobody = PartnerRSSI(partner: NodeID(0), rssi: 0)
        var incoming = nobody
        var outgoing = PackedList<PartnerRSSI, 12>()
        for slot in 0..<UInt8(Limits.connections) {
            guard let index = index(slot: slot), links.isMeshEdge(index) else { continue }
            let entry = PartnerRSSI(
                partner: links[index].partner,
                rssi: links[index].averageRSSI.value(at: deciseconds(at: now))
            )
            if links[index].role == .peripheral {
                if incoming == nobody { incoming = entry }
            } else if outgoing.count < 3 {
                outgoing.append(entry)
            }
        }
        var entries = PackedList<PartnerRSSI, 12>()
        entries.append(incoming)
        for position in 0..<3 {
            entries.append(position < outgoing.count ? outgoing[position] : nobody)
        }
        send(
            ModuleMessage(
                sender: identity.node,
                receiver: .broadcast,
                requestHandle: requestHandle,
                content: .statusReporter(.connections(AllConnections(entries: entries)))
            ),
            now: now,
            into: &outputs
        )
    }

    /// ALL_CONNECTIONS_VERBOSE of the connection at a position in slot order, or of all; nothing for one that there is not.
    mutating func answerConnections(
        _ request: ModuleMessage,
        index wanted: UInt32,
        now: Instant,
        into outputs: inout Outputs
    ) {
        var position: UInt32 = 0
        for slot in 0..<UInt8(Limits.connections) {
            guard let index = index(slot: slot) else { continue }
            if wanted == position || wanted == UInt32.max {
                let report = connectionReport(links[index], position: position, now: now)
                answer(request, .statusReporter(.connectionVerbose(report)), now: now, into: &outputs)
            }
            position += 1
        }
    }

    private func connectionReport(_ link: Link, position: UInt32, now: Instant) -> ConnectionVerbose {
        ConnectionVerbose(
            connectionIndex: position,
            partnerID: link.partner,
            partnerAddress: BleGapAddress(link.address),
            connectionType: link.kind.rawValue,
            averageRSSI: link.averageRSSI.value(at: deciseconds(at: now)),
            connectionState: link.state.rawValue,
            encryptionState: link.encryption.rawValue,
            connectionID: link.slot,
            uniqueConnectionID: link.unique,
            connectionHandle: UInt16(truncatingIfNeeded: link.id.rawValue),
            direction: link.role == .central ? 1 : 0,
            creationTimeDs: link.createdAt,
            handshakeStartedDs: link.handshakeStartedAt,
            connectionHandshakedTimestampDs: link.handshakedAt,
            disconnectedTimestampDs: link.lostAt,
            droppedPackets: link.statistics.dropped,
            sentReliable: link.statistics.sentReliable,
            sentUnreliable: link.statistics.sentUnreliable,
            pendingPackets: UInt32(link.queues.messageCount),
            connectionMtu: UInt32(link.payload),
            clusterUpdateCounter: link.classic.updateCounter,
            nextExpectedClusterUpdateCounter: link.classic.expectedCounter,
            manualPacketsSent: 0
        )
    }
}
