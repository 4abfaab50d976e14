public import ByteCoding

/// The start of every module message (protocol §5.7).
///
/// Little-endian, 8 bytes for a plain module, 11 for a vendor module. A message is of the vendor form if byte 5 is 0xF0.
///
/// | plain | vendor | size   | field         | meaning                                     |
/// |------:|-------:|-------:|---------------|---------------------------------------------|
/// |     0 |      0 |      5 | header        | type 50...55, 58 or 59                      |
/// |     5 |      5 | 1 or 4 | module        |                                             |
/// |     6 |      9 |      1 | requestHandle | echoed in the answer                        |
/// |     7 |     10 |      1 | actionType    | meaning set by module and type              |
@frozen
public struct ModuleHeader: WireMessage {
    /// Bytes of the form for a plain module.
    public static let minimumSize = 8

    /// The message type.
    public var type: MessageType
    /// The node that wrote the message.
    public var sender: NodeID
    /// Who the message is for.
    public var receiver: NodeID
    /// The module that the message is for.
    public var module: ModuleIdentifier
    /// Chosen by the asking side and echoed in the answer.
    public var requestHandle: UInt8
    /// What to do, or what was done.
    public var actionType: UInt8

    /// A header from its fields.
    @inlinable
    public init(
        type: MessageType,
        sender: NodeID,
        receiver: NodeID,
        module: ModuleIdentifier,
        requestHandle: UInt8 = 0,
        actionType: UInt8
    ) {
        self.type = type
        self.sender = sender
        self.receiver = receiver
        self.module = module
        self.requestHandle = requestHandle
        self.actionType = actionType
    }

    /// Bytes of the encoded form: 8 or 11.
    @inlinable
    public var encodedSize: Int {
        switch module {
        case .plain: 8
        case .vendor: 11
        }
    }

    /// Decodes the fields in the order of the table.
    @inlinable
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader)
        type = header.type
        sender = header.sender
        receiver = header.receiver
        let first = try reader.read(UInt8.self)
        if first == VendorModuleID.prefix {
            let subID = try reader.read(UInt8.self)
            module = .vendor(VendorModuleID(subID: subID, company: try reader.read()))
        } else {
            module = .plain(ModuleID(rawValue: first))
        }
        requestHandle = try reader.read()
        actionType = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    ///
    /// - Throws: ``CodingError/invalidField(_:value:)`` if a plain module id is 0xF0, which would read as a vendor module.
    @inlinable
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: type, sender: sender, receiver: receiver).encode(into: &writer)
        switch module {
        case .plain(let id):
            guard id.rawValue != VendorModuleID.prefix else {
                throw .invalidField("moduleID", value: UInt64(id.rawValue))
            }
            try writer.write(id.rawValue)
        case .vendor(let id):
            try id.encode(into: &writer)
        }
        try writer.write(requestHandle)
        try writer.write(actionType)
    }
}
