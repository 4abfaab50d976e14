public import ByteCoding

/// One datagram between modules (protocol §10.3).
///
/// Little-endian. A module header of type 55, plain or vendor, with the protocol in the place of the action, then data.
public struct RawDataLight: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 8

    /// The node that wrote the message.
    public var sender: NodeID
    /// Who the message is for.
    public var receiver: NodeID
    /// The module that sends.
    public var module: ModuleIdentifier
    /// Chosen by the sender.
    public var requestHandle: UInt8
    /// What the data is.
    public var dataProtocol: RawDataProtocol
    /// The data.
    public var data: InlineBytes<192>

    /// A message from its fields.
    public init(
        sender: NodeID,
        receiver: NodeID,
        module: ModuleIdentifier,
        requestHandle: UInt8 = 0,
        dataProtocol: RawDataProtocol,
        data: InlineBytes<192>
    ) {
        self.sender = sender
        self.receiver = receiver
        self.module = module
        self.requestHandle = requestHandle
        self.dataProtocol = dataProtocol
        self.data = data
    }

    /// Decodes header and data.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try ModuleHeader(from: &reader)
        guard header.type == .moduleRawDataLight else {
            throw .invalidField("messageType", value: UInt64(header.type.rawValue))
        }
        sender = header.sender
        receiver = header.receiver
        module = header.module
        requestHandle = header.requestHandle
        dataProtocol = RawDataProtocol(rawValue: header.actionType)
        data = try reader.readAvailable()
    }

    /// Encodes header and data.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try ModuleHeader(
            type: .moduleRawDataLight,
            sender: sender,
            receiver: receiver,
            module: module,
            requestHandle: requestHandle,
            actionType: dataProtocol.rawValue
        ).encode(into: &writer)
        try writer.write(data)
    }
}
