public import BluetoothWire
public import ByteCoding

/// The ATT server at one end of a link (Core 5.4 Vol 3 Part F 3.4, Part G 4).
///
/// It answers every request at once, with one packet, as the protocol demands. Writes of the mesh and MeshAccess values are
/// handed on; whether they mean anything is the node's affair. A malformed request is refused, a malformed command dropped.
public struct AttributeServer: Sendable {
    /// What follows from a packet of the client.
    public struct Reaction: Equatable, Sendable {
        /// The packet to answer, if it was a request.
        public var reply: ATTPacket?
        /// A write to hand on.
        public var write: Write?
        /// The MTU that holds from now on, if it was agreed on by this packet.
        public var mtu: UInt16?
    }

    /// A write of the client.
    public struct Write: Equatable, Sendable {
        /// The attribute.
        public var handle: UInt16
        /// The bytes.
        public var value: ATTPacket.Value
        /// Whether it was a request; it is answered already.
        public var isRequest: Bool
    }

    /// Smallest MTU of a link, and the one before an exchange (Core 5.4 Vol 3 Part G 5.2.1).
    public static let mtuMin: UInt16 = 23

    /// Longest packet that this server receives.
    public let mtuMax: UInt16
    /// Longest packet on the link now.
    public var mtu = Self.mtuMin
    /// Whether the link is encrypted.
    public var isEncrypted = false
    /// Values of the client configurations, by handle; they last as long as the link.
    private var configurations: [UInt16: [UInt8]] = [:]

    /// The server of a new link.
    public init(mtuMax: UInt16) { self.mtuMax = mtuMax }

    /// Takes a packet that is meant for a server: a request or a command.
    public mutating func receive(_ bytes: [UInt8]) -> Reaction {
        guard let opcode = bytes.first else { return Reaction() }
        // Bit 6 marks commands: they are never answered.
        let isCommand = opcode & 0x40 != 0
        guard let packet = try? ATTPacket(bytes: bytes) else {
            return isCommand ? Reaction() : refuse(opcode, 0, ATTPacket.ErrorCode.invalidPacket)
        }
        switch packet {
        case .exchangeMTURequest(let client):
            mtu = max(Self.mtuMin, min(client, mtuMax))
            return Reaction(reply: .exchangeMTUResponse(mtuMax), mtu: mtu)
        case .findInformationRequest(let first, let last):
            return range(opcode, first, last) { findInformation($0) }
        case .findByTypeValueRequest(let first, let last, let type, let value):
            return range(opcode, first, last) { findByTypeValue($0, type, value.array) }
        case .readByTypeRequest(let first, let last, let type):
            return range(opcode, first, last) { readByType($0, type.array) }
        case .readByGroupTypeRequest(let first, let last, let type):
            return readByGroupType(opcode, first, last, Self.short(type.array))
        case .readRequest(let handle):
            return read(opcode, handle, offset: 0)
        case .readBlobRequest(let handle, let offset):
            return read(opcode, handle, offset: Int(offset))
        case .writeRequest(let handle, let value):
            return write(opcode, handle, value)
        case .writeCommand(let handle, let value):
            return writeCommand(handle, value)
        default:
            return isCommand ? Reaction() : refuse(opcode, 0, ATTPacket.ErrorCode.requestNotSupported)
        }
    }

    // MARK: - Discovery

    /// What a search came to.
    private enum Found {
        case packet(opcode: UInt8, body: [UInt8])
        case error(handle: UInt16, code: UInt8)
    }

    private func range(
        _ opcode: UInt8,
        _ first: UInt16,
        _ last: UInt16,
        _ search: (ArraySlice<AttributeDatabase.Attribute>) -> Found?
    ) -> Reaction {
        guard first > 0, first <= last else { return refuse(opcode, first, ATTPacket.ErrorCode.invalidHandle) }
        let all = AttributeDatabase.attributes
        let start = all.firstIndex { $0.handle >= first } ?? all.endIndex
        let end = all.firstIndex { $0.handle > last } ?? all.endIndex
        switch search(all[start..<max(start, end)]) {
        case nil: return refuse(opcode, first, ATTPacket.ErrorCode.attributeNotFound)
        case .error(let handle, let code): return refuse(opcode, handle, code)
        case .packet(let opcode, let body):
            return Reaction(reply: .other(opcode: opcode, body: ATTPacket.Value(body)))
        }
    }

    private func findInformation(_ attributes: ArraySlice<AttributeDatabase.Attribute>) -> Found? {
        guard let size = attributes.first?.type.count else { return nil }
        var body: [UInt8] = [size == 2 ? 1 : 2]
        // One answer has types of one size only.
        for attribute in attributes.prefix(while: { $0.type.count == size }) {
            guard body.count + 2 + size < Int(mtu) else { break }
            body += Self.bytes(attribute.handle) + attribute.type
        }
        return .packet(opcode: 0x05, body: body)
    }

    private func findByTypeValue(
        _ attributes: ArraySlice<AttributeDatabase.Attribute>,
        _ type: UInt16,
        _ value: [UInt8]
    ) -> Found? {
        var body: [UInt8] = []
        for attribute in attributes
        where attribute.type == Self.bytes(type) && attribute.value == value && !attribute.needsEncryption {
            guard body.count + 4 < Int(mtu) else { break }
            body += Self.bytes(attribute.handle) + Self.bytes(attribute.groupEnd ?? attribute.handle)
        }
        return body.isEmpty ? nil : .packet(opcode: 0x07, body: body)
    }

    private func readByType(_ attributes: ArraySlice<AttributeDatabase.Attribute>, _ type: [UInt8]) -> Found? {
        var body: [UInt8] = []
        var size: Int?
        for attribute in attributes where attribute.type == Self.short(type) {
            guard let value = value(of: attribute) else {
                return size == nil ? .error(handle: attribute.handle, code: readError(attribute)) : finish(body)
            }
            let entry = Self.bytes(attribute.handle) + value.prefix(Int(mtu) - 4)
            // One answer has entries of one size only.
            guard size == nil || size == entry.count, body.count + 1 + entry.count < Int(mtu) else { break }
            if size == nil { body = [UInt8(entry.count)] }
            size = entry.count
            body += entry
        }
        return body.isEmpty ? nil : finish(body)

        func finish(_ body: [UInt8]) -> Found { .packet(opcode: 0x09, body: body) }
    }

    private func readByGroupType(_ opcode: UInt8, _ first: UInt16, _ last: UInt16, _ type: [UInt8]) -> Reaction {
        // Only services are groups. There are no secondary ones: a client that were told of any would look for them in vain.
        guard type == AttributeDatabase.primaryService || type == [0x01, 0x28] else {
            return refuse(opcode, first, ATTPacket.ErrorCode.unsupportedGroupType)
        }
        return range(opcode, first, last) { attributes in
            var body: [UInt8] = []
            for attribute in attributes where attribute.type == type {
                let value = attribute.value ?? []
                let entry = Self.bytes(attribute.handle) + Self.bytes(attribute.groupEnd ?? 0) + value
                if body.isEmpty { body = [UInt8(entry.count)] }
                guard Int(body[0]) == entry.count, body.count + entry.count < Int(mtu) else { break }
                body += entry
            }
            return body.isEmpty ? nil : .packet(opcode: 0x11, body: body)
        }
    }

    // MARK: - Values

    private func read(_ opcode: UInt8, _ handle: UInt16, offset: Int) -> Reaction {
        guard let attribute = Self.attribute(handle) else {
            return refuse(opcode, handle, ATTPacket.ErrorCode.invalidHandle)
        }
        guard let value = value(of: attribute) else { return refuse(opcode, handle, readError(attribute)) }
        guard offset <= value.count else { return refuse(opcode, handle, ATTPacket.ErrorCode.invalidOffset) }
        let body = value.dropFirst(offset).prefix(Int(mtu) - 1)
        return Reaction(reply: .other(opcode: opcode + 1, body: ATTPacket.Value(body)))
    }

    private mutating func write(_ opcode: UInt8, _ handle: UInt16, _ value: ATTPacket.Value) -> Reaction {
        guard let attribute = Self.attribute(handle) else {
            return refuse(opcode, handle, ATTPacket.ErrorCode.invalidHandle)
        }
        guard let sizes = attribute.writable else {
            return refuse(opcode, handle, ATTPacket.ErrorCode.writeNotPermitted)
        }
        guard isEncrypted || !attribute.needsEncryption else {
            return refuse(opcode, handle, ATTPacket.ErrorCode.insufficientEncryption)
        }
        guard sizes.contains(value.count) else {
            return refuse(opcode, handle, ATTPacket.ErrorCode.invalidValueLength)
        }
        if attribute.type == AttributeDatabase.clientConfiguration { configurations[handle] = value.array }
        return Reaction(reply: .writeResponse, write: Write(handle: handle, value: value, isRequest: true))
    }

    /// Commands need no encryption here: a link that the radio cannot encrypt is protected by what is written.
    private func writeCommand(_ handle: UInt16, _ value: ATTPacket.Value) -> Reaction {
        guard let attribute = Self.attribute(handle), let sizes = attribute.writable, sizes.contains(value.count),
            attribute.type != AttributeDatabase.clientConfiguration
        else { return Reaction() }
        return Reaction(write: Write(handle: handle, value: value, isRequest: false))
    }

    private func value(of attribute: AttributeDatabase.Attribute) -> [UInt8]? {
        if attribute.needsEncryption, !isEncrypted { return nil }
        return configurations[attribute.handle] ?? attribute.value
    }

    private func readError(_ attribute: AttributeDatabase.Attribute) -> UInt8 {
        attribute.value == nil ? ATTPacket.ErrorCode.readNotPermitted : ATTPacket.ErrorCode.insufficientEncryption
    }

    private func refuse(_ opcode: UInt8, _ handle: UInt16, _ code: UInt8) -> Reaction {
        Reaction(reply: .error(request: opcode, handle: handle, code: code))
    }

    private static func attribute(_ handle: UInt16) -> AttributeDatabase.Attribute? {
        AttributeDatabase.attributes.first { $0.handle == handle }
    }

    private static func bytes(_ value: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }

    /// The short form of a UUID on the Bluetooth base, any other as it is (Core 5.4 Vol 3 Part B 2.5.1).
    private static func short(_ uuid: [UInt8]) -> [UInt8] {
        let base: [UInt8] = [0xFB, 0x34, 0x9B, 0x5F, 0x80, 0, 0, 0x80, 0, 0x10, 0, 0]
        guard uuid.count == 16, Array(uuid[..<12]) == base, uuid[14] == 0, uuid[15] == 0 else { return uuid }
        return Array(uuid[12..<14])
    }
}
