import ByteCoding
import MeshCore
import MeshCrypto
import MeshWire
import RadioPort

/// Replays a recorded MeshAccess link with both ends of ours: every byte of both must be the recorded one.
///
/// Given are node ids, keys, nonces and, behind the handshake, the plaintext of each packet; everything else is answered.
struct ExactAccessHandshake {
    private let recorded: JSONValue
    private let central: NodeID
    private let peripheral: NodeID
    private let keyID: FmKeyID
    private let keys: NodeKeys
    private var centralEnd: End
    private var peripheralEnd: End
    private var succeeded = false

    static func check(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        var replay = try ExactAccessHandshake(recorded)
        try replay.run(&result)
    }

    /// One end of the link.
    private struct End {
        var id: NodeID
        var channel: AccessChannel
        /// What the handshake wants written next.
        var answers: [AttributeValue] = []
        var nonce: AccessNonce
        var reassembler = Reassembler()
        var closed: DisconnectReason?
        /// Messages put together from pieces and not yet compared.
        var reassembled: [MessageBytes] = []
    }

    private init(_ recorded: JSONValue) throws {
        self.recorded = recorded
        central = NodeID(try recorded.integer("central"))
        peripheral = NodeID(try recorded.integer("peripheral"))
        keyID = FmKeyID(rawValue: try recorded.integer("fmKeyId"))
        let stored = try recorded.field("keysStoredOnPeripheral")
        keys = NodeKeys(
            network: try stored.block("networkKey"),
            node: try stored.block("nodeKey"),
            userBase: try stored.block("userBaseKey"),
            organization: try stored.block("organizationKey")
        )
        let events = try recorded.array("events")
        centralEnd = try Self.centralEnd(recorded, events[...], keys)
        peripheralEnd = try Self.peripheralEnd(recorded, events[...], keys)
    }

    private mutating func run(_ result: inout CaseResult) throws {
        let events = try recorded.array("events")
        try compareStoredKeys(&result)
        for (index, event) in events.enumerated() {
            var step = CaseResult()
            switch try event.string("event") {
            case "link_connected":
                centralEnd = try Self.centralEnd(recorded, events[(index + 1)...], keys)
                peripheralEnd = try Self.peripheralEnd(recorded, events[(index + 1)...], keys)
            case "packet": try replay(event, &step)
            case "session_key_derived": try compareDerivation(event, &step)
            case "message_reassembled": try compareReassembled(event, &step)
            case "connection_state": try compareState(event, &step)
            default: break
            }
            for difference in step.differences {
                result.fail("event \(index): \(difference)")
            }
        }
        for end in [centralEnd, peripheralEnd] where !end.answers.isEmpty {
            result.fail("node \(end.id) wants to write \(end.answers), which is not recorded")
        }
        result.compare("handshake_succeeded", succeeded, recorded: try recorded.bool("handshake_succeeded"))
    }

    // MARK: - Packets

    private mutating func replay(_ event: JSONValue, _ result: inout CaseResult) throws {
        let packet = try event.bytes("hex", as: AttributeValue.self)
        if let decoded = event["decoded"] {
            let clear: MessageBytes = try event.bytes(event["plaintext"] == nil ? "hex" : "plaintext")
            try DecodedFields.compare(packet: clear, with: decoded, &result)
        }
        let from = NodeID(try event.integer("from"))
        switch (from, NodeID(try event.integer("to"))) {
        case (central, peripheral):
            if try event.string("att_operation") == "WRITE_REQ" {
                // Before the handshake the central asks for notifications.
                result.compare("CCCD", packet.array, recorded: [1, 0])
                guard let start = centralEnd.channel.start() else {
                    result.fail("the central does not begin the handshake")
                    return
                }
                centralEnd.answers.append(start)
                return
            }
            try Self.write(packet, event, from: &centralEnd, &result)
            deliver(packet, event, to: \.peripheralEnd, &result)
        case (peripheral, central):
            try Self.write(packet, event, from: &peripheralEnd, &result)
            deliver(packet, event, to: \.centralEnd, &result)
        default:
            result.fail("a packet between other nodes")
        }
        if centralEnd.channel.session != nil, peripheralEnd.channel.session != nil { succeeded = true }
    }

    /// Lets our end write, and compares.
    private static func write(
        _ packet: AttributeValue,
        _ event: JSONValue,
        from end: inout End,
        _ result: inout CaseResult
    ) throws {
        if try event.bool("encrypted") { try compareProtection(event, &result) }
        if !end.answers.isEmpty {
            result.compare("packet", end.answers.removeFirst().array, recorded: packet.array)
            return
        }
        guard event["plaintext"] != nil else {
            result.fail("node \(end.id) does not write anything now, recorded \(packet)")
            return
        }
        let plaintext = try plaintext(event)
        let nonce = try AccessNonce(words: event.integers("nonce"))
        let session = end.channel.session
        result.compare("nonce", session?.sending.nonce, recorded: nonce)
        result.compare("sessionKey", session?.sending.key, recorded: try event.block("sessionKey"))
        let sealed = end.channel.seal(plaintext, cipher: AES128.cipher)
        result.compare("packet", sealed?.array ?? [], recorded: packet.array)
    }

    private static func plaintext(_ event: JSONValue) throws -> AttributeValue {
        let plaintext = try event.bytes("plaintext", as: AttributeValue.self)
        guard AccessCipher.packetSizes.contains(plaintext.count) else {
            throw VectorError(description: "a sealed packet has 1...16 bytes")
        }
        return plaintext
    }

    /// The keystream and MIC of a recorded packet, from its own key and nonce.
    private static func compareProtection(_ event: JSONValue, _ result: inout CaseResult) throws {
        let nonce = try AccessNonce(words: event.integers("nonce"))
        var protection = AccessCipher(key: try event.block("sessionKey"), nonce: nonce)
        let keystream = protection.keystream(cipher: AES128.cipher)
        result.compare("keystream", keystream, recorded: try event.block("keystream"))
        let sealed = protection.seal(try plaintext(event), cipher: AES128.cipher)
        result.compare("sealed", sealed.array, recorded: try event.hex("hex"))
        result.compare("mic", Array(sealed.array.suffix(AccessCipher.micSize)), recorded: try event.hex("mic"))
    }

    /// Hands the packet to our other end, and compares what it makes of it.
    private mutating func deliver(
        _ packet: AttributeValue,
        _ event: JSONValue,
        to path: WritableKeyPath<ExactAccessHandshake, End>,
        _ result: inout CaseResult
    ) {
        guard self[keyPath: path].closed == nil else {
            result.fail("a packet to node \(self[keyPath: path].id), which closed the link")
            return
        }
        let nonce = self[keyPath: path].nonce
        switch self[keyPath: path].channel.receive(packet, nonce: nonce, cipher: AES128.cipher) {
        case .ignored: result.fail("the packet was ignored")
        case .send(let answer), .broken(let answer): self[keyPath: path].answers.append(answer)
        case .established(let answer): self[keyPath: path].answers += answer.map { [$0] } ?? []
        case .close(let reason): self[keyPath: path].closed = reason
        case .received(let opened):
            result.compare("opened", opened.array, recorded: (try? event.hex("plaintext")) ?? [])
            let payloadSize = AccessChannel.sealedPayloadSize
            let whole = self[keyPath: path].reassembler.accept(opened, payloadSize: payloadSize)
            if case .message(let message) = whole, message.array != opened.array {
                self[keyPath: path].reassembled.append(message)
            }
        }
    }

    // MARK: - Other events

    private func compareStoredKeys(_ result: inout CaseResult) throws {
        let stored = try recorded.field("keysStoredOnPeripheral")
        let restrained = keys.longTermKey(for: .restrained, cipher: AES128.cipher)
        result.compare("restrainedKey", restrained?.bytes ?? [], recorded: try stored.hex("restrainedKey"))
        guard recorded["derivedUserKey"] != nil else { return }
        let derived = keys.longTermKey(for: keyID, cipher: AES128.cipher)
        result.compare("derivedUserKey", derived?.bytes ?? [], recorded: try recorded.hex("derivedUserKey"))
    }

    private func compareDerivation(_ event: JSONValue, _ result: inout CaseResult) throws {
        let longTermKey: Key128?
        if NodeID(try event.integer("onNode")) == peripheral {
            let keyID = FmKeyID(rawValue: try event.integer("fmKeyId"))
            longTermKey = keys.longTermKey(for: keyID, cipher: AES128.cipher)
        } else {
            longTermKey = try Self.centralKey(recorded, try recorded.array("events")[...], keys)
        }
        result.compare("longTermKey", longTermKey?.bytes ?? [], recorded: try event.hex("longTermKey"))
        try ExactCrypto.compareSession(event, longTermKey: longTermKey ?? .unset, &result)
    }

    private mutating func compareReassembled(_ event: JSONValue, _ result: inout CaseResult) throws {
        let isCentral = NodeID(try event.integer("onNode")) == central
        let path: WritableKeyPath<ExactAccessHandshake, End> = isCentral ? \.centralEnd : \.peripheralEnd
        let message = try event.bytes("hex", as: MessageBytes.self)
        guard !self[keyPath: path].reassembled.isEmpty else {
            result.fail("no message was put together")
            return
        }
        let whole = self[keyPath: path].reassembled.removeFirst()
        result.compare("message", whole.array, recorded: message.array)
        try DecodedFields.compare(whole, with: try event.field("decoded"), &result)
    }

    private func compareState(_ event: JSONValue, _ result: inout CaseResult) throws {
        let node = NodeID(try event.integer("onNode"))
        let session = (node == central ? centralEnd : peripheralEnd).channel.session
        let isDone = try event.integer("connectionState", as: Int.self) == 4
        result.compare("connectionState is HANDSHAKE_DONE", session != nil, recorded: isDone)
        guard let session, isDone else { return }
        result.compare("partnerId", session.partner.rawValue, recorded: try event.integer("partnerId"))
        result.compare("fmKeyId", session.keyID.rawValue, recorded: try event.integer("fmKeyId"))
        result.compare("tunnelType", session.tunnel.rawValue, recorded: try event.integer("tunnelType"))
        let virtual = NodeID(try event.integer("virtualPartnerId"))
        let slots = (0..<5).map { node.virtualPartner(slot: $0) }
        result.compare("virtualPartnerId is of a slot", slots.contains(virtual), recorded: true)
    }

    // MARK: - Set-up

    private static func centralEnd(
        _ recorded: JSONValue,
        _ events: ArraySlice<JSONValue>,
        _ keys: NodeKeys
    ) throws -> End {
        let id = NodeID(try recorded.integer("central"))
        let handshake = AccessHandshake(
            centralWithID: id,
            keyID: FmKeyID(rawValue: try recorded.integer("fmKeyId")),
            longTermKey: try centralKey(recorded, events, keys),
            tunnel: TunnelType(rawValue: try recorded.integer("tunnelTypeArgument"))
        )
        let nonce = try nonce(in: events, type: .encryptCustomSNonce)
        return End(id: id, channel: AccessChannel(handshake), nonce: nonce)
    }

    private static func peripheralEnd(
        _ recorded: JSONValue,
        _ events: ArraySlice<JSONValue>,
        _ keys: NodeKeys
    ) throws -> End {
        let id = NodeID(try recorded.integer("peripheral"))
        let handshake = AccessHandshake(
            peripheralWithID: id,
            accepting: AccessHandshake.Acceptance(keys: keys)
        )
        let nonce = try nonce(in: events, type: .encryptCustomANonce)
        return End(id: id, channel: AccessChannel(handshake), nonce: nonce)
    }

    /// The key of the central: given in the command, or one that it has stored.
    ///
    /// What the central stores is not recorded; the network and organisation keys are those of the peripheral unless the
    /// recording shows the central deriving from another.
    private static func centralKey(
        _ recorded: JSONValue,
        _ events: ArraySlice<JSONValue>,
        _ keys: NodeKeys
    ) throws -> Key128 {
        let words = try recorded.string("command").split(separator: " ")
        if words.count > 6 {
            let given = Key128(words[6].split(separator: ":").compactMap { UInt8($0, radix: 16) })
            if let given, given != .unset { return given }
        }
        let central = try recorded.integer("central", as: UInt16.self)
        for event in events where try event.string("event") == "session_key_derived" {
            guard try event.integer("onNode", as: UInt16.self) == central else { continue }
            return try event.block("longTermKey")
        }
        let keyID = FmKeyID(rawValue: try recorded.integer("fmKeyId"))
        return keys.longTermKey(for: keyID, acceptsZero: true, cipher: AES128.cipher) ?? .unset
    }

    /// The nonce drawn on this link by the end that sends `type`; zero if it never came to that.
    private static func nonce(in events: ArraySlice<JSONValue>, type: MessageType) throws -> AccessNonce {
        for event in events {
            let kind = try event.string("event")
            if kind == "link_connected" { break }
            guard kind == "packet" else { continue }
            let clear = try event.hex(event["plaintext"] == nil ? "hex" : "plaintext")
            guard clear.count == EncryptCustomANonce.encodedSize, clear[0] == type.rawValue else { continue }
            return try AccessNonce(bytes: Array(clear.suffix(8)))
        }
        return AccessNonce(first: 0, second: 0)
    }
}
