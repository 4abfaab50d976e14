public import ByteCoding

/// A packet of the attribute protocol (Core 5.4 Vol 3 Part F 3.4).
///
/// The first byte tells the method; what this host neither sends nor understands keeps its bytes.
public enum ATTPacket: WireMessage {
    /// Refuses a request (3.4.1.1).
    case error(request: UInt8, handle: UInt16, code: UInt8)
    /// Tells the longest packet that the client receives (3.4.2.1).
    case exchangeMTURequest(UInt16)
    /// Tells the longest packet that the server receives (3.4.2.2).
    case exchangeMTUResponse(UInt16)
    /// Asks for the types of attributes (3.4.3.1).
    case findInformationRequest(first: UInt16, last: UInt16)
    /// Asks for groups of a type with a value (3.4.3.3).
    case findByTypeValueRequest(first: UInt16, last: UInt16, type: UInt16, value: Value)
    /// Asks for attributes of a type; the type has 2 or 16 bytes (3.4.4.1).
    case readByTypeRequest(first: UInt16, last: UInt16, type: Value)
    /// Asks for a value (3.4.4.3).
    case readRequest(UInt16)
    /// Asks for a value from an offset on (3.4.4.5).
    case readBlobRequest(handle: UInt16, offset: UInt16)
    /// Asks for groups of a type; the type has 2 or 16 bytes (3.4.4.9).
    case readByGroupTypeRequest(first: UInt16, last: UInt16, type: Value)
    /// Writes a value and waits for the answer (3.4.5.1).
    case writeRequest(handle: UInt16, value: Value)
    /// Confirms a write (3.4.5.2).
    case writeResponse
    /// Writes a value without an answer (3.4.5.3).
    case writeCommand(handle: UInt16, value: Value)
    /// Tells a value (3.4.7.1).
    case notification(handle: UInt16, value: Value)
    /// Tells a value and waits for the answer (3.4.7.2).
    case indication(handle: UInt16, value: Value)
    /// Confirms an indication (3.4.7.3).
    case confirmation
    /// Any other packet: the answers to questions about the database, whose form depends on the question.
    case other(opcode: UInt8, body: Value)

    /// Bytes of a packet that follow its fixed part, at most the longest attribute value.
    public typealias Value = InlineBytes<512>

    /// What may be refused and why (Core 5.4 Vol 3 Part F 3.4.1.1).
    public enum ErrorCode {
        /// There is no such attribute.
        public static let invalidHandle: UInt8 = 0x01
        /// The attribute cannot be read.
        public static let readNotPermitted: UInt8 = 0x02
        /// The attribute cannot be written.
        public static let writeNotPermitted: UInt8 = 0x03
        /// The request is malformed.
        public static let invalidPacket: UInt8 = 0x04
        /// The server does not know the request.
        public static let requestNotSupported: UInt8 = 0x06
        /// The offset is behind the end of the value.
        public static let invalidOffset: UInt8 = 0x07
        /// Nothing in the range is of that kind.
        public static let attributeNotFound: UInt8 = 0x0A
        /// The value has not the right length.
        public static let invalidValueLength: UInt8 = 0x0D
        /// The link is not encrypted.
        public static let insufficientEncryption: UInt8 = 0x0F
        /// Only services can be asked for as groups.
        public static let unsupportedGroupType: UInt8 = 0x10
    }

    /// The number of the method.
    public var opcode: UInt8 {
        switch self {
        case .error: 0x01
        case .exchangeMTURequest: 0x02
        case .exchangeMTUResponse: 0x03
        case .findInformationRequest: 0x04
        case .findByTypeValueRequest: 0x06
        case .readByTypeRequest: 0x08
        case .readRequest: 0x0A
        case .readBlobRequest: 0x0C
        case .readByGroupTypeRequest: 0x10
        case .writeRequest: 0x12
        case .writeResponse: 0x13
        case .writeCommand: 0x52
        case .notification: 0x1B
        case .indication: 0x1D
        case .confirmation: 0x1E
        case .other(let opcode, _): opcode
        }
    }

    /// Decodes a whole packet.
    ///
    /// - Throws: ``CodingError`` if it is too short or too long for its method.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let opcode = try reader.read(UInt8.self)
        switch opcode {
        case 0x01:
            self = .error(request: try reader.read(), handle: try reader.read(), code: try reader.read())
        case 0x02: self = .exchangeMTURequest(try reader.read())
        case 0x03: self = .exchangeMTUResponse(try reader.read())
        case 0x04: self = .findInformationRequest(first: try reader.read(), last: try reader.read())
        case 0x06:
            self = .findByTypeValueRequest(
                first: try reader.read(),
                last: try reader.read(),
                type: try reader.read(),
                value: try reader.readRest()
            )
        case 0x08:
            self = .readByTypeRequest(first: try reader.read(), last: try reader.read(), type: try Self.type(&reader))
        case 0x0A: self = .readRequest(try reader.read())
        case 0x0C: self = .readBlobRequest(handle: try reader.read(), offset: try reader.read())
        case 0x10:
            self = .readByGroupTypeRequest(
                first: try reader.read(),
                last: try reader.read(),
                type: try Self.type(&reader)
            )
        case 0x12: self = .writeRequest(handle: try reader.read(), value: try reader.readRest())
        case 0x13: self = .writeResponse
        case 0x52: self = .writeCommand(handle: try reader.read(), value: try reader.readRest())
        case 0x1B: self = .notification(handle: try reader.read(), value: try reader.readRest())
        case 0x1D: self = .indication(handle: try reader.read(), value: try reader.readRest())
        case 0x1E: self = .confirmation
        default: self = .other(opcode: opcode, body: try reader.readRest())
        }
        try reader.expectEnd()
    }

    /// A type is a UUID of 2 or 16 bytes.
    private static func type(_ reader: inout ByteReader) throws(CodingError) -> Value {
        let count = reader.remaining
        guard count == 2 || count == 16 else { throw .invalidField("UUID size", value: UInt64(count)) }
        return try reader.readRest()
    }

    /// Appends the packet.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(opcode)
        switch self {
        case .error(let request, let handle, let code):
            try writer.write(request)
            try writer.write(handle)
            try writer.write(code)
        case .exchangeMTURequest(let mtu), .exchangeMTUResponse(let mtu):
            try writer.write(mtu)
        case .findInformationRequest(let first, let last):
            try writer.write(first)
            try writer.write(last)
        case .findByTypeValueRequest(let first, let last, let type, let value):
            try writer.write(first)
            try writer.write(last)
            try writer.write(type)
            try writer.write(value)
        case .readByTypeRequest(let first, let last, let type), .readByGroupTypeRequest(let first, let last, let type):
            try writer.write(first)
            try writer.write(last)
            try writer.write(type)
        case .readRequest(let handle):
            try writer.write(handle)
        case .readBlobRequest(let handle, let offset):
            try writer.write(handle)
            try writer.write(offset)
        case .writeRequest(let handle, let value), .writeCommand(let handle, let value),
            .notification(let handle, let value), .indication(let handle, let value):
            try writer.write(handle)
            try writer.write(value)
        case .writeResponse, .confirmation:
            break
        case .other(_, let body):
            try writer.write(body)
        }
    }
}
