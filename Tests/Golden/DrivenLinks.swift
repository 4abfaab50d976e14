import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// Recorded links between two nodes, each replaced by a node of ours in turn.
enum DrivenLinks {
    // MARK: - Handshake

    static func handshake(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let recording = try LinkRecording(recorded)
        for isCentral in [true, false] {
            result.pass(oneOf: HandshakeReplay.Unrecorded.candidates) { unrecorded, trial in
                var replay = try HandshakeReplay(recording, isCentral: isCentral, unrecorded)
                try replay.run(&trial)
            }
        }
    }

    // MARK: - Refusal

    /// The end that wrote must write the same; the end that closed the link must close it.
    static func refusal(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let recording = try LinkRecording(recorded)
        for isCentral in [true, false] {
            let id = isCentral ? recording.central.identity.node : recording.peripheral.identity.node
            let closes = recording.closedBy == id
            guard recording.packets.contains(where: { $0.from == id }) else {
                if closes { try refuses(recording, &result) }
                continue
            }
            result.pass(oneOf: HandshakeReplay.Unrecorded.candidates) { unrecorded, trial in
                var replay = try HandshakeReplay(recording, isCentral: isCentral, unrecorded)
                try replay.run(&trial)
                if closes, !replay.closesLink() { trial.fail("node \(id) keeps the link") }
            }
        }
    }

    /// The peripheral refused at once, because of its cluster id or of its size; which one is not recorded.
    private static func refuses(_ recording: LinkRecording, _ result: inout CaseResult) throws {
        let welcome = try recording.welcome()
        let partner = recording.central.neighbour
        let id = recording.peripheral.identity.node
        let otherCluster = ClusterID(rawValue: ~welcome.cluster.rawValue)
        for (cause, cluster, size) in [
            ("an equal cluster id", welcome.cluster, welcome.clusterSize),
            ("a bigger size", otherCluster, welcome.clusterSize + 1),
        ] {
            var driven = DrivenNode(recording.peripheral.identity, address: recording.peripheral.address)
            _ = try driven.enter(cluster, size: size, with: .helpers(besides: [id, partner.id]))
            driven.connect(from: partner)
            for packet in recording.packets where packet.from == partner.id {
                driven.write(packet.bytes, from: partner.id)
            }
            if !driven.hasClosed(partner.id) { result.fail("node \(id) keeps the link in spite of \(cause)") }
            result.compare("node \(id), packets with \(cause)", driven.frames(to: partner.id).count, recorded: 0)
        }
    }

    // MARK: - Re-establishment

    /// Age of a link that may be re-established, with some to spare, in microseconds (protocol §8.5).
    private static let linkAge: UInt64 = 11_000_000

    /// A stable link is lost and comes back: RECONNECT is written both ways, as recorded.
    static func reconnect(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let recording = try LinkRecording(recorded)
        for isCentral in [true, false] {
            let end = isCentral ? recording.central : recording.peripheral
            let partner = (isCentral ? recording.peripheral : recording.central).neighbour
            let id = end.identity.node
            var driven = DrivenNode(end.identity, address: end.address)
            if isCentral {
                try driven.win(partner)
            } else {
                let cluster = ClusterID(node: partner.id, connectionLossCounter: 0, bootNumber: 1)
                try driven.yield(to: partner, cluster: cluster, size: 2)
            }
            try driven.settle(until: driven.now.advanced(byMicroseconds: linkAge))
            driven.lose(partner.id, reason: .connectionTimeout)
            if isCentral {
                try driven.connect(to: partner, within: linkAge)
            } else {
                driven.connect(from: partner)
            }
            for packet in recording.packets where packet.from == partner.id {
                driven.write(packet.bytes, from: partner.id)
            }
            result.compare(
                "node \(id)",
                driven.frames(to: partner.id).filter { $0[0] == MessageType.reconnect.rawValue }.map { $0.description },
                recorded: recording.packets.filter { $0.from == id && $0.type == .reconnect }.map {
                    $0.bytes.description
                }
            )
        }
    }
}
