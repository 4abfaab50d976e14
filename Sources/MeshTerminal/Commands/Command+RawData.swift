import ByteCoding
import MeshWire

extension Command {
    private static let reportedChunksMax = 3

    /// `raw_data_light` with node, module, protocol, data and handle (protocol §10.3).
    func rawDataLight(_ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest] {
        try arguments.expect(atLeast: 4)
        var message = RawDataLight(
            sender: ownNodeID,
            receiver: try arguments.node(),
            module: try arguments.module(),
            dataProtocol: RawDataProtocol(rawValue: try arguments.number()),
            data: try arguments.bytes()
        )
        message.requestHandle = try arguments.requestHandle()
        return try send(message, to: message.receiver)
    }

    /// The other commands of raw data, all with node and module in front and a handle behind (protocol §10.3).
    func rawData(_ name: String, _ arguments: inout Arguments) throws(TerminalError) -> [TerminalRequest] {
        let receiver = try arguments.node()
        let module = try arguments.module()
        var handle: UInt8 = 0
        let content: RawData.Content
        switch name {
        case "raw_data_start":
            try arguments.expect(atLeast: 2)
            var start = RawDataStart(
                numChunks: try arguments.chunk(),
                dataProtocol: RawDataProtocol(rawValue: try arguments.number())
            )
            handle = try arguments.requestHandle()
            start.metadata = try arguments.metadata()
            content = .start(start)
        case "raw_data_start_received":
            handle = try arguments.requestHandle()
            content = .startReceived(try arguments.metadata())
        case "raw_data_chunk":
            try arguments.expect(atLeast: 2)
            let chunk = RawDataChunk(chunkID: try arguments.chunk(), data: try arguments.bytes())
            handle = try arguments.requestHandle()
            content = .chunk(chunk)
        case "raw_data_report":
            let missing = try missingChunks(try arguments.word())
            handle = try arguments.requestHandle()
            content = .report(missing)
        case "raw_data_report_desired":
            handle = try arguments.requestHandle()
            content = .reportDesired
        case "raw_data_error":
            try arguments.expect(atLeast: 2)
            let error = RawDataError(rawValue: try arguments.number())
            let destination: UInt8 = try arguments.number()
            handle = try arguments.requestHandle()
            content = .error(error, destination: destination)
        default: throw .commandNotFound
        }
        return try send(
            RawData(
                sender: ownNodeID,
                receiver: receiver,
                module: module,
                requestHandle: handle,
                content: content
            ),
            to: receiver
        )
    }

    /// Up to three numbers with commas between them, or `-` for none.
    private func missingChunks(_ word: String) throws(TerminalError) -> PackedList<UInt32, 12> {
        var missing: [UInt32] = []
        for part in word.split(separator: ",", omittingEmptySubsequences: false) where word != "-" {
            guard missing.count < Self.reportedChunksMax else { throw .wrongArguments }
            missing.append(try Arguments.number(part))
        }
        return PackedList(missing + repeatElement(0, count: Self.reportedChunksMax - missing.count))
    }
}

extension Arguments {
    /// A number of 24 bits.
    fileprivate mutating func chunk() throws(TerminalError) -> UInt32 { try number(in: 0...0xFF_FFFF) }

    /// Up to 40 bytes at the end of a command.
    fileprivate mutating func metadata() throws(TerminalError) -> InlineBytes<40> {
        isEmpty ? InlineBytes() : try bytes()
    }
}
