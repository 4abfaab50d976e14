public import ByteCoding

extension HCIEvent {
    /// Decodes an event without its packet type.
    ///
    /// - Throws: ``CodingError`` if the bytes are fewer than they say, or too few for an event that is known.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let code = try reader.read(UInt8.self)
        let count = try reader.read(UInt8.self)
        let parameters: Parameters = try reader.readBytes(Int(count))
        self = try parameters.withBytes { (bytes) throws(CodingError) in
            var reader = ByteReader(bytes)
            return try Self.decode(code, parameters, &reader)
        }
    }

    /// Decodes an event from an array, without its packet type.
    ///
    /// - Throws: ``CodingError`` as ``init(from:)``.
    public init(bytes: ArraySlice<UInt8>) throws(CodingError) {
        guard bytes.count <= 257 else { throw .trailingBytes(count: bytes.count - 257) }
        self = try InlineBytes<257>(bytes).withBytes { (bytes) throws(CodingError) in
            var reader = ByteReader(bytes)
            return try HCIEvent(from: &reader)
        }
    }

    private static func decode(
        _ code: UInt8,
        _ parameters: Parameters,
        _ reader: inout ByteReader
    ) throws(CodingError) -> HCIEvent {
        switch code {
        case 0x05:
            let status = try reader.read(UInt8.self)
            let connection = ConnectionHandle(rawValue: try reader.read())
            return .disconnectionComplete(status: status, connection: connection, reason: try reader.read())
        case 0x08, 0x59:
            let status = try reader.read(UInt8.self)
            let connection = ConnectionHandle(rawValue: try reader.read())
            let enabled = try reader.read(UInt8.self) != 0
            // The second version of the event tells the size of the key as well.
            if code == 0x59 { try reader.skip(1) }
            return .encryptionChange(status: status, connection: connection, enabled: enabled)
        case 0x30:
            let status = try reader.read(UInt8.self)
            return .encryptionKeyRefresh(status: status, connection: ConnectionHandle(rawValue: try reader.read()))
        case 0x0E:
            let credits = try reader.read(UInt8.self)
            let opcode = HCIOpcode(rawValue: try reader.read())
            return .commandComplete(credits: credits, opcode: opcode, parameters: try reader.readRest())
        case 0x0F:
            let status = try reader.read(UInt8.self)
            let credits = try reader.read(UInt8.self)
            return .commandStatus(status: status, credits: credits, opcode: HCIOpcode(rawValue: try reader.read()))
        case 0x10:
            return .hardwareError(code: try reader.read())
        case 0x13:
            return .packetsCompleted(try completedPackets(&reader))
        case 0x1A:
            return .dataBufferOverflow(linkType: try reader.read())
        case 0x3E:
            return try decodeLE(try reader.read(), parameters, &reader)
        default:
            return .unknown(code: code, parameters: parameters)
        }
    }

    private static func completedPackets(
        _ reader: inout ByteReader
    ) throws(CodingError) -> ContiguousArray<CompletedPackets> {
        // Handle and count of each connection alternate, as every controller sends them.
        var packets: ContiguousArray<CompletedPackets> = []
        for _ in 0..<(try reader.read(UInt8.self)) {
            let connection = ConnectionHandle(rawValue: try reader.read())
            packets.append(CompletedPackets(connection: connection, count: try reader.read()))
        }
        return packets
    }

    private static func decodeLE(
        _ subevent: UInt8,
        _ parameters: Parameters,
        _ reader: inout ByteReader
    ) throws(CodingError) -> HCIEvent {
        switch subevent {
        case 0x01: return .connectionComplete(try ConnectionComplete(from: &reader, isEnhanced: false))
        case 0x0A: return .connectionComplete(try ConnectionComplete(from: &reader, isEnhanced: true))
        case 0x02:
            var reports: ContiguousArray<AdvertisingReport> = []
            for _ in 0..<(try reader.read(UInt8.self)) {
                reports.append(try AdvertisingReport(from: &reader))
            }
            return .advertisingReports(reports)
        case 0x03:
            let status = try reader.read(UInt8.self)
            return .connectionUpdateComplete(
                status: status,
                connection: ConnectionHandle(rawValue: try reader.read()),
                interval: try reader.read(),
                latency: try reader.read(),
                supervisionTimeout: try reader.read()
            )
        case 0x04:
            let status = try reader.read(UInt8.self)
            let connection = ConnectionHandle(rawValue: try reader.read())
            return .remoteFeatures(status: status, connection: connection, features: try reader.read())
        case 0x05:
            let connection = ConnectionHandle(rawValue: try reader.read())
            let random = try reader.read(UInt64.self)
            return .longTermKeyRequest(connection: connection, random: random, diversifier: try reader.read())
        case 0x06:
            return .remoteParameterRequest(
                connection: ConnectionHandle(rawValue: try reader.read()),
                intervalMin: try reader.read(),
                intervalMax: try reader.read(),
                latency: try reader.read(),
                supervisionTimeout: try reader.read()
            )
        case 0x07:
            let connection = ConnectionHandle(rawValue: try reader.read())
            let transmitBytes = try reader.read(UInt16.self)
            try reader.skip(2)
            let receiveBytes = try reader.read(UInt16.self)
            try reader.skip(2)
            return .dataLengthChange(connection: connection, transmitBytes: transmitBytes, receiveBytes: receiveBytes)
        default:
            return .unknown(code: 0x3E, parameters: parameters)
        }
    }
}
