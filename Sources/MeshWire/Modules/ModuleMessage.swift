public import ByteCoding

/// A message to or from a module: types 50...53 (protocol §5.7, §10).
///
/// The module header is followed by the payload of the action; ``ModuleContent`` stands for both, so that no header can
/// contradict its payload.
public struct ModuleMessage: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 8

    /// The node that wrote the message.
    public var sender: NodeID
    /// Who the message is for.
    public var receiver: NodeID
    /// Chosen by the asking side and echoed in the answer.
    public var requestHandle: UInt8
    /// What is asked or answered.
    public var content: ModuleContent

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, requestHandle: UInt8 = 0, content: ModuleContent) {
        self.sender = sender
        self.receiver = receiver
        self.requestHandle = requestHandle
        self.content = content
    }

    /// The header that goes in front of the content.
    public var header: ModuleHeader {
        let code = content.code
        return ModuleHeader(
            type: code.type,
            sender: sender,
            receiver: receiver,
            module: content.module,
            requestHandle: requestHandle,
            actionType: code.actionType
        )
    }

    /// Decodes the header and, as far as it is known, the payload.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try ModuleHeader(from: &reader)
        switch header.type {
        case .moduleConfig, .moduleTriggerAction, .moduleActionResponse, .moduleGeneral: break
        default: throw .invalidField("messageType", value: UInt64(header.type.rawValue))
        }
        sender = header.sender
        receiver = header.receiver
        requestHandle = header.requestHandle
        content = try ModuleContent(header, from: &reader)
    }

    /// Encodes header and payload.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try header.encode(into: &writer)
        try content.encode(into: &writer)
    }
}
