public import ByteCoding

/// Asks for the capabilities of a node, or tells them (protocol §10.2).
///
/// Little-endian. A header of type 33, then one byte that says which:
///
/// | byte 5 | content | total | after it               |
/// |-------:|---------|------:|------------------------|
/// |      0 | request |     6 |                        |
/// |      1 | entry   |   128 | ``CapabilityEntry``    |
/// |      2 | end     |    10 | u32 number of entries  |
public struct Capability: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 6

    /// The node that wrote the message.
    public var sender: NodeID
    /// Who the message is for.
    public var receiver: NodeID
    /// What is asked or told.
    public var content: Content

    /// What is asked or told.
    public enum Content: Equatable, Sendable {
        /// Asks for all entries.
        case request
        /// One entry, to everybody.
        case entry(CapabilityEntry)
        /// All entries have been sent.
        case end(amount: UInt32)
        /// Something of a later version.
        case unknown(actionType: UInt8, payload: InlineBytes<194>)
    }

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, content: Content) {
        self.sender = sender
        self.receiver = receiver
        self.content = content
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .capability)
        sender = header.sender
        receiver = header.receiver
        let actionType = try reader.read(UInt8.self)
        switch actionType {
        case 0: content = .request
        case 1: content = .entry(try CapabilityEntry(from: &reader))
        case 2: content = .end(amount: try reader.read())
        default: content = .unknown(actionType: actionType, payload: try reader.readAvailable())
        }
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .capability, sender: sender, receiver: receiver).encode(into: &writer)
        switch content {
        case .request:
            try writer.write(0 as UInt8)
        case .entry(let entry):
            try writer.write(1 as UInt8)
            try entry.encode(into: &writer)
        case .end(let amount):
            try writer.write(2 as UInt8)
            try writer.write(amount)
        case .unknown(let actionType, let payload):
            try writer.write(actionType)
            try writer.write(payload)
        }
    }
}
