import ByteCoding
import FoundationEssentials
import MeshWire

/// What a recorded node told of its own state, in the lines that any terminal of the case printed of its answers.
///
/// These are the values that the node under test is given beforehand: they are compared for their place in the answers only.
struct ToldState {
    /// Averaged signal strength of links in dBm, by partner; the first if several were told.
    private(set) var linkRSSI: [NodeID: Int8] = [:]
    /// Mean signal strength of the neighbours heard since the last query, in dBm and in the order told, for each query.
    private(set) var heard: [[(node: NodeID, rssi: Int8)]] = []
    /// Low byte of the connection loss counter.
    private(set) var losses: UInt8 = 0
    /// Messages sent before, other than those that keep the cluster.
    private(set) var messagesSent: UInt16 = 0
    /// The cluster, if it was told.
    private(set) var cluster: ClusterID?
    /// A time told while nobody had set one, and when, in milliseconds of the recording.
    private(set) var clock: (seconds: UInt64, milliseconds: UInt64)?

    private let node: NodeID

    init(of node: NodeID, in recording: TerminalRecording) {
        self.node = node
        var isTimeSet = false
        for event in recording.events {
            switch event {
            case .command(_, let line, _): isTimeSet = isTimeSet || line.hasPrefix("settime")
            case .json(_, let line, let milliseconds):
                takeBuffer(line, at: milliseconds)
                guard let answer = ownAnswer(line) else { continue }
                // An answer that lacks a field tells nothing.
                try? take(answer, at: milliseconds, isTimeSet: isTimeSet)
            case .packet, .text, .reassembled: continue
            }
        }
    }

    private mutating func take(_ answer: JSONValue, at milliseconds: UInt64, isTimeSet: Bool) throws {
        switch try answer.string("type") {
        case "status":
            losses = try answer.integer("connectionLossCounter")
            take(try answer.integer("inConnectionRSSI"), of: NodeID(try answer.integer("inConnectionPartner")))
        case "connections":
            let partners: [UInt16] = try answer.integers("partners")
            for (partner, rssi) in zip(partners, try answer.integers("rssiValues", as: Int8.self)) {
                take(rssi, of: NodeID(partner))
            }
        case "debug_stats":
            losses = try answer.integer("conLoss")
            messagesSent = try answer.integer("sentUnr")
        case "nearby_nodes":
            heard.append(
                try answer.array("nodes").map {
                    (node: NodeID(try $0.integer("nodeId")), rssi: try $0.integer("rssi"))
                }
            )
        case "get_time_result" where try answer.integer("syncState") == 0:
            take(seconds: try answer.integer("time"), at: milliseconds)
        case "component_sense" where !isTimeSet:
            guard try answer.string("component") == "0xABCD", try answer.string("register") == "0x1234",
                let payload = Data(base64Encoded: try answer.string("payload")), payload.count == 4
            else { return }
            take(seconds: payload.reversed().reduce(0) { $0 << 8 | UInt64($1) }, at: milliseconds)
        default: return
        }
    }

    /// The first entry of a JOIN_ME buffer tells of the node itself, in words.
    private mutating func takeBuffer(_ line: String, at milliseconds: UInt64) {
        guard line.hasPrefix(#"{"buf":"#), line.contains(",node \(node),") else { return }
        func number(_ name: String) -> UInt32? {
            line.split(separator: ",").first { $0.hasPrefix("\(name) ") }.flatMap {
                UInt32($0.dropFirst(name.count + 1))
            }
        }
        cluster = cluster ?? number("cid").map { ClusterID(rawValue: $0) }
        if let deciseconds = number("time") { take(seconds: UInt64(deciseconds / 10), at: milliseconds) }
    }

    private mutating func take(_ rssi: Int8, of partner: NodeID) {
        guard partner != NodeID(0), linkRSSI[partner] == nil else { return }
        linkRSSI[partner] = rssi
    }

    private mutating func take(seconds: UInt64, at milliseconds: UInt64) {
        clock = clock ?? (seconds, milliseconds)
    }

    /// A line that tells of the node, without its checksum.
    private func ownAnswer(_ line: String) -> JSONValue? {
        guard let end = line.lastIndex(of: "}"),
            let document = try? JSONDecoder().decode(JSONValue.self, from: Data(line[...end].utf8)),
            (try? document.integer("nodeId")) == node.rawValue
        else { return nil }
        return document
    }
}

// An average moves between two answers, but can be set once: a later answer is compared as if the first value had lasted.
extension ToldState {
    /// A recorded packet, with the first averaged signal strength of each link if the node itself tells it.
    func withFirstSignal(_ frame: FrameBytes) -> FrameBytes {
        guard var message = try? ModuleMessage(bytes: MessageBytes(frame.array)), message.sender == node else {
            return frame
        }
        switch message.content {
        case .statusReporter(.status(var status)):
            status.inConnectionRSSI = linkRSSI[status.inConnectionPartner] ?? status.inConnectionRSSI
            message.content = .statusReporter(.status(status))
        case .statusReporter(.connections(let connections)):
            var entries = PackedList<PartnerRSSI, 12>()
            for index in 0..<connections.entries.count {
                let entry = connections.entries[index]
                entries.append(PartnerRSSI(partner: entry.partner, rssi: linkRSSI[entry.partner] ?? entry.rssi))
            }
            message.content = .statusReporter(.connections(AllConnections(entries: entries)))
        default: return frame
        }
        return (try? message.encoded()) ?? frame
    }

    /// A recorded line, likewise.
    func withFirstSignal(_ line: String) -> String {
        guard let answer = ownAnswer(line) else { return line }
        if let rssi = try? answer.integer("inConnectionRSSI", as: Int8.self),
            let partner = try? NodeID(answer.integer("inConnectionPartner")), let first = linkRSSI[partner]
        {
            return line.replacing("\"inConnectionRSSI\":\(rssi),", with: "\"inConnectionRSSI\":\(first),")
        }
        if let values = try? answer.integers("rssiValues", as: Int8.self),
            let partners = try? answer.integers("partners", as: UInt16.self)
        {
            let first = zip(partners, values).map { linkRSSI[NodeID($0)] ?? $1 }
            return line.replacing("[\(Self.list(values))]", with: "[\(Self.list(first))]")
        }
        return line
    }

    private static func list(_ values: [Int8]) -> String { values.map(\.description).joined(separator: ",") }
}
