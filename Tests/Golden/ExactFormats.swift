import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// Checks of single values: identifiers, checksums, advertisements, splitting, scores.
enum ExactFormats {
    static func clusterID(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let id = ClusterID(
            node: NodeID(try recorded.integer("nodeId")),
            connectionLossCounter: try recorded.integer("connectionLossCounter"),
            bootNumber: try recorded.integer("randomBootNumber")
        )
        result.compare("clusterId", id.rawValue, recorded: try recorded.integer("clusterId"))
    }

    static func crc(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let data = try recorded.hex("data")
        result.compare("crc8", CRC.crc8(data), recorded: try recorded.integer("crc8"))
        result.compare("crc16", CRC.crc16(data), recorded: try recorded.integer("crc16"))
        result.compare("crc32", CRC.crc32(data), recorded: try recorded.integer("crc32"))
        guard let chained = recorded["chained"] else { return }
        let split = try chained.integer("splitAt", as: Int.self)
        let (first, second) = (data.prefix(split), data.dropFirst(split))
        let crc16 = CRC.crc16(first)
        result.compare("crc16First", crc16, recorded: try chained.integer("crc16First"))
        let crc16Chained = CRC.crc16(second, continuing: crc16)
        result.compare("crc16Chained", crc16Chained, recorded: try chained.integer("crc16Chained"))
        let crc32 = CRC.crc32(first)
        result.compare("crc32First", crc32, recorded: try chained.integer("crc32First"))
        let crc32Chained = CRC.crc32(second, continuing: crc32)
        result.compare("crc32Chained", crc32Chained, recorded: try chained.integer("crc32Chained"))
    }

    static func serialFromIndex(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let serial = SerialNumber(try recorded.integer("index"))
        let text = serial.text
        result.compare("serial", text, recorded: try recorded.string("serial"))
        result.compare("returnValue", text.utf8.count, recorded: try recorded.integer("returnValue"))
        let back = parse(text)
        result.compare("backIndex", back.index, recorded: try recorded.integer("backIndex"))
        result.compare("backError", back.error, recorded: try recorded.bool("backError"))
    }

    static func serialParse(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let parsed = parse(try recorded.string("serial"))
        result.compare("index", parsed.index, recorded: try recorded.integer("index"))
        result.compare("error", parsed.error, recorded: try recorded.bool("error"))
    }

    private static func parse(_ text: String) -> (index: UInt32, error: Bool) {
        guard let serial = try? SerialNumber(parsing: text) else { return (SerialNumber.invalid.rawValue, true) }
        return (serial.rawValue, false)
    }

    static func joinMe(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let bytes = try recorded.hex("hex")
        let joinMe = try JoinMe(bytes: bytes)
        let encoded = try joinMe.encoded(as: AdvertisingData.self).array
        result.compare("encoded again", encoded, recorded: bytes)
        let fields = try recorded.field("decoded")
        func compare<Value: FixedWidthInteger>(_ name: String, _ answer: Value) throws {
            // A signed field is recorded now as signed, now as unsigned: only its bits count.
            let bits = try fields.integer(name, as: Int64.self)
            result.compare(name, answer, recorded: Value(truncatingIfNeeded: bits))
        }
        try compare("flagsLen", encoded[0])
        try compare("flagsType", encoded[1])
        try compare("flags", encoded[2])
        try compare("manufacturerLen", encoded[3])
        try compare("manufacturerType", encoded[4])
        try compare("companyIdentifier", JoinMe.companyIdentifier)
        try compare("meshIdentifier", JoinMe.meshIdentifier)
        try compare("networkId", joinMe.network.rawValue)
        try compare("messageType", JoinMe.messageType)
        try compare("sender", joinMe.sender.rawValue)
        try compare("clusterId", joinMe.cluster.rawValue)
        try compare("clusterSize", joinMe.clusterSize)
        try compare("freeMeshInConnections", joinMe.freeIn)
        try compare("freeMeshOutConnections", joinMe.freeOut)
        try compare("batteryRuntime", joinMe.battery)
        try compare("txPower", joinMe.txPower)
        try compare("deviceType", joinMe.deviceType.rawValue)
        try compare("hopsToSink", joinMe.hopsToSink)
        try compare("meshWriteHandle", joinMe.meshWriteHandle)
        try compare("ackField", joinMe.ackField.rawValue)
    }

    static func splitPackets(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let message = try recorded.bytes("message", as: MessageBytes.self)
        let payloadSize = try recorded.integer("max_fragment_bytes", as: Int.self)
        let fragments = try recorded.array("fragments").map { fragment in
            guard case .string(let text) = fragment, let bytes = Hex.decode(text) else {
                throw VectorError(description: "a fragment is not hexadecimal")
            }
            return bytes
        }
        var splitter = Splitter(message, payloadSize: payloadSize)
        var answer: [String] = []
        while let frame = splitter.nextFrame() {
            answer.append(Hex.encode(frame.array))
        }
        result.compare("fragments", answer, recorded: fragments.map { Hex.encode($0) })
        var reassembler = Reassembler()
        var whole: [String] = []
        for fragment in fragments {
            let frame = FrameBytes(fragment)
            if case .message(let message) = reassembler.accept(frame, payloadSize: payloadSize) {
                whole.append(message.description)
            }
        }
        result.compare("reassembled", whole, recorded: [message.description])
        try DecodedFields.compare(message, with: try recorded.field("message_decoded"), &result)
    }

    static func clusterScore(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let node = try recorded.field("node")
        let heard = try recorded.field("joinMe")
        let view = ScoringView(
            cluster: ClusterID(rawValue: try node.integer("clusterId")),
            clusterSize: try node.integer("clusterSize"),
            deviceType: DeviceType(rawValue: try node.integer("deviceType")),
            now: try node.integer("appTimerDs"),
            partners: PartnerList(try node.integers("connectedMeshPartnerIds").map { NodeID($0) }),
            preferred: PartnerList(try node.integers("preferredPartnerIds").map { NodeID($0) }),
            preferredMode: try preferredMode(node.string("preferredConnectionMode"))
        )
        let entry = JoinMeEntry(
            joinMe: JoinMe(
                network: NetworkID(11),
                sender: NodeID(try heard.integer("sender")),
                cluster: ClusterID(rawValue: try heard.integer("clusterId")),
                clusterSize: try heard.integer("clusterSize"),
                freeIn: try heard.integer("freeMeshInConnections"),
                freeOut: try heard.integer("freeMeshOutConnections"),
                battery: try heard.integer("batteryRuntime"),
                deviceType: DeviceType(rawValue: try heard.integer("deviceType")),
                hopsToSink: try heard.integer("hopsToSink"),
                meshWriteHandle: 1,
                ackField: ClusterID(rawValue: try heard.integer("ackField"))
            ),
            address: Address(value: 0, kind: .random),
            connectable: true,
            rssi: try heard.integer("rssi"),
            receivedAt: try heard.integer("receivedTimeDs"),
            attempts: try heard.integer("attemptsToConnect"),
            lastAttemptAt: try heard.integer("lastConnectAttemptDs")
        )
        let master = try recorded.integer("scoreAsMaster", as: UInt32.self)
        result.compare("scoreAsMaster", view.centralScore(of: entry), recorded: master)
        let slave = try recorded.integer("scoreAsSlave", as: UInt32.self)
        result.compare("scoreAsSlave", view.peripheralScore(of: entry), recorded: slave)
    }

    private static func preferredMode(_ name: String) throws -> PreferredMode {
        switch name {
        case "PENALTY": .penalty
        case "IGNORED": .ignored
        default: throw VectorError(description: "unknown preferredConnectionMode \(name)")
        }
    }
}
