public import ByteCoding

/// A packet of the LE signalling channel (Core 5.4 Vol 3 Part A 4).
///
/// | offset | size | field      |
/// |-------:|-----:|------------|
/// |      0 |    1 | code       |
/// |      1 |    1 | identifier |
/// |      2 |    2 | length     |
/// |      4 |    n | data       |
public struct SignallingPacket: WireMessage {
    /// Links answer to request, 1...255.
    public var identifier: UInt8
    /// What is said.
    public var content: Content

    /// What a packet says.
    public enum Content: Equatable, Sendable {
        /// A request was not understood (4.1).
        case commandReject(reason: UInt16)
        /// The peripheral asks for other parameters, in units of 1.25 ms and 10 ms (4.20).
        case parameterUpdateRequest(
            intervalMin: UInt16,
            intervalMax: UInt16,
            latency: UInt16,
            supervisionTimeout: UInt16
        )
        /// 0 accepts, 1 refuses (4.21).
        case parameterUpdateResponse(UInt16)
        /// A packet that this host does not know.
        case other(code: UInt8, data: InlineBytes<64>)
    }

    /// A packet from its fields.
    public init(identifier: UInt8, _ content: Content) {
        self.identifier = identifier
        self.content = content
    }

    /// The number of the packet's kind.
    public var code: UInt8 {
        switch content {
        case .commandReject: 0x01
        case .parameterUpdateRequest: 0x12
        case .parameterUpdateResponse: 0x13
        case .other(let code, _): code
        }
    }

    /// Decodes one packet; further data of a reject is passed over.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let code = try reader.read(UInt8.self)
        identifier = try reader.read()
        let length = try reader.read(UInt16.self)
        guard Int(length) == reader.remaining else {
            throw .invalidField("signalling length", value: UInt64(length))
        }
        switch code {
        case 0x01:
            content = .commandReject(reason: try reader.read())
            try reader.skip(reader.remaining)
        case 0x12:
            content = .parameterUpdateRequest(
                intervalMin: try reader.read(),
                intervalMax: try reader.read(),
                latency: try reader.read(),
                supervisionTimeout: try reader.read()
            )
        case 0x13:
            content = .parameterUpdateResponse(try reader.read())
        default:
            content = .other(code: code, data: try reader.readRest())
        }
        try reader.expectEnd()
    }

    /// Appends the packet.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(code)
        try writer.write(identifier)
        switch content {
        case .commandReject(let value), .parameterUpdateResponse(let value):
            try writer.write(UInt16(2))
            try writer.write(value)
        case .parameterUpdateRequest(let intervalMin, let intervalMax, let latency, let supervisionTimeout):
            try writer.write(UInt16(8))
            try writer.write(intervalMin)
            try writer.write(intervalMax)
            try writer.write(latency)
            try writer.write(supervisionTimeout)
        case .other(_, let data):
            try writer.write(UInt16(data.count))
            try writer.write(data)
        }
    }
}
