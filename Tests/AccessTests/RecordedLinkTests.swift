import ByteCoding
import FoundationEssentials
import MeshCrypto
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// The recorded MeshAccess connections, run again by two nodes that draw the recorded nonces: the same bytes on the air.
@Suite struct RecordedLinkTests {
    private static let cases = (try? RecordedLinks.read().cases) ?? []

    @Test func theRecordingsAreThere() {
        #expect(Self.cases.count == 9)
    }

    @Test(arguments: Self.cases)
    private func twoNodesWriteTheRecordedBytes(recorded: RecordedLink) throws {
        var replay = try LinkReplay(recorded)
        try replay.run()
        for index in 0...1 {
            let node = index == 0 ? recorded.central : recorded.peripheral
            let expected = recorded.events.filter { $0.event == "packet" && $0.from == node }.compactMap(\.hex)
            let written = replay.air.packets.filter { $0.from == index }.map { $0.value.description }
            #expect(written == expected, "node \(node)")
        }
    }
}

private struct RecordedLinks: Decodable {
    var cases: [RecordedLink]

    static func read() throws -> RecordedLinks {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "Golden/access_encryption_handshake.json")
        return try JSONDecoder().decode(RecordedLinks.self, from: Data(contentsOf: file))
    }
}

private struct RecordedLink: Decodable, Sendable {
    struct Keys: Decodable {
        var nodeKey: String
        var networkKey: String
        var userBaseKey: String
        var organizationKey: String
    }

    struct Event: Decodable {
        var event: String
        var from: UInt16?
        var hex: String?
        var plaintext: String?
        var line: String?
        var onNode: UInt16?
        var nonceHex: String?
        var virtualPartnerId: UInt16?
        var partnerId: UInt16?
        var fmKeyId: UInt32?
        var tunnelType: UInt8?
    }

    var central: UInt16
    var peripheral: UInt16
    var fmKeyId: UInt32
    var tunnelTypeArgument: UInt8
    var command: String
    var keysStoredOnPeripheral: Keys
    var events: [Event]

    /// The nonces by the order in which their keys were derived.
    var nonces: [String] { events.compactMap(\.nonceHex) }
}

private struct LinkReplay {
    private let recorded: RecordedLink
    var air = TestAir()

    init(_ recorded: RecordedLink) throws {
        self.recorded = recorded
        air.givesEntropy = false
        // Nodes of different networks, as recorded, do not mesh; that of the opener is not in the recording.
        air.add(Identity(node: NodeID(recorded.central), network: NetworkID(9999)))
        let (peripheral, address) = try Self.peripheral(recorded)
        air.add(peripheral, address: address)
    }

    mutating func run() throws {
        let nonces = recorded.nonces
        let anonce = try #require(nonces.first)
        let snonce = try #require(nonces.first { $0 != anonce })
        air.giveEntropy(try #require(Hex.decode(anonce)), to: 1)
        air.giveEntropy(try #require(Hex.decode(snonce)), to: 0)
        try air.open(
            from: 0,
            to: 1,
            keyID: FmKeyID(rawValue: recorded.fmKeyId),
            key: try key(),
            tunnel: TunnelType(rawValue: recorded.tunnelTypeArgument)
        )
        for event in recorded.events {
            switch event.event {
            case "packet": try sendReport(event)
            case "command": try send(try #require(event.line))
            case "connection_state": try compare(event)
            case "message_reassembled": try expectDelivery(event)
            default: break
            }
        }
    }

    /// The opener of the recording reports the state of the link to itself; whoever asked for the link does that here.
    private mutating func sendReport(_ event: RecordedLink.Event) throws {
        guard let plaintext = event.plaintext, plaintext.hasPrefix("35"), event.from == recorded.central else { return }
        let report = MessageBytes(try #require(Hex.decode(plaintext)))
        air.give(.request(.sendRaw(report)), to: 0)
        air.run(seconds: 0.3)
    }

    private mutating func send(_ line: String) throws {
        let words = line.split(separator: " ")
        let receiver = try #require(UInt16(words[1]))
        let handle = try #require(UInt8(words[4]))
        let content: ModuleContent
        switch words[2...3].joined(separator: " ") {
        case "status get_device_info": content = .statusReporter(.getDeviceInfo)
        case "status get_status": content = .statusReporter(.getStatus)
        case "node ping": content = .node(.ping)
        default:
            Issue.record("unknown command \(line)")
            return
        }
        let request = ModuleMessage(
            sender: NodeID(recorded.central),
            receiver: NodeID(receiver),
            requestHandle: words[2] == "node" ? handle : 0,
            content: content
        )
        air.give(.request(.send(try request.encoded())), to: 0)
        air.run(seconds: 1)
    }

    private func compare(_ event: RecordedLink.Event) throws {
        let index = event.onNode == recorded.central ? 0 : 1
        let link = try #require(air.accessLink(index))
        let access = try #require(link.access)
        #expect(link.partner.rawValue == event.partnerId)
        #expect(access.addressing?.virtual.rawValue == event.virtualPartnerId)
        #expect(access.channel.session?.keyID.rawValue == event.fmKeyId)
        #expect(access.channel.session?.tunnel.rawValue == event.tunnelType)
    }

    /// The message as recorded, under the id that the partner has in the own mesh.
    private func expectDelivery(_ event: RecordedLink.Event) throws {
        let index = event.onNode == recorded.central ? 0 : 1
        let hex = try #require(event.hex)
        let virtual = try #require(air.accessLink(index)?.access?.addressing?.virtual.rawValue)
        let sender = Hex.encode([UInt8(truncatingIfNeeded: virtual), UInt8(truncatingIfNeeded: virtual >> 8)])
        let expected = hex.prefix(2) + sender + hex.dropFirst(6)
        #expect(air.deliveries(index).contains(String(expected)))
    }

    /// The key in the command, or the network key of a stock build if it names none.
    private func key() throws -> Key128 {
        let words = recorded.command.split(separator: " ")
        let given = Key128(words[6].split(separator: ":").compactMap { UInt8($0, radix: 16) })
        let key = try #require(given)
        return key == .unset ? NodeKeys().network : key
    }

    /// Keys as recorded; what the node says of itself is in its answer to get_device_info, if it answers.
    private static func peripheral(_ recorded: RecordedLink) throws -> (Identity, Address?) {
        func key(_ hex: String) throws -> Key128 { try #require(Hex.decode(hex).flatMap { Key128($0) }) }
        let stored = recorded.keysStoredOnPeripheral
        let keys = NodeKeys(
            network: try key(stored.networkKey),
            node: try key(stored.nodeKey),
            userBase: try key(stored.userBaseKey),
            organization: try key(stored.organizationKey)
        )
        let node = NodeID(recorded.peripheral)
        let answers = recorded.events.filter { $0.event == "message_reassembled" }.compactMap(\.hex)
        for answer in answers {
            let message = try ModuleMessage(bytes: MessageBytes(try #require(Hex.decode(answer))))
            guard case .statusReporter(.deviceInfo(let info)) = message.content else { continue }
            var hardware = HardwareRecord()
            hardware.chipID = (0..<8).reduce(0) { $0 | UInt64(info.chipID[$1]) << UInt64($1 * 8) }
            hardware.bootloaderVersion = info.bootloaderVersion
            hardware.chipGroup = info.chipGroupID
            hardware.featuresetGroup = info.featuresetGroupID
            let identity = Identity(
                node: node,
                network: info.networkID,
                keys: keys,
                serialNumberIndex: info.serialNumber.rawValue,
                hardware: hardware
            )
            return (identity, Address(value: info.accessAddress.value, kind: .random))
        }
        return (Identity(node: node, keys: keys), nil)
    }
}
