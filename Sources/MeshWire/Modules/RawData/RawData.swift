public import ByteCoding

/// A transfer between modules with flow control (protocol §10.3).
///
/// Little-endian. A module header of type 54, plain or vendor, whose action is the sub-type.
///
/// | action | content       | payload                                          |
/// |-------:|---------------|--------------------------------------------------|
/// |      0 | start         | u24 numChunks, u8 protocol, u32 fmKeyID, metadata |
/// |      1 | startReceived | metadata                                         |
/// |      2 | chunk         | u24 chunkID, u8 0, data                          |
/// |      3 | report        | u32[3] missing chunks, 0 for none                |
/// |      4 | error         | u8 error, u8 destination                         |
/// |      5 | reportDesired | empty                                            |
public struct RawData: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 8

    /// The node that wrote the message.
    public var sender: NodeID
    /// Who the message is for.
    public var receiver: NodeID
    /// The module that transfers.
    public var module: ModuleIdentifier
    /// Names the transfer between two nodes.
    public var requestHandle: UInt8
    /// The step of the transfer.
    public var content: Content

    /// A step of the transfer.
    public enum Content: Equatable, Sendable {
        /// Announces a transfer.
        case start(RawDataStart)
        /// The receiver is ready, with metadata.
        case startReceived(InlineBytes<40>)
        /// One piece.
        case chunk(RawDataChunk)
        /// Up to three missing chunks, 0 for none.
        case report(PackedList<UInt32, 12>)
        /// The transfer has failed; the destination is 1 the sender, 2 the receiver, 3 both.
        case error(RawDataError, destination: UInt8)
        /// The sender wants a report.
        case reportDesired
        /// A step of a later version.
        case unknown(actionType: UInt8, payload: InlineBytes<192>)
    }

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        module: ModuleIdentifier,
        requestHandle: UInt8 = 0,
        content: Content
    ) {
        self.sender = sender
        self.receiver = receiver
        self.module = module
        self.requestHandle = requestHandle
        self.content = content
    }

    /// Decodes header and payload.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try ModuleHeader(from: &reader)
        guard header.type == .moduleRawData else {
            throw .invalidField("messageType", value: UInt64(header.type.rawValue))
        }
        sender = header.sender
        receiver = header.receiver
        module = header.module
        requestHandle = header.requestHandle
        switch header.actionType {
        case 0: content = .start(try RawDataStart(from: &reader))
        case 1: content = .startReceived(try reader.readAvailable())
        case 2: content = .chunk(try RawDataChunk(from: &reader))
        case 3: content = .report(try PackedList(from: &reader, byteCount: 12))
        case 4: content = .error(RawDataError(rawValue: try reader.read()), destination: try reader.read())
        case 5: content = .reportDesired
        default: content = .unknown(actionType: header.actionType, payload: try reader.readAvailable())
        }
    }

    /// Encodes header and payload.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try ModuleHeader(
            type: .moduleRawData,
            sender: sender,
            receiver: receiver,
            module: module,
            requestHandle: requestHandle,
            actionType: actionType
        ).encode(into: &writer)
        switch content {
        case .start(let start): try start.encode(into: &writer)
        case .startReceived(let metadata): try writer.write(metadata)
        case .chunk(let chunk): try chunk.encode(into: &writer)
        case .report(let missing): try missing.encode(into: &writer)
        case .error(let error, let destination):
            try writer.write(error.rawValue)
            try writer.write(destination)
        case .reportDesired: break
        case .unknown(_, let payload): try writer.write(payload)
        }
    }

    private var actionType: UInt8 {
        switch content {
        case .start: 0
        case .startReceived: 1
        case .chunk: 2
        case .report: 3
        case .error: 4
        case .reportDesired: 5
        case .unknown(let actionType, _): actionType
        }
    }
}
